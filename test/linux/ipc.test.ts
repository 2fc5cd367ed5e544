/** ipcs, ipcmk and ipcrm (util-linux) in an IPC namespace of their own: the same words on the real kernel and on the simulated one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../core/index.ts';
import { gated, needs } from '../support/needs.ts';

const tools = spawnSync('ipcmk', ['--version'], { encoding: 'utf8' }).stdout ?? '';
const missing =
  (await needs('root', 'namespaces')) ?? (tools.includes('util-linux 2.3') ? undefined : 'ipcs of util-linux 2.3');
const check = gated(test, missing);

const scripts = [
  'ipcs; ipcmk -M 4096; ipcmk -Q; ipcmk -S 3; ipcmk -M 1m -p 600; ipcs; ipcs -m; ipcs -q -s',
  'ipcmk -M 4096; ipcmk -M 1; ipcs -l; ipcs -u; ipcrm -m 0; ipcrm -m 7; ipcrm -M 0x1234; ipcs -m; ipcrm -a; ipcs',
  'echo 1 >/proc/sys/kernel/shmmni; ipcmk -M 1; ipcmk -M 1; echo 10 >/proc/sys/kernel/shmmax; ipcrm -a; ipcmk -M 11; ipcmk -S 40000; ipcmk -M abc; ipcs -x; ipcmk',
  'ipcmk -M 4096; ipcmk -Q; ipcmk -S 2; for f in shm msg sem; do while read -r key rest; do echo "$rest" | cut -c1-30; done </proc/sysvipc/$f; done',
];

/** Keys are by chance. */
const plain = (text: string): string => text.replace(/0x[0-9a-f]{8}/g, '0xKEY');

for (const [n, script] of scripts.entries())
  check(`the same words, ${n + 1}`, () => {
    const real = spawnSync('unshare', ['--ipc', '/bin/sh', '-c', script], { encoding: 'utf8' });
    const sim = createSimTarget().runSync(`unshare -i sh -c '${script}'`);
    assert.is(plain(sim.stdout), plain(real.stdout));
    assert.is(sim.stderr, real.stderr);
  });

check('what one namespace has no other sees', () => {
  const script = 'ipcmk -M 4096 >/dev/null; unshare --ipc ipcs -m | wc -l; ipcs -m | wc -l';
  const real = execFileSync('unshare', ['--ipc', '/bin/sh', '-c', script], { encoding: 'utf8' });
  const sim = createSimTarget().runSync(`unshare -i sh -c '${script}'`);
  assert.is(sim.stdout.replace(/ /g, ''), real.replace(/ /g, ''));
});

test.run();
