/**
 * Where a member of an archive belongs in a tree, whatever its name tries: `..` does not leave the root, and symlinks on the
 * way are followed inside of it, as the kernel does for Docker's unpacking process, which runs chrooted.
 */
import { SysError } from '../errors.ts';
import type { Fs, Ino } from '../vfs/fs.ts';

const MAX_LINKS = 40;

/** A name in a directory that exists. */
export interface Place {
  readonly dir: Ino;
  readonly name: string;
}

/**
 * The directory and last name of an archive path. Directories that the archive does not mention are made (mode 0755, owned by
 * root). EPERM for a path that is the root itself or climbs above it.
 */
export function tarDestination(fs: Fs, root: Ino, path: string, now: number): Place {
  const parts = normalise(path);
  const name = parts.pop();
  if (name === undefined) throw new SysError('EPERM', path);
  // The way from the root, for `..` in symlinks.
  const way: Ino[] = [root];
  let links = 0;
  while (parts.length > 0) {
    const part = parts.shift()!;
    const dir = way.at(-1)!;
    if (part === '..') {
      if (way.length > 1) way.pop();
      continue;
    }
    const ino = fs.lookup(dir, part) ?? fs.create(dir, part, { type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: now });
    const { type } = fs.stat(ino);
    if (type === 'dir') way.push(ino);
    else if (type === 'symlink') {
      if (++links > MAX_LINKS) throw new SysError('ELOOP', path);
      const target = fs.readlink(ino);
      if (target.startsWith('/')) way.length = 1;
      parts.unshift(...target.split('/').filter((step) => step !== '' && step !== '.'));
    } else throw new SysError('ENOTDIR', path);
  }
  return { dir: way.at(-1)!, name };
}

/** Takes `.`, `..` and empty parts out of a path by its text alone, as Go's filepath.Clean does. */
function normalise(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw new SysError('EPERM', path);
  }
  return parts;
}
