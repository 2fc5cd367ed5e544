/**
 * An archive is refused: damaged, beyond a limit, or asking for what the file system does not give. The message is Docker's
 * where Docker refuses it as well.
 */
import { type Errno, strerror } from '../errors.ts';

export class ArchiveError extends Error {
  constructor(
    message: string,
    readonly errno: Errno = 'EINVAL',
  ) {
    super(message);
    this.name = 'ArchiveError';
  }
}

/** What Go prints for an errno: strerror(3) in small letters. */
export const goErrno = (errno: Errno): string => strerror[errno].toLowerCase();

/** A system call's no, as Go words it: `mkdir /a/b: file exists`. */
export const callError = (call: string, errno: Errno): ArchiveError =>
  new ArchiveError(`${call}: ${goErrno(errno)}`, errno);
