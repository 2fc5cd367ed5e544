/** What cannot be recorded from a real busybox: files known by digest only, endless loops, applets that are not there. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../../core/parts-all.ts';
import { bootHost } from '../../../core/kernel/host.ts';
import { runProgram } from '../../../core/kernel/launch.ts';
import { applets, programs } from '../../../core/programs/index.ts';
import { known } from '../../../core/programs/lib/registry.ts';

function sh(script: string) {
  return runProgram(bootHost({ programs }), ['sh', '-c', script]);
}

test('a big file is known by size and digest, and stays so when it is copied or moved', () => {
  const { stdout, stderr } = sh(
    'sha256sum < /dev/null >&2; cp /bin/busybox /tmp/b; mv /tmp/b /dev/shm/b; sha256sum /bin/busybox /dev/shm/b; wc -c < /etc/hostname >&2; wc -c /dev/shm/b; stat -c %s /dev/shm/b',
  );
  const [first, second, count, size] = stdout.trim().split('\n');
  assert.is(first!.split(' ')[0], second!.split(' ')[0]);
  assert.is(count, `${size} /dev/shm/b`);
  assert.ok(Number(size) > 1_000_000);
  assert.not.match(stderr, 'error');
});

test('its bytes cannot be read', () => {
  const { stderr, code } = sh('cat /bin/busybox');
  assert.equal([stderr, code], ['cat: read error: Input/output error\n', 1]);
});

test('a copy of the binary still runs', () => {
  assert.is(sh('cp /bin/busybox /tmp/busybox2; /tmp/busybox2 echo works').stdout, 'works\n');
});

test('every program of the simulation is an applet of that busybox', () => {
  assert.equal(
    Object.keys(applets).filter((name) => !known.has(name)),
    [],
  );
});

test('an endless loop is ended from outside', () => {
  assert.is(sh('while :; do :; done').unfinished, 'budget');
});

test('sleeping costs simulated time only', () => {
  assert.is(sh('a=$(date +%s); sleep 300; echo $(($(date +%s) - a))').stdout, '300\n');
});

test('the last command takes the place of the shell, unless a trap is set', () => {
  const seen = (script: string): string =>
    sh(`sh -c '${script}' & usleep 100000; ps -o pid,args | grep "^ *$! "`).stdout.replace(/^ *\d+ /, '');
  assert.is(seen('sleep 9'), 'sleep 9\n');
  assert.is(seen('true; sleep 9'), 'sleep 9\n');
  assert.is(seen('true && (sleep 9)'), 'sleep 9\n');
  assert.is(seen('sleep 9; true'), 'sh -c sleep 9; true\n');
  assert.is(seen('trap : TERM; sleep 9'), 'sh -c trap : TERM; sleep 9\n');
  assert.is(seen('! sleep 9'), 'sh -c ! sleep 9\n');
});

test('an interactive shell goes on after an error, with the next line', () => {
  const stdin = 'echo a\nnosuch\n)\necho $?\nexit 4\n';
  const { stdout, stderr, code } = runProgram(bootHost({ programs }), ['sh', '-i'], { stdin });
  assert.match(
    stdout,
    /^\n\nBusyBox v1\.35\.0 .* built-in shell \(ash\)\nEnter 'help' for a list of built-in commands\.\n\n/,
  );
  assert.is(stdout.split('\n').slice(5).join('\n'), '~ # a\n~ # ~ # ~ # 2\n~ # ');
  const noTty = "sh: can't access tty; job control turned off\n";
  assert.is(stderr, `${noTty}sh: nosuch: not found\nsh: syntax error: unexpected ")"\n`);
  assert.is(code, 4);
});

test.run();
