/** docker's default network on the simulation: devices, addresses, rules and published ports, as recorded on a real engine. */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../core/index.ts';
import { type Answer, fixture, lines, plain } from '../suites/network/lines.ts';

const recorded = JSON.parse(readFileSync(fixture, 'utf8')) as { readonly answers: readonly Answer[] };
const test = suite('the network of docker on a host with a bridge');
const target = createSimTarget({ bridge: true });

test('what is recorded are the lines', () => {
  assert.equal(
    recorded.answers.map(({ line }) => line),
    lines,
  );
});

for (const [n, { line, ...expected }] of recorded.answers.entries()) {
  test(`${n + 1}: ${line}`, () => {
    const { exitCode, stdout, stderr } = target.runSync(line);
    assert.equal({ exitCode, stdout: plain(stdout), stderr: plain(stderr) }, expected);
  });
}

test('what is seen does not depend on when somebody looks', () => {
  const links = (look: string): string => {
    const host = createSimTarget({ bridge: true });
    for (const line of ['docker run -d busybox sleep 9', look, 'docker run -d busybox sleep 9']) host.runSync(line);
    return host.runSync('ip -f inet addr; ip route').stdout;
  };
  assert.is(links('true'), links('ip link'));
});

test('without a bridge nothing can be published and no network be shared', () => {
  const host = createSimTarget();
  for (const option of ['-p 80:80', '--network container:aa'])
    assert.match(
      host.runSync(`docker run ${option} busybox true`).stderr,
      /needs docker0, .* begin anew with --bridge/,
    );
});

test('a port that a program of the host has is not given to a container', () => {
  const host = createSimTarget({ bridge: true });
  host.runSync('httpd -p 8080');
  const { exitCode, stderr } = host.runSync('docker run --name aa -p 8080:80 busybox true');
  assert.is(exitCode, 125);
  assert.match(stderr, /Error starting userland proxy: listen tcp4 0\.0\.0\.0:8080: bind: address already in use\./);
  assert.is(host.runSync('ps | grep -c docker-[p]roxy').stdout, '0\n');
});

test.run();
