/**
 * The tar format as both faces of it share it: one member of an archive as plain data, and the layout of the ustar header.
 * Sources: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format".
 *
 * tar-write.ts and tar-read.ts are the two directions.
 */
import type { Content } from '../vfs/fs.ts';

export type TarType = 'file' | 'hardlink' | 'symlink' | 'char' | 'block' | 'dir' | 'fifo';

/** One member. Its `path` has neither a leading `/` or `./` nor a trailing `/` when we wrote it. */
export interface TarEntry {
  readonly path: string;
  readonly type: TarType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Milliseconds since the epoch; archives hold whole seconds. */
  readonly mtime: number;
  /** Files; absent means empty. */
  readonly content?: Content;
  /** Where a symlink points to; which earlier member a hard link is another name of. */
  readonly target?: string;
  readonly rdev?: readonly [major: number, minor: number];
  readonly xattrs?: Readonly<Record<string, string>>;
  /** Names of the owners and the type bits of st_mode: what dockerd's headers say beside (tar-go.ts). */
  readonly uname?: string;
  readonly gname?: string;
  readonly typeBits?: number;
}

/** An archive that cannot be read; the message is what Go's archive/tar says of it, as `docker load` shows it. */
export class TarError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'TarError';
  }
}

export const BLOCK = 512;

/** Fields of the header block: [offset, length]. */
export const field = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  uname: [265, 32],
  gname: [297, 32],
  devmajor: [329, 8],
  devminor: [337, 8],
  prefix: [345, 155],
} as const satisfies Record<string, readonly [number, number]>;

export const typeFlags: Readonly<Record<TarType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  dir: '5',
  fifo: '6',
};

/** Prefix of pax records that carry xattrs (star's, which GNU tar and Go follow). */
export const XATTR_RECORD = 'SCHILY.xattr.';

/** Sum of all header bytes, the checksum field itself taken as spaces. */
export function checksum(header: Uint8Array): number {
  const [from, length] = field.checksum;
  let sum = length * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < from || i >= from + length) sum += header[i]!;
  return sum;
}

/** Bytes that fill the last block of a member of this size. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
