/** Records what the machine's busybox answers to scripts and tool calls by chance: `[SEED=n] node --import tsx test/linux/record-generated.ts` (root). */
import { writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { generatedFile } from '../core/programs/cases.ts';
import { byChance } from '../core/programs/chance/chance.ts';
import { script } from '../core/programs/chance/commands.ts';
import { tool } from '../core/programs/chance/tools.ts';
import { busyboxVersion, realBusybox } from './real-busybox.ts';

const seed = Number(process.env.SEED ?? 5);
const real = realBusybox();
const texts = [...byChance(script, seed, 450), ...byChance(tool, seed, 550)];
const [first, second] = [real.runAll(texts), real.runAll(texts)];
real.close();
// What has two answers (who comes first among several processes) is no fact.
const cases = first.filter((each, i) => isDeepStrictEqual(each, second[i]));
const recording = {
  note: `Answers of the real busybox to scripts and tool calls by chance (test/core/programs/chance, seed ${seed}), made by test/linux/record-generated.ts.`,
  busybox: busyboxVersion(),
  cases,
};
writeFileSync(generatedFile, `${JSON.stringify(recording, undefined, 0).replaceAll('{"script"', '\n{"script"')}\n`);
process.stdout.write(`${recording.cases.length} scripts of ${recording.busybox}\n`);
