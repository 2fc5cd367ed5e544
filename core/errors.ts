/**
 * Errors as data. Two kinds exist and they never mix: a kernel's "no" (an errno, carried by `SysError` inside the
 * simulation and by a failed `Outcome` between driver and flow), and a person's mistake (`UsageError`: what is wrong,
 * where, what to do). Anything else that is thrown is a fault of the program itself.
 */

/** Errno names as in errno(3). */
export type Errno =
  | 'EPERM'
  | 'ENOENT'
  | 'ESRCH'
  | 'EINTR'
  | 'EIO'
  | 'ENXIO'
  | 'ENOTBLK'
  | 'E2BIG'
  | 'ENOEXEC'
  | 'EBADF'
  | 'ECHILD'
  | 'EAGAIN'
  | 'ENOMEM'
  | 'EACCES'
  | 'EBUSY'
  | 'EEXIST'
  | 'EXDEV'
  | 'ENODEV'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'EINVAL'
  | 'ENFILE'
  | 'EMFILE'
  | 'ENOTTY'
  | 'ETXTBSY'
  | 'EFAULT'
  | 'EFBIG'
  | 'ENOSPC'
  | 'ESPIPE'
  | 'EROFS'
  | 'EMLINK'
  | 'EPIPE'
  | 'ERANGE'
  | 'ENAMETOOLONG'
  | 'ENOSYS'
  | 'ENOTEMPTY'
  | 'ELOOP'
  | 'ENODATA'
  | 'EOVERFLOW'
  | 'EOPNOTSUPP'
  | 'ESTALE'
  | 'ETIMEDOUT'
  | 'ECONNREFUSED'
  | 'EHOSTUNREACH'
  | 'ENETDOWN'
  | 'ENETUNREACH'
  | 'ECONNRESET'
  | 'ENOTCONN'
  | 'EISCONN'
  | 'ENOTSOCK'
  | 'EDESTADDRREQ'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL';

/** What strerror(3) of glibc (and busybox) prints for the errnos above. */
export const strerror: Readonly<Record<Errno, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  ESRCH: 'No such process',
  EINTR: 'Interrupted system call',
  EIO: 'Input/output error',
  ENXIO: 'No such device or address',
  ENOTBLK: 'Block device required',
  E2BIG: 'Argument list too long',
  ENOEXEC: 'Exec format error',
  EBADF: 'Bad file descriptor',
  ECHILD: 'No child processes',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EXDEV: 'Invalid cross-device link',
  ENODEV: 'No such device',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  ENFILE: 'Too many open files in system',
  EMFILE: 'Too many open files',
  ENOTTY: 'Inappropriate ioctl for device',
  ETXTBSY: 'Text file busy',
  EFAULT: 'Bad address',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  ESPIPE: 'Illegal seek',
  EROFS: 'Read-only file system',
  EMLINK: 'Too many links',
  EPIPE: 'Broken pipe',
  ERANGE: 'Numerical result out of range',
  ENAMETOOLONG: 'File name too long',
  ENOSYS: 'Function not implemented',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  ENODATA: 'No data available',
  EOVERFLOW: 'Value too large for defined data type',
  EOPNOTSUPP: 'Operation not supported',
  ESTALE: 'Stale file handle',
  ETIMEDOUT: 'Connection timed out',
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  ENETDOWN: 'Network is down',
  ENETUNREACH: 'Network is unreachable',
  EADDRINUSE: 'Address already in use',
  ECONNRESET: 'Connection reset by peer',
  ENOTCONN: 'Transport endpoint is not connected',
  EISCONN: 'Transport endpoint is already connected',
  ENOTSOCK: 'Socket operation on non-socket',
  EDESTADDRREQ: 'Destination address required',
  EADDRNOTAVAIL: 'Cannot assign requested address',
};

/**
 * A system call of the simulated kernel said no. `message` is "<strerror>[: detail]". It is an Error without a stack: a
 * refusal is an everyday answer (`touch` asks for a file that is not there), and to take down where it came from would cost
 * more than all else that the call does.
 */
export class SysError {
  readonly name = 'SysError';

  /** `message`: said instead of the errno's own words, by what is no system call. */
  constructor(
    readonly errno: Errno,
    readonly detail = '',
    readonly message: string = detail === '' ? strerror[errno] : `${strerror[errno]}: ${detail}`,
  ) {}
}
Object.setPrototypeOf(SysError.prototype, Error.prototype);

/** A mistake in what a person gave us. The terminal program prints it and leaves with `exitCode` (2: call or file wrong, 3: target not available). */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly where?: { file?: string; line?: number; column?: number },
    readonly hint?: string,
    readonly exitCode: 2 | 3 = 2,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Parts of the core that a page may load when a line needs them (parts.ts). */
export type PartName =
  | 'first'
  | 'shell'
  | 'files'
  | 'text'
  | 'host'
  | 'more'
  | 'tables'
  | 'verbs'
  | 'storage'
  | 'archives'
  | 'explain'
  | 'limits'
  | 'volumes'
  | 'networks'
  | 'spaces';

/**
 * A line cannot go on because a part is not loaded. What was done of it is worth nothing: whoever runs lines loads the part
 * and carries out the line again from where it began. Nothing catches this on the way.
 */
export class PartNeeded extends Error {
  constructor(readonly part: PartName) {
    super(`the part "${part}" is not loaded`);
    this.name = 'PartNeeded';
  }
}
