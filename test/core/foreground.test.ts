/** Foreground processes where somebody looks on: they run until time is let pass, and Ctrl-C can be tried; and saved sessions. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget, FREE_MS, parseTranscript, replay, writeTranscript } from '../../core/index.ts';

const test = suite('foreground');
const watched = () => createSimTarget({ interactive: true, freeMs: FREE_MS });
const states = (target: ReturnType<typeof watched>): string[] =>
  Object.values(target.observeSync().containers).map(({ status }) => status);

test('sleep 300 runs, and ends when time is let pass', () => {
  const target = watched();
  const first = target.runSync('docker run --name slow busybox sleep 300');
  assert.is(first.suspended, 'time');
  assert.ok(first.time!.passed < 1_000);
  assert.is(Math.round(first.time!.next! / 1_000), 300);
  assert.equal(states(target), ['running']);
  const ended = target.resume()!;
  assert.is(ended.suspended, undefined);
  assert.is(ended.exitCode, 0);
  assert.equal(states(target), ['exited']);
});

test('what is over soon, and docker stop, take their time unasked', () => {
  const target = watched();
  assert.is(target.runSync('docker run busybox sleep 3').suspended, undefined);
  target.runSync('docker run -d --name deaf busybox sleep 300');
  assert.is(target.runSync('docker stop deaf').suspended, undefined);
  assert.is(target.runSync('docker inspect -f {{.State.ExitCode}} deaf').stdout, '137\n');
});

test('Ctrl-C lets no time pass; PID 1 does not notice it, and at the third the client leaves', () => {
  const target = watched();
  target.runSync('docker run --name slow busybox sleep 300');
  for (const n of [1, 2]) {
    const outcome = target.interrupt()!;
    assert.is(outcome.suspended, 'time');
    assert.is(outcome.time!.interrupts, n);
    assert.ok(outcome.time!.passed < 1_000);
  }
  assert.is(target.interrupt()!.exitCode, 1);
  assert.equal(states(target), ['running']);
});

test('a loop goes on from moment to moment, also on the host', () => {
  for (const line of [
    "docker run busybox sh -c 'for i in 1 2 3; do sleep 60; echo $i; done'",
    'for i in 1 2 3; do sleep 60; echo $i; done',
  ]) {
    const target = watched();
    let outcome = target.runSync(line);
    for (let n = 0; n < 3; n++) {
      assert.is(outcome.suspended, 'time', line);
      outcome = target.resume()!;
    }
    assert.is(outcome.suspended, undefined);
    assert.is(outcome.stdout, '1\n2\n3\n');
  }
});

test('a session with what was typed is replayed to the same answers', async () => {
  const line = 'docker run -it --name shell busybox sh';
  const target = watched();
  target.runSync(line);
  target.input('echo in$((1+1))side\n');
  const ended = target.input('exit 3\n')!;
  assert.is(ended.exitCode, 3);
  target.runSync('docker run --name slow busybox sleep 300');
  target.interrupt();
  target.interrupt();
  const left = target.interrupt()!;
  const typed = [
    { kind: 'input', text: 'echo in$((1+1))side\n' },
    { kind: 'input', text: 'exit 3\n' },
  ] as const;
  const interrupt = { kind: 'interrupt' } as const;
  const saved = writeTranscript('Session', [
    { command: line, ...ended, typed },
    { command: 'docker run --name slow busybox sleep 300', ...left, typed: [interrupt, interrupt, interrupt] },
  ]);
  const again = watched();
  for await (const { outcome, mismatches, command } of replay(await parseTranscript(saved, 's.md'), again)) {
    assert.equal(mismatches, [], command.command);
    assert.is(outcome.suspended, undefined);
  }
  assert.equal(again.observeSync(), target.observeSync());
});

test('what a line leaves in the background has begun before the next line, however busy it is', () => {
  const target = watched();
  const seen = (line: string): string => target.runSync(line).stdout;
  target.runSync('unshare -n sleep 300 &');
  assert.match(seen('ps'), / sleep 300\n/);
  assert.not.match(seen('ps'), /unshare/);
  const uptime = (): number => Number(seen('cut -d" " -f1 /proc/uptime'));
  const before = uptime();
  target.runSync('while :; do :; done &');
  assert.ok(uptime() - before < 1, 'a loop without an end is not waited for');
});

test.run();
