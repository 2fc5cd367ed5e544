/**
 * How overlay looks through its layers: what a name means in a stack of directories, which names a merged directory shows,
 * and the two marks (whiteout, opaque) by which an upper layer hides a lower one. Pure reading; OverlayFs (union.ts) adds
 * the writing. Source: Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
 *
 * Kept true: a stack is ordered topmost first; all but its first member are directories.
 */
import { compareNames } from './content.ts';
import { type Fs, type Ino, type NodeType, OPAQUE_XATTR, type Stat, WHITEOUT_RDEV, type Xattrs } from './fs.ts';

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
  return stat.type === 'char' && isWhiteoutDevice(stat.rdev);
}

export function isWhiteoutDevice(rdev: readonly [number, number] = [0, 0]): boolean {
  return rdev[0] === WHITEOUT_RDEV[0] && rdev[1] === WHITEOUT_RDEV[1];
}

/** Whether a real directory hides its namesakes in lower layers. */
export function isOpaque(dir: Real): boolean {
  return dir.fs.xattrs(dir.ino)[OPAQUE_XATTR] === 'y';
}

/** xattrs without overlay's own, which it shows to nobody and does not copy. */
export function visibleXattrs(all: Xattrs): Xattrs {
  if (!Object.keys(all).some((name) => name.startsWith(OVERLAY_XATTRS))) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith(OVERLAY_XATTRS)));
}

/** Whether overlay keeps this xattr for itself. */
export function isOverlayXattr(name: string): boolean {
  return name.startsWith(OVERLAY_XATTRS);
}

/** What a name shows. */
export interface Found {
  readonly type: NodeType;
  /** Which of the directories the topmost lies in. */
  readonly from: number;
  readonly stack: Stack;
}

/** What `name` is in a stack of directories; undefined when nothing shows. */
export function lookupStack(dirs: Stack, name: string, ignoreWhiteouts: boolean): Found | undefined {
  const stack: Real[] = [];
  let from = 0;
  for (const [at, dir] of dirs.entries()) {
    const ino = dir.fs.lookup(dir.ino, name);
    if (ino === undefined) continue;
    const stat = dir.fs.stat(ino);
    if (isWhiteout(stat)) {
      if (ignoreWhiteouts) continue;
      break;
    }
    const real = { fs: dir.fs, ino };
    if (stat.type !== 'dir') {
      if (stack.length === 0) return { type: stat.type, from: at, stack: [real] };
      break;
    }
    if (stack.length === 0) from = at;
    stack.push(real);
    if (isOpaque(real)) break;
  }
  return stack.length === 0 ? undefined : { type: 'dir', from, stack };
}

/** What a name is in some neighbouring layers, for as long as nobody knows what lies above and below them. */
interface Part extends Found {
  readonly name: string;
  /** `hidden`: a whiteout is on top. `open`: directories, to which those further below belong as well. */
  readonly state: 'hidden' | 'open' | 'closed';
}

/** A name with what it shows. */
export type Named = Found & { readonly name: string };

/**
 * All that a stack of directories shows, in the order of names: what `lookupStack` says of each, found by going through each
 * directory once. Neighbouring layers are merged by halves, as their lists are sorted.
 */
export function mergedEntries(dirs: Stack, ignoreWhiteouts: boolean): readonly Named[] {
  const shown = partsOf(dirs, 0, dirs.length, ignoreWhiteouts);
  return shown.some(({ state }) => state === 'hidden') ? shown.filter(({ state }) => state !== 'hidden') : shown;
}

function partsOf(dirs: Stack, from: number, to: number, ignoreWhiteouts: boolean): readonly Part[] {
  if (to - from === 1) return partsIn(dirs[from]!, from, ignoreWhiteouts);
  const middle = (from + to) >>> 1;
  return overlaid(partsOf(dirs, from, middle, ignoreWhiteouts), partsOf(dirs, middle, to, ignoreWhiteouts));
}

function partsIn({ fs, ino: dir }: Real, from: number, ignoreWhiteouts: boolean): readonly Part[] {
  const parts: Part[] = [];
  for (const { name, ino, type } of fs.readdir(dir)) {
    const real = { fs, ino };
    const hides = type === 'char' && isWhiteout(fs.stat(ino));
    if (hides && ignoreWhiteouts) continue;
    const state = hides ? 'hidden' : type === 'dir' && !isOpaque(real) ? 'open' : 'closed';
    parts.push({ name, type, from, stack: [real], state });
  }
  return parts;
}

/** Two sorted lists as one, the first of which lies above. */
function overlaid(upper: readonly Part[], lower: readonly Part[]): readonly Part[] {
  if (lower.length === 0) return upper;
  if (upper.length === 0) return lower;
  const parts: Part[] = [];
  let at = 0;
  for (const part of lower) {
    while (at < upper.length && compareNames(upper[at]!.name, part.name) < 0) parts.push(upper[at++]!);
    const above = upper[at];
    if (above?.name !== part.name) parts.push(part);
    else {
      parts.push(above.state === 'open' ? withBelow(above, part) : above);
      at += 1;
    }
  }
  for (; at < upper.length; at++) parts.push(upper[at]!);
  return parts;
}

function withBelow(above: Part, below: Part): Part {
  if (below.state === 'hidden' || below.type !== 'dir') return { ...above, state: 'closed' };
  return { ...above, stack: [...above.stack, ...below.stack], state: below.state };
}

/**
 * Whiteouts in a directory that lies in one layer only: the kernel hands its listing on as it is, and so shows names that no
 * lookup finds.
 */
export function bareWhiteouts(dirs: Stack): readonly string[] {
  const { fs, ino } = dirs[0]!;
  if (dirs.length > 1) return [];
  const whiteouts = fs.readdir(ino).filter((entry) => entry.type === 'char' && isWhiteout(fs.stat(entry.ino)));
  return whiteouts.map(({ name }) => name);
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
