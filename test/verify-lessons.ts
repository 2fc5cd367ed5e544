/**
 * `npm run verify:lessons [-- --on sim,linux,docker]`: plays every lesson at every prefix on each target and prints how many
 * hold, with each one that does not. Exit status 1 when one does not hold.
 */
import { parseArgs } from 'node:util';
import { type TargetName, UsageError } from '../core/index.ts';
import { proveLesson, readLessons } from './suites/lessons.ts';

const { values } = parseArgs({ options: { on: { type: 'string', default: 'sim,linux,docker' } } });

async function verify(on: TargetName): Promise<boolean> {
  const begun = performance.now();
  let [good, of] = [0, 0];
  for (const lesson of await readLessons()) {
    const result = await proveLesson(lesson, on);
    good += result.good;
    of += result.of;
    for (const fault of result.faults) process.stdout.write(`  ${fault.replace(/\n/g, '\n    ')}\n`);
  }
  process.stdout.write(`${on}: ${good} of ${of} (${((performance.now() - begun) / 1000).toFixed(1)} s)\n`);
  return good === of;
}

try {
  const held: boolean[] = [];
  for (const name of values.on.split(',')) held.push(await verify(name as TargetName));
  process.exitCode = held.every(Boolean) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  const { file, line, column } = error.where ?? {};
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  process.stderr.write(`${place === '' ? '' : `${place}: `}${error.message}\n${error.hint ?? ''}\n`);
  process.exitCode = error.exitCode;
}
