/** The loops that run flows: records, faults, suspension; synchronous and asynchronous ones alike. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Driven, driveAsync, driveSync } from '../../core/drive.ts';
import type { Blocked, HostFacts, SyncDriver } from '../../core/driver.ts';
import { type Flow, type Op, type Outcome, perform, StepError } from '../../core/op.ts';
import type { StepRecord } from '../../core/target.ts';

const facts: HostFacts = {
  cgroup: 'v1',
  controllers: [],
  kernel: '6.1',
  hostname: 'host',
  cpus: 1,
  memory: 1,
  dataRoot: '/var/lib/docker',
};

/** Answers from a list and remembers what it was asked. */
function fake(answers: readonly (Outcome | Blocked)[] = []): SyncDriver & { readonly asked: Op[] } {
  const asked: Op[] = [];
  const left = [...answers];
  return {
    name: 'sim',
    facts,
    asked,
    now: () => 0,
    close: () => {},
    perform: (op) => {
      asked.push(op);
      return left.shift() ?? { ok: true, value: undefined };
    },
  };
}

function* flow(): Flow<string> {
  yield* perform('first', { op: 'mkdir', path: '/a', mode: 0o755 }, { why: 'because' });
  yield* perform('hidden', { op: 'readFile', path: '/b' }, { quiet: true });
  return yield* perform('last', { op: 'readFile', path: '/c' });
}

test('steps are recorded as they are carried out, quiet ones only when asked for', () => {
  const steps: StepRecord[] = [];
  const driver = fake([
    { ok: true, value: undefined },
    { ok: true, value: 'b' },
    { ok: true, value: 'c' },
  ]);
  assert.equal(driveSync(flow(), driver, { steps }), { done: true, value: 'c' });
  assert.equal(steps, [
    { title: 'first', shell: 'mkdir -m 0755 /a', ok: true, why: 'because' },
    { title: 'last', shell: 'cat /c', ok: true },
  ]);
  const all: StepRecord[] = [];
  driveSync(flow(), fake(), { steps: all, quiet: true });
  assert.is(all.length, 3);
});

test('a refusal comes into the flow as StepError and out of the drive', () => {
  const steps: StepRecord[] = [];
  const no: Outcome = { ok: false, errno: 'EEXIST', message: 'File exists' };
  try {
    driveSync(flow(), fake([no]), { steps });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, StepError);
    assert.is((error as StepError).errno, 'EEXIST');
  }
  assert.equal(steps, [
    { title: 'first', shell: 'mkdir -m 0755 /a', ok: false, why: 'because', message: 'File exists' },
  ]);
});

test('failAt: the n-th step fails and is not carried out', () => {
  for (const n of [0, 1, 2]) {
    const driver = fake();
    assert.throws(() => driveSync(flow(), driver, { failAt: n }), /injected/);
    assert.is(driver.asked.length, n);
  }
});

test('before may answer in the driver’s place, after sees every outcome', () => {
  const driver = fake();
  const seen: boolean[] = [];
  const result = driveSync(flow(), driver, {
    before: (step) => (step.title === 'last' ? { ok: true, value: 'mine' } : undefined),
    after: (_, outcome) => void seen.push(outcome.ok),
  });
  assert.equal([result, seen, driver.asked.length], [{ done: true, value: 'mine' }, [true, true, true], 2]);
});

test('blocked: the flow is kept, resume asks the same op again', async () => {
  const answers = [
    { ok: true, value: undefined },
    { blocked: 'input' },
    { blocked: 'time' },
    { ok: true, value: 'b' },
    { ok: true, value: 'c' },
  ] as const;
  const driver = fake(answers);
  const reasons: string[] = [];
  let driven: Driven<string> = driveSync(flow(), driver);
  while (!driven.done) {
    reasons.push(driven.blocked);
    driven = driven.resume();
  }
  assert.equal([driven.value, reasons], ['c', ['input', 'time']]);
  assert.equal(
    driver.asked.map((op) => ('path' in op ? op.path : '')),
    ['/a', '/b', '/b', '/b', '/c'],
  );
  const first = await driveAsync(flow(), fake(answers));
  assert.is(first.done, false);
  const second = first.done ? first : await first.resume();
  assert.is(second.done, false);
  const third = second.done ? second : await second.resume();
  assert.equal(third, { done: true, value: 'c' });
});

test('asynchronous: pauses before each shown step, once', async () => {
  const paused: string[] = [];
  const steps: StepRecord[] = [];
  const result = await driveAsync(flow(), fake(), {
    steps,
    pause: ({ title }, shell) => void paused.push(`${title}: ${shell}`),
  });
  assert.is(result.done, true);
  assert.equal(paused, ['first: mkdir -m 0755 /a', 'last: cat /c']);
  assert.is(steps.length, 2);
});

test.run();
