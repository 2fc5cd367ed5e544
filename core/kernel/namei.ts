/**
 * Path walk, path_resolution(7): from a string to a place in a mount. The kernel's own matter are `.`, `..`, mounts, symbolic
 * links, the confinement to the root directory, and search permission; file systems only answer lookups.
 *
 * Kept true: a Path remembers the way it was reached, so `..` and getcwd need no help from file systems, and nobody gets above
 * the root that they were given; after 40 symbolic links the walk ends with ELOOP.
 */
import { SysError } from '../errors.ts';
import type { Fs, Ino, NodeType, Stat } from '../vfs/fs.ts';
import type { OpenFile } from './file.ts';
import type { Mount } from './mount.ts';
import type { UserNamespace } from './namespace.ts';

/** An existing place: an inode in a mount, and the way there. */
export interface Path {
  readonly mount: Mount;
  readonly ino: Ino;
  readonly name: string;
  /** The directory it was reached from; absent at the root of a mount namespace. */
  readonly parent?: Path;
  /** An open file that is in no file system, reached by /proc/<pid>/fd. */
  readonly file?: OpenFile;
}

/** Who walks: the root directory, where relative paths begin, and whose permissions count. */
export interface Walker {
  readonly root: Path;
  readonly cwd: Path;
  readonly uid: number;
  readonly gid: number;
  readonly groups?: readonly number[];
  readonly obeysModes?: boolean;
  readonly ways?: KnownWays | undefined;
  readonly ns?: { readonly user: UserNamespace };
}

/** Counts everything that may make a known way lead elsewhere: names of directories and links taken away, mounts. */
let changes = 0;

/** To be told after a directory or link lost its name, and after a mount came or went. */
export function waysChanged(): void {
  changes += 1;
}

/** Directories that one walker found lately, by their absolute path. For a walker whose root stays and that may do all. */
export class KnownWays {
  private dirs = new Map<string, Path>();
  private asOf = changes;

  get(path: string): Path | undefined {
    if (this.asOf === changes) return this.dirs.get(path);
    // Not clear(): V8 chains a cleared table to its successor, so that all former ones would live on until a full collection.
    this.dirs = new Map();
    this.asOf = changes;
    return undefined;
  }

  set(path: string, dir: Path): void {
    if (this.asOf === changes) this.dirs.set(path, dir);
  }
}

/**
 * The end of a path: `.` or `..` when it ends so, `/` when it has no component. Calls that make, remove or rename a name begin
 * with it.
 */
export interface Name {
  readonly dir: Path;
  readonly name: string;
  /** The path ended in a slash: it must be a directory. */
  readonly mustBeDir: boolean;
}

/** Where a name is, or could be: the directory, the last component, and what is there now. */
export interface Place extends Name {
  readonly found: Path | undefined;
}

/** File systems some of whose symbolic links lead straight to a place, as those of /proc/<pid>/{root,cwd,exe,fd} do. */
export interface MagicFs extends Fs {
  /** Where the link leads; undefined when it is an ordinary one. */
  magic(ino: Ino): Path | OpenFile | undefined;
}

const MAX_LINKS = 40;
const PATH_MAX = 4096;

export function samePlace(a: Path, b: Path): boolean {
  return a.mount === b.mount && a.ino === b.ino;
}

export function statOf(path: Path): Stat {
  return path.file === undefined ? path.mount.fs.stat(path.ino) : path.file.stat();
}

/** `statOf(path).type`, which a walk asks for at every step. */
export function typeOf(path: Path): NodeType {
  if (path.file !== undefined) return path.file.stat().type;
  const { fs } = path.mount;
  return fs.typeOf === undefined ? fs.stat(path.ino).type : fs.typeOf(path.ino);
}

/** Is `who` above the permissions of a file, as root is? */
export function rules(who: Pick<Walker, 'uid' | 'ns' | 'obeysModes'>, stat: Stat): boolean {
  const user = who.ns?.user;
  return user?.overrides === undefined ? who.uid === 0 && who.obeysModes !== true : user.overrides(who, stat);
}

/** May somebody with this uid and these groups do this? root may do everything but execute what nobody may. */
export function permitted(
  stat: Stat,
  who: Pick<Walker, 'uid' | 'gid' | 'groups' | 'ns' | 'obeysModes'>,
  want: 'r' | 'w' | 'x',
): boolean {
  if (rules(who, stat)) return want !== 'x' || stat.type === 'dir' || (stat.mode & 0o111) !== 0;
  const member = who.gid === stat.gid || who.groups?.includes(stat.gid) === true;
  const shift = who.uid === stat.uid ? 6 : member ? 3 : 0;
  const bit = want === 'r' ? 4 : want === 'w' ? 2 : 1;
  return ((stat.mode >> shift) & bit) !== 0;
}

/** EACCES unless permitted. */
export function demand(path: Path, who: Walker, want: 'r' | 'w' | 'x'): void {
  if (!permitted(statOf(path), who, want)) throw new SysError('EACCES');
}

/** Absolute path as seen from `root`, getcwd(2) "(unreachable)" included. */
export function pathString(path: Path, root: Path): string {
  const names: string[] = [];
  let at: Path = path;
  while (!samePlace(at, root)) {
    // The root of a mount lies where that is mounted.
    while (at.parent === undefined && at.mount.at !== undefined) at = at.mount.at;
    if (at.parent === undefined) return `(unreachable)/${names.reverse().join('/')}`;
    names.push(at.name);
    at = at.parent;
  }
  return `/${names.reverse().join('/')}`;
}

/** Steps over whatever is mounted on a place, to the topmost mount there. */
export function cross(path: Path): Path {
  let child = path.mount.children.get(path.ino);
  if (child === undefined) return path;
  let top = child;
  while (child !== undefined) {
    top = child;
    child = child.children.get(child.root);
  }
  return { mount: top, ino: top.root, name: path.name, ...(path.parent === undefined ? {} : { parent: path.parent }) };
}

/** A working directory may have been removed under its process: nothing is found in it any more. */
function demandAliveDir(fs: Fs, ino: Ino): void {
  try {
    const type = fs.typeOf === undefined ? fs.stat(ino).type : fs.typeOf(ino);
    if (type !== 'dir') throw new SysError('ENOTDIR');
  } catch (error) {
    if (error instanceof SysError && error.errno === 'ESTALE') throw new SysError('ENOENT');
    throw error;
  }
}

const SLASH = 47;

const encoder = new TextEncoder();

/** ENAMETOOLONG when a path (or what a symbolic link says) has PATH_MAX bytes or more. */
export function checkPath(text: string): void {
  if (text.length >= PATH_MAX / 3 && encoder.encode(text).length >= PATH_MAX) throw new SysError('ENAMETOOLONG');
}

class Walk {
  private links = 0;

  /** `creating`: O_CREAT, to which a slash at the end is a request to make a directory. */
  constructor(
    private readonly who: Walker,
    private readonly creating = false,
  ) {}

  /** Looks up one component; undefined when it is not there. Symbolic links are not followed. */
  private step(dir: Path, name: string): Path | undefined {
    const { fs } = dir.mount;
    demandAliveDir(fs, dir.ino);
    const { uid, ns, obeysModes } = this.who;
    if (
      (uid !== 0 || obeysModes === true || ns?.user.overrides !== undefined) &&
      !permitted(fs.stat(dir.ino), this.who, 'x')
    )
      throw new SysError('EACCES');
    if (name === '.') return dir;
    if (name === '..') return samePlace(dir, this.who.root) ? dir : cross(dir.parent ?? dir);
    const ino = fs.lookup(dir.ino, name);
    return ino === undefined ? undefined : cross({ mount: dir.mount, ino, name, parent: dir });
  }

  /** Follows a symbolic link that was found in `dir`. */
  private follow(link: Path, dir: Path, mustBeDir: boolean, isEnd: boolean): Place | undefined {
    this.links += 1;
    if (this.links > MAX_LINKS) throw new SysError('ELOOP');
    const { fs } = link.mount;
    const magic = 'magic' in fs ? (fs as MagicFs).magic(link.ino) : undefined;
    if (magic === undefined) return this.from(dir, fs.readlink(link.ino), true, isEnd);
    const found = 'mount' in magic ? magic : { ...link, file: magic };
    return { dir, name: link.name, found, mustBeDir };
  }

  /**
   * Walks `text` beginning at `start` (or at the root when it is absolute). Undefined when a directory on the way is missing.
   */
  from(start: Path, text: string, followLast: boolean, isEnd = true): Place | undefined {
    if (text === '') throw new SysError('ENOENT');
    checkPath(text);
    let end = text.length;
    while (end > 0 && text.charCodeAt(end - 1) === SLASH) end -= 1;
    if (end === 0) return { dir: this.who.root, name: '.', found: this.who.root, mustBeDir: true };
    const isAbsolute = text.charCodeAt(0) === SLASH;
    const lastSlash = text.lastIndexOf('/', end - 1);
    const dir = this.known(isAbsolute ? this.who.root : start, text, lastSlash);
    if (dir === undefined) return undefined;
    const last = text.slice(lastSlash + 1, end);
    const mustBeDir = end < text.length || last === '.';
    if (this.creating && isEnd && end < text.length && last !== '.' && last !== '..') {
      throw new SysError(typeOf(dir) === 'dir' ? 'EISDIR' : 'ENOTDIR');
    }
    return this.last(dir, last, followLast || mustBeDir, mustBeDir, isEnd);
  }

  /** The directory of the last component. */
  parent(start: Path, text: string): Name | undefined {
    if (text === '') throw new SysError('ENOENT');
    checkPath(text);
    let end = text.length;
    while (end > 0 && text.charCodeAt(end - 1) === SLASH) end -= 1;
    const { root } = this.who;
    if (end === 0) return { dir: root, name: '/', mustBeDir: true };
    const lastSlash = text.lastIndexOf('/', end - 1);
    const dir = this.known(text.charCodeAt(0) === SLASH ? root : start, text, lastSlash);
    if (dir === undefined) return undefined;
    const name = text.slice(lastSlash + 1, end);
    if (typeOf(dir) !== 'dir') throw new SysError('ENOTDIR');
    return { dir, name, mustBeDir: end < text.length };
  }

  /** What a name is in its directory, not followed. */
  find({ dir, name }: Name): Path | undefined {
    return name === '/' ? dir : this.step(dir, name);
  }

  /** Through all components before `end`, by the ways that are known when the path is absolute. */
  private known(start: Path, text: string, end: number): Path | undefined {
    const ways = text.charCodeAt(0) === SLASH ? this.who.ways : undefined;
    const known = ways?.get(text.slice(0, end));
    if (known !== undefined) return known;
    const dir = this.way(start, text, end);
    if (dir !== undefined) ways?.set(text.slice(0, end), dir);
    return dir;
  }

  /** Through all components before `end`. */
  private way(start: Path, text: string, end: number): Path | undefined {
    let dir: Path | undefined = start;
    for (let at = 0; at < end && dir !== undefined; ) {
      const slash = text.indexOf('/', at);
      const stop = slash < 0 || slash > end ? end : slash;
      if (stop > at) dir = this.enter(dir, text.slice(at, stop));
      at = stop + 1;
    }
    return dir;
  }

  /** One component in the middle of a path. */
  private enter(dir: Path, name: string): Path | undefined {
    const next = this.step(dir, name);
    if (next === undefined || typeOf(next) !== 'symlink') return next;
    return this.follow(next, dir, true, false)?.found;
  }

  private last(dir: Path, name: string, follow: boolean, mustBeDir: boolean, isEnd: boolean): Place | undefined {
    const found = this.step(dir, name);
    if (found === undefined) return { dir, name, found, mustBeDir };
    if (!follow && !mustBeDir) return { dir, name, found, mustBeDir };
    const type = typeOf(found);
    if (type === 'symlink') {
      const place = this.follow(found, dir, mustBeDir, isEnd);
      return place === undefined ? undefined : { ...place, mustBeDir: mustBeDir || place.mustBeDir };
    }
    if (mustBeDir && type !== 'dir') throw new SysError('ENOTDIR');
    return { dir, name, found, mustBeDir };
  }
}

/**
 * Where the name at the end of a path is or would be. ENOENT when a directory before it is missing; with `creating`, EISDIR
 * when a slash follows it.
 */
export function lookupPlace(who: Walker, text: string, follow: boolean, creating = false): Place {
  const place = new Walk(who, creating).from(who.cwd, text, follow);
  if (place === undefined) throw new SysError('ENOENT');
  return place;
}

/** The directory and last name of a path. ENOENT when a directory before it is missing. */
export function parentOf(who: Walker, text: string): Name {
  const name = new Walk(who).parent(who.cwd, text);
  if (name === undefined) throw new SysError('ENOENT');
  return name;
}

/** The same with what is there, which is not followed. */
export function lookupName(who: Walker, text: string): Place {
  return findName(who, parentOf(who, text));
}

/** What is there under a name. */
export function findName(who: Walker, name: Name): Place {
  const { dir, name: last, mustBeDir } = name;
  return { dir, name: last, found: new Walk(who).find(name), mustBeDir };
}

/** Not a name, but `.`, `..` or the root directory. */
export const isNoName = ({ name }: Name): boolean => name === '.' || name === '..' || name === '/';

/** The place that a path leads to; undefined where `resolve` gives ENOENT. */
export function find(who: Walker, text: string, follow = true): Path | undefined {
  const place = text === '' ? undefined : new Walk(who).from(who.cwd, text, follow);
  if (place?.found === undefined) return undefined;
  if (place.mustBeDir && typeOf(place.found) !== 'dir') throw new SysError('ENOTDIR');
  return place.found;
}

/** The place that a path leads to. ENOENT when there is none. */
export function resolve(who: Walker, text: string, follow = true): Path {
  const found = find(who, text, follow);
  if (found === undefined) throw new SysError('ENOENT');
  return found;
}
