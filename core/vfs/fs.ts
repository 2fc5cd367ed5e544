/**
 * What a file system is to the simulated kernel: inodes and names, no paths, no permissions, no mounts (those are the
 * kernel's, core/kernel). In-memory tree, overlay, proc and cgroup file systems all offer this one interface.
 *
 * Kept true: an `Ino` stays the same for as long as its inode lives; methods throw `SysError` with the errno that the Linux
 * file system gives; `Content` is immutable.
 */
import type { Digest } from '../op.ts';

export type Ino = number;

/**
 * The content of a regular file. Small files are bytes. Big ones that come from a base image (the busybox binary) are known
 * by size and digest only, so that the simulation fits into a browser; reading their bytes gives EIO.
 */
export type Content = { readonly bytes: Uint8Array } | { readonly size: number; readonly digest: Digest };

/** xattr(7): values are bytes, one character (U+0000 to U+00FF) each. */
export type Xattrs = Readonly<Record<string, string>>;

export type XattrOnly = 'create' | 'replace';

export type NodeType = 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';

/** inode(7). Times are milliseconds since the epoch. */
export interface Stat {
  readonly ino: Ino;
  readonly type: NodeType;
  /** Permission bits, 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly size: number;
  readonly mtime: number;
  readonly ctime: number;
  readonly rdev: readonly [major: number, minor: number];
}

export interface NewNode {
  readonly type: NodeType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  /** Files; default empty. */
  readonly content?: Content;
  /** Symlinks. */
  readonly target?: string;
  /** Devices. */
  readonly rdev?: readonly [major: number, minor: number];
  readonly xattrs?: Xattrs;
}

export interface AttrChange {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
}

export interface Dirent {
  readonly name: string;
  readonly ino: Ino;
  readonly type: NodeType;
}

/** Bytes. */
export interface Space {
  readonly size: number;
  readonly used: number;
  /** Inodes that there may be, and that there are; absent: they are not counted. */
  readonly inodes?: { readonly size: number; readonly used: number };
}

export interface Fs {
  /** As the third field of `mount` output: ext4, overlay, tmpfs, proc … */
  readonly type: string;
  readonly root: Ino;
  /** Takes no change through any mount: it was mounted `ro`, or cannot be written. */
  readonly?: boolean;
  /** Entry of a directory; undefined when there is none. Throws ENOTDIR. `.` and `..` are the kernel's business. */
  lookup(dir: Ino, name: string): Ino | undefined;
  stat(ino: Ino): Stat;
  /** The type that `stat` would give, refused as that is; for those whose `stat` has to be made up each time. */
  typeOf?(ino: Ino): NodeType;
  /** Entries without `.` and `..`, sorted by name (byte order), so that everything built on it is deterministic. */
  readdir(dir: Ino): readonly Dirent[];
  /** Names that a listing shows although no lookup finds them: overlay has such. */
  unfound?(dir: Ino): readonly string[];
  /** statfs(2): bytes and inodes that there are, and that are used. Absent: there is nothing to be used up. */
  space?(): Space;
  /** How big that file can become before there is no room, bytes; absent: see DISK_SIZE. */
  most?(ino: Ino): number;
  readlink(ino: Ino): string;
  read(ino: Ino): Content;
  /** Replaces the whole content. On overlay this is what copies up. `mtime` is now. */
  write(ino: Ino, content: Content, mtime: number): void;
  /** A regular file is opened for writing: overlay copies it up now, even if nothing is written then. */
  openWrite?(ino: Ino): void;
  /** Makes a node of any type, directories included. EEXIST when the name is taken. */
  create(dir: Ino, name: string, node: NewNode): Ino;
  link(dir: Ino, name: string, target: Ino, now: number): void;
  unlink(dir: Ino, name: string, now: number): void;
  /** ENOTEMPTY unless empty. */
  rmdir(dir: Ino, name: string, now: number): void;
  /** rename(2) within this file system. On overlay a directory that has a lower part gives EXDEV. */
  rename(fromDir: Ino, fromName: string, toDir: Ino, toName: string, now: number): void;
  setattr(ino: Ino, change: AttrChange, now: number): void;
  xattrs(ino: Ino): Xattrs;
  /** `only` when it is not there yet (else EEXIST), or is (else ENODATA): XATTR_CREATE, XATTR_REPLACE. */
  setxattr(ino: Ino, name: string, value: string, only?: XattrOnly): void;
  removexattr(ino: Ino, name: string): void;
  /**
   * An open descriptor, a working directory or a running program refers to the inode: it outlives its last name until as
   * many `release`s. File systems whose inodes never go away do without.
   */
  hold?(ino: Ino): void;
  release?(ino: Ino): void;
}

/** A file system whose whole state is one immutable value: kept in O(1), gone back to in O(1). */
export interface Rewindable<S> {
  snapshot(): S;
  restore(state: S): void;
}

/** Device numbers of overlay's whiteout, overlayfs.rst "whiteouts and opaque directories". */
export const WHITEOUT_RDEV = [0, 0] as const;
/** xattr with which overlay marks a directory that hides its lower namesakes (value `y`). */
export const OPAQUE_XATTR = 'trusted.overlay.opaque';
/** xattr that makes a program run with capabilities(7); goes with a write and a chown. */
export const CAPABILITY_XATTR = 'security.capability';
