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
interrupts.before(async () => {
  if (missing === undefined) target = await createLinuxTarget({ interactive: true });
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

/** Until its process runs, with whatever handlers it sets. */
async function waitsIn(line: string): Promise<void> {
  const word = line.includes(' cat') ? 'cat' : 'sleep';
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    const { containers } = target.session.engine.world;
    const running = Object.values(containers).filter(({ pid }) => pid > 0);
    const listed = await Promise.all(
      running.map(({ id }) => target.driver.perform({ op: 'processes', group: `docker/${id}` })),
    );
    if (listed.some((each) => each.ok && JSON.stringify(each.value).includes(`"${word}"`))) break;
    await sleep(10);
  }
  await sleep(100);
}

interrupts.run();
