/**
 * Compares two directory trees as learners would: a path that one side has deleted, a mode that differs, a file with other
 * content. A directory that is missing stands for all that is in it.
 */
import type { TreeEntry } from '../op.ts';

/** One side: the tree, and the container it belongs to, where it is the union view of one. */
export interface TreeSide {
  readonly entries: readonly TreeEntry[];
  /** Paths that the read-write layer deletes. */
  readonly deleted: ReadonlySet<string>;
}

export interface TreeDifference {
  readonly path: string;
  readonly a: string;
  readonly b: string;
  readonly text: string;
}

export function sideOf(
  entries: readonly TreeEntry[],
  container?: { readonly union: readonly TreeEntry[]; readonly changes: readonly { kind: string; path: string }[] },
): TreeSide {
  const isUnion = container?.union === entries;
  const deleted = isUnion ? container.changes.filter(({ kind }) => kind === 'D').map(({ path }) => path) : [];
  return { entries, deleted: new Set(deleted) };
}

export function compareTrees(
  a: TreeSide,
  b: TreeSide,
  names: readonly [a: string, b: string],
  place: string,
): TreeDifference[] {
  const [left, right] = [index(a), index(b)];
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort();
  const found: TreeDifference[] = [];
  let skip = '/';
  for (const path of paths) {
    if (path.startsWith(skip) && skip !== '/') continue;
    const [x, y] = [left.get(path), right.get(path)];
    if (x === undefined || y === undefined) skip = `${path}/`;
    if (x === undefined || y === undefined || !same(x, y)) found.push(describe(path, x, y, a, b, names, place));
  }
  return found;
}

function index(side: TreeSide): Map<string, TreeEntry> {
  return new Map(side.entries.map((entry) => [entry.path, entry]));
}

function same(x: TreeEntry, y: TreeEntry): boolean {
  return fields.every(([, read]) => read(x) === read(y));
}

/** All fields of an entry but its path. */
const fields: readonly (readonly [name: string, read: (entry: TreeEntry) => string])[] = [
  ['type', (entry) => words[entry.type]],
  ['mode', (entry) => entry.mode.toString(8).padStart(4, '0')],
  ['owner', (entry) => `${entry.uid}:${entry.gid}`],
  ['size', (entry) => `${entry.size} bytes`],
  ['content', (entry) => entry.digest?.slice(0, 'sha256:'.length + 12) ?? ''],
  ['target', (entry) => entry.target ?? ''],
  ['device number', (entry) => entry.rdev?.join(',') ?? ''],
  ['opaque mark', (entry) => (entry.opaque === true ? 'set' : 'not set')],
];

const words: Readonly<Record<TreeEntry['type'], string>> = {
  file: 'a file',
  dir: 'a directory',
  symlink: 'a symbolic link',
  char: 'a character device',
  block: 'a block device',
  fifo: 'a named pipe',
  socket: 'a socket',
  whiteout: 'a whiteout',
};

function describe(
  path: string,
  x: TreeEntry | undefined,
  y: TreeEntry | undefined,
  a: TreeSide,
  b: TreeSide,
  names: readonly [string, string],
  place: string,
): TreeDifference {
  if (x !== undefined && y !== undefined) {
    const differing = fields.filter(([, read]) => read(x) !== read(y));
    const list = (entry: TreeEntry): string => differing.map(([, read]) => read(entry)).join(', ');
    const what = differing.map(([name]) => name).join(', ');
    const text = `${path}${place}: ${what}: ${list(x)} on ${names[0]} but ${list(y)} on ${names[1]}`;
    return { path, a: list(x), b: list(y), text };
  }
  const [here, there] = [say(x, path, a), say(y, path, b)];
  return { path, a: here, b: there, text: `${path}${place} is ${here} on ${names[0]} but ${there} on ${names[1]}` };
}

function say(entry: TreeEntry | undefined, path: string, side: TreeSide): string {
  if (entry === undefined) return isDeleted(path, side.deleted) ? 'deleted' : 'absent';
  return entry.type === 'whiteout' ? 'a whiteout' : 'visible';
}

function isDeleted(path: string, deleted: ReadonlySet<string>): boolean {
  for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (deleted.has(at)) return true;
  return false;
}
