/**
 * The entries of a directory as one sorted array that is copied when it changes: for a few hundred names cheaper than any
 * cleverer structure, and readdir is free.
 *
 * Kept true: sorted in byte order of names, each name once; an array handed out is never changed.
 */
import { compareNames } from './content.ts';
import type { Dirent } from './fs.ts';

/** Where `name` is, or would be. */
function entryIndex(entries: readonly Dirent[], name: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(entries[middle]!.name, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The entry called `name`. */
export function find(entries: readonly Dirent[], name: string): Dirent | undefined {
  const entry = entries[entryIndex(entries, name)];
  return entry !== undefined && entry.name === name ? entry : undefined;
}

/** A copy with one entry more, or with the entry of that name replaced. */
export function withEntry(entries: readonly Dirent[], entry: Dirent): readonly Dirent[] {
  const at = entryIndex(entries, entry.name);
  const copy = entries.slice();
  copy.splice(at, copy[at]?.name === entry.name ? 1 : 0, entry);
  return copy;
}

/** A copy without the entry of that name. */
export function withoutEntry(entries: readonly Dirent[], name: string): readonly Dirent[] {
  const copy = entries.slice();
  const at = entryIndex(copy, name);
  if (copy[at]?.name === name) copy.splice(at, 1);
  return copy;
}
