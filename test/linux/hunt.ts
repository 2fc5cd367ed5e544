/**
 * Looks for scripts that the real busybox and the simulation answer differently, makes each as short as it goes, and prints
 * them with what differs: `[SEED=n] [COUNT=n] node --import tsx test/linux/hunt.ts script|tool` (root, busybox).
 */
import { isDeepStrictEqual } from 'node:util';
import type { Recorded } from '../core/programs/cases.ts';
import { byChance } from '../core/programs/chance/chance.ts';
import { script, single } from '../core/programs/chance/commands.ts';
import { tool } from '../core/programs/chance/tools.ts';
import { simulate } from '../core/programs/simulate.ts';
import { type RealBusybox, realBusybox } from './real-busybox.ts';

const makers = { script, single, tool } as const;
const kind = process.argv[2] as keyof typeof makers;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const count = Number(process.env.COUNT ?? 500);
const shrinking = process.env.SHRINK !== undefined;
const most = Number(process.env.MOST ?? 12);

function answer(text: string): Recorded | undefined {
  const { unfinished, ...simulated } = simulate(text);
  return unfinished === undefined ? { script: text, ...simulated } : undefined;
}

/** Those that differ, with both answers. */
function differing(real: RealBusybox, texts: readonly string[]): { wanted: Recorded; got: Recorded }[] {
  const found: { wanted: Recorded; got: Recorded }[] = [];
  for (const wanted of real.runAll(texts)) {
    let got: Recorded | undefined;
    try {
      got = answer(wanted.script);
    } catch (error) {
      got = { ...wanted, stdout: `FAULT ${(error as Error).stack}` };
    }
    if (got !== undefined && !isDeepStrictEqual(got, wanted)) found.push({ wanted, got });
    if (got === undefined && wanted.code !== 143) found.push({ wanted, got: { ...wanted, stdout: 'UNFINISHED' } });
  }
  return found;
}

function shorter(text: string): string[] {
  const lines = text.split('\n');
  const tokens = text.split(/(?<=[\s;])/);
  const without = <T>(list: readonly T[], join: string, size: number): string[] =>
    list.length <= size ? [] : list.map((_, i) => [...list.slice(0, i), ...list.slice(i + size)].join(join));
  const all = [
    ...without(lines, '\n', Math.ceil(lines.length / 2)),
    ...without(lines, '\n', 1),
    ...without(tokens, '', Math.ceil(tokens.length / 3)),
    ...without(tokens, '', 3),
    ...without(tokens, '', 1),
  ];
  const distinct = [...new Set(all)].filter((each) => each.length < text.length);
  return distinct.length > 90 ? distinct.filter((_, i) => i % Math.ceil(distinct.length / 90) === 0) : distinct;
}

function shrink(real: RealBusybox, first: { wanted: Recorded; got: Recorded }): { wanted: Recorded; got: Recorded } {
  let best = first;
  for (let round = 0; round < 12; round++) {
    const candidates = shorter(best.wanted.script).filter((each) => answered(each));
    const found = differing(real, candidates).sort((a, b) => a.wanted.script.length - b.wanted.script.length)[0];
    if (found === undefined) return best;
    best = found;
  }
  return best;
}

/** It ends, in the simulation at least. */
function answered(text: string): boolean {
  try {
    return answer(text) !== undefined;
  } catch {
    return true;
  }
}

function show({ wanted, got }: { wanted: Recorded; got: Recorded }): string {
  const rows = (['stdout', 'stderr', 'code', 'tree'] as const)
    .filter((key) => !isDeepStrictEqual(wanted[key], got[key]))
    .map(
      (key) =>
        `  ${key}: real ${JSON.stringify(wanted[key])}\n  ${' '.repeat(key.length)}   sim ${JSON.stringify(got[key])}`,
    );
  return `${'-'.repeat(60)}\n${wanted.script}\n${rows.join('\n')}\n`;
}

const real = realBusybox();
try {
  const texts = byChance(makers[kind], seed, count);
  const found: { wanted: Recorded; got: Recorded }[] = [];
  for (let from = 0; from < texts.length; from += 500) found.push(...differing(real, texts.slice(from, from + 500)));
  process.stdout.write(`seed ${seed}: ${texts.length} run, ${found.length} differ\n`);
  const seen = new Set<string>();
  for (const each of found.sort((a, b) => a.wanted.script.length - b.wanted.script.length).slice(0, most)) {
    const least = shrinking ? shrink(real, each) : each;
    if (seen.has(least.wanted.script)) continue;
    seen.add(least.wanted.script);
    process.stdout.write(show(least));
  }
} finally {
  real.close();
}
