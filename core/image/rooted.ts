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

/**
 * Why `docker cp` does not make a symlink where it unpacks to `dir`: its target, seen from where it lies, is outside. By the
 * texts alone, and without a separator at the end of `dir`, as the client looks at it; so absolute targets, which it takes as
 * relative, pass (pkg/archive createTarFile).
 */
export function leadsOut(dir: string, path: string, target: string): string | undefined {
  const parts: string[] = [];
  for (const part of `${path.replace(/[^/]*$/, '')}${target}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  if (`/${parts.join('/')}`.startsWith(dir)) return undefined;
  return `invalid symlink ${JSON.stringify(path)} -> ${JSON.stringify(target)}`;
}

const PATH_MAX = 4096;

/**
 * Paths in a tree as the kernel walks them for a process whose root it is: `..` stops at the root, absolute links begin there.
 * Throws SysError: ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG.
 */
export class Walker {
  readonly #fs: Fs;

  constructor(fs: Fs) {
    this.#fs = fs;
  }

  /** What lies at an absolute path. */
  resolve(path: string, followLast: boolean): Ino {
    const { dir, name } = this.#go(path, followLast);
    if (name === '') return dir;
    const ino = this.#fs.lookup(dir, name);
    if (ino === undefined) throw new SysError('ENOENT');
    return ino;
  }

  /** The directory that a path's last name is in, or would be. */
  place(path: string): Place {
    const place = this.#go(path, false);
    if (place.name === '') throw new SysError('EEXIST');
    return place;
  }

  #go(path: string, followLast: boolean): Place {
    if (path.length >= PATH_MAX) throw new SysError('ENAMETOOLONG');
    const fs = this.#fs;
    const todo = parts(path).reverse();
    const way: Ino[] = [fs.root];
    let links = 0;
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      const dir = way.at(-1)!;
      if (name === '..') {
        if (way.length > 1) way.pop();
        continue;
      }
      const last = todo.length === 0;
      const ino = fs.lookup(dir, name);
      const type = ino === undefined ? undefined : fs.stat(ino).type;
      if (type === 'symlink' && (!last || followLast)) {
        if (++links > MAX_LINKS) throw new SysError('ELOOP');
        const target = fs.readlink(ino!);
        if (target.startsWith('/')) way.length = 1;
        todo.push(...parts(target).reverse());
      } else if (last) return { dir, name };
      else if (ino === undefined) throw new SysError('ENOENT');
      else if (type !== 'dir') throw new SysError('ENOTDIR');
      else way.push(ino);
    }
    return { dir: way.at(-1)!, name: '' };
  }
}

const parts = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');
