/**
 * Archives on the lab's disk, read piece by piece: what they are made of is remembered by its place in the file, not kept in
 * memory. The reading itself is the core's (core/image/tar-read.ts); no other program sees the bytes before they were judged.
 *
 * Kept true: one piece is in memory at a time; the scratch file for what was compressed has no name, and is gone when it is
 * closed, however that comes.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  ArchiveError,
  type Content,
  type Digest,
  detectCompression,
  type Hasher,
  type ReadLayer,
  readLayer,
  type StoredContent,
  TarError,
} from '../core/index.ts';
import { Refused } from './errno.ts';

const PIECE = 1 << 20;

/** The bytes of an open file from `from` on, as they are asked for. */
export function* filePieces(fd: number, from = 0, size = Number.POSITIVE_INFINITY): Generator<Uint8Array> {
  for (let at = 0; at < size; ) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE, size - at));
    const got = readSync(fd, piece, 0, piece.length, from + at);
    if (got === 0) return;
    at += got;
    yield piece.subarray(0, got);
  }
}

/** Opens a file for `use`. EISDIR for a directory. */
export async function withFile<T>(path: string, use: (fd: number) => Promise<T> | T): Promise<T> {
  const fd = openSync(path, 'r');
  try {
    if (fstatSync(fd).isDirectory()) throw new Refused('EISDIR');
    return await use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Content that is a part of a file. */
class Part implements StoredContent {
  constructor(
    readonly fd: number,
    readonly at: number,
    readonly size: number,
  ) {}

  get bytes(): Uint8Array {
    return Buffer.concat([...this.pieces()]);
  }

  pieces(): Generator<Uint8Array> {
    return filePieces(this.fd, this.at, this.size);
  }
}

/** Reads the archive in a file. `use` gets it while its contents can be fetched; `scratch` is a path beside which there is room. */
export function withArchive<T>(
  path: string,
  scratch: string,
  split: boolean,
  use: (read: ReadLayer) => Promise<T>,
): Promise<T> {
  return withFile(path, async (fd) => {
    const start = Buffer.alloc(6);
    readSync(fd, start, 0, 6, 0);
    if (detectCompression(start) === 'none') return use(readAt(fd, fd, split));
    const plain = namelessFile(scratch);
    try {
      let at = 0;
      const tap = (bytes: Uint8Array): void => {
        for (let done = 0; done < bytes.length; ) done += writeSync(plain, bytes, done, bytes.length - done, at + done);
        at += bytes.length;
      };
      return await use(readAt(fd, plain, split, tap));
    } finally {
      closeSync(plain);
    }
  });
}

function readAt(fd: number, plain: number, split: boolean, tap?: (bytes: Uint8Array) => void): ReadLayer {
  const place = (at: number, size: number): Content => new Part(plain, at, size);
  return inArchive(() =>
    readLayer(filePieces(fd), { hasher: nodeHasher(), place, split, ...(tap === undefined ? {} : { tap }) }),
  );
}

/** The same sums as the core's, by the machine's own library. */
export function nodeHasher(): Hasher {
  const hash: Hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: (): Digest => `sha256:${hash.digest('hex')}`,
  };
}

function namelessFile(beside: string): number {
  const path = `${dirname(beside)}/.plain-${process.pid}-${process.hrtime.bigint()}`;
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return fd;
}

/** What is wrong with an archive is a refusal, not a fault of ours. */
export function inArchive<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TarError) throw new Refused('EINVAL', error.message);
    if (error instanceof ArchiveError) throw new Refused(error.errno === 'EFBIG' ? 'EFBIG' : 'EINVAL', error.message);
    throw error;
  }
}
