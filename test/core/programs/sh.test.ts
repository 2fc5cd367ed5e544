/** The recorded cases in the simulation: same output, messages, exit status and files as the real busybox. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCases, readRecording } from './cases.ts';
import { simulate } from './simulate.ts';

const recorded = new Map(readRecording().cases.map((each) => [each.script, each]));
const only = process.env.CASE;

for (const { section, script, line } of readCases()) {
  if (only !== undefined && !only.split(',').includes(String(line))) continue;
  test(`${section} (${line}): ${script}`, () => {
    const real = recorded.get(script);
    assert.ok(real, 'not recorded: run test/linux/record-sh-cases.ts');
    const { unfinished, ...simulated } = simulate(script);
    assert.is(unfinished, undefined);
    assert.equal(simulated, { code: real.code, stdout: real.stdout, stderr: real.stderr, tree: real.tree });
  });
}

test.run();
