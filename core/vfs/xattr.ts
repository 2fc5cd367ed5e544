/**
 * Names of extended attributes, xattr(7), as the file systems of a Linux without access control lists know them.
 */
import { SysError } from '../errors.ts';

/** EOPNOTSUPP for a class other than user, trusted and security; EINVAL for a class alone. */
export function checkXattrClass(name: string): void {
  const match = /^(user|trusted|security)\.(.*)$/s.exec(name);
  if (match === null) throw new SysError('EOPNOTSUPP');
  if (match[2] === '') throw new SysError('EINVAL');
}
