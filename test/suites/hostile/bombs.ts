/**
 * Hostile archives, fourth table: small to send, large to unpack. They are compressed piece by piece, so that none of them
 * is ever held as a whole.
 */
import { execFileSync } from 'node:child_process';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { archive, end, image, join, raw } from '../../support/raw-tar.ts';
import { type HostileCase, imported, load } from './case.ts';

const MIB = 2 ** 20;
const zeros = new Uint8Array(MIB);

/** The sum of nothing and `zeros`, and what each bit of a sum before adds. */
let affine: { readonly none: number; readonly shares: readonly number[] } | undefined;

/** The sum after one more `zeros`. crc32 is affine: each bit of the sum before has its share in it, and gigabytes need not be read. */
function afterZeros(sum: number): number {
  affine ??= tabulated();
  return affine.shares.reduce((all, share, bit) => ((sum >>> bit) & 1 ? all ^ share : all), affine.none) >>> 0;
}

function tabulated(): NonNullable<typeof affine> {
  const none = crc32(zeros, 0);
  return { none, shares: Array.from({ length: 32 }, (_, bit) => crc32(zeros, (1 << bit) >>> 0) ^ none) };
}

/** One gzip member out of many pieces: each is a deflate block of its own that ends on a byte (RFC 1951, 1952). */
function gzipOf(pieces: Iterable<Uint8Array>): Uint8Array {
  const made = new Map<Uint8Array, Uint8Array>();
  const out: Uint8Array[] = [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3)];
  let [sum, size] = [0, 0];
  for (const piece of pieces) {
    const block = made.get(piece) ?? deflateRawSync(piece, { level: 1, finishFlush: constants.Z_FULL_FLUSH });
    if (piece === zeros) made.set(piece, block);
    out.push(block);
    sum = piece === zeros ? afterZeros(sum) : crc32(piece, sum);
    size = (size + piece.length) % 2 ** 32;
  }
  const tail = Buffer.alloc(10);
  tail[0] = 3;
  tail.writeUInt32LE(sum, 2);
  tail.writeUInt32LE(size, 6);
  return join(...out, tail);
}

/** A header that promises this many MiB, and they follow. */
function* zeroFile(mebibytes: number): Generator<Uint8Array> {
  yield raw({ name: 'zeros', size: mebibytes * MIB });
  for (let n = 0; n < mebibytes; n++) yield zeros;
  yield end;
}

/** The same with a program whose output may be put in a row: each piece is a stream of its own. */
function streamsOf(program: string, mebibytes: number): Uint8Array {
  const pack = (bytes: Uint8Array): Uint8Array => execFileSync(program, ['-c'], { input: bytes, maxBuffer: 1 << 28 });
  const piece = pack(new Uint8Array(8 * MIB));
  return join(
    pack(raw({ name: 'zeros', size: mebibytes * MIB })),
    ...Array<Uint8Array>(mebibytes / 8).fill(piece),
    pack(end),
  );
}

function* emptyFiles(count: number): Generator<Uint8Array> {
  const header = Buffer.from(raw({ name: 'f0000000' }));
  const sumOf = (digits: string): number => [...digits].reduce((sum, digit) => sum + digit.charCodeAt(0), 0);
  const base = header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0) - sumOf('0000000');
  const perPiece = 2048;
  for (let from = 0; from < count; from += perPiece) {
    const many = Math.min(perPiece, count - from);
    const piece = Buffer.alloc(many * 512);
    for (let n = 0; n < many; n++) {
      const digits = String(from + n).padStart(7, '0');
      header.copy(piece, n * 512);
      piece.write(digits, n * 512 + 1, 'latin1');
      piece.write(`${(base + sumOf(digits)).toString(8).padStart(6, '0')}\0 `, n * 512 + 148, 'latin1');
    }
    yield piece;
  }
  yield end;
}

const bytesLimit = {
  differs: {
    refused: /^archive: .*more than the 1 GiB that an archive may hold/,
    why: 'Docker writes it out until the disk is full',
  },
  notOnDocker: 'it would fill the disk',
} as const;

export const bombCases: readonly HostileCase[] = [
  imported('a gzip bomb', () => gzipOf(zeroFile(3072)), bytesLimit),
  imported('a zstd bomb', () => streamsOf('zstd', 4096), bytesLimit),
  imported('a bzip2 bomb', () => streamsOf('bzip2', 2048), bytesLimit),
  imported('an xz bomb', () => streamsOf('xz', 2048), bytesLimit),
  load('a gzip bomb as a layer', () => image({ layers: [gzipOf(zeroFile(3072))] }), bytesLimit),
  load('a gzip bomb as the archive', () => gzipOf(zeroFile(3072)), bytesLimit),
  imported(
    'zeros without an end behind the archive',
    () => gzipOf([archive({ name: 'f', data: 'x' }), ...Array<Uint8Array>(3072).fill(zeros)]),
    {
      differs: {
        refused: /^archive: more than 16 MiB lie behind its end/,
        why: 'it is part of the digest and of what tar-split keeps; Docker keeps all of it',
      },
      notOnDocker: 'it would fill the disk',
    },
  ),
  imported('more than half a million empty files', () => gzipOf(emptyFiles(520_000)), {
    differs: {
      refused: /^archive: .*more than the 500,000 members that an archive may have/,
      why: 'the simulation keeps each of them in memory; Docker takes them, slowly',
    },
    notOnDocker: 'it takes minutes',
  }),
  imported(
    'a pax header of 3 GiB',
    () => gzipOf([raw({ name: 'pax', type: 'x', size: 3072 * MIB }), ...Array<Uint8Array>(3072).fill(zeros)]),
    {
      differs: {
        refused: /^archive\/tar: header field too long/,
        why: 'Docker decompresses all of it before it says so; its words were not waited for',
      },
      notOnDocker: 'it takes half a minute',
    },
  ),
  load(
    'a manifest.json of 100 MB',
    () =>
      gzipOf([
        raw({ name: 'manifest.json', size: 100 * MIB }),
        ...Array<Uint8Array>(100).fill(new Uint8Array(MIB).fill(0x20)),
        end,
      ]),
    {
      differs: {
        refused: /^manifest\.json is 104857600 bytes long, more than the 16 MiB/,
        why: 'Docker reads it whole into memory',
      },
    },
  ),
];
