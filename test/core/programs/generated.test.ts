/** Scripts by chance, recorded on the real busybox: same output, messages, exit status and files in the simulation. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readGenerated } from './cases.ts';
import { simulate } from './simulate.ts';

const recording = readGenerated();

test(`${recording.cases.length} scripts by chance answer as on ${recording.busybox}`, () => {
  assert.ok(recording.cases.length >= 300);
  for (const wanted of recording.cases) {
    const simulated = { script: wanted.script, ...simulate(wanted.script) };
    assert.equal(simulated, wanted);
  }
});

test.run();
