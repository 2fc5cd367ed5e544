/**
 * Measuring for the bench: medians of interleaved rounds, so that a busy moment of the machine hits every contender alike.
 * Results are ratios against a peer or a floor of the same run; nothing here is asserted by tests.
 */
import { spawn } from 'node:child_process';

/** One thing to time; `once` does it a single time. */
export interface Contender {
  readonly name: string;
  once(): Promise<void>;
}

export interface Timing {
  readonly name: string;
  /** Milliseconds. */
  readonly median: number;
  readonly best: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Times all contenders in turn, `rounds` times, after one unmeasured round. */
export async function race(contenders: readonly Contender[], rounds: number): Promise<Timing[]> {
  const times = contenders.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const start = performance.now();
      await contender.once();
      if (round >= 0) times[index]!.push(performance.now() - start);
    }
  }
  return contenders.map((contender, index) => ({
    name: contender.name,
    median: median(times[index]!),
    best: Math.min(...times[index]!),
  }));
}

/** Runs a program to its end, output thrown away; rejects when it fails. */
export function call(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'ignore', ...options });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${file} ${args.join(' ')}: exit ${code}`)),
    );
  });
}

/** A table with a ratio against the named row in the last column. */
export function report(title: string, timings: readonly Timing[], against: string): string {
  const base = timings.find((timing) => timing.name === against)?.median ?? Number.NaN;
  const rows = timings.map(
    (timing) =>
      `  ${timing.name.padEnd(46)} ${timing.median.toFixed(1).padStart(9)} ms   best ${timing.best.toFixed(1).padStart(8)} ms   ${(timing.median / base).toFixed(2).padStart(7)} × ${against}`,
  );
  return [title, ...rows].join('\n');
}
