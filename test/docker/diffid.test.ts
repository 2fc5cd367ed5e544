/**
 * A layer is its tar, byte for byte: where files have the same names, contents, owners and times, the layer that `docker commit`
 * makes has the same diffID on the real engine, in a lab and in the simulation.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import type { Target } from '../../core/index.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs(...linuxNeeds, 'docker'));
const time = '2020-01-02 03:04:05';

/** What is done, and all that must then be given the one time. */
const layers: readonly (readonly [string, readonly string[]])[] = [
  ['echo hi >/f', ['/f']],
  ['mkdir -p /a/b; echo hi >/a/f; ln /a/f /a/g; ln -s f /a/s; mkfifo /a/p', ['/a/s', '/a/p', '/a/f', '/a/b', '/a']],
  [
    'mkdir -m 1777 /t; touch /t/x; chown 5:6 /t/x; chmod 4755 /t/x; touch /t/y; chown 33:65534 /t/y',
    ['/t/x', '/t/y', '/t'],
  ],
  ['touch /n; chown 12345:54321 /n; touch /m; chown 2000000:2100000 /m', ['/n', '/m']],
  [`mkdir /l; touch /l/${'x'.repeat(120)} /l/${'y'.repeat(98)} /l/ü /l/${'ö'.repeat(60)}`, []],
  [`mkdir -p /p/${'d'.repeat(99)}/e; ln -s ${'t'.repeat(130)} /p/s; ln -s ü /p/u`, []],
  ['rm -rf /home; mkdir -m 700 /home; chown 8:8 /home', ['/home']],
  ['chmod 711 /root; chown 1 /var/www', ['/root', '/var/www']],
  ['ln -s x /one; ln /one /two; mkfifo /three; ln /three /four', ['/one', '/three']],
];

async function diffIds(target: Target): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [done, touched] of layers) {
    const all = touched.length > 0 ? touched.join(' ') : '$(find /l /p 2>/dev/null)';
    const script = `${done}; touch -h -d "${time}" ${all}`;
    await target.run(`docker run --name one busybox sh -c '${script}'`);
    await target.run('docker commit one made');
    const { stdout } = await target.run("docker image inspect -f '{{index .RootFS.Layers 1}}' made");
    ids.push(stdout.trim());
    await target.run('docker rm one');
    await target.run('docker rmi made');
  }
  return ids;
}

for (const name of ['sim', 'linux'] as const) {
  check(`a commit has the same diffID on docker and on ${name}`, async () => {
    const answers: string[][] = [];
    for (const one of ['docker', name] as const) {
      const target = await openTarget(one);
      try {
        answers.push([...(await diffIds(target))]);
      } finally {
        await target.close();
      }
    }
    for (const [n, [done]] of layers.entries()) {
      assert.match(answers[0]![n]!, /^sha256:[0-9a-f]{64}$/);
      assert.is(answers[1]![n], answers[0]![n], done);
    }
  });
}

test.run();
