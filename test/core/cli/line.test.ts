/** Lines with docker and the host's shell in them, carried out on the simulation. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget, type SimTargetOptions } from '../../../core/simtarget.ts';

/** Runs lines on a fresh simulation; gives what the last one printed. */
function play(...lines: string[]) {
  const target = createSimTarget();
  const outcomes = lines.map((line) => target.runSync(line));
  const { exitCode, stdout, stderr } = outcomes.at(-1) ?? { exitCode: -1, stdout: '', stderr: '' };
  return { exitCode, stdout, stderr };
}

const printed = (stdout: string) => ({ exitCode: 0, stdout, stderr: '' });

const cases: [name: string, line: string, stdout: string][] = [
  ['a line without docker is the host’s', 'echo $((1 + 2)) | cat', '3\n'],
  ['quotes are the shell’s', `docker run --rm busybox echo 'a  b' "c d" e\\ f`, 'a  b c d e f\n'],
  ['a variable of the line', 'x="a b"; docker run --rm busybox echo $x "$x"', 'a b a b\n'],
  ['an unquoted variable is split', 'x="echo  hi"; docker run --rm busybox $x', 'hi\n'],
  ['$(docker …)', 'echo $(docker run --rm busybox echo in)side', 'inside\n'],
  ['a variable from $(docker …) for the host', 'x=$(docker run --rm busybox echo "a b"); echo "<$x>"', '<a b>\n'],
  ['a container’s output into a host command', 'docker run --rm busybox echo hi | tr h H | cat', 'Hi\n'],
  ['a host command’s output into a container', 'echo hi | docker run --rm -i busybox tr h H', 'Hi\n'],
  ['two containers in one pipe', 'docker run --rm busybox echo hi | docker run --rm -i busybox cat', 'hi\n'],
  ['&& and ||', 'docker run --rm busybox false && echo no || echo yes', 'yes\n'],
  ['!', '! docker run --rm busybox false && echo yes', 'yes\n'],
  ['$?', "docker run --rm busybox sh -c 'exit 3'; echo $?", '3\n'],
  [
    '> and >>',
    'docker run --rm busybox echo a > /tmp/f; docker run --rm busybox echo b >> /tmp/f; cat /tmp/f',
    'a\nb\n',
  ],
  ['2>&1 into a pipe', 'docker rm nope1 2>&1 | cat', 'Error: No such container: nope1\n'],
  ['2> /dev/null', 'docker rm nope1 2>/dev/null; echo done', 'done\n'],
  ['< file', 'echo hi > /tmp/f; docker run --rm -i busybox cat < /tmp/f', 'hi\n'],
  ['for', 'for i in 1 2; do docker run --rm busybox echo $i; done', '1\n2\n'],
  ['if', 'if docker run --rm busybox true; then echo yes; else echo no; fi', 'yes\n'],
  ['while', 'while docker run --rm busybox false; do echo never; done; echo end', 'end\n'],
  [
    '{ } and ( )',
    '{ docker run --rm busybox echo a; }; (x=1; docker run --rm busybox echo b$x); echo c$x',
    'a\nb1\nc\n',
  ],
  [
    'cd lasts to the end of the line',
    'cd /tmp && docker run --rm busybox echo hi > f && pwd; cat /tmp/f',
    '/tmp\nhi\n',
  ],
  ['a glob of the host', 'touch /tmp/x1 /tmp/x2; docker run --rm busybox echo /tmp/x*', '/tmp/x1 /tmp/x2\n'],
  ['arithmetic', 'docker run --rm busybox echo $((2 * 3))', '6\n'],
  ['a variable for one command', 'A=1 docker run --rm -e A busybox sh -c "echo $A+\\$A"', '+1\n'],
  ['export', 'export A=2; docker run --rm -e A busybox sh -c "echo \\$A"', '2\n'],
  ['a here-document', 'docker run --rm -i busybox cat <<E\na\nb\nE', 'a\nb\n'],
  [
    'an archive into a file',
    'docker create --name cc busybox >/dev/null; docker export cc > /tmp/c.tar; ls /tmp',
    'c.tar\n',
  ],
];

for (const [name, line, stdout] of cases) test(name, () => assert.equal(play(line), printed(stdout)));

test('rm $(docker ps -aq) takes all', () => {
  const made = ['docker create busybox', 'docker create busybox'];
  assert.equal(play(...made, 'docker rm $(docker ps -aq) > /dev/null; docker ps -aq'), printed(''));
});

const refused: [line: string, why: string][] = [
  ['docker run busybox sleep 9 &', 'a docker command in the background (&)'],
  ['docker ps -q | xargs docker rm', "docker called by 'xargs'; call it by its own name"],
  ['case x in x) docker ps;; esac', "docker inside 'case'"],
];

for (const [line, why] of refused) {
  test(`refused: ${line}`, () => {
    const stderr = `cutaway: this cannot be mixed with docker on one line: ${why}\n`;
    assert.equal(play(line), { exitCode: 2, stdout: '', stderr });
  });
}

test('a line that is no script', () => {
  const { exitCode, stderr } = play('docker ps | | cat');
  assert.is(exitCode, 2);
  assert.match(stderr, /^sh: syntax error/);
});

const sim = (options: SimTargetOptions = {}) => createSimTarget(options);

test('the same lines give the same ids, output and steps', () => {
  const record = () => {
    const target = sim({ seed: 7 });
    const lines = [
      'docker run -d --name web busybox sleep 100',
      'docker exec web touch /f',
      'docker ps -a',
      'docker diff web',
    ];
    return lines.map((line) => target.runSync(line));
  };
  assert.equal(record(), record());
});

test('a foreground process waits for input and goes on with it', () => {
  const target = sim({ interactive: true });
  const begun = target.runSync('docker run -i --name cat busybox cat');
  assert.is(begun.suspended, 'input');
  assert.is(target.input('hello\n')?.suspended, 'input');
  const ended = target.input('', true);
  assert.equal([ended?.suspended, ended?.exitCode, ended?.stdout], [undefined, 0, 'hello\n']);
});

test('a prune asks whoever sits at the terminal, and Ctrl-C ends it without a trace', () => {
  const target = sim({ interactive: true });
  const ask = 'WARNING! This will remove all stopped containers.\nAre you sure you want to continue? [y/N] ';
  target.runSync('docker create --name made busybox');
  const list = target.runSync('ps').stdout;
  const asked = target.runSync('docker container prune');
  assert.equal([asked.suspended, asked.stdout], ['input', ask]);
  assert.is(target.input('n\n')?.stdout, `${ask}Total reclaimed space: 0B\n`);
  assert.is(target.runSync('docker container prune').suspended, 'input');
  assert.is(target.interrupt()?.exitCode, 130);
  assert.match(target.runSync('docker ps -a').stdout, 'made');
  assert.is(target.runSync('ps').stdout.split('\n').length, list.split('\n').length);
  assert.is(target.runSync('docker container prune').suspended, 'input');
  assert.match(target.input('y\n')?.stdout ?? '', /Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: 0B\n$/);
  assert.is(target.runSync('docker ps -aq').stdout, '');
});

test('output of a foreground process appears while it waits', () => {
  const target = sim({ interactive: true });
  const seen: string[] = [];
  target.runSync('docker run -i busybox sh -c "echo ready; cat"', {
    onOutput: (stream, text) => seen.push(`${stream}:${text}`),
  });
  assert.equal(seen, ['stdout:ready\n']);
  target.input('x\n');
  assert.equal(seen, ['stdout:ready\n', 'stdout:x\n']);
});

test('Ctrl-C reaches the process as SIGINT', () => {
  const target = sim({ interactive: true });
  const line =
    'docker run -i --name t busybox sh -c \'trap "echo got; exit 7" INT; echo on; while :; do read x; done\'';
  assert.is(target.runSync(line.replace('--name t', '--name tt')).suspended, 'input');
  const ended = target.interrupt();
  assert.equal([ended?.exitCode, ended?.stdout], [7, 'on\ngot\n']);
});

test('Ctrl-C ends a client that only looks', () => {
  const target = sim({ interactive: true });
  target.runSync('docker run -d -i --name tt busybox cat');
  assert.ok(target.runSync('docker wait tt').suspended);
  assert.is(target.interrupt()?.exitCode, 130);
  assert.is(target.runSync('docker ps --format {{.Names}}').stdout, 'tt\n');
});

test('a step that fails leaves an error, not an exception, and no container', () => {
  // All steps before the removal at the end: making the container, starting it, waiting for it, taking its mounts away.
  for (let failAt = 0; failAt < 29; failAt++) {
    const target = sim();
    const { exitCode, stderr } = target.runSync('docker run --rm busybox true', { failAt });
    assert.ok(exitCode === 0 || stderr !== '', `step ${failAt}`);
    assert.is(target.runSync('docker ps -a').stdout.split('\n').length, 2, `step ${failAt}`);
  }
});

test.run();
