/**
 * File operations as data, to be played on anything that has files: a simulated Fs, the flat-tree oracle (flat.ts), a real
 * directory (test/linux). Symlinks in them always dangle, so nothing follows one to somewhere.
 */
import { type Errno, SysError } from '../../../core/errors.ts';
import { textContent } from '../../../core/vfs/content.ts';
import type { Fs, Ino } from '../../../core/vfs/fs.ts';

export type FileOp =
  | { do: 'create'; path: string; text: string; mode: number }
  | { do: 'write'; path: string; text: string }
  | { do: 'mkdir'; path: string; mode: number }
  | { do: 'symlink'; path: string }
  | { do: 'unlink'; path: string }
  | { do: 'rmdir'; path: string }
  | { do: 'rename'; path: string; to: string }
  | { do: 'link'; path: string; to: string }
  | { do: 'chmod'; path: string; mode: number }
  | { do: 'chown'; path: string; uid: number }
  | { do: 'utimes'; path: string; mtime: number }
  | { do: 'setxattr'; path: string; value: string };

/** Deterministic pseudo-random numbers (mulberry32). */
export function dice(seed: number): (sides: number) => number {
  let state = seed | 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

const kinds: readonly FileOp['do'][] = [
  'create',
  'create',
  'write',
  'write',
  'mkdir',
  'mkdir',
  'symlink',
  'unlink',
  'unlink',
  'unlink',
  'rmdir',
  'rmdir',
  'rename',
  'rename',
  'rename',
  'link',
  'chmod',
  'chown',
  'utimes',
  'setxattr',
];
const names = ['a', 'b', 'c'] as const;

/** A path of one to three names out of three, so that operations meet each other. */
export function somePath(roll: (sides: number) => number): string {
  let path = '';
  for (let depth = [1, 1, 2, 2, 3][roll(5)]!; depth > 0; depth--) path += `/${names[roll(3)]}`;
  return path;
}

export function someOp(roll: (sides: number) => number): FileOp {
  const kind = kinds[roll(kinds.length)]!;
  const path = somePath(roll);
  switch (kind) {
    case 'create':
      return { do: kind, path, text: `text ${roll(1000)}`, mode: [0o644, 0o600, 0o755][roll(3)]! };
    case 'write':
      return { do: kind, path, text: `more ${roll(1000)}` };
    case 'mkdir':
      return { do: kind, path, mode: [0o755, 0o700, 0o1777][roll(3)]! };
    case 'rename':
    case 'link':
      return { do: kind, path, to: somePath(roll) };
    case 'chmod':
      return { do: kind, path, mode: [0o640, 0o711, 0o1755][roll(3)]! };
    case 'chown':
      return { do: kind, path, uid: roll(3) * 1000 };
    case 'utimes':
      return { do: kind, path, mtime: 1_600_000_000_000 + roll(1000) * 1000 };
    case 'setxattr':
      return { do: kind, path, value: `value ${roll(100)}` };
    default:
      return { do: kind, path };
  }
}

export function someOps(seed: number, count: number): FileOp[] {
  const roll = dice(seed);
  return Array.from({ length: count }, () => someOp(roll));
}

/** The directory of a path and its last name; throws as a kernel's path walk does. */
export function walkToParent(fs: Fs, root: Ino, path: string): { dir: Ino; name: string } {
  const parts = path.split('/').slice(1);
  const name = parts.pop()!;
  let dir = root;
  for (const part of parts) {
    const next = fs.lookup(dir, part);
    if (next === undefined || fs.stat(next).type === 'symlink') throw new SysError('ENOENT');
    if (fs.stat(next).type !== 'dir') throw new SysError('ENOTDIR');
    dir = next;
  }
  return { dir, name };
}

/** Plays one operation on a file system; the errno when it is refused. */
export function play(fs: Fs, root: Ino, op: FileOp, now: number): Errno | undefined {
  try {
    perform(fs, root, op, now);
    return undefined;
  } catch (error) {
    if (error instanceof SysError) return error.errno;
    throw error;
  }
}

/** The node itself; a symlink counts as missing unless `nofollow`. */
function existing(fs: Fs, root: Ino, path: string, nofollow = false): Ino {
  const { dir, name } = walkToParent(fs, root, path);
  const ino = fs.lookup(dir, name);
  if (ino === undefined || (!nofollow && fs.stat(ino).type === 'symlink')) throw new SysError('ENOENT');
  return ino;
}

function perform(fs: Fs, root: Ino, op: FileOp, now: number): void {
  const owner = { uid: 0, gid: 0, mtime: now };
  const at = () => walkToParent(fs, root, op.path);
  switch (op.do) {
    case 'create':
      fs.create(at().dir, at().name, { type: 'file', mode: op.mode, content: textContent(op.text), ...owner });
      break;
    case 'write':
      fs.write(existing(fs, root, op.path), textContent(op.text), now);
      break;
    case 'mkdir':
      fs.create(at().dir, at().name, { type: 'dir', mode: op.mode, ...owner });
      break;
    case 'symlink':
      fs.create(at().dir, at().name, { type: 'symlink', mode: 0o777, target: '/nowhere/x', ...owner });
      break;
    case 'unlink':
      fs.unlink(at().dir, at().name, now);
      break;
    case 'rmdir':
      fs.rmdir(at().dir, at().name, now);
      break;
    case 'rename': {
      const from = at();
      const to = walkToParent(fs, root, op.to);
      fs.rename(from.dir, from.name, to.dir, to.name, now);
      break;
    }
    case 'link': {
      const target = existing(fs, root, op.path, true);
      const { dir, name } = walkToParent(fs, root, op.to);
      fs.link(dir, name, target, now);
      break;
    }
    case 'chmod':
      fs.setattr(existing(fs, root, op.path), { mode: op.mode }, now);
      break;
    case 'chown':
      fs.setattr(existing(fs, root, op.path, true), { uid: op.uid }, now);
      break;
    case 'utimes':
      fs.setattr(existing(fs, root, op.path), { mtime: op.mtime }, now);
      break;
    case 'setxattr':
      fs.setxattr(existing(fs, root, op.path), 'trusted.test', op.value);
      break;
  }
}
