/**
 * The entries of a directory, sorted, as a persistent value: short arrays ("runs") in one array of runs. A change copies one
 * run and the list of runs, so that a directory of 20,000 names costs a few kilobytes a version, and a small one is one array.
 *
 * Kept true: sorted in byte order of names, each name once; no run is empty or longer than RUN; what was handed out is never
 * changed.
 */
import { compareNames } from './content.ts';
import type { Dirent } from './fs.ts';

type Run = readonly Dirent[];

export interface Dirents {
  readonly size: number;
  readonly runs: readonly Run[];
}

const RUN = 128;

export const noDirents: Dirents = { size: 0, runs: [] };

/** Entries that are sorted already. */
export function direntsOf(sorted: Run): Dirents {
  if (sorted.length <= RUN) return sorted.length === 0 ? noDirents : { size: sorted.length, runs: [sorted] };
  const runs: Run[] = [];
  for (let at = 0; at < sorted.length; at += RUN / 2) runs.push(sorted.slice(at, at + RUN / 2));
  return { size: sorted.length, runs };
}

/** The run in which `name` is, or would be. */
function runIndex(runs: readonly Run[], name: string): number {
  let low = 0;
  let high = runs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (compareNames(runs[middle]![0]!.name, name) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where `name` is in a run, or would be. */
function entryIndex(run: Run, name: string): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(run[middle]!.name, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The entry called `name`. */
export function find({ runs }: Dirents, name: string): Dirent | undefined {
  if (runs.length === 0) return undefined;
  const run = runs.length === 1 ? runs[0]! : runs[runIndex(runs, name)]!;
  const entry = run[entryIndex(run, name)];
  return entry !== undefined && entry.name === name ? entry : undefined;
}

/** A version with one entry more, or with the entry of that name replaced. */
export function withEntry({ size, runs }: Dirents, entry: Dirent): Dirents {
  if (runs.length === 0) return { size: 1, runs: [[entry]] };
  const index = runs.length === 1 ? 0 : runIndex(runs, entry.name);
  const old = runs[index]!;
  const at = entryIndex(old, entry.name);
  const replaces = old[at]?.name === entry.name;
  const run = replaces ? replaced(old, at, entry) : inserted(old, at, entry);
  const parts = run.length > RUN ? [run.slice(0, RUN / 2), run.slice(RUN / 2)] : [run];
  return { size: size + (replaces ? 0 : 1), runs: runs.length === 1 ? parts : spliced(runs, index, 1, parts) };
}

/** A version without the entry of that name. */
export function withoutEntry(entries: Dirents, name: string): Dirents {
  const { size, runs } = entries;
  if (runs.length === 0) return entries;
  const index = runs.length === 1 ? 0 : runIndex(runs, name);
  const old = runs[index]!;
  const at = entryIndex(old, name);
  if (old[at]?.name !== name) return entries;
  if (size === 1) return noDirents;
  const run = removed(old, at);
  if (runs.length === 1) return { size: size - 1, runs: [run] };
  const next = runs[index + 1];
  const joined = next !== undefined && run.length + next.length <= RUN / 2;
  const left: Run = joined ? [...run, ...next] : run;
  return { size: size - 1, runs: spliced(runs, index, joined ? 2 : 1, left.length === 0 ? [] : [left]) };
}

// Loops, because splice() makes an array of what it took out, and most directories are short.

function inserted(run: Run, at: number, entry: Dirent): Dirent[] {
  const copy = run.slice(0, at);
  copy.push(entry);
  for (let i = at; i < run.length; i++) copy.push(run[i]!);
  return copy;
}

function replaced(run: Run, at: number, entry: Dirent): Dirent[] {
  const copy = run.slice();
  copy[at] = entry;
  return copy;
}

function removed(run: Run, at: number): Dirent[] {
  const copy = run.slice(0, at);
  for (let i = at + 1; i < run.length; i++) copy.push(run[i]!);
  return copy;
}

function spliced(runs: readonly Run[], at: number, count: number, parts: readonly Run[]): readonly Run[] {
  const copy = runs.slice();
  copy.splice(at, count, ...parts);
  return copy;
}

const nothing: Run = [];
/** The last directory of several runs that was listed, so that listing it again costs nothing. */
let lastListed: { readonly runs: readonly Run[]; readonly list: Run } | undefined;

/** All entries, as one array. */
export function listed({ runs }: Dirents): Run {
  if (runs.length <= 1) return runs[0] ?? nothing;
  if (lastListed?.runs !== runs) lastListed = { runs, list: runs.flat() };
  return lastListed.list;
}
