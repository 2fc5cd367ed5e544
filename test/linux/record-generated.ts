/** Adds what the machine's busybox answers to further scripts by chance: `SEED=n [COUNT=n] node --import tsx test/linux/record-generated.ts` (root). */
import { writeFileSync } from 'node:fs';
import { generatedFile, readGenerated } from '../core/programs/cases.ts';
import { byChance } from '../core/programs/chance/chance.ts';
import { script } from '../core/programs/chance/commands.ts';
import { busyboxVersion, realBusybox } from './real-busybox.ts';

const before = readGenerated();
const version = busyboxVersion();
if (version !== before.busybox) throw new Error(`recorded on ${before.busybox}, this is ${version}`);
const real = realBusybox();
const added = real.runAll(byChance(script, Number(process.env.SEED ?? 5), Number(process.env.COUNT ?? 150)));
real.close();
const recording = { ...before, cases: [...before.cases, ...added] };
writeFileSync(generatedFile, `${JSON.stringify(recording, undefined, 0).replaceAll('{"script"', '\n{"script"')}\n`);
process.stdout.write(`${recording.cases.length} scripts of ${recording.busybox}\n`);
