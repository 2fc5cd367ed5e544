/** Scripts and calls of tools by chance, recorded on the real busybox: same output, messages, exit status and files in the simulation. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { generatedFile, readGenerated, toolsFile } from './cases.ts';
import { simulate } from './simulate.ts';

for (const [what, file, least] of [
  ['scripts', generatedFile, 600],
  ['calls of tools', toolsFile, 500],
] as const) {
  const recording = readGenerated(file);
  test(`${recording.cases.length} ${what} by chance answer as on ${recording.busybox}`, () => {
    assert.ok(recording.cases.length >= least);
    for (const wanted of recording.cases) {
      const simulated = { script: wanted.script, ...simulate(wanted.script) };
      assert.equal(simulated, wanted);
    }
  });
}

test.run();
