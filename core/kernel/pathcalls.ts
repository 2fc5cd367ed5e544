/**
 * The system calls that work on paths: open, stat, mkdir, unlink, rename … Each is a plain function of the process that
 * calls; core/kernel/calls.ts binds them to `Sys`, and the driver uses them for the host's own operations.
 *
 * Kept true: a read-only mount gives EROFS, a name in use as a mount point EBUSY, another mount EXDEV; permissions are looked
 * at for everybody but uid 0.
 */
import { SysError } from '../errors.ts';
import { compareNames, contentBytes, DISK_SIZE, written } from '../vfs/content.ts';
import type { AttrChange, Content, Dirent, NewNode, NodeType, Space, Stat } from '../vfs/fs.ts';
import { openDevice } from './device.ts';
import { FsFile, type OpenFile, PipeEnd } from './file.ts';
import { limits } from './limits.ts';
import { type Mount, takesNoChange } from './mount.ts';
import {
  checkPath,
  demand,
  find,
  findName,
  isNoName,
  lookupName,
  lookupPlace,
  type Path,
  type Place,
  parentOf,
  pathString,
  permitted,
  resolve,
  rules,
  statOf,
  waysChanged,
} from './namei.ts';
import { dropCapability, dropPrivileges, inherited, withoutSetId } from './privileges.ts';
import type { Process } from './process.ts';
import type { OpenFlags } from './sys.ts';

/** EROFS unless the mount may be written to. */
function demandWritable(path: Path): void {
  if (takesNoChange(path.mount)) throw new SysError('EROFS');
}

/** The directory of a place, to be changed: writable, and the caller permitted. */
function demandDir(by: Process, place: Place): void {
  demandWritable(place.dir);
  demand(place.dir, by, 'w');
}

/** A place where something new is to be made; a slash at the end is for directories only. */
function vacant(by: Process, path: string, type: NodeType = 'file'): Place {
  const place = lookupName(by, path);
  if (place.found !== undefined) throw new SysError('EEXIST');
  if (place.mustBeDir && type !== 'dir') throw new SysError('ENOENT');
  demandDir(by, place);
  return place;
}

/** A name that is there and is to go away. */
function removable(by: Process, place: Place): asserts place is Place & { readonly found: Path } {
  const { found } = place;
  demandWritable(place.dir);
  if (found === undefined) throw new SysError('ENOENT');
  demand(place.dir, by, 'w');
  demandSticky(by, place.dir, found);
}

/** In a sticky directory only owners may remove, unlink(2) EPERM. */
function demandSticky(by: Process, dir: Path, found: Path): void {
  const stat = statOf(dir);
  if ((stat.mode & 0o1000) === 0 || by.uid === stat.uid || rules(by, stat)) return;
  if (by.uid !== statOf(found).uid) throw new SysError('EPERM');
}

function create(by: Process, place: Place, type: NodeType, mode: number, more: Partial<NewNode> = {}): Path {
  const { mount } = place.dir;
  const own = inherited(statOf(place.dir), mode, by.gid, type === 'dir');
  const node = { type, uid: by.uid, mtime: by.kernel.now(), ...own, ...more };
  const ino = mount.fs.create(place.dir.ino, place.name, node);
  return { mount, ino, name: place.name, parent: place.dir };
}

/** open(2). FIFOs do not block here (see pipe.ts). */
export function openFile(by: Process, text: string, flags: OpenFlags, mode = 0o666): OpenFile {
  const isNew = flags.create === true && flags.excl === true;
  const place = lookupPlace(by, text, flags.nofollow !== true && !isNew, flags.create);
  if (place.found !== undefined) return openExisting(by, place, place.found, flags);
  if (flags.create !== true) throw new SysError('ENOENT');
  if (place.mustBeDir) throw new SysError('EISDIR');
  demandDir(by, place);
  return new FsFile(create(by, place, 'file', mode & ~by.umask), flags, by);
}

function openExisting(by: Process, place: Place, found: Path, flags: OpenFlags): OpenFile {
  if (flags.create === true && flags.excl === true) throw new SysError('EEXIST');
  if (found.file !== undefined) return found.file;
  const stat = statOf(found);
  if (stat.type === 'symlink') throw new SysError(flags.directory === true ? 'ENOTDIR' : 'ELOOP');
  if ((flags.directory === true || place.mustBeDir) && stat.type !== 'dir') throw new SysError('ENOTDIR');
  const writes = flags.write === true;
  if (stat.type === 'dir' && (writes || flags.create === true)) throw new SysError('EISDIR');
  // What is to be emptied is asked for at the mount first.
  if (writes && flags.truncate === true && stat.type === 'file') demandWritable(found);
  if (flags.read === true && !permitted(stat, by, 'r')) throw new SysError('EACCES');
  // What can only be written in /proc/sys nobody reads, root neither.
  if (flags.read === true && (stat.mode & 0o444) === 0 && found.mount.type === 'proc') throw new SysError('EACCES');
  if (writes && !permitted(stat, by, 'w')) throw new SysError('EACCES');
  if (writes && stat.type === 'file') demandWritable(found);
  return openNode(by, found, stat, flags);
}

function openNode(by: Process, path: Path, stat: Stat, flags: OpenFlags): OpenFile {
  switch (stat.type) {
    case 'file':
    case 'dir':
      return new FsFile(path, flags, by);
    case 'fifo': {
      const pipe = by.kernel.fifo(path);
      return new PipeEnd(pipe, flags.read === true, flags.write === true, stat.ino, path);
    }
    case 'char':
    case 'block':
      if (path.mount.options.includes('nodev')) throw new SysError('EACCES');
      if (by.kernel.cgroups.devicesLimited) {
        if (flags.read === true) limits().demandDevice(by, stat.type, stat.rdev, 'r');
        if (flags.write === true) limits().demandDevice(by, stat.type, stat.rdev, 'w');
      }
      return openDevice(by, path, stat, by.kernel.random);
    default:
      throw new SysError('ENXIO');
  }
}

export function stat(by: Process, path: string, follow: boolean): Stat {
  return statOf(resolve(by, path, follow));
}

export function statfs(by: Process, path: string): Space | undefined {
  return resolve(by, path).mount.fs.space?.();
}

/** Major and minor number of the file system, as stat(2) and mountinfo tell them. */
export function device(by: Process, path: string, follow: boolean): readonly [major: number, minor: number] {
  const { mount } = resolve(by, path, follow);
  const [major, minor] = by.kernel.deviceOf(mount.fs).split(':');
  return [Number(major), Number(minor)];
}

export function access(by: Process, path: string, want: 'r' | 'w' | 'x'): boolean {
  try {
    const place = find(by, path);
    if (place === undefined) return false;
    if (want === 'w' && takesNoChange(place.mount)) return false;
    return permitted(statOf(place), by, want);
  } catch (error) {
    if (error instanceof SysError) return false;
    throw error;
  }
}

export function readdir(by: Process, path: string): readonly Dirent[] {
  const place = resolve(by, path);
  if (statOf(place).type !== 'dir') throw new SysError('ENOTDIR');
  demand(place, by, 'r');
  const { fs } = place.mount;
  const entries = fs.readdir(place.ino);
  const unfound = fs.unfound?.(place.ino) ?? [];
  if (unfound.length === 0) return entries;
  const others = unfound.map((name): Dirent => ({ name, ino: 0, type: 'char' }));
  return [...entries, ...others].sort((a, b) => compareNames(a.name, b.name));
}

export function readlink(by: Process, path: string): string {
  const place = resolve(by, path, false);
  if (statOf(place).type !== 'symlink') throw new SysError('EINVAL');
  return place.mount.fs.readlink(place.ino);
}

export function content(by: Process, path: string): Content {
  const place = resolve(by, path);
  if (statOf(place).type === 'dir') throw new SysError('EISDIR');
  demand(place, by, 'r');
  return place.mount.fs.read(place.ino);
}

export function mkdir(by: Process, path: string, mode: number): void {
  makeDir(by, path, mode);
}

/** mkdir(2), and where the new directory is. */
export function makeDir(by: Process, path: string, mode: number): Path {
  const made = create(by, vacant(by, path, 'dir'), 'dir', mode & ~by.umask & 0o1777);
  if (by.kernel.trace !== undefined && isGroup(made.mount)) traceGroup(by, 'mkdir', made);
  return made;
}

const isGroup = ({ type }: Mount): boolean => type === 'cgroup' || type === 'cgroup2';

function traceGroup(by: Process, call: 'mkdir' | 'rmdir', path: Path): void {
  by.kernel.trace?.(by, { call, path: pathString(path, by.root) });
}

export function mknod(by: Process, path: string, type: NodeType, mode: number, rdev?: readonly [number, number]): void {
  if (type !== 'fifo' && !by.can('CAP_MKNOD')) throw new SysError('EPERM');
  const place = vacant(by, path);
  if ((type === 'char' || type === 'block') && by.kernel.cgroups.devicesLimited)
    limits().demandDevice(by, type, rdev ?? [0, 0], 'm');
  create(by, place, type, mode & ~by.umask, rdev === undefined ? {} : { rdev });
}

export function symlink(by: Process, target: string, path: string): void {
  if (target === '') throw new SysError('ENOENT');
  checkPath(target);
  create(by, vacant(by, path), 'symlink', 0o777, { target });
}

export function link(by: Process, target: string, path: string): void {
  const from = resolve(by, target, false);
  const to = vacant(by, path);
  if (from.mount !== to.dir.mount) throw new SysError('EXDEV');
  if (statOf(from).type === 'dir' || !mayLink(by, statOf(from))) throw new SysError('EPERM');
  from.mount.fs.link(to.dir.ino, to.name, from.ino, by.kernel.now());
}

/** fs.protected_hardlinks, proc(5): only to files that are one's own, or plain ones that one may read and write. */
function mayLink(by: Process, stat: Stat): boolean {
  if (by.uid === 0 || by.uid === stat.uid) return true;
  const special = (stat.mode & 0o4000) !== 0 || (stat.mode & 0o2010) === 0o2010;
  return stat.type === 'file' && !special && permitted(stat, by, 'r') && permitted(stat, by, 'w');
}

export function unlink(by: Process, path: string): void {
  const place = lookupName(by, path);
  if (isNoName(place)) throw new SysError('EISDIR');
  demandWritable(place.dir);
  if (place.mustBeDir && place.found !== undefined) throw new SysError(isDir(place.found) ? 'EISDIR' : 'ENOTDIR');
  removable(by, place);
  if (isDir(place.found)) throw new SysError('EISDIR');
  demandUncovered(place);
  const isLink = statOf(place.found).type === 'symlink';
  place.dir.mount.fs.unlink(place.dir.ino, place.name, by.kernel.now());
  if (isLink) waysChanged();
}

export function rmdir(by: Process, path: string): void {
  const place = lookupName(by, path);
  if (place.name === '.') throw new SysError('EINVAL');
  if (place.name === '..') throw new SysError('ENOTEMPTY');
  if (place.name === '/') throw new SysError('EBUSY');
  removable(by, place);
  if (!isDir(place.found)) throw new SysError('ENOTDIR');
  demandUncovered(place);
  place.dir.mount.fs.rmdir(place.dir.ino, place.name, by.kernel.now());
  if (by.kernel.trace !== undefined && isGroup(place.dir.mount)) traceGroup(by, 'rmdir', place.found!);
  waysChanged();
}

/** A name that something is mounted on. */
function demandUncovered({ dir, found }: Place): void {
  if (found !== undefined && found.mount !== dir.mount) throw new SysError('EBUSY');
}

const isDir = (path: Path): boolean => statOf(path).type === 'dir';

/** rename(2); `noreplace` is RENAME_NOREPLACE of renameat2(2). */
export function rename(by: Process, fromPath: string, toPath: string, noreplace = false): void {
  const oldName = parentOf(by, fromPath);
  const newName = parentOf(by, toPath);
  if (oldName.dir.mount !== newName.dir.mount) throw new SysError('EXDEV');
  if (isNoName(oldName)) throw new SysError('EBUSY');
  if (isNoName(newName)) throw new SysError(noreplace ? 'EEXIST' : 'EBUSY');
  demandWritable(oldName.dir);
  const from = findName(by, oldName);
  if (from.found === undefined) throw new SysError('ENOENT');
  const to: Place = findName(by, newName);
  if (noreplace && to.found !== undefined) throw new SysError('EEXIST');
  if (!isDir(from.found) && (from.mustBeDir || to.mustBeDir)) throw new SysError('ENOTDIR');
  demandDir(by, from);
  demandSticky(by, from.dir, from.found);
  demandDir(by, to);
  if (to.found !== undefined) demandSticky(by, to.dir, to.found);
  demandUncovered(from);
  demandUncovered(to);
  from.dir.mount.fs.rename(from.dir.ino, from.name, to.dir.ino, to.name, by.kernel.now());
  waysChanged();
}

export function setattr(by: Process, path: string, change: AttrChange, follow = true): void {
  const place = resolve(by, path, follow);
  demandWritable(place);
  const stat = statOf(place);
  const wanted = change.uid === undefined && change.gid === undefined ? 'CAP_FOWNER' : 'CAP_CHOWN';
  const above = by.ns.user.overrides === undefined ? by.can(wanted) : rules(by, stat);
  const changesUid = change.uid !== undefined && (change.uid !== stat.uid || by.uid !== 0);
  if (!above && (by.uid !== stat.uid || changesUid)) throw new SysError('EPERM');
  const { fs } = place.mount;
  const { mode, type } = stat;
  const changesOwner = (change.uid !== undefined || change.gid !== undefined) && type !== 'dir';
  fs.setattr(place.ino, changesOwner ? { mode: withoutSetId(mode), ...change } : change, by.kernel.now());
  if (changesOwner) dropCapability(fs, place.ino);
}

/** utimensat(2) with the times of now: whoever may write may do so, too. EACCES. */
export function touch(by: Process, path: string, follow = true): void {
  const place = resolve(by, path, follow);
  demandWritable(place);
  const stat = statOf(place);
  const above = by.ns.user.overrides === undefined ? by.can('CAP_FOWNER') : rules(by, stat);
  if (!above && by.uid !== stat.uid) demand(place, by, 'w');
  const now = by.kernel.now();
  place.mount.fs.setattr(place.ino, { mtime: now }, now);
}

export function truncate(by: Process, path: string, size: number): void {
  const place = resolve(by, path);
  if (statOf(place).type === 'dir') throw new SysError('EISDIR');
  demandWritable(place);
  demand(place, by, 'w');
  if (statOf(place).type !== 'file') throw new SysError('EINVAL');
  dropPrivileges(by, place.mount.fs, place.ino);
  if (size > DISK_SIZE) throw new SysError('ENOSPC');
  const bytes = new Uint8Array(size);
  if (size > 0) bytes.set(contentBytes(place.mount.fs.read(place.ino)).subarray(0, size));
  place.mount.fs.write(place.ino, written(bytes), by.kernel.now());
}

/** Makes the file when it is not there, and gives it this content in one go. Answers the file that was there before. */
export function putContent(by: Process, path: string, data: Content, mode: number): Path | undefined {
  const place = lookupPlace(by, path, true);
  if (place.found === undefined) {
    demandDir(by, place);
    create(by, place, 'file', mode & ~by.umask, { content: data });
    return undefined;
  }
  if (statOf(place.found).type === 'dir') throw new SysError('EISDIR');
  demandWritable(place.found);
  demand(place.found, by, 'w');
  dropPrivileges(by, place.found.mount.fs, place.found.ino);
  place.found.mount.fs.write(place.found.ino, data, by.kernel.now());
  return place.found;
}

export function getcwd(by: Process): string {
  return pathString(by.cwd, by.root);
}

export function chdir(by: Process, path: string): void {
  by.cwd = directory(by, path);
}

export function chroot(by: Process, path: string): void {
  if (!by.can('CAP_SYS_CHROOT', by.ns.user)) throw new SysError('EPERM');
  by.root = directory(by, path);
}

/** A directory that the caller may search. */
export function directory(by: Process, path: string): Path {
  const place = resolve(by, path);
  if (statOf(place).type !== 'dir') throw new SysError('ENOTDIR');
  demand(place, by, 'x');
  return place;
}
