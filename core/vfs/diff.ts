/**
 * Layers as lists of paths: what a stack of them shows (`merge`), and what the topmost changes (`changes`, which is
 * `docker diff`). For facts that were read back from somewhere; where there is a file system, OverlayFs is the union.
 *
 * Kept true: input and output are depth first, siblings in byte order.
 */
import type { Change } from '../observation.ts';
import type { TreeEntry } from '../op.ts';
import { compareNames } from './content.ts';

/** An entry that may also say when it was modified. */
export type TimedEntry = TreeEntry;

/** A tree of names. `entry` is absent in the root, and where a list leaves a directory out. */
interface Node {
  readonly entry?: TreeEntry;
  readonly children: Map<string, Node>;
}

function nest(entries: readonly TreeEntry[]): Node {
  const root: Node = { children: new Map() };
  for (const entry of entries) {
    const names = entry.path.split('/').slice(1);
    const name = names.pop()!;
    let dir = root;
    for (const step of names) {
      let next = dir.children.get(step);
      if (next === undefined) {
        next = { children: new Map() };
        dir.children.set(step, next);
      }
      dir = next;
    }
    dir.children.set(name, { entry, children: new Map() });
  }
  return root;
}

const isDir = ({ entry }: Node): boolean => entry === undefined || entry.type === 'dir';
const isWhiteout = ({ entry }: Node): boolean => entry?.type === 'whiteout';

function sortedNames(...dirs: readonly Node[]): string[] {
  return [...new Set(dirs.flatMap(({ children }) => [...children.keys()]))].sort(compareNames);
}

/** The union of a lower tree and one layer above it; overlayfs.rst, "Upper and Lower". */
export function merge(upper: readonly TreeEntry[], lower: readonly TreeEntry[]): readonly TreeEntry[] {
  const merged: TreeEntry[] = [];
  mergeDirs(nest(upper), nest(lower), merged);
  return merged;
}

function withoutMark({ opaque: _, ...shown }: TreeEntry): TreeEntry {
  return shown;
}

function mergeDirs(upper: Node, lower: Node, merged: TreeEntry[]): void {
  const hides = upper.entry?.opaque === true;
  for (const name of sortedNames(upper, lower)) {
    const above = upper.children.get(name);
    const below = hides ? undefined : lower.children.get(name);
    if (above === undefined) {
      if (below !== undefined && !isWhiteout(below)) pushAll(below, merged);
    } else if (!isWhiteout(above)) {
      merged.push(withoutMark(above.entry ?? below!.entry!));
      if (isDir(above)) mergeDirs(above, below !== undefined && isDir(below) ? below : { children: new Map() }, merged);
    }
  }
}

/** The lowest layer has nothing to hide, but may hold whiteouts all the same. */
function pushAll(node: Node, merged: TreeEntry[]): void {
  if (isWhiteout(node)) return;
  if (node.entry !== undefined) merged.push(withoutMark(node.entry));
  for (const name of sortedNames(node)) pushAll(node.children.get(name)!, merged);
}

/**
 * What `docker diff` prints: A added, C changed, D deleted (moby pkg/archive/changes.go, the comparison of two whole trees
 * that it uses for overlay2). Of what was deleted only the topmost path is named; a directory is changed when its mode or owner
 * is, or when something in it is listed; the time of a directory does not count. A file is changed when its mode, owner,
 * size or time is; without times, any file that lies in the upper layer counts as changed.
 */
export function changes(upper: readonly TimedEntry[], lower: readonly TimedEntry[]): readonly Change[] {
  return upper.length === 0 ? [] : compareDirs(nest(upper), nest(lower), '', false);
}

/** `hidden`: an opaque directory further up hides this lower one. */
function compareDirs(upper: Node, lower: Node, dir: string, hidden: boolean): Change[] {
  const hides = hidden || upper.entry?.opaque === true;
  // What only the lower layers have is of interest where it is hidden.
  return sortedNames(...(hides ? [upper, lower] : [upper])).flatMap((name) => {
    const above = upper.children.get(name);
    const found = lower.children.get(name);
    const below = found === undefined || isWhiteout(found) ? undefined : found;
    const path = `${dir}/${name}`;
    if (above === undefined && below === undefined) return [];
    if (above === undefined) return hides ? [{ kind: 'D' as const, path }] : [];
    if (below === undefined) return added(above, path);
    if (isWhiteout(above)) return [{ kind: 'D' as const, path }];
    return compare(above, below, path, hides);
  });
}

function compare(above: Node, below: Node, path: string, hidden: boolean): Change[] {
  const bothDirs = isDir(above) && isDir(below);
  const inside = isDir(above) ? compareDirs(above, bothDirs ? below : { children: new Map() }, path, hidden) : [];
  const differs = bothDirs ? !sameOwner(above, below) : differsFrom(above.entry!, below.entry!);
  return differs || inside.length > 0 ? [{ kind: 'C', path }, ...inside] : [];
}

function added(node: Node, path: string): Change[] {
  if (isWhiteout(node)) return [];
  const inside = sortedNames(node).flatMap((name) => added(node.children.get(name)!, `${path}/${name}`));
  return [{ kind: 'A', path }, ...inside];
}

function sameOwner({ entry: a }: Node, { entry: b }: Node): boolean {
  if (a === undefined || b === undefined) return true;
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

function differsFrom(a: TreeEntry, b: TreeEntry): boolean {
  if (a.type !== b.type || a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid || a.size !== b.size) return true;
  if (a.rdev?.join() !== b.rdev?.join()) return true;
  return a.mtime === undefined || b.mtime === undefined || !sameTime(a.mtime, b.mtime);
}

/** An archive keeps whole seconds only, so a time without a fraction is the same as any within its second (sameFsTime). */
function sameTime(a: number, b: number): boolean {
  if (a === b) return true;
  return Math.floor(a / 1000) === Math.floor(b / 1000) && (a % 1000 === 0 || b % 1000 === 0);
}

/** Paths of what is no directory and looks unchanged but for its time, which decides then. */
export function undecided(upper: readonly TreeEntry[], lower: readonly TreeEntry[]): readonly string[] {
  const files = upper.filter(({ type }) => type !== 'dir');
  if (files.length === 0) return [];
  const below = new Map(lower.map((entry) => [entry.path, entry]));
  const unchanged = files.filter((entry) => {
    const old = below.get(entry.path);
    return old !== undefined && !differsFrom({ ...entry, mtime: 0 }, { ...old, mtime: 0 });
  });
  return unchanged.map(({ path }) => path);
}
