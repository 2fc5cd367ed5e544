/** A sequence of host commands on the simulated host: what world.ts says is seen. */
import '../../../../core/parts-all.ts';
import { bootHost } from '../../../../core/kernel/host.ts';
import { runProgram } from '../../../../core/kernel/launch.ts';
import { programs } from '../../../../core/programs/index.ts';
import { changesOnly, type Sequence, sections, setup, view } from './world.ts';

const environment = ['PATH=/bin', 'HOME=/root'];

export function simulateSequence(lines: readonly string[]): Sequence {
  const kernel = bootHost({ programs, startTime: Date.UTC(2026, 10, 20, 12) });
  const run = (line: string): ReturnType<typeof runProgram> =>
    runProgram(kernel, ['sh', '-c', line], { env: environment });
  const begun = run(setup);
  if (begun.code !== 0 || begun.stderr !== '') throw new Error(`the world cannot be made: ${begun.stderr}`);
  const played = [':', ...lines].map((line) => {
    const { code, stdout, stderr, unfinished } = run(line);
    const seen = run(view).stdout;
    return { line, exitCode: unfinished === undefined ? code : -1, stdout, stderr, view: sections(seen) };
  });
  return { lines: changesOnly(played) };
}
