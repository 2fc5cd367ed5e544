/** Networks that people make, on the simulation: what a real engine answered to the same lines (test/suites/network). */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget, type SimTarget } from '../../core/index.ts';
import type { Answer } from '../suites/network/lines.ts';
import { networksFixture, plainer, topics } from '../suites/network/networks.ts';

const recorded = JSON.parse(readFileSync(networksFixture, 'utf8')) as {
  readonly topics: Readonly<Record<string, readonly Answer[]>>;
};

const about = suite('networks that people make');

about('what is recorded are the lines', () => {
  for (const [topic, lines] of Object.entries(topics))
    assert.equal(
      recorded.topics[topic]?.map(({ line }) => line),
      lines,
      topic,
    );
});

for (const [topic, answers] of Object.entries(recorded.topics)) {
  let target: SimTarget | undefined;
  for (const [n, { line, ...expected }] of answers.entries()) {
    about(`${topic} ${n + 1}: ${line}`, () => {
      target ??= createSimTarget({ bridge: true });
      const { exitCode, stdout, stderr } = target.runSync(line);
      assert.equal({ exitCode, stdout: plainer(stdout), stderr: plainer(stderr) }, expected);
    });
  }
}

const played = (...lines: readonly string[]): SimTarget => {
  const target = createSimTarget({ bridge: true });
  for (const line of lines) target.runSync(line);
  return target;
};

about('every step that makes a network is shown, as a person would type it', () => {
  const { steps } = played().runSync('docker network create --subnet 10.5.0.0/16 web');
  const shells = steps
    .filter(({ shell }) => /^(ip|iptables) /.test(shell))
    .map(({ shell }) => shell.replaceAll(/br-[0-9a-f]{12}/g, 'BR'));
  assert.equal(shells.slice(0, 3), [
    'ip link add BR txqueuelen 0 type bridge',
    'ip addr add 10.5.0.1/16 brd + dev BR',
    'ip link set BR up',
  ]);
  assert.match(shells[3]!, 'iptables -I DOCKER-ISOLATION-STAGE-2 -o BR -j DROP');
});

/** A step that is the engine's own, and no part of the command, ends the line. */
function failed(target: SimTarget, line: string, failAt: number): boolean {
  try {
    return target.runSync(line, { failAt }).exitCode !== 0 && !line.includes('docker run');
  } catch {
    return false;
  }
}

about('whatever step fails, nothing is left of the network or of the place on it', () => {
  for (const line of [
    'docker network create web',
    'docker network connect web aa',
    'docker run -d --network web busybox',
  ]) {
    const before = ['docker network create other', 'docker run -d --name aa busybox sleep 1000'];
    if (!line.includes('create')) before.push('docker network create web');
    const looks = (target: SimTarget): string =>
      [
        'docker network ls -q',
        'ip addr',
        'ip route',
        'iptables -S',
        'iptables -t nat -S',
        'docker exec aa ip addr',
        'ps',
      ]
        .map((look) => target.runSync(look).stdout)
        .join('\n')
        .replace(/^ *\d+ root +\{ps\}.*\n/gm, '');
    const count = played(...before).runSync(line).steps.length;
    for (let failAt = 0; failAt < count; failAt++) {
      const target = played(...before);
      const clean = looks(target);
      if (failed(target, line, failAt)) assert.is(looks(target), clean, `${line} at ${failAt}`);
      assert.is(target.runSync('docker network rm other').exitCode, 0);
    }
  }
});

about('without a bridge networks are refused by name, but for the list', () => {
  const target = createSimTarget();
  for (const line of ['docker network create web', 'docker network connect none aa', 'docker run --expose 80 busybox'])
    assert.match(
      target.runSync(line).stderr,
      /needs docker0, and this engine was started without it: begin anew with --bridge/,
    );
  assert.is(target.runSync("docker network ls --format '{{.Name}}'").stdout, 'host\nnone\n');
});

about.run();
