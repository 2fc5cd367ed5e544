/** Records what a real kernel answers to sequences of host commands by chance: `[SEED=n] node --import tsx test/linux/record-host-lines.ts` (root). */
import { writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { hostLines } from '../core/kernel/host/lines.ts';
import { recordingFile } from '../core/kernel/host/world.ts';
import { kernelAndBusybox, realHost } from './real-host.ts';

const seed = Number(process.env.SEED ?? 5);
const real = realHost();
try {
  const sequences = fc.sample(hostLines, { numRuns: 200, seed }).map((lines) => real.play(lines));
  const recording = {
    recordedOn: kernelAndBusybox(),
    note: `Answers of a real kernel to sequences of host commands by chance (test/core/kernel/host/lines.ts, seed ${seed}), made by test/linux/record-host-lines.ts.`,
    sequences,
  };
  writeFileSync(recordingFile, `${JSON.stringify(recording).replaceAll('{"line"', '\n{"line"')}\n`);
  process.stdout.write(`${sequences.length} sequences on ${recording.recordedOn}\n`);
} finally {
  real.close();
}
