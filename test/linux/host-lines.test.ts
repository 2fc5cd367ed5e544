/**
 * Sequences of host commands by chance on a real kernel and on the simulated host: same answers, and the same to be seen after each
 * line. The seed is printed when they differ; SEED=n repeats a run, SCRIPTS=n makes more of them:
 * `SEED=7 SCRIPTS=500 node --import tsx test/linux/host-lines.test.ts` (root, busybox, control groups v1).
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hostLines } from '../core/kernel/host/lines.ts';
import { netLines, settled } from '../core/kernel/host/netlines.ts';
import { simulateSequence } from '../core/kernel/host/simulated.ts';
import { gated, needs } from '../support/needs.ts';
import { realHost } from './real-host.ts';

const seed = Number(process.env.SEED ?? 20225);
const count = Number(process.env.SCRIPTS ?? 40);
const check = gated(test, await needs('root', 'busybox', 'tools', 'namespaces', 'overlay', 'cgroup'));

check(`${count} sequences of host commands by chance (SEED=${seed})`, () => {
  const real = realHost();
  try {
    for (const lines of fc.sample(hostLines, { numRuns: count, seed }))
      assert.equal(simulateSequence(lines), real.play(lines), `SEED=${seed} SCRIPTS=${count}`);
  } finally {
    real.close();
  }
});

check(`${count} sequences of ip calls by chance (SEED=${seed})`, () => {
  const real = realHost();
  try {
    for (const lines of fc.sample(netLines, { numRuns: count, seed }))
      assert.equal(settled(simulateSequence(lines)), settled(real.play(lines)), `SEED=${seed} SCRIPTS=${count}`);
  } finally {
    real.close();
  }
});

test.run();
