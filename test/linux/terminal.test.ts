/** A terminal for a container's processes on the real kernel: a pseudo-terminal of its own devpts, as runc gives it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import type { Target } from '../../core/index.ts';
import { gated, needs } from '../support/needs.ts';

const terminal = suite('linux: terminals');
const check = gated(terminal, await needs(...linuxNeeds));

async function on(use: (target: Target) => Promise<void>): Promise<void> {
  const target = await openTarget('linux');
  try {
    await use(target);
  } finally {
    await target.close();
  }
}

check('PID 1 has /dev/pts/0 as its streams, its controlling terminal and its console', () =>
  on(async (target) => {
    const look =
      'tty; test -t 0 && test -t 1 && test -t 2 && echo all; echo tty >/dev/tty; echo console >/dev/console; stat -c "%t:%T" /dev/console';
    const { exitCode, stdout, stderr } = await target.run(`docker run --rm -t busybox sh -c '${look}; echo err >&2'`);
    assert.equal(
      [exitCode, stdout, stderr],
      [0, ['/dev/pts/0', 'all', 'tty', 'console', '88:0', 'err', ''].join('\r\n'), ''],
    );
  }),
);

check('it belongs to the user of the container, and the log keeps what it showed', () =>
  on(async (target) => {
    await target.run("docker run --name aa -t -u 12:34 busybox sh -c 'stat -c %u:%g:%a /dev/pts/0'");
    assert.is((await target.run('docker logs aa')).stdout, '12:5:620\r\n');
  }),
);

check('docker exec -t gets one more, which goes with it', () =>
  on(async (target) => {
    await target.run('docker run -d -t --init --name aa busybox sleep 300');
    for (const round of [1, 2])
      assert.is((await target.run('docker exec -t aa tty')).stdout, '/dev/pts/1\r\n', `round ${round}`);
    assert.is((await target.run('docker exec aa ls /dev/pts')).stdout, '0\nptmx\n');
    assert.is((await target.run('docker exec aa tty')).stdout, 'not a tty\n');
  }),
);

check('a program that cannot be started leaves no terminal and says so', () =>
  on(async (target) => {
    const { exitCode, stderr } = await target.run('docker run --rm -t busybox nosuch');
    assert.is(exitCode, 127);
    assert.match(stderr, 'executable file not found in $PATH');
  }),
);

terminal.run();
