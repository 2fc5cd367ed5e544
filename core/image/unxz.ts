/**
 * xz, unpacked chunk by chunk (L. Collin, "The .xz File Format", 1.2.1): streams of blocks of LZMA2 chunks. Own code because
 * the libraries for it are WebAssembly that answers later only; archives are read at once here. What `xz` writes is read:
 * LZMA2 alone, without the filters for machine code.
 *
 * Kept true: a chunk gives at most 2 MiB; the dictionary that is asked for is looked at before memory is taken for it; the
 * check of each block is compared (CRC-32 and CRC-64; SHA-256 is passed over).
 */
import { ArchiveError } from './archive-error.ts';
import type { ByteReader } from './bytes.ts';
import { crc32 } from './crc32.ts';
import { archiveLimits } from './limits.ts';
import { LzmaDecoder } from './lzma.ts';

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const checkSizes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const damaged = (what: string): ArchiveError => new ArchiveError(`xz: ${what}`);

/** Reads exactly, and counts what alignment is about. */
class Input {
  constructor(readonly reader: ByteReader) {}

  take(length: number): Uint8Array {
    const bytes = this.reader.read(length);
    if (bytes.length < length) throw new ArchiveError('unexpected EOF');
    return bytes;
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  /** A number in seven bits a byte. */
  number(): number {
    let [value, factor] = [0, 1];
    for (let n = 0; n < 9; n++, factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw damaged('a number is too long');
  }
}

export function* unxz(reader: ByteReader): Generator<Uint8Array> {
  const input = new Input(reader);
  let start = input.take(6);
  for (;;) {
    if (!MAGIC.every((byte, at) => start[at] === byte)) throw damaged('File format not recognized');
    yield* stream(input);
    // Further streams may follow, after zeros.
    do {
      start = reader.read(4);
      if (start.length === 0) return;
    } while (start.length === 4 && start.every((byte) => byte === 0));
    start = Uint8Array.of(...start, ...input.take(6 - start.length));
  }
}

function* stream(input: Input): Generator<Uint8Array> {
  const flags = input.take(2);
  if (crc32(flags) !== little(input.take(4))) throw damaged('Compressed data is corrupt');
  const check = flags[1]! & 15;
  let blocks = 0;
  for (let size = input.byte(); size !== 0; size = input.byte()) {
    yield* block(input, (size + 1) * 4, size, check);
    blocks++;
  }
  index(input, blocks);
  input.take(12);
}

/** Sizes of the blocks, which were seen already; the field's own length is a multiple of four. */
function index(input: Input, blocks: number): void {
  const from = input.reader.at - 1;
  if (input.number() !== blocks) throw damaged('Compressed data is corrupt');
  for (let n = 0; n < 2 * blocks; n++) input.number();
  input.take((4 - ((input.reader.at - from) % 4)) % 4);
  input.take(4);
}

function* block(input: Input, headerSize: number, first: number, check: number): Generator<Uint8Array> {
  const header = input.take(headerSize - 5);
  if (crc32(header, crc32(Uint8Array.of(first))) !== little(input.take(4))) throw damaged('Compressed data is corrupt');
  const decoder = new LzmaDecoder(dictionarySize(header));
  const from = input.reader.at;
  const sum = checkOf(check);
  for (let control = input.byte(); control !== 0; control = input.byte()) {
    const bytes = chunk(input, decoder, control);
    sum.add(bytes);
    yield bytes;
  }
  input.take((4 - ((input.reader.at - from) % 4)) % 4);
  if (!sum.matches(input.take(checkSizes[check]!))) throw damaged('Compressed data is corrupt');
}

const LZMA2 = 0x21;

/** One filter, LZMA2, and its byte for the size of the dictionary. */
function dictionarySize(header: Uint8Array): number {
  const flags = header[0]!;
  let at = 1;
  for (const bit of [0x40, 0x80]) {
    if ((flags & bit) === 0) continue;
    while (header[at]! >= 0x80) at++;
    at++;
  }
  const [id, size, bits] = header.subarray(at);
  if ((flags & 3) !== 0 || id !== LZMA2 || size !== 1 || bits === undefined || bits > 40) {
    throw damaged('Unsupported options: only LZMA2 by itself is read');
  }
  const wanted = bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
  if (wanted > archiveLimits.zstdWindow) {
    throw new ArchiveError(
      `xz: a dictionary of ${wanted} bytes is asked for, more than ${archiveLimits.zstdWindow}`,
      'EFBIG',
    );
  }
  return wanted;
}

/** A number of two bytes, the high one first. */
function sixteen(input: Input): number {
  const high = input.byte();
  return (high << 8) + input.byte();
}

function chunk(input: Input, decoder: LzmaDecoder, control: number): Uint8Array {
  if (control === 1) decoder.resetDictionary();
  if (control <= 2) {
    return decoder.copy(input.take(sixteen(input) + 1));
  }
  if (control < 0x80) throw damaged('Compressed data is corrupt');
  const length = ((control & 0x1f) << 16) + sixteen(input) + 1;
  const packed = sixteen(input) + 1;
  const reset = (control >> 5) & 3;
  if (reset === 3) decoder.resetDictionary();
  if (reset >= 2) decoder.resetState(input.byte());
  else if (reset === 1) decoder.resetState();
  return decoder.decode(input.take(packed), length);
}

interface Check {
  add(bytes: Uint8Array): void;
  matches(expected: Uint8Array): boolean;
}

function checkOf(type: number): Check {
  if (type === 1) {
    let sum = 0;
    return {
      add: (bytes) => {
        sum = crc32(bytes, sum);
      },
      matches: (expected) => little(expected) === sum,
    };
  }
  if (type === 4) return new Crc64();
  return { add: () => {}, matches: () => true };
}

/** ECMA-182, reflected: the polynomial's two halves. */
const [LOW, HIGH] = [0xd7870f42, 0xc96c5795];
const tables = makeTables();

function makeTables(): readonly [Uint32Array, Uint32Array] {
  const [lows, highs] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte++) {
    let [low, high] = [byte, 0];
    for (let bit = 0; bit < 8; bit++) {
      const odd = (low & 1) === 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (odd) [low, high] = [low ^ LOW, high ^ HIGH];
    }
    [lows[byte], highs[byte]] = [low >>> 0, high >>> 0];
  }
  return [lows, highs];
}

class Crc64 implements Check {
  #low = -1;
  #high = -1;

  add(bytes: Uint8Array): void {
    const [lows, highs] = tables;
    let [low, high] = [this.#low, this.#high];
    for (let n = 0; n < bytes.length; n++) {
      const at = (low ^ bytes[n]!) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ lows[at]!;
      high = (high >>> 8) ^ highs[at]!;
    }
    [this.#low, this.#high] = [low, high];
  }

  matches(expected: Uint8Array): boolean {
    return little(expected) === ~this.#low >>> 0 && little(expected.subarray(4)) === ~this.#high >>> 0;
  }
}

const little = (bytes: Uint8Array): number =>
  (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
