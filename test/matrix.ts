/**
 * `npm run matrix [-- --on sim,linux,docker] [--jobs N] [--record FILE]`: plays the lifecycle matrix and prints, for each
 * target, how many of the cells hold, and every cell that differs with what was expected and what came. Exit status 1 when a
 * cell differs. `--record` writes what docker answers as a new recording.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openTarget } from '../backend/targets.ts';
import { UsageError } from '../core/index.ts';
import { type CellResult, matrixCells, observeCell, playMatrixOn } from './suites/matrix.ts';

const { values } = parseArgs({
  options: {
    on: { type: 'string', default: 'sim,linux,docker' },
    jobs: { type: 'string' },
    record: { type: 'string' },
  },
});

/** The real engine spends most of its time waiting: two of them at once take little longer than one. */
const usualJobs: Readonly<Record<string, number>> = { docker: 2 };

function report(name: string, results: readonly CellResult[], ms: number): boolean {
  const failing = results.filter((result) => result.differences.length > 0);
  for (const { cell, differences } of failing) {
    process.stdout.write(`  ${cell.state} / ${cell.cmd}\n`);
    for (const text of differences) process.stdout.write(`    ${text}\n`);
  }
  process.stdout.write(
    `${name}: ${results.length - failing.length} of ${matrixCells.length} (${(ms / 1000).toFixed(1)} s)\n`,
  );
  return failing.length === 0 && results.length === matrixCells.length;
}

async function play(name: string): Promise<boolean> {
  const begun = performance.now();
  const jobs = Number(values.jobs ?? usualJobs[name] ?? 1);
  const results = await playMatrixOn(() => openTarget(name), jobs);
  return report(name, results, performance.now() - begun);
}

async function record(file: string): Promise<void> {
  const target = await openTarget('docker');
  try {
    await target.run('docker tag busybox:latest cx-keep:latest');
    const cells = [];
    for (const cell of matrixCells) cells.push(await observeCell(target, cell));
    writeFileSync(file, `${JSON.stringify(cells, null, 1)}\n`);
  } finally {
    await target.close();
  }
}

try {
  if (values.record !== undefined) await record(values.record);
  else {
    const held: boolean[] = [];
    for (const name of values.on.split(',')) held.push(await play(name));
    process.exitCode = held.every(Boolean) ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}${error.hint === undefined ? '' : `\n${error.hint}`}\n`);
  process.exitCode = error.exitCode;
}
