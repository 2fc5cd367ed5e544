/**
 * Steps that fail and programs that are killed, at a sample of points: the world is whole afterwards, nothing is left behind and
 * the next command works. `npm run kills` does all steps and 1,000 kills.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { failEverywhere } from '../suites/wreck/fail.ts';
import { wreckFlows } from '../suites/wreck/flows.ts';
import { killAtRandom } from '../suites/wreck/kill.ts';
import { gated, needs } from '../support/needs.ts';

const wreck = suite('linux: failures and kills');
const check = gated(wreck, await needs(...linuxNeeds));

check('a step of each flow fails', async () => {
  const target = await createLinuxTarget({});
  try {
    const { runs, flows, wrong } = await failEverywhere(target, (flow, step) => step % 16 === (flow * 5) % 16);
    assert.equal(wrong, []);
    assert.ok(flows === wreckFlows.length && runs >= flows / 2, `${runs} runs`);
  } finally {
    await target.close();
  }
});

check('killed at eight random points', async () => {
  const { killed, late, wrong } = await killAtRandom(8, 1);
  assert.equal(wrong, []);
  assert.is(killed + late, 8);
});

wreck.run();
