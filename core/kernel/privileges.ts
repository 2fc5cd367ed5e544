/**
 * What a file loses when somebody else's hands were on it: the bits set-user-ID and set-group-ID, and its capabilities.
 * Source: file_remove_privs and chown_common of Linux (fs/inode.c, fs/open.c), inode(7).
 */
import { CAPABILITY_XATTR, type Fs, type Ino, type Stat } from '../vfs/fs.ts';
import type { Process } from './process.ts';

const SET_UID = 0o4000;
const SET_GID = 0o2000;
const GROUP_EXEC = 0o010;

/** The mode without set-user-ID, and without set-group-ID where that says as whom to run. */
export function withoutSetId(mode: number): number {
  const kept = mode & ~SET_UID;
  return (kept & GROUP_EXEC) !== 0 ? kept & ~SET_GID : kept;
}

/** After a file's owner was changed, its capabilities go; its mode is part of the change. */
export function dropCapability(fs: Fs, ino: Ino): void {
  if (fs.xattrs(ino)[CAPABILITY_XATTR] !== undefined) fs.removexattr(ino, CAPABILITY_XATTR);
}

/** Before a file is written to or cut: everybody loses the capabilities, only those who may not keep them the bits. */
export function dropPrivileges(by: Process, fs: Fs, ino: Ino): void {
  dropCapability(fs, ino);
  if (by.can('CAP_FSETID')) return;
  const { mode } = fs.stat(ino);
  const kept = withoutSetId(mode);
  if (kept !== mode) fs.setattr(ino, { mode: kept }, by.kernel.now());
}

/** What a new node gets from a directory with set-group-ID, inode(7): its group, and a directory the bit as well. */
export function inherited(dir: Stat, mode: number, gid: number, isDir: boolean): { mode: number; gid: number } {
  if ((dir.mode & SET_GID) === 0) return { mode, gid };
  return { mode: isDir ? mode | SET_GID : mode, gid: dir.gid };
}
