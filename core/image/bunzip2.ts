/**
 * bzip2, unpacked block by block: Huffman codes, move to front, Burrows-Wheeler and runs, undone in that order (bzip2's manual
 * and J. Seward's format as set down by J. Tsai, "bzip2 Format Specification"). Own code because the libraries for it unpack
 * into one array, however large that gets.
 *
 * Kept true: a block gives its output in pieces, so a small archive of runs takes no more memory than a block.
 */

import { ArchiveError } from './archive-error.ts';
import type { ByteReader } from './bytes.ts';

const damaged = (what: string): ArchiveError => new ArchiveError(`bzip2 data invalid: ${what}`);

/** Bits, most significant first. */
class Bits {
  #value = 0;
  #count = 0;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(readonly reader: ByteReader) {}

  /** Up to 24 bits. */
  take(count: number): number {
    while (this.#count < count) {
      this.#value = ((this.#value << 8) | this.#byte()) & 0xffffffff;
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#value >>> this.#count) & ((1 << count) - 1);
  }

  bit(): number {
    return this.take(1);
  }

  toByte(): void {
    this.#count -= this.#count % 8;
  }

  /** Whether nothing follows. */
  atEnd(): boolean {
    if (this.#count >= 8 || this.#at < this.#piece.length) return false;
    this.#piece = this.reader.read(65_536);
    this.#at = 0;
    return this.#piece.length === 0;
  }

  #byte(): number {
    if (this.#at === this.#piece.length) {
      this.#piece = this.reader.read(65_536);
      this.#at = 0;
      if (this.#piece.length === 0) throw new ArchiveError('unexpected EOF');
    }
    return this.#piece[this.#at++]!;
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
  return value >>> 0;
});

/** The bytes of one stream after the other. */
export function* bunzip2(reader: ByteReader): Generator<Uint8Array> {
  const bits = new Bits(reader);
  do {
    if (bits.take(24) !== 0x425a68) throw damaged('bad magic value');
    const level = bits.take(8) - 0x30;
    if (level < 1 || level > 9) throw damaged('invalid compression level');
    let whole = 0;
    for (;;) {
      const [high, low] = [bits.take(24), bits.take(24)];
      if (high === 0x177245 && low === 0x385090) break;
      if (high !== 0x314159 || low !== 0x265359) throw damaged('bad magic value found');
      const sum = yield* block(bits, level * 100_000);
      whole = ((whole << 1) | (whole >>> 31)) ^ sum;
    }
    if (word(bits) !== whole >>> 0) throw damaged('checksum mismatch');
    bits.toByte();
  } while (!bits.atEnd());
}

const word = (bits: Bits): number => ((bits.take(16) << 16) | bits.take(16)) >>> 0;

/** One block; answers its checksum, which was compared. */
function* block(bits: Bits, most: number): Generator<Uint8Array, number> {
  const expected = word(bits);
  if (bits.bit() === 1) throw damaged('deprecated randomized files');
  const start = bits.take(24);
  const symbols = readSymbols(bits);
  const { text, counts } = moveToFront(bits, symbols, most);
  if (start >= text.length) throw damaged('pointer out of bounds');
  const sum = yield* unsorted(links(text, counts), text.length, start);
  if (sum !== expected) throw damaged('block checksum mismatch');
  return sum;
}

/** The bytes that occur in the block. */
function readSymbols(bits: Bits): number[] {
  const rows = bits.take(16);
  const symbols: number[] = [];
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >> row)) === 0) continue;
    const columns = bits.take(16);
    for (let column = 0; column < 16; column++)
      if ((columns & (0x8000 >> column)) !== 0) symbols.push(row * 16 + column);
  }
  if (symbols.length === 0) throw damaged('no symbols in input');
  return symbols;
}

const GROUP = 50;

interface Huffman {
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

function readTrees(bits: Bits, size: number): { readonly trees: readonly Huffman[]; readonly selectors: Uint8Array } {
  const count = bits.take(3);
  if (count < 2 || count > 6) throw damaged('invalid number of Huffman trees');
  const selectors = new Uint8Array(bits.take(15));
  const order = Array.from({ length: count }, (_, n) => n);
  for (let n = 0; n < selectors.length; n++) {
    let at = 0;
    while (bits.bit() === 1) if (++at >= count) throw damaged('tree index too large');
    const [chosen] = order.splice(at, 1) as [number];
    order.unshift(chosen);
    selectors[n] = chosen;
  }
  const trees = Array.from({ length: count }, () => readTree(bits, size));
  return { trees, selectors };
}

function readTree(bits: Bits, size: number): Huffman {
  const lengths = new Uint8Array(size);
  let length = bits.take(5);
  for (let n = 0; n < size; n++) {
    for (;;) {
      if (length < 1 || length > 20) throw damaged('Huffman length out of range');
      if (bits.bit() === 0) break;
      length += bits.bit() === 1 ? -1 : 1;
    }
    lengths[n] = length;
  }
  const [limit, base] = [new Int32Array(22).fill(-1), new Int32Array(22)];
  const symbols = new Uint16Array(size);
  let [code, index] = [0, 0];
  for (let bit = 1; bit <= 20; bit++) {
    base[bit] = index - code;
    for (let n = 0; n < size; n++) if (lengths[n] === bit) symbols[index++] = n;
    const many = index - (base[bit]! + code);
    if (many > 0) limit[bit] = code + many - 1;
    code = (code + many) << 1;
  }
  return { limit, base, symbols, shortest: Math.min(...lengths) };
}

function decode(bits: Bits, { limit, base, symbols, shortest }: Huffman): number {
  let code = bits.take(shortest);
  for (let length = shortest; length <= 20; length++) {
    if (code <= limit[length]!) {
      const symbol = symbols[code + base[length]!];
      if (symbol !== undefined) return symbol;
      break;
    }
    code = (code << 1) | bits.bit();
  }
  throw damaged('bad Huffman code');
}

/** The sorted text: Huffman codes are runs of the front symbol, or places in a list whose chosen one moves to the front. */
function moveToFront(bits: Bits, symbols: readonly number[], most: number): { text: Uint8Array; counts: Uint32Array } {
  const { trees, selectors } = readTrees(bits, symbols.length + 2);
  const order = Uint8Array.from(symbols);
  const text = new Uint8Array(most);
  const counts = new Uint32Array(256);
  const last = symbols.length + 1;
  let [length, run, weight] = [0, 0, 1];
  const put = (byte: number, many: number): void => {
    if (length + many > most) throw damaged('data exceeds block size');
    text.fill(byte, length, length + many);
    counts[byte] = counts[byte]! + many;
    length += many;
  };
  for (let group = 0; ; group++) {
    const tree = trees[selectors[group] ?? -1];
    if (tree === undefined) throw damaged('insufficient selector indices for number of decoded symbols');
    for (let n = 0; n < GROUP; n++) {
      const symbol = decode(bits, tree);
      if (symbol <= 1) {
        run += weight << symbol;
        weight <<= 1;
        if (weight > 2 ** 21) throw damaged('repeat count too large');
        continue;
      }
      if (run > 0) put(order[0]!, run);
      [run, weight] = [0, 1];
      if (symbol === last) return { text: text.subarray(0, length), counts };
      const byte = order[symbol - 1]!;
      order.copyWithin(1, 0, symbol - 1);
      order[0] = byte;
      put(byte, 1);
    }
  }
}

/** For each place of the sorted text the byte there and where to go on: `byte | next << 8`. */
function links(text: Uint8Array, counts: Uint32Array): Uint32Array {
  const from = new Uint32Array(256);
  for (let byte = 1; byte < 256; byte++) from[byte] = from[byte - 1]! + counts[byte - 1]!;
  const table = new Uint32Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]!;
    const place = from[byte]!;
    from[byte] = place + 1;
    table[place] = table[place]! | (at << 8);
    table[at] = table[at]! | byte;
  }
  return table;
}

const PIECE = 65_536;

/** Follows the links; four equal bytes are followed by how many more there are. */
function* unsorted(table: Uint32Array, length: number, start: number): Generator<Uint8Array, number> {
  let [sum, used] = [0xffffffff, 0];
  let piece = new Uint8Array(PIECE);
  let at = table[start]! >>> 8;
  let [equal, before] = [0, -1];
  for (let n = 0; n < length; n++) {
    const entry = table[at]!;
    const byte = entry & 0xff;
    at = entry >>> 8;
    const repeats = equal === 4 ? byte : 1;
    const value = equal === 4 ? before : byte;
    equal = equal === 4 ? 0 : byte === before ? equal + 1 : 1;
    before = equal === 0 ? -1 : byte;
    for (let left = repeats; left > 0; left--) {
      sum = (sum << 8) ^ crcTable[((sum >>> 24) ^ value) & 0xff]!;
      piece[used++] = value;
      if (used < PIECE) continue;
      yield piece;
      [piece, used] = [new Uint8Array(PIECE), 0];
    }
  }
  if (used > 0) yield piece.subarray(0, used);
  return ~sum >>> 0;
}
