/** Records what the machine's busybox answers to scripts by chance: `[SEED=n] node --import tsx test/linux/record-generated.ts` (root). */
import { writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { generatedFile } from '../core/programs/cases.ts';
import { generatedScript } from '../core/programs/generated.ts';
import { busyboxVersion, realBusybox } from './real-busybox.ts';

const seed = Number(process.env.SEED ?? 5);
const real = realBusybox();
const scripts = fc.sample(generatedScript, { numRuns: 400, seed });
const recording = {
  note: `Answers of the real busybox to scripts by chance (test/core/programs/generated.ts, seed ${seed}), made by test/linux/record-generated.ts.`,
  busybox: busyboxVersion(),
  cases: real.runAll(scripts),
};
real.close();
writeFileSync(generatedFile, `${JSON.stringify(recording, undefined, 0).replaceAll('{"script"', '\n{"script"')}\n`);
process.stdout.write(`${recording.cases.length} scripts of ${recording.busybox}\n`);
