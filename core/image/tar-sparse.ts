/**
 * Sparse files in archives: a map says where the pieces that are stored belong, all else is zeros. Three forms in pax records
 * (GNU tar manual, "Storing Sparse Files": 0.0 and 0.1 with the map in the records, 1.0 with it before the data) are read; of
 * the old GNU form only whether its map is sound, for Docker refuses that form either way.
 *
 * Kept true: holes take no memory until somebody reads the whole content at once.
 */
import { contentPieces, type StoredContent } from '../vfs/content.ts';
import type { Content } from '../vfs/fs.ts';
import { BLOCK, TarError } from './tar.ts';
import type { RawHeader } from './tar-read.ts';

type Piece = readonly [at: number, length: number];

export interface Sparse {
  /** Bytes of the file with its holes. */
  readonly size: number;
  /** Bytes that follow in the archive. */
  readonly stored: number;
  readonly map: readonly Piece[];
  readonly name?: string;
}

const invalid = (at: number): TarError => new TarError('archive/tar: invalid tar header', at);
const most = 2 ** 53;

/** What a member's records say of holes; undefined: it has none. `take` reads on in the archive, for the map of form 1.0. */
export function sparseOf(
  { extra, at }: RawHeader,
  size: number,
  take: (length: number) => Uint8Array,
): Sparse | undefined {
  const [major, minor] = [extra.get('GNU.sparse.major'), extra.get('GNU.sparse.minor')];
  const inline = extra.get('GNU.sparse.map');
  const form = major === '1' && minor === '0' ? '1.0' : inline !== undefined ? '0.1' : undefined;
  if (form === undefined) return undefined;
  const real = extra.get('GNU.sparse.realsize') ?? extra.get('GNU.sparse.size');
  const name = extra.get('GNU.sparse.name');
  const total = real === undefined ? size : number(real, at);
  const read = form === '1.0' ? storedMap(size, take, at) : { map: inlineMap(extra, inline ?? '', at), taken: 0 };
  const stored = size - read.taken;
  check(read.map, total, at);
  const needed = read.map.reduce((sum, [, length]) => sum + length, 0);
  if (needed > stored) throw new TarError('archive/tar: sparse file references non-existent data', at);
  if (needed < stored) throw new TarError('archive/tar: sparse file contains unreferenced data', at);
  return { size: total, stored, map: read.map, ...(name ? { name } : {}) };
}

function inlineMap(extra: ReadonlyMap<string, string>, text: string, at: number): Piece[] {
  const numbers = text === '' ? [] : text.split(',').map((digits) => number(digits, at));
  const count = number(extra.get('GNU.sparse.numblocks') ?? '0', at);
  if (numbers.length !== 2 * count) throw invalid(at);
  return pairs(numbers);
}

/** Numbers, a line each, in blocks before the data: how many pieces, then where and how long each of them is. */
function storedMap(
  size: number,
  take: (length: number) => Uint8Array,
  at: number,
): { readonly map: Piece[]; readonly taken: number } {
  let [taken, rest] = [0, ''];
  const numbers: number[] = [];
  let wanted = 1;
  while (numbers.length < wanted) {
    const end = rest.indexOf('\n');
    if (end >= 0) {
      numbers.push(number(rest.slice(0, end), at));
      rest = rest.slice(end + 1);
      if (numbers.length === 1) wanted = 1 + 2 * numbers[0]!;
      continue;
    }
    if (taken + BLOCK > size + BLOCK - 1 || rest.length > BLOCK) throw new TarError('unexpected EOF', at);
    const block = take(BLOCK);
    if (block.length < BLOCK) throw new TarError('unexpected EOF', at);
    taken += BLOCK;
    rest += String.fromCharCode(...block);
  }
  return { map: pairs(numbers.slice(1)), taken };
}

function pairs(numbers: readonly number[]): Piece[] {
  return Array.from({ length: numbers.length / 2 }, (_, n) => [numbers[2 * n]!, numbers[2 * n + 1]!] as const);
}

/** In order, apart from each other, and within the file. */
function check(map: readonly Piece[], size: number, at: number): void {
  if (!isSound(map, size)) throw invalid(at);
}

function isSound(map: readonly Piece[], size: number): boolean {
  let end = 0;
  for (const [from, length] of map) {
    if (from < end || length < 0 || from + length > size) return false;
    end = from + length;
  }
  return size >= 0;
}

function number(digits: string, at: number): number {
  if (!/^\d+$/.test(digits) || Number(digits) > most) throw invalid(at);
  return Number(digits);
}

const OLD = { map: 386, entry: 24, pieces: 4, real: 483 };

/** Whether the map in the header of the old form is not sound. */
export function badSparse(block: Uint8Array): boolean {
  const map: Piece[] = [];
  for (let n = 0; n < OLD.pieces; n++) {
    const from = OLD.map + n * OLD.entry;
    if (block[from] === 0) break;
    map.push([oldNumber(block.subarray(from, from + 12)), oldNumber(block.subarray(from + 12, from + 24))]);
  }
  return !isSound(map, oldNumber(block.subarray(OLD.real, OLD.real + 12)));
}

function oldNumber(bytes: Uint8Array): number {
  if (bytes[0]! >= 0x80) return bytes.reduce((value, byte, n) => value * 256 + (n === 0 ? byte & 0x7f : byte), 0);
  return Number.parseInt(String.fromCharCode(...bytes).replace(/[\0 ]/g, '') || '0', 8);
}

const zeros = new Uint8Array(65_536);

/** A file with holes. */
export class SparseContent implements StoredContent {
  readonly size: number;

  constructor(
    readonly sparse: Sparse,
    readonly stored: Content,
  ) {
    this.size = sparse.size;
  }

  get bytes(): Uint8Array {
    const whole = new Uint8Array(this.size);
    let at = 0;
    for (const piece of this.pieces()) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  *pieces(): Generator<Uint8Array> {
    const stored = contentPieces(this.stored)[Symbol.iterator]();
    let rest: Uint8Array = new Uint8Array(0);
    let at = 0;
    for (const [from, length] of [...this.sparse.map, [this.size, 0] as const]) {
      for (; at < from; at += Math.min(zeros.length, from - at)) yield zeros.subarray(0, from - at);
      for (let left = length; left > 0; ) {
        if (rest.length === 0) rest = stored.next().value as Uint8Array;
        const part = rest.subarray(0, left);
        rest = rest.subarray(part.length);
        left -= part.length;
        yield part;
      }
      at = from + length;
    }
  }
}
