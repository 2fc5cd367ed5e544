/** The recorded cases in the simulation: same output, same messages, same exit status as the real busybox. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bootHost } from '../../../core/kernel/host.ts';
import { runProgram } from '../../../core/kernel/launch.ts';
import { mkdir } from '../../../core/kernel/pathcalls.ts';
import { programs } from '../../../core/programs/index.ts';
import { environment, outerShell, readCases, readRecording } from './cases.ts';

const recorded = new Map(readRecording().cases.map((each) => [each.script, each]));
const only = process.env.CASE;

function simulate(script: string) {
  const kernel = bootHost({ programs, startTime: Date.UTC(2026, 10, 20, 12) });
  mkdir(kernel.init, '/w', 0o755);
  return runProgram(kernel, ['sh', '-c', outerShell, 'outer', script], { env: environment, cwd: '/' });
}

for (const { section, script, line } of readCases()) {
  if (only !== undefined && !only.split(',').includes(String(line))) continue;
  test(`${section} (${line}): ${script}`, () => {
    const real = recorded.get(script);
    assert.ok(real, 'not recorded: run test/linux/record-sh-cases.ts');
    const { unfinished, ...simulated } = simulate(script);
    assert.is(unfinished, undefined);
    assert.equal(simulated, { code: real.code, stdout: real.stdout, stderr: real.stderr });
  });
}

test.run();
