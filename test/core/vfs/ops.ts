/**
 * System calls on files as data, to be played on anything that has files: a simulated file system under the simulated kernel
 * (player.ts), the flat-tree oracle (flat.ts), a real directory under a real kernel (test/linux). Whoever plays them is root,
 * with umask 0, in a root directory of its own which is its working directory.
 *
 * Kept true: the same seed gives the same operations. Names are few, so that operations meet each other; they are UTF-8, as
 * the model's names are strings (what an archive says in other bytes is the business of core/image). No directory is both
 * sticky and writable for all, so that the sysctls fs.protected_* have nothing to say, and no device exists.
 */
import type { NodeType } from '../../../core/vfs/fs.ts';

/** open(2): read, write, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW. */
export type Flag = 'r' | 'w' | 'c' | 'x' | 't' | 'a' | 'd' | 'n';

type SpecialType = Extract<NodeType, 'char' | 'block' | 'fifo' | 'socket'>;

export type FileOp =
  /** Opens, writes `text` at `at` if there is any, closes. */
  | { do: 'open'; path: string; flags: string; mode: number; text: string; at: number }
  | { do: 'truncate'; path: string; size: number }
  | { do: 'mkdir'; path: string; mode: number }
  | { do: 'mknod'; path: string; type: SpecialType; mode: number; major: number; minor: number }
  | { do: 'symlink'; path: string; target: string }
  | { do: 'unlink' | 'rmdir' | 'stat' | 'lstat' | 'readdir' | 'readlink' | 'read'; path: string }
  | { do: 'rename'; path: string; to: string; noreplace: boolean }
  | { do: 'link'; path: string; to: string }
  | { do: 'chmod'; path: string; mode: number }
  | { do: 'chown'; path: string; uid: number; gid: number; follow: boolean }
  /** Milliseconds since the epoch; fractions are exact in binary. */
  | { do: 'utimes'; path: string; mtime: number; follow: boolean }
  /** `how`: XATTR_CREATE, XATTR_REPLACE, or either. */
  | { do: 'setxattr'; path: string; name: string; value: string; how: 'any' | 'create' | 'replace'; follow: boolean }
  | { do: 'getxattr' | 'removexattr'; path: string; name: string; follow: boolean }
  | { do: 'listxattr'; path: string; follow: boolean }
  /** Opens and keeps the descriptor in a slot until `drop`; what was in the slot is closed. */
  | { do: 'hold'; slot: number; path: string; flags: string }
  | { do: 'pwrite'; slot: number; text: string; at: number }
  | { do: 'pread' | 'fstat' | 'drop'; slot: number };

/** How an operation ended: the errno when it was refused, and what it answered. */
export interface Result {
  readonly errno?: string;
  readonly value?: string;
}

export const SLOTS = 2;
/** Times below are those that operations set; later ones are the clock's, which nobody compares. */
export const RECENT = 1_700_000_000_000;

type Roll = (sides: number) => number;

/** Deterministic pseudo-random numbers (mulberry32). */
export function dice(seed: number): Roll {
  let state = seed | 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

const pick = <T>(roll: Roll, list: readonly T[]): T => list[roll(list.length)]!;

const names = ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c', 'dé'] as const;
/** NAME_MAX is 255 bytes: the first two fit, the others do not. */
const longNames = ['n'.repeat(255), 'ä'.repeat(127), 'n'.repeat(256), 'ä'.repeat(128)] as const;

function someName(roll: Roll): string {
  return roll(150) === 0 ? pick(roll, longNames) : pick(roll, names);
}

/** One to four names, now and then with what a path walk has to see through: `.`, `..`, `//`, a slash at the end. */
export function somePath(roll: Roll): string {
  let path = '';
  for (let depth = [1, 1, 1, 1, 2, 2, 2, 2, 3, 4][roll(10)]!; depth > 0; depth--) {
    const odd = roll(60);
    const name = odd === 0 ? '.' : odd === 1 ? '..' : someName(roll);
    path += `${odd === 2 ? '//' : '/'}${name}`;
  }
  const odd = roll(80);
  if (odd === 0) return `${path}/`;
  if (odd === 1) return path.replace(/^\/+/, '');
  if (odd === 2 && roll(3) === 0) return pick(roll, ['/', '', '/..', './/.', `/${'a/'.repeat(2100)}`]);
  return path;
}

/**
 * What has probably been made so far: without it, most operations would only meet what is not there. It need not be right;
 * a path made of symlinks or renamed since is as good as any other.
 */
export interface Scene {
  readonly roll: Roll;
  readonly dirs: string[];
  readonly others: string[];
}

export const newScene = (seed: number): Scene => ({ roll: dice(seed), dirs: [''], others: [] });

const LONGEST = 14;

function remember({ roll, dirs }: Scene, list: string[], path: string): void {
  if (list.includes(path) || !dirs.includes(path.slice(0, Math.max(0, path.lastIndexOf('/'))))) return;
  list.splice(list.length < LONGEST ? list.length : 1 + roll(LONGEST - 1), 1, path);
}

function forget(list: string[], path: string): void {
  const at = list.indexOf(path);
  if (at > 0 || (at === 0 && path !== '')) list.splice(at, 1);
}

/** Something to look at or to change. */
function knownPath({ roll, dirs, others }: Scene): string {
  const list = roll(3) > 0 ? others : dirs;
  const path = roll(6) > 0 && list.length > 0 ? pick(roll, list) : '';
  return path === '' ? somePath(roll) : path;
}

/** A name that is free, perhaps. */
function freePath({ roll, dirs }: Scene): string {
  return roll(4) === 0 ? somePath(roll) : `${pick(roll, dirs)}/${someName(roll)}`;
}

/** Keeps the scene up with an operation. */
function note(scene: Scene, op: FileOp): void {
  const { dirs, others } = scene;
  if (op.do === 'mkdir') remember(scene, dirs, op.path);
  else if (op.do === 'open' || op.do === 'symlink' || op.do === 'mknod') remember(scene, others, op.path);
  else if (op.do === 'link') remember(scene, others, op.to);
  else if (op.do === 'unlink') forget(others, op.path);
  else if (op.do === 'rmdir') forget(dirs, op.path);
  else if (op.do === 'rename') {
    for (const list of [dirs, others]) {
      if (!list.includes(op.path)) continue;
      forget(list, op.path);
      remember(scene, list, op.to);
    }
  }
}

/** Inside, out of the root, around in circles, to nowhere. */
function someTarget(roll: Roll): string {
  const fixed = ['a', 'b', 'c', '/', '..', '../../../a', '/nowhere/x', './b/', 'x'.repeat(300)];
  return roll(3) === 0 ? pick(roll, fixed) : roll(2) === 0 ? somePath(roll) || 'a' : `../${pick(roll, names)}`;
}

const text = (roll: Roll): string => pick(roll, ['x', `text ${roll(1000)}`, 'long '.repeat(roll(300) + 1)]);
const fileMode = (roll: Roll): number => pick(roll, [0o644, 0o600, 0o755, 0o4755, 0o2755, 0o2644, 0o666]);
const dirMode = (roll: Roll): number => pick(roll, [0o755, 0o700, 0o777, 0o1755, 0o2775, 0o755]);
const writeFlags = ['wt', 'wt', 'w', 'wa', 'wct', 'wc', 'wca', 'wn', 'wcxn', 'rd', 'rdn', 'rn', 'wd', 'rwt'];

/** cap_net_raw+ep of revision 2, as setcap writes it. */
export const CAPABILITY = '\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00';
const xattrNames = ['user.a', 'user.a', 'user.b', 'trusted.a', 'trusted.a', 'security.a', 'security.capability'];
const oddXattrNames = ['user.', 'nothing', 'other.a', '', `user.${'n'.repeat(250)}`, `user.${'n'.repeat(251)}`];

const someXattr = (roll: Roll): string => pick(roll, roll(15) === 0 ? oddXattrNames : xattrNames);

function someValue(roll: Roll, name: string): string {
  if (name === 'security.capability') return roll(5) === 0 ? 'bad' : CAPABILITY;
  return pick(roll, ['', `value ${roll(100)}`, 'bytes \x00\x80\xff\n', 'v'.repeat(400)]);
}

/** Kinds of operations, each as often as it is to come. */
const kinds: readonly FileOp['do'][] = [
  ...Array<FileOp['do']>(10).fill('open'),
  ...Array<FileOp['do']>(6).fill('mkdir'),
  ...Array<FileOp['do']>(6).fill('unlink'),
  ...Array<FileOp['do']>(5).fill('rmdir'),
  ...Array<FileOp['do']>(9).fill('rename'),
  ...Array<FileOp['do']>(3).fill('symlink'),
  ...Array<FileOp['do']>(3).fill('link'),
  ...Array<FileOp['do']>(2).fill('mknod'),
  ...Array<FileOp['do']>(3).fill('setxattr'),
  ...Array<FileOp['do']>(4).fill('hold'),
  ...Array<FileOp['do']>(2).fill('pwrite'),
  ...(['truncate', 'chmod', 'chmod', 'chown', 'chown', 'utimes', 'utimes', 'removexattr', 'getxattr'] as const),
  ...(['listxattr', 'stat', 'lstat', 'readdir', 'readdir', 'readlink', 'read', 'pread', 'fstat', 'drop'] as const),
];

const making: ReadonlySet<FileOp['do']> = new Set(['mkdir', 'mknod', 'symlink']);

export function someOp(scene: Scene): FileOp {
  const op = opOf(pick(scene.roll, kinds), scene);
  note(scene, op);
  return op;
}

const ofFiles: ReadonlySet<FileOp['do']> = new Set(['hold', 'read', 'truncate', 'unlink', 'readlink', 'link']);

/** A path that suits the operation more often than not. */
function pathFor(kind: FileOp['do'], scene: Scene): string {
  const { roll, dirs, others } = scene;
  if (making.has(kind) || (kind === 'open' && roll(2) === 0)) return freePath(scene);
  const list = kind === 'rmdir' || kind === 'readdir' ? dirs : ofFiles.has(kind) ? others : [];
  return list.length > 0 && roll(4) > 0 ? pick(roll, list) || '/a' : knownPath(scene);
}

function opOf(kind: FileOp['do'], scene: Scene): FileOp {
  const { roll } = scene;
  const path = pathFor(kind, scene);
  const follow = roll(3) > 0;
  const slot = roll(SLOTS);
  switch (kind) {
    case 'open': {
      const flags = roll(2) === 0 ? 'wcx' : pick(roll, writeFlags);
      return { do: kind, path, flags, mode: fileMode(roll), text: text(roll), at: pick(roll, [0, 0, 3, 40]) };
    }
    case 'truncate':
      return { do: kind, path, size: pick(roll, [0, 1, 4, 5000]) };
    case 'mkdir':
      return { do: kind, path, mode: dirMode(roll) };
    case 'mknod': {
      const type = pick(roll, ['char', 'block', 'fifo', 'socket'] as const);
      const isDevice = type === 'char' || type === 'block';
      return { do: kind, path, type, mode: fileMode(roll), ...(isDevice ? someDevice(roll) : { major: 0, minor: 0 }) };
    }
    case 'symlink':
      return { do: kind, path, target: someTarget(roll) };
    case 'rename':
      return { do: kind, path, to: roll(3) === 0 ? knownPath(scene) : freePath(scene), noreplace: roll(10) === 0 };
    case 'link':
      return { do: kind, path, to: freePath(scene) };
    case 'chmod':
      return { do: kind, path, mode: roll(2) === 0 ? dirMode(roll) : fileMode(roll) };
    case 'chown':
      return { do: kind, path, uid: roll(3) * 1000, gid: roll(3) * 100, follow };
    case 'utimes':
      return { do: kind, path, mtime: pick(roll, [1_600_000_000_000 + roll(1000) * 1000, 0.5, -1500.25]), follow };
    case 'setxattr': {
      const name = someXattr(roll);
      const how = pick(roll, ['any', 'any', 'any', 'create', 'replace'] as const);
      return { do: kind, path, name, value: someValue(roll, name), how, follow };
    }
    case 'getxattr':
    case 'removexattr':
      return { do: kind, path, name: someXattr(roll), follow };
    case 'listxattr':
      return { do: kind, path, follow };
    case 'hold':
      return { do: kind, slot, path, flags: pick(roll, ['r', 'r', 'rw', 'rwc', 'rw', 'rwc']) };
    case 'pwrite':
      return { do: kind, slot, text: text(roll), at: pick(roll, [0, 2, 30]) };
    case 'pread':
    case 'fstat':
    case 'drop':
      return { do: kind, slot };
    default:
      return { do: kind, path };
  }
}

/** Numbers of the ranges for local use, which no driver answers to. Seldom 0:0, which overlay keeps for itself. */
function someDevice(roll: Roll): { major: number; minor: number } {
  return roll(6) === 0 ? { major: 0, minor: 0 } : { major: 60 + roll(3), minor: roll(300) };
}

export function someOps(scene: Scene, count: number): FileOp[] {
  return Array.from({ length: count }, () => someOp(scene));
}

/** Directories and files to begin with, so that what follows finds something. */
export function firstOps(scene: Scene): FileOp[] {
  const { roll } = scene;
  const made = ['/a', '/b', '/c', '/a/b', '/b/a', '/a/c', '/c/b', '/a/b/a'].filter(() => roll(4) > 0);
  return made.map((path) => {
    const op: FileOp =
      roll(4) > 0
        ? { do: 'mkdir', path, mode: dirMode(roll) }
        : { do: 'open', path, flags: 'wcx', mode: fileMode(roll), text: text(roll), at: 0 };
    note(scene, op);
    return op;
  });
}

/** What makes a directory a layer by hand: whiteouts over whatever, opaque directories. Not for a union. */
function someMark(scene: Scene): FileOp {
  const { roll } = scene;
  if (roll(2) === 0) return { do: 'mknod', path: freePath(scene), type: 'char', mode: 0, major: 0, minor: 0 };
  const path = pick(roll, scene.dirs) || '/a';
  return { do: 'setxattr', path, name: 'trusted.overlay.opaque', value: 'y', how: 'any', follow: false };
}

/** Operations for a directory that becomes a layer, as if an archive had been unpacked into it. */
export function layerOps(scene: Scene, count: number): FileOp[] {
  return Array.from({ length: count }, () => (scene.roll(6) === 0 ? someMark(scene) : someOp(scene)));
}
