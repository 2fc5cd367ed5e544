/**
 * Options whose answers hang on the machine or on the moment, so that no recorded case has them: what they do in the simulation is
 * what the real busybox was seen to do.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../../core/parts-all.ts';
import { bootHost } from '../../../core/kernel/host.ts';
import { runProgram } from '../../../core/kernel/launch.ts';
import { programs } from '../../../core/programs/index.ts';

const run = (script: string) => runProgram(bootHost({ programs }), ['sh', '-c', script]);

test('tail -f follows a file that grows, also when it was cut off', () => {
  const { stdout, stderr } = run(
    'cd /tmp; echo x > g; tail -f g & sleep 2; echo y >> g; sleep 2; echo z > g; sleep 2; kill $!; wait $!',
  );
  assert.equal([stdout, stderr], ['x\ny\nz\n', 'Terminated\n']);
});

test('tail -s says how often it looks', () => {
  const { stdout } = run('cd /tmp; echo x > g; tail -f -s 10 g & sleep 2; echo y >> g; sleep 4; kill $!');
  assert.is(stdout, 'x\n');
});

test('tail -F follows the name: what takes its place, and what is there again', () => {
  const { stdout, stderr } = run(
    'cd /tmp; echo x > g; tail -F g & sleep 1.5; mv g h; echo z > g; sleep 2; rm g; sleep 1; echo q > g; sleep 2; kill $!',
  );
  assert.is(stdout, 'x\nz\nq\n');
  assert.is(
    stderr,
    [
      'tail: g has been replaced; following end of new file',
      'tail: g has been renamed or deleted: No such file or directory',
      'tail: g has appeared; following end of new file\n',
    ].join('\n'),
  );
});

test('du -x and find -xdev stay in one file system', () => {
  const { stdout } = run(
    'mkdir /tmp/m; mount -t tmpfs x /tmp/m; echo a > /tmp/m/f; echo a > /tmp/q; du -ax /tmp; find /tmp -xdev | sort; find /tmp | wc -l',
  );
  assert.is(stdout, '4\t/tmp/q\n8\t/tmp\n/tmp\n/tmp/m\n/tmp/q\n4\n');
});

test('sysctl: -n the value alone, -e not a word about unknown keys, -q not a word, -w and -p set, -a shows', () => {
  const { stdout, stderr } = run(
    `sysctl -n kernel.hostname; sysctl -e nosuch; echo $?; sysctl nosuch; sysctl -w kernel.hostname=foo; hostname
    sysctl -q -w kernel.hostname=bar; echo kernel.hostname=baz > /tmp/c; sysctl -p /tmp/c; hostname; sysctl -a | grep hostname`,
  );
  assert.is(stdout, 'host\n1\nkernel.hostname = foo\nfoo\nkernel.hostname = baz\nbaz\nkernel.hostname = baz\n');
  assert.is(stderr, "sysctl: error: 'nosuch' is an unknown key\n");
});

test('nsenter: -S and -G set the ids, -F does not fork, unshare --pid and --setgroups', () => {
  const { stdout } = run(
    `nsenter -t 1 -u -S 5 -G 6 id -u; nsenter -t 1 -u -G 6 id -g; nsenter -t 1 -u -F hostname; nsenter -t 1 -u --preserve-credentials id -u
    unshare --setgroups deny -r cat /proc/self/setgroups; unshare --pid -f sh -c 'echo $$'`,
  );
  assert.is(stdout, '5\n6\nhost\n0\ndeny\n1\n');
});

test('sh -i asks with a prompt, also when its input is no terminal', () => {
  const { stdout } = runProgram(bootHost({ programs }), ['sh', '-i'], { stdin: 'echo a\n' });
  assert.match(stdout, /# a\n/);
});

test('xargs -p asks at the terminal, which is not there', () => {
  const { stderr, code } = run('echo a | xargs -p echo');
  assert.match(stderr, /^echo axargs: can't open '\/dev\/tty': /);
  assert.is(code, 1);
});

test.run();
