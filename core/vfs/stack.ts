/**
 * How overlay looks through its layers: what a name means in a stack of directories, which names a merged directory shows,
 * and the two marks (whiteout, opaque) by which an upper layer hides a lower one. Pure reading; OverlayFs (union.ts) adds
 * the writing. Source: Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
 *
 * Kept true: a stack is ordered topmost first; all but its first member are directories.
 */
import { compareNames } from './content.ts';
import { type Fs, type Ino, type NodeType, OPAQUE_XATTR, type Stat, WHITEOUT_RDEV } from './fs.ts';

/** One real inode, in the file system of its layer. */
export interface Real {
  readonly fs: Fs;
  readonly ino: Ino;
}

/** What lies behind one union inode: topmost first, several only for merged directories. */
export type Stack = readonly Real[];

const OVERLAY_XATTRS = 'trusted.overlay.';

/** overlay's "deleted here": a character device 0:0. */
export function isWhiteout(stat: Stat): boolean {
  return stat.type === 'char' && stat.rdev[0] === WHITEOUT_RDEV[0] && stat.rdev[1] === WHITEOUT_RDEV[1];
}

/** Whether a real directory hides its namesakes in lower layers. */
export function isOpaque(dir: Real): boolean {
  return dir.fs.xattrs(dir.ino)[OPAQUE_XATTR] === 'y';
}

/** xattrs without overlay's own, which it shows to nobody and does not copy. */
export function visibleXattrs(all: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!Object.keys(all).some((name) => name.startsWith(OVERLAY_XATTRS))) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith(OVERLAY_XATTRS)));
}

/** Whether overlay keeps this xattr for itself. */
export function isOverlayXattr(name: string): boolean {
  return name.startsWith(OVERLAY_XATTRS);
}

/** What `name` is in a stack of directories: empty when nothing shows. */
export function lookupStack(dirs: Stack, name: string, ignoreWhiteouts: boolean): Stack {
  const found: Real[] = [];
  for (const dir of dirs) {
    const ino = dir.fs.lookup(dir.ino, name);
    if (ino === undefined) continue;
    const stat = dir.fs.stat(ino);
    if (isWhiteout(stat)) {
      if (ignoreWhiteouts) continue;
      break;
    }
    if (stat.type !== 'dir') {
      if (found.length === 0) found.push({ fs: dir.fs, ino });
      break;
    }
    const real = { fs: dir.fs, ino };
    found.push(real);
    if (isOpaque(real)) break;
  }
  return found;
}

/** The names that a stack of directories shows, sorted, each with its topmost type. */
export function mergedNames(dirs: Stack, ignoreWhiteouts: boolean): readonly { name: string; type: NodeType }[] {
  const shown: { name: string; type: NodeType }[] = [];
  const seen = new Set<string>();
  for (const { fs, ino } of dirs) {
    for (const entry of fs.readdir(ino)) {
      if (seen.has(entry.name)) continue;
      const hides = entry.type === 'char' && isWhiteout(fs.stat(entry.ino));
      if (hides && ignoreWhiteouts) continue;
      seen.add(entry.name);
      if (!hides) shown.push({ name: entry.name, type: entry.type });
    }
  }
  return dirs.length === 1 ? shown : shown.sort((a, b) => compareNames(a.name, b.name));
}

/**
 * Whether removing the upper `name` would let a lower entry show. `dirs` is the lower part of the parent; the first layer
 * that has the name decides.
 */
export function lowerShows(dirs: Stack, name: string): boolean {
  for (const { fs, ino } of dirs) {
    const child = fs.lookup(ino, name);
    if (child !== undefined) return !isWhiteout(fs.stat(child));
  }
  return false;
}
