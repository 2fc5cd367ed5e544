/**
 * How many commands a second the simulation carries out, in one world that goes on.
 */
import { createSimTarget } from '../../core/index.ts';
import { median } from './measure.ts';

export function simulatedRunsPerSecond(
  line: string,
  { rounds, runs }: { rounds: number; runs: number },
): { median: number; best: number } {
  const target = createSimTarget();
  const round = (): number => {
    const start = performance.now();
    for (let n = 0; n < runs; n++) {
      const { exitCode, stderr } = target.runSync(line, { steps: false });
      if (exitCode !== 0) throw new Error(`${line}: exit ${exitCode}: ${stderr}`);
    }
    return (runs / (performance.now() - start)) * 1000;
  };
  round();
  const rates = Array.from({ length: rounds }, round);
  return { median: median(rates), best: Math.max(...rates) };
}
