/** Ctrl-C while a line waits, on the real kernel: the cases of the simulation's test. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxTarget, type LinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import type { CommandOutcome } from '../../core/index.ts';
import { type InterruptCase, interruptCases } from '../suites/interrupts.ts';
import { gated, needs } from '../support/needs.ts';

const interrupts = suite('linux: Ctrl-C');
const missing = await needs(...linuxNeeds);
const check = gated(interrupts, missing);

let target: LinuxTarget;
/** The line under way has come to the wait that Ctrl-C ends. */
let waits = false;
interrupts.before(async () => {
  if (missing !== undefined) return;
  target = await createLinuxTarget({ interactive: true });
  const { driver } = target;
  const perform = driver.perform.bind(driver);
  driver.perform = (op) => {
    waits ||= op.op === 'wait' && op.timeoutMs !== 0;
    return perform(op);
  };
});
interrupts.after(() => target?.close());

async function answer(line: string): Promise<string> {
  const { exitCode, stdout, stderr } = await target.run(line);
  assert.is(exitCode, 0, `${line}: ${stderr}`);
  return stdout;
}

for (const each of interruptCases) check(each.name, () => play(each));

async function play({ before = [], line, interrupts: times, left, ...each }: InterruptCase): Promise<void> {
  for (const first of before) await answer(first);
  const wanted = { exitCode: each.exitCode, stdout: each.stdout, stderr: each.stderr };
  let outcome: CommandOutcome | undefined;
  waits = false;
  const running = target.run(line).then((first) => {
    outcome = first;
  });
  await waitsIn(line);
  for (let n = 0; n < times; n++) {
    assert.ok(outcome === undefined || outcome.suspended !== undefined, `interrupted ${n} times`);
    outcome = (await target.interrupt()) ?? outcome;
  }
  await running;
  const { exitCode, stdout, stderr } = outcome!;
  assert.equal({ exitCode, stdout, stderr }, wanted);
  assert.is(outcome?.suspended, undefined);
  assert.is(await target.interrupt(), undefined);
  assert.is(await answer('docker ps --format {{.Names}}'), left);
  await answer('docker rm -f web');
}

/** Those whose outcome does not hang on what the process has come to. */
const early = interruptCases.filter(({ left }) => left === 'web\n');

for (const each of early) {
  check(`${each.name}, though the client does not wait yet`, async () => {
    for (const first of each.before ?? []) await answer(first);
    const running = target.run(each.line);
    for (let n = 0; n < each.interrupts; n++) assert.is(await target.interrupt(), undefined);
    const { exitCode, stdout, stderr, suspended } = await running;
    const { exitCode: code, stdout: out, stderr: err } = each;
    assert.equal(
      { exitCode, stdout, stderr, suspended },
      { exitCode: code, stdout: out, stderr: err, suspended: undefined },
    );
    assert.is(await answer('docker ps --format {{.Names}}'), each.left);
    await answer('docker rm -f web');
  });
}

/** Until its process runs, with whatever handlers it sets, and the client does nothing but wait. */
async function waitsIn(line: string): Promise<void> {
  const word = line.includes(' cat') ? 'cat' : 'sleep';
  for (;;) {
    const { containers } = target.session.engine.world;
    const running = Object.values(containers).filter(({ pid }) => pid > 0);
    const listed = await Promise.all(
      running.map(({ id }) => target.driver.perform({ op: 'processes', group: `docker/${id}` })),
    );
    const runs = listed.some((each) => each.ok && JSON.stringify(each.value).includes(`"${word}"`));
    if (runs && waits) return;
    await sleep(10);
  }
}

interrupts.run();
