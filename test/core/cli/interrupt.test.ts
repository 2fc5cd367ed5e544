/**
 * Ctrl-C while a line waits, on the simulation: the client passes SIGINT on, leaves at the third, or dies of the first when it
 * passes nothing on. What it started goes on. test/linux/interrupt.test.ts asks the same of the real kernel.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../../core/simtarget.ts';
import { type InterruptCase, interruptCases } from '../../suites/interrupts.ts';

for (const each of interruptCases) test(each.name, () => check(each));

function check({ before = [], line, interrupts, exitCode, stdout, stderr, left }: InterruptCase): void {
  const target = createSimTarget({ interactive: true });
  for (const each of before) assert.is(target.runSync(each).exitCode, 0, each);
  let outcome = target.runSync(line);
  for (let n = 0; n < interrupts; n++) {
    assert.ok(outcome.suspended, `interrupted ${n} times`);
    outcome = target.interrupt()!;
  }
  assert.equal(
    [outcome.suspended, outcome.exitCode, outcome.stdout, outcome.stderr],
    [undefined, exitCode, stdout, stderr],
  );
  assert.is(target.interrupt(), undefined);
  assert.is(target.runSync('docker ps --format {{.Names}}').stdout, left);
}

test('with a terminal, Ctrl-C is not counted', () => {
  const target = createSimTarget({ interactive: true });
  assert.ok(target.runSync('docker run -it busybox sh').suspended);
  for (let n = 0; n < 5; n++) assert.is(target.interrupt()?.suspended, 'input');
  assert.is(target.input('exit 3\n')?.exitCode, 3);
});

test.run();
