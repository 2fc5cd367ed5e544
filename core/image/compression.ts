/**
 * Archives and layers travel compressed; here they are unpacked piece by piece, so that a few bytes that stand for many
 * gigabytes never take more memory than one piece of them. What is accepted is moby's list (pkg/archive DetectCompression)
 * with zstd, which Docker knows from version 23 on.
 *
 * gzip by fflate, zstd by fzstd (the well-kept libraries that are small, synchronous and pure JavaScript); bzip2 and xz, for
 * which there is none that works piece by piece, by bunzip2.ts and unxz.ts. Kept true: how much is put in at once bounds how
 * much comes out at once; the window that a zstd frame asks for is looked at before memory is taken for it.
 */
import { Gunzip } from 'fflate';
import { Decompress } from 'fzstd';
import { ArchiveError } from './archive-error.ts';
import { bunzip2 } from './bunzip2.ts';
import { ByteReader, inPieces, joined, type Pieces } from './bytes.ts';
import { crc32 } from './crc32.ts';
import { archiveLimits } from './limits.ts';
import { detectCompression } from './magic.ts';
import { unxz } from './unxz.ts';

export { type Compression, detectCompression } from './magic.ts';

/** The bytes themselves: decompressed when they are compressed. Damaged ones give an ArchiveError on the way. */
export function* decompressed(pieces: Pieces): Generator<Uint8Array> {
  const reader = new ByteReader(pieces);
  const start = reader.read(6);
  const all = (function* () {
    if (start.length > 0) yield start;
    yield* reader.pieces(Number.POSITIVE_INFINITY);
  })();
  switch (detectCompression(start)) {
    case 'gzip':
      return yield* gunzip(all);
    case 'zstd':
      return yield* unzstd(all);
    case 'bzip2':
      return yield* bunzip2(new ByteReader(all));
    case 'xz':
      return yield* unxz(new ByteReader(all));
    default:
      return yield* all;
  }
}

/** deflate makes at most 1,032 bytes of one: a piece of this size gives at most 16 MiB. */
const GZIP_PIECE = 16 * 1024;
const TRAILER = 8;

function* gunzip(pieces: Pieces): Generator<Uint8Array> {
  let out: Uint8Array[] = [];
  const stream = new Gunzip((data) => {
    if (data.length > 0) out.push(data);
  });
  let members = 1;
  stream.onmember = () => {
    members++;
  };
  let [sum, size, total] = [0, 0, 0];
  let tail: Uint8Array = new Uint8Array(0);
  const push = (piece: Uint8Array, final: boolean): Uint8Array[] => {
    out = [];
    guarded('gzip', () => stream.push(piece, final));
    for (const data of out) [sum, size] = [crc32(data, sum), (size + data.length) % 2 ** 32];
    return out;
  };
  for (const piece of pieces) {
    for (const part of inPieces(piece, GZIP_PIECE)) {
      total += part.length;
      tail = part.length >= TRAILER ? part.subarray(-TRAILER) : joined([tail, part]).subarray(-TRAILER);
      yield* push(part, false);
    }
  }
  yield* push(new Uint8Array(0), true);
  if (total < 18) throw new ArchiveError('unexpected EOF');
  // fflate passes over the trailer; with several members only the parts of the whole could be looked at.
  if (members === 1 && !isTrailer(tail, sum, size)) throw new ArchiveError('gzip: invalid checksum');
}

function isTrailer(tail: Uint8Array, sum: number, size: number): boolean {
  if (tail.length < TRAILER) return false;
  const view = new DataView(tail.buffer, tail.byteOffset, TRAILER);
  return view.getUint32(0, true) === sum && view.getUint32(4, true) === size;
}

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

/** Frame after frame, block after block (RFC 8878, 3.1.1): a block gives at most 128 KiB. */
function* unzstd(pieces: Pieces): Generator<Uint8Array> {
  const reader = new ByteReader(pieces);
  for (let magic = reader.read(4); magic.length > 0; magic = reader.read(4)) {
    const number = magic.length === 4 ? little(magic) : 0;
    if ((number & 0xfffffff0) >>> 0 === SKIPPABLE) {
      reader.skip(little(exactly(reader, 4)));
      continue;
    }
    if (number !== FRAME) throw new ArchiveError('zstd: magic number mismatch');
    yield* zstdFrame(reader, magic);
  }
}

function* zstdFrame(reader: ByteReader, magic: Uint8Array): Generator<Uint8Array> {
  const descriptor = exactly(reader, 1)[0]!;
  const single = (descriptor >> 5) & 1;
  const idBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [single, 2, 4, 8][descriptor >> 6]!;
  const rest = exactly(reader, 1 - single + idBytes + sizeBytes);
  if (single === 0) checkWindow(windowSize(rest[0]!));
  else checkWindow(frameSize(rest.subarray(idBytes)));
  let out: Uint8Array[] = [];
  const stream = new Decompress((data) => {
    if (data.length > 0) out.push(data);
  });
  const push = (bytes: Uint8Array, final = false): Uint8Array[] => {
    out = [];
    guarded('zstd', () => stream.push(bytes, final));
    return out;
  };
  const isChecked = (descriptor & 4) !== 0;
  yield* push(joined([magic, Uint8Array.of(descriptor), rest]));
  for (let last = false; !last; ) {
    const header = exactly(reader, 3);
    const field = header[0]! | (header[1]! << 8) | (header[2]! << 16);
    last = (field & 1) === 1;
    // A run of one byte is that one byte.
    const length = ((field >> 1) & 3) === 1 ? 1 : field >> 3;
    yield* push(joined([header, exactly(reader, length)]), last && !isChecked);
  }
  // fzstd passes over the checksum.
  if (isChecked) yield* push(exactly(reader, 4), true);
}

function windowSize(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}

const frameSize = (bytes: Uint8Array): number => bytes.reduceRight((value, byte) => value * 256 + byte, 0);

function checkWindow(size: number): void {
  if (size <= archiveLimits.zstdWindow) return;
  throw new ArchiveError(
    `zstd: a window of ${size} bytes is asked for, more than ${archiveLimits.zstdWindow}`,
    'EFBIG',
  );
}

function exactly(reader: ByteReader, length: number): Uint8Array {
  const bytes = reader.read(length);
  if (bytes.length < length) throw new ArchiveError('unexpected EOF');
  return bytes;
}

const little = (bytes: Uint8Array): number =>
  (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;

/** What the libraries throw, in our words. */
function guarded(format: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError(/EOF/i.test(message) ? 'unexpected EOF' : `${format}: ${message}`);
  }
}
