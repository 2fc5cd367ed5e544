/**
 * The system calls on extended attributes, xattr(7): who may set and see which, and on what. The attributes themselves are the
 * file systems' business. Source: fs/xattr.c and security/commoncap.c of Linux 6.
 *
 * Kept true: names belong to the classes user, trusted and security (`system`, where access control lists are, no file system
 * here has: EOPNOTSUPP); a value is a string of bytes, one character each.
 */
import { SysError } from '../errors.ts';
import { CAPABILITY_XATTR } from '../vfs/fs.ts';
import { checkXattrClass } from '../vfs/xattr.ts';
import { takesNoChange } from './mount.ts';
import { type Path, permitted, resolve, statOf } from './namei.ts';
import type { Process } from './process.ts';
import type { XattrFlags } from './sys.ts';

const NAME_MAX = 255;
const VALUE_MAX = 65536;

/** setxattr(2), lsetxattr(2). ERANGE, E2BIG, EPERM, EOPNOTSUPP, EROFS; EEXIST and ENODATA by `flags`. */
export function setxattr(by: Process, text: string, name: string, value: string, flags: XattrFlags = {}): void {
  checkName(name);
  if (value.length > VALUE_MAX) throw new SysError('E2BIG');
  const place = resolve(by, text, flags.follow !== false);
  if (takesNoChange(place.mount)) throw new SysError('EROFS');
  demandChange(by, place, name);
  if (name === CAPABILITY_XATTR && value !== '' && !isCapability(value)) throw new SysError('EINVAL');
  place.mount.fs.setxattr(place.ino, name, value, flags.only);
}

/** removexattr(2), lremovexattr(2). ENODATA when it is not there. */
export function removexattr(by: Process, text: string, name: string, follow = true): void {
  checkName(name);
  const place = resolve(by, text, follow);
  if (takesNoChange(place.mount)) throw new SysError('EROFS');
  demandChange(by, place, name);
  checkXattrClass(name);
  place.mount.fs.removexattr(place.ino, name);
}

/** getxattr(2), lgetxattr(2). ENODATA when it is not there, or not for the caller's eyes. */
export function getxattr(by: Process, text: string, name: string, follow = true): string {
  checkName(name);
  const place = resolve(by, text, follow);
  if (name.startsWith('trusted.') && !by.can('CAP_SYS_ADMIN')) throw new SysError('ENODATA');
  if (name.startsWith('user.')) {
    if (!hasUserClass(place)) throw new SysError('ENODATA');
    if (!permitted(statOf(place), by, 'r')) throw new SysError('EACCES');
  }
  checkXattrClass(name);
  const value = place.mount.fs.xattrs(place.ino)[name];
  if (value === undefined) throw new SysError('ENODATA');
  return value;
}

/** listxattr(2), llistxattr(2): names in byte order; those of the class trusted are shown to CAP_SYS_ADMIN only. */
export function listxattr(by: Process, text: string, follow = true): readonly string[] {
  const place = resolve(by, text, follow);
  const names = Object.keys(place.mount.fs.xattrs(place.ino)).sort();
  return by.can('CAP_SYS_ADMIN') ? names : names.filter((name) => !name.startsWith('trusted.'));
}

function checkName(name: string): void {
  if (name === '' || name.length > NAME_MAX) throw new SysError('ERANGE');
}

/** Only plain files and directories have attributes of their users. */
function hasUserClass(place: Path): boolean {
  const { type } = statOf(place);
  return type === 'file' || type === 'dir';
}

function demandChange(by: Process, place: Path, name: string): void {
  const stat = statOf(place);
  if (name.startsWith('user.')) {
    if (!hasUserClass(place)) throw new SysError('EPERM');
    const owns = by.uid === 0 || by.uid === stat.uid;
    if (stat.type === 'dir' && (stat.mode & 0o1000) !== 0 && !owns) throw new SysError('EPERM');
    if (!permitted(stat, by, 'w')) throw new SysError('EACCES');
    return;
  }
  const needed = name === CAPABILITY_XATTR ? 'CAP_SETFCAP' : 'CAP_SYS_ADMIN';
  if (/^(trusted|security)\./.test(name) && !by.can(needed)) throw new SysError('EPERM');
}

/** struct vfs_cap_data of revision 2 (or 3, with a root id), capabilities(7). */
function isCapability(value: string): boolean {
  const revision = value.charCodeAt(3);
  return (value.length === 20 && revision === 2) || (value.length === 24 && revision === 3);
}
