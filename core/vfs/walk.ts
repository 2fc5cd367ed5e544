/**
 * Reads a whole directory tree into plain data (`TreeEntry[]`), as the `tree` Op answers it.
 *
 * Kept true: depth first, siblings in byte order of their names, the root itself left out. Asked again of a TreeFs that
 * has not changed in between, it gives the same array again.
 */
import type { TreeEntry } from '../op.ts';
import { contentDigest } from './content.ts';
import { type Fs, type Ino, OPAQUE_XATTR, type Stat } from './fs.ts';
import { isWhiteout } from './stack.ts';
import { TreeFs, type TreeState } from './tree.ts';

/** Every entry below `root`. Paths start with `/`, relative to it. */
export function tree(fs: Fs, root: Ino = fs.root): readonly TreeEntry[] {
  const seen = fs instanceof TreeFs ? treesOf(fs.snapshot()) : undefined;
  const known = seen?.get(root);
  if (known !== undefined) return known;
  const entries: TreeEntry[] = [];
  collect(fs, root, '', entries);
  seen?.set(root, entries);
  return entries;
}

/** The same with the time of each entry. Read anew each time. */
export function timedTree(fs: Fs, root: Ino): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  collect(fs, root, '', entries, true);
  return entries;
}

function collect(fs: Fs, dir: Ino, prefix: string, entries: TreeEntry[], times = false): void {
  for (const { name, ino, type } of fs.readdir(dir)) {
    const path = `${prefix}/${name}`;
    const entry = treeEntry(fs, ino, path);
    entries.push(times ? { ...entry, mtime: fs.stat(ino).mtime } : entry);
    if (type === 'dir') collect(fs, ino, path, entries, times);
  }
}

/** One entry as plain data. */
export function treeEntry(fs: Fs, ino: Ino, path: string): TreeEntry {
  const stat = fs.stat(ino);
  const { mode, uid, gid } = stat;
  switch (stat.type) {
    case 'file':
      return { path, type: 'file', mode, uid, gid, size: stat.size, digest: contentDigest(fs.read(ino)) };
    case 'symlink':
      return { path, type: 'symlink', mode, uid, gid, size: 0, target: fs.readlink(ino) };
    case 'dir': {
      const entry: TreeEntry = { path, type: 'dir', mode, uid, gid, size: 0 };
      return fs.xattrs(ino)[OPAQUE_XATTR] === 'y' ? { ...entry, opaque: true } : entry;
    }
    default:
      return deviceEntry(stat, path);
  }
}

function deviceEntry(stat: Stat, path: string): TreeEntry {
  const { type, mode, uid, gid, rdev } = stat;
  const entry: TreeEntry = { path, type, mode, uid, gid, size: 0 };
  if (isWhiteout(stat)) return { ...entry, type: 'whiteout' };
  return type === 'char' || type === 'block' ? { ...entry, rdev } : entry;
}

/** Trees read so far, by the state they were read from. */
const memory = new WeakMap<TreeState, Map<Ino, readonly TreeEntry[]>>();

function treesOf(state: TreeState): Map<Ino, readonly TreeEntry[]> {
  let trees = memory.get(state);
  if (trees === undefined) {
    trees = new Map();
    memory.set(state, trees);
  }
  return trees;
}
