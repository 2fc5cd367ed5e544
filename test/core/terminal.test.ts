/** Sessions at a terminal, recorded with a real docker client and played on the simulation: the same keys, the same to be seen. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asSeen, createSimTarget, FREE_MS, readTyped, type SimTarget, writeTyped } from '../../core/index.ts';
import { createShapes, played, readSessions } from '../suites/terminal/played.ts';

const test = suite('terminal');
const newTarget = (): SimTarget => createSimTarget({ interactive: true, freeMs: FREE_MS });

let compared = 0;
let apart = 0;
for (const [n, { sessions }] of readSessions().groups.entries()) {
  const target = newTarget();
  const shapes = createShapes();
  for (const real of sessions) {
    test(`${n + 1}: ${real.name}: ${real.line}`, async () => {
      for (const answer of await played(target, real, shapes)) {
        if (answer.apart === undefined) assert.is(answer.ours, answer.real, answer.what);
        if (answer.apart === undefined) compared += 1;
        else apart += 1;
      }
    });
  }
}

test('nearly all of what was recorded is compared', () => {
  assert.ok(compared > 400, `${compared} answers`);
  assert.ok(apart < 8, `${apart} answers apart`);
});

test('a size that changes is told to the program in front, and a line of another terminal is carried out meanwhile', () => {
  const target = newTarget();
  target.runSync('docker run -it --name one busybox sh');
  assert.match(target.input("trap 'stty size' WINCH; sleep 9\n")!.stdout, /^$/);
  const sized = target.resize(30, 100)!;
  assert.is(sized.tty?.silent, false);
  const other = target.meanwhile('docker exec one stty -F /dev/pts/0 size')!.meanwhile!;
  assert.is(other.stdout, '30 100\n');
});

test('a program that runs away in a terminal is ended by Ctrl-C', () => {
  for (const line of ['while :; do :; done', 'yes > /dev/null', 'cat /dev/zero > /dev/null']) {
    const target = createSimTarget({ interactive: true, freeMs: 5_000, sliceTurns: 2_000 });
    target.runSync('docker run -it --name one busybox sh');
    let outcome = target.input(`${line}\n`)!;
    for (let n = 0; n < 50 && outcome.time?.busy !== undefined; n++) outcome = target.goOn()!;
    outcome = target.interrupt()!;
    for (let n = 0; n < 50 && outcome.time?.busy !== undefined; n++) outcome = target.goOn()!;
    assert.is(outcome.suspended, 'input', line);
    outcome = target.input('exit\n')!;
    assert.is(outcome.exitCode, 130, line);
  }
});

test('keys are written down by name and read back', () => {
  const typed = [
    { kind: 'input', text: 'sleep 9\n' },
    { kind: 'input', text: '\x1a' },
    { kind: 'interrupt' },
    { kind: 'resize', rows: 30, columns: 100 },
    { kind: 'meanwhile', line: 'docker ps -> "x"' },
    { kind: 'input', text: '\x10' },
    { kind: 'input', text: '\x11' },
    { kind: 'input', text: '\x1c' },
  ] as const;
  const text = writeTyped(typed);
  assert.match(
    text,
    /"sleep 9\\n" Ctrl-Z Ctrl-C 30x100 meanwhile "docker ps -\\u003e \\"x\\"" Ctrl-P Ctrl-Q Ctrl-\\ -->/,
  );
  assert.equal(readTyped(text, { file: 'x', line: 1 }), typed);
});

test('a line that was drawn anew is seen once', () => {
  assert.is(asSeen('/ # \x1b[6n\r/ # \x1b[Jpwd\r\n/\r\n/ # \x1b[6n'), '/ # pwd\r\n/\r\n/ # ');
  assert.is(asSeen('tw\b \bo\r\n'), 'to\r\n');
  assert.is(asSeen('ab\b\bXab\b\babY\r\n'), 'XabY\r\n');
  assert.is(asSeen('\x1b[32mok\x1b[0m\r\n'), '\x1b[32mok\x1b[0m\r\n');
});

test.run();
