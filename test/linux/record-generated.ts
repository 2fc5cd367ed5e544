/**
 * Adds what the machine's busybox answers to further scripts, or calls of tools, by chance:
 * `SEED=n [COUNT=n] node --import tsx test/linux/record-generated.ts [script|tool]` (root).
 */
import { existsSync, writeFileSync } from 'node:fs';
import { generatedFile, type Recording, readGenerated, toolsFile } from '../core/programs/cases.ts';
import { byChance } from '../core/programs/chance/chance.ts';
import { script } from '../core/programs/chance/commands.ts';
import { tool } from '../core/programs/chance/tools.ts';
import { busyboxVersion, realBusybox } from './real-busybox.ts';

const tools = process.argv[2] === 'tool';
const file = tools ? toolsFile : generatedFile;
const version = busyboxVersion() ?? '';
const none: Recording = { note: `${readGenerated().note}`, busybox: version, cases: [] };
const before = existsSync(file) ? readGenerated(file) : none;
if (version !== before.busybox) throw new Error(`recorded on ${before.busybox}, this is ${version}`);
const real = realBusybox();
const texts = byChance(tools ? tool : script, Number(process.env.SEED ?? 5), Number(process.env.COUNT ?? 150));
const known = new Set(before.cases.map((each) => each.script));
const added = real.runAll([...new Set(texts)].filter((text) => !known.has(text)));
real.close();
const recording = { ...before, cases: [...before.cases, ...added] };
writeFileSync(file, `${JSON.stringify(recording, undefined, 0).replaceAll('{"script"', '\n{"script"')}\n`);
process.stdout.write(`${recording.cases.length} of ${recording.busybox}\n`);
