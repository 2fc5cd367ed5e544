/**
 * What runs away is bounded, and the bound has a name: the disk is full, a field is too wide, a line has had its turns.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget, FREE_MS } from '../../../core/simtarget.ts';
import { matchAnswer } from '../../../core/transcript/match.ts';
import { DISK_SIZE } from '../../../core/vfs/content.ts';
import { simulate } from './simulate.ts';

const mebibytes = DISK_SIZE / 2 ** 20;

test('a file grows until the disk is full, and is as big as the disk then', () => {
  const { stdout, stderr } = simulate('cat /dev/zero > /f; echo $?; stat -c %s /f; rm /f; echo x > /f && cat /f');
  assert.is(stderr, 'cat: write error: No space left on device\n');
  assert.is(stdout, `1\n${DISK_SIZE}\nx\n`);
});

test('dd says how far it came', () => {
  const { stdout, stderr } = simulate('dd if=/dev/zero of=/f bs=1M count=100000; echo $?');
  assert.is(
    stderr,
    `dd: error writing '/f': No space left on device\n${mebibytes + 1}+0 records in\n${mebibytes}+0 records out\n`,
  );
  assert.is(stdout, '1\n');
  assert.is(
    simulate('dd if=/dev/zero bs=512 count=3 > /dev/full').stderr,
    "dd: error writing 'standard output': No space left on device\n1+0 records in\n0+0 records out\n",
  );
});

test('the disk is shared by its files, and what is removed is free again', () => {
  const third = mebibytes * 0.375;
  const fill = (name: string): string => `head -c ${third}M /dev/zero > /${name}; echo $?`;
  const { stdout } = simulate(`${fill('a')}; ${fill('b')}; ${fill('c')}; rm /a /c; ${fill('d')}; ${fill('e')}`);
  assert.is(stdout, '0\n0\n1\n0\n1\n');
});

test('beyond the end of the disk nothing is written, however far', () => {
  assert.match(simulate('echo x | dd of=/f bs=1M seek=100000000').stderr, 'No space left on device');
  assert.match(simulate('truncate -s 100000G /f').stderr, 'No space left on device');
});

test('a gibibyte flows through a pipe without being kept', () => {
  assert.is(simulate('head -c 1G /dev/zero | wc -c').stdout, '1073741824\n');
  assert.is(simulate("printf 'ab c\\n\\n d' | wc").stdout, '        2         3         8\n');
  assert.is(simulate('yes "a b" | head -c 300000 | wc').stdout, '    75000    150000    300000\n');
});

test('a field of printf that is too wide names the limit', () => {
  const { code, stderr } = simulate('printf %1000000000d 1');
  assert.is(code, 1);
  assert.match(stderr, /wider than 16777216 characters, the limit of the simulation/);
  assert.is(simulate('printf %1000000d 1 | wc -c').stdout, '1000000\n');
});

test('a long loop comes to its end, an endless one to that of its CPU time', () => {
  const counting = simulate('i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo $i');
  assert.is(counting.unfinished, undefined);
  assert.is(counting.stdout, '100000\n');
  assert.is(simulate('while :; do :; done').unfinished, 'budget');
});

test('a hundred megabytes of yes are counted; yes to a file fills the disk', () => {
  assert.is(simulate('yes | head -c 104857600 | wc -c').stdout, '104857600\n');
  const { stdout, stderr } = simulate('yes > /f; echo $?; stat -c %s /f');
  assert.is(stderr, 'yes: write error: No space left on device\n');
  assert.is(stdout, `1\n${DISK_SIZE}\n`);
});

test('functions go as deep as the stack of the real shell, then it is a segmentation fault', () => {
  const down = (levels: number): string =>
    `f() { [ $1 -gt 0 ] || { echo bottom; return; }; f $(($1-1)); }; f ${levels}; echo $?`;
  assert.is(simulate(down(5000)).stdout, 'bottom\n0\n');
  const { code, stderr, stdout } = simulate('(f() { f; }; f); echo $?');
  assert.equal([code, stderr, stdout], [0, 'Segmentation fault\n', '139\n']);
});

test('substitutions within each other are processes, thousands of them', () => {
  const { stdout } = simulate('f() { [ $1 -gt 0 ] || { echo bottom; return; }; echo $(f $(($1-1))); }; f 1000');
  assert.is(stdout, 'bottom\n');
  const { unfinished, stderr } = simulate('f() { echo $(f); }; f');
  assert.is(unfinished, undefined);
  assert.match(stderr, /Segmentation fault|can't fork: Resource temporarily unavailable/);
});

test('the name of a special builtin is none of a function', () => {
  for (const bad of [':(){ :|:& };:', 'f-g() { echo; }', 'function exit { echo; }']) {
    const { code, stderr } = simulate(bad);
    assert.equal([code, stderr], [2, 'sh: syntax error: bad function name\n'], bad);
  }
});

test('a fork bomb ends where no process is left, and takes none of the host with it', () => {
  const { unfinished, code, stderr } = simulate('b() { b | b; }; b');
  assert.is(unfinished, undefined);
  assert.is(code, 2);
  assert.match(stderr, "can't fork: Resource temporarily unavailable");
});

test('what computes for ever is interrupted by Ctrl-C where somebody looks on, and the next line runs', () => {
  for (const line of ['while :; do :; done', 'yes | while read x; do :; done', 'while :; do (:); done']) {
    const target = createSimTarget({ interactive: true, freeMs: FREE_MS });
    assert.is(target.runSync(line).suspended, 'time', line);
    assert.is(target.interrupt()?.exitCode, 130, line);
    assert.is(target.runSync('sleep 1; echo on').stdout, 'on\n', line);
  }
});

test('more and more time is let pass, and no more is computed for it', () => {
  const target = createSimTarget({ interactive: true, freeMs: FREE_MS });
  let outcome = target.runSync('while :; do :; done');
  for (let n = 0; n < 20; n++) outcome = target.resume()!;
  assert.is(outcome.suspended, 'time');
  assert.ok(outcome.time!.passed > 20 * FREE_MS);
});

test('a loop in the background does not keep a long sleep from its end', () => {
  const target = createSimTarget();
  target.runSync("docker run -d --name spin busybox sh -c 'while :; do :; done'");
  const before = target.driver.now();
  assert.is(target.runSync('sleep 3600; echo over').stdout, 'over\n');
  assert.ok(target.driver.now() - before >= 3_600_000);
  assert.is(target.runSync("timeout 60 sh -c 'while :; do :; done'; echo $?").stdout, '143\n');
});

test('the verdict on an endless command names the limit', () => {
  const target = createSimTarget();
  const command = 'while :; do :; done';
  const expected = { exitCode: 0, lines: [] };
  const [mismatch] = matchAnswer({ command, line: 1, column: 1, expected }, target.runSync(command));
  assert.is(mismatch?.got, 'none: it was stopped after 10 seconds of CPU time, the limit of one line');
});

test('a line that is not watched says which limit stopped it', () => {
  const target = createSimTarget();
  const endless = target.runSync("docker run --rm busybox sh -c 'while :; do :; done'");
  assert.is(endless.suspended, 'time');
  assert.is(endless.time?.limit, '10 seconds of CPU time');
  assert.is(target.runSync('docker run --rm busybox sleep 10').time, undefined);
  const watched = createSimTarget({ freeMs: FREE_MS });
  const shown = watched.runSync("docker run --rm busybox sh -c 'while :; do :; done'");
  assert.is(shown.suspended, 'time');
  assert.is(shown.time?.limit, undefined);
});

test.run();
