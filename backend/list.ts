/**
 * `find -xdev -maxdepth`: names below a directory, depth first, siblings in byte order, with what is in small files.
 *
 * Kept true: what goes away while it is looked at is left out; a directory that something is mounted on is named, not entered.
 */
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ListEntry, OpOf } from '../core/index.ts';
import { deviceNumbers } from './tree.ts';

/** `dir` is the directory as this machine reaches it. Throws when it cannot be read. */
export function listBelow(dir: string, { depth, text }: Pick<OpOf<'list'>, 'depth' | 'text'>): ListEntry[] {
  const { dev } = lstatSync(dir, { bigint: true });
  const entries: ListEntry[] = [];
  const walk = (prefix: string, names: readonly string[], left: number): void => {
    for (const name of [...names].sort(byBytes)) {
      const path = `${prefix}/${name}`;
      unlessGone(() => {
        const stat = lstatSync(dir + path, { bigint: true });
        entries.push(entryOf(dir, path, stat, text));
        if (stat.isDirectory() && stat.dev === dev && left > 1) walk(path, readdirSync(dir + path), left - 1);
      });
    }
  };
  walk('', readdirSync(dir), depth);
  return entries;
}

function entryOf(dir: string, path: string, stat: BigIntStats, text: number): ListEntry {
  if (stat.isDirectory()) return { path, type: 'dir', size: 0 };
  if (stat.isSymbolicLink()) return { path, type: 'symlink', size: 0, target: readlinkSync(dir + path) };
  if (stat.isFile()) {
    const size = Number(stat.size);
    return { path, type: 'file', size, ...(size <= text ? { text: readFileSync(dir + path, 'utf8') } : {}) };
  }
  if (stat.isFIFO()) return { path, type: 'fifo', size: 0 };
  if (stat.isSocket()) return { path, type: 'socket', size: 0 };
  const type = stat.isBlockDevice() ? 'block' : stat.rdev === 0n ? 'whiteout' : 'char';
  if (type === 'whiteout') return { path, type, size: 0 };
  const [uid, gid, mode] = [Number(stat.uid), Number(stat.gid), Number(stat.mode & 0o7777n)];
  return { path, type, size: 0, node: { mode, uid, gid, rdev: deviceNumbers(stat.rdev) } };
}

function unlessGone(look: () => void): void {
  try {
    look();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
