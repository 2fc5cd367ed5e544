/**
 * Unpacks the members of an archive as Docker 20.10 does (moby pkg/archive, Unpack and createTarFile; the process that does it
 * is chrooted, so that `..`, absolute names and links lead nowhere else): into a tree in memory, where nothing can be written
 * outside. Each member is a few system calls there, and what they refuse is refused in the words that Go has for it.
 *
 * Kept true: same tree and same refusals as the real engine's for the tables in test/suites/hostile.
 */
import { type Errno, SysError } from '../errors.ts';
import { type Fs, type Ino, OPAQUE_XATTR, WHITEOUT_RDEV } from '../vfs/fs.ts';
import { ArchiveError, callError, goErrno } from './archive-error.ts';
import { removeTree } from './layer.ts';
import { Walker } from './rooted.ts';
import type { TarEntry } from './tar.ts';

const PREFIX = '.wh.';
const OPAQUE = '.wh..wh..opq';

export interface UntarOptions {
  /** `overlay`: `.wh.` members become whiteouts and opaque marks; `plain`: they are files like others. */
  readonly marks: 'overlay' | 'plain';
  /** What the clock shows; for what the archive gives no time to. */
  readonly now: number;
  /** A name that was there before is refused, as tar-split does, which keeps what is needed to make the archive again. */
  readonly unique?: boolean;
}

/** Unpacks into the root of an empty tree. Throws ArchiveError. */
export function untar(entries: Iterable<TarEntry>, fs: Fs, options: UntarOptions): void {
  const tree = new Untar(fs, options);
  for (const entry of entries) if (!tree.add(entry)) break;
  tree.finish();
}

class Untar {
  readonly #walk: Walker;
  readonly #times: (readonly [path: string, mtime: number])[] = [];
  readonly #seen = new Set<string>();
  #double = false;

  constructor(
    readonly fs: Fs,
    readonly options: UntarOptions,
  ) {
    this.#walk = new Walker(fs);
  }

  /** False: the engine hands over no more, for tar-split has refused the name. */
  add(entry: TarEntry): boolean {
    const name = clean(entry.path);
    this.#double = this.options.unique === true && this.#seen.has(name);
    this.#seen.add(name);
    const path = absolute(name);
    this.#makeParents(path);
    if (this.#vacate(path, name, entry)) this.#put(path, entry);
    return !this.#double;
  }

  /** Whatever is put into a directory changes its time; so these come last. */
  finish(): void {
    for (const [path, mtime] of this.#times) {
      const ino = asked(`chtimes ${path}`, () => this.#walk.resolve(path, true));
      this.fs.setattr(ino, { mtime }, mtime);
    }
    if (this.#double) throw new ArchiveError('duplicates of file paths not supported', 'EEXIST');
  }

  #makeParents(path: string): void {
    const parent = path.slice(0, path.lastIndexOf('/')) || '/';
    if (errnoOf(() => this.#walk.resolve(parent, false)) !== 'ENOENT') return;
    const { now } = this.options;
    let at = '';
    for (const name of parent.split('/').slice(1)) {
      at += `/${name}`;
      const made = at;
      const missing = errnoOf(() => this.#walk.resolve(made, true)) === 'ENOENT';
      if (missing)
        asked(`mkdir ${at}`, () => this.#create(made, { type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: now }));
    }
  }

  /** Takes away what is in the way. False: the member is passed over. */
  #vacate(path: string, name: string, entry: TarEntry): boolean {
    const old = found(() => this.#walk.resolve(path, false));
    if (old === undefined) return true;
    const isDir = this.fs.stat(old).type === 'dir';
    if (isDir && name === '.') return false;
    if (isDir && entry.type === 'dir') return true;
    if (path === '/') throw callError('unlinkat //', 'EBUSY');
    const place = this.#walk.place(path);
    removeTree(this.fs, place.dir, place.name, this.options.now);
    return true;
  }

  #put(path: string, entry: TarEntry): void {
    const base = path.slice(path.lastIndexOf('/') + 1);
    if (this.options.marks === 'overlay' && base.startsWith(PREFIX)) this.#mark(path, base, entry);
    else this.#member(path, entry);
  }

  #mark(path: string, base: string, { uid, gid }: TarEntry): void {
    const dir = path.slice(0, path.lastIndexOf('/')) || '/';
    if (base === OPAQUE) {
      const call = `setxattr("${dir}", trusted.overlay.opaque=y)`;
      const ino = asked(call, () => this.#walk.resolve(dir, true));
      this.fs.setxattr(ino, OPAQUE_XATTR, 'y');
      return;
    }
    const target = absolute(`${dir}/${base.slice(PREFIX.length)}`);
    const node = {
      type: 'char',
      mode: 0,
      uid: owner(uid),
      gid: owner(gid),
      mtime: this.options.now,
      rdev: WHITEOUT_RDEV,
    } as const;
    asked(`failed to mknod("${target}", S_IFCHR, 0)`, () => this.#create(target, node));
  }

  #member(path: string, entry: TarEntry): void {
    const ino = entry.type === 'hardlink' ? this.#link(path, entry) : this.#node(path, entry);
    const isLink = this.fs.stat(ino).type === 'symlink';
    const mtime = isLink ? entry.mtime : inUnixTime(entry.mtime);
    this.fs.setattr(ino, { ...ownersOf(entry), ...(isLink ? {} : { mode: entry.mode }) }, this.options.now);
    this.#setXattrs(ino, entry);
    if (entry.type !== 'hardlink' || !isLink) this.fs.setattr(ino, { mtime }, this.options.now);
    if (entry.type === 'dir') this.#times.push([path, mtime]);
  }

  #node(path: string, entry: TarEntry): Ino {
    const { type, mode, mtime, content, target = '', rdev } = entry;
    const old = type === 'dir' ? found(() => this.#walk.resolve(path, false)) : undefined;
    if (old !== undefined) return old;
    const node = { mode, uid: 0, gid: 0, mtime };
    switch (type) {
      case 'dir':
        return asked(`mkdir ${path}`, () => this.#create(path, { ...node, type }));
      case 'symlink':
        return asked(`symlink ${target} ${path}`, () => {
          if (target === '') throw new SysError('ENOENT');
          if (isTooLong(target)) throw new SysError('ENAMETOOLONG');
          return this.#create(path, { ...node, type, target });
        });
      case 'file':
        return asked(`open ${path}`, () =>
          this.#create(path, { ...node, type, ...(content === undefined ? {} : { content }) }),
        );
      default:
        // The engine adds nothing to what mknod(2) says.
        return asked('', () =>
          this.#create(path, { ...node, type: type as 'char', ...(rdev === undefined ? {} : { rdev }) }),
        );
    }
  }

  #link(path: string, { target = '' }: TarEntry): Ino {
    const from = absolute(target);
    return asked(`link ${from} ${path}`, () => {
      const ino = this.#walk.resolve(from, false);
      const place = this.#walk.place(path);
      this.fs.link(place.dir, place.name, ino, this.options.now);
      return ino;
    });
  }

  #create(path: string, node: Parameters<Fs['create']>[2]): Ino {
    const { dir, name } = this.#walk.place(path);
    return this.fs.create(dir, name, node);
  }

  #setXattrs(ino: Ino, { xattrs = {} }: TarEntry): void {
    for (const [name, value] of Object.entries(xattrs)) {
      const refused = xattrProblem(name, value, this.fs.stat(ino).type);
      // "Not supported" and "not permitted" are no reason to stop, says the engine.
      if (refused === 'ENOTSUP') continue;
      if (refused !== undefined) throw new ArchiveError(goErrno(refused), refused);
      this.fs.setxattr(ino, name, value);
    }
  }
}

/** What setxattr(2) says; `user.` attributes are for files and directories only (xattr(7)). */
function xattrProblem(name: string, value: string, type: string): Errno | 'ENOTSUP' | undefined {
  if (name.length > 255) return 'ERANGE';
  if (value.length > 65_536) return 'E2BIG';
  if (name.startsWith('user.')) return type === 'file' || type === 'dir' ? undefined : 'ENOTSUP';
  return /^(trusted|security)\../.test(name) ? undefined : 'ENOTSUP';
}

const PATH_MAX = 4096;
const encoder = new TextEncoder();
const isTooLong = (target: string): boolean =>
  target.length >= PATH_MAX / 4 && encoder.encode(target).length >= PATH_MAX;

/** Takes `.`, `..` and empty parts out by the text alone, as Go's filepath.Clean; '.' for nothing. */
function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/') || '.';
}

/** The same below the root, above which nothing is. */
function absolute(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Owners as chown(2) takes them: 32 bits, of which all set mean "leave it". */
const owner = (id: number): number => {
  const bits = ((id % 2 ** 32) + 2 ** 32) % 2 ** 32;
  return bits === 2 ** 32 - 1 ? 0 : bits;
};

const ownersOf = ({ uid, gid }: TarEntry): { uid: number; gid: number } => ({ uid: owner(uid), gid: owner(gid) });

/** Times before 1970 and those that nanoseconds in 64 bits cannot hold become the epoch (moby pkg/system Chtimes). */
const inUnixTime = (mtime: number): number => (mtime < 0 || mtime > 2 ** 63 / 1e6 ? 0 : mtime);

function asked<T>(call: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw call === '' ? new ArchiveError(goErrno(error.errno), error.errno) : callError(call, error.errno);
  }
}

function errnoOf(work: () => unknown): Errno | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof SysError) return error.errno;
    throw error;
  }
}

/** undefined: it cannot be reached. */
function found(work: () => Ino): Ino | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof SysError) return undefined;
    throw error;
  }
}
