/**
 * LZMA, the coder inside of xz (I. Pavlov's LZMA specification, 2015): a range coder, whose bits choose between a byte and a
 * copy of what came before, and a dictionary of what came before. unxz.ts feeds it the chunks of LZMA2.
 *
 * Kept true: it never makes more than it is told to, and its dictionary grows with what was made, up to the size asked for.
 */
import { ArchiveError } from './archive-error.ts';

const TOP = 2 ** 24;
const HALF = 1024;
const damaged = (): ArchiveError => new ArchiveError('xz: compressed data is corrupt');

/** Reads bits whose chances are kept in tables of probabilities (11 bits each). */
class RangeDecoder {
  #range = 0xffffffff;
  #code = 0;
  #at: number;

  constructor(readonly input: Uint8Array) {
    if (input.length < 5) throw damaged();
    for (let n = 1; n < 5; n++) this.#code = ((this.#code << 8) | input[n]!) >>> 0;
    this.#at = 5;
  }

  /** All was used, and nothing is left over. */
  get isFinished(): boolean {
    return this.#at === this.input.length && this.#code === 0;
  }

  bit(chances: Uint16Array, index: number): number {
    const chance = chances[index]!;
    const bound = (this.#range >>> 11) * chance;
    if (this.#code < bound) {
      this.#range = bound;
      chances[index] = chance + ((2048 - chance) >> 5);
      this.#more();
      return 0;
    }
    this.#range -= bound;
    this.#code -= bound;
    chances[index] = chance - (chance >> 5);
    this.#more();
    return 1;
  }

  /** Bits of equal chance. */
  direct(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n++) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      value = value * 2 + bit;
      this.#more();
    }
    return value;
  }

  tree(chances: Uint16Array, from: number, bits: number): number {
    let node = 1;
    for (let n = 0; n < bits; n++) node = (node << 1) | this.bit(chances, from + node);
    return node - (1 << bits);
  }

  /** Least significant bit first. */
  reverse(chances: Uint16Array, from: number, bits: number): number {
    let [node, value] = [1, 0];
    for (let n = 0; n < bits; n++) {
      const bit = this.bit(chances, from + node);
      node = (node << 1) | bit;
      value |= bit << n;
    }
    return value;
  }

  #more(): void {
    if (this.#range >= TOP) return;
    if (this.#at >= this.input.length) throw damaged();
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.input[this.#at++]!) >>> 0;
  }
}

/** What was made last, as a ring that grows up to its size. */
class Dictionary {
  #ring: Uint8Array;
  #at = 0;
  #full = 0;
  out: Uint8Array = new Uint8Array(0);
  made = 0;

  constructor(readonly size: number) {
    this.#ring = new Uint8Array(Math.min(size, 2 ** 16));
  }

  /** Room for what comes next. */
  begin(length: number): void {
    this.out = new Uint8Array(length);
    this.made = 0;
  }

  reset(): void {
    this.#at = 0;
    this.#full = 0;
  }

  put(byte: number): void {
    if (this.made === this.out.length) throw damaged();
    if (this.#at === this.#ring.length) this.#wrap();
    this.#ring[this.#at++] = byte;
    if (this.#full < this.size) this.#full++;
    this.out[this.made++] = byte;
  }

  /** The byte that was put `distance` + 1 bytes ago. */
  back(distance: number): number {
    if (distance >= this.#full) throw damaged();
    const at = this.#at - distance - 1;
    return this.#ring[at < 0 ? at + this.#ring.length : at]!;
  }

  get last(): number {
    return this.#full === 0 ? 0 : this.back(0);
  }

  #wrap(): void {
    if (this.#ring.length === this.size) {
      this.#at = 0;
      return;
    }
    const larger = new Uint8Array(Math.min(this.size, this.#ring.length * 4));
    larger.set(this.#ring);
    this.#ring = larger;
  }
}

const chances = (count: number): Uint16Array => new Uint16Array(count).fill(HALF);

class LengthCoder {
  readonly choice = chances(2);
  readonly low = chances(16 * 8);
  readonly middle = chances(16 * 8);
  readonly high = chances(256);

  read(range: RangeDecoder, position: number): number {
    if (range.bit(this.choice, 0) === 0) return 2 + range.tree(this.low, position * 8, 3);
    if (range.bit(this.choice, 1) === 0) return 10 + range.tree(this.middle, position * 8, 3);
    return 18 + range.tree(this.high, 0, 8);
  }
}

/** All tables of probabilities; made anew when the state is reset. */
class Model {
  readonly literals: Uint16Array;
  readonly isMatch = chances(12 * 16);
  readonly isRep = chances(12);
  readonly isRep0 = chances(12);
  readonly isRep1 = chances(12);
  readonly isRep2 = chances(12);
  readonly isRep0Long = chances(12 * 16);
  readonly slots = chances(4 * 64);
  readonly special = chances(128);
  readonly align = chances(16);
  readonly lengths = new LengthCoder();
  readonly repLengths = new LengthCoder();
  state = 0;
  reps: [number, number, number, number] = [0, 0, 0, 0];

  constructor(
    readonly lc: number,
    readonly lp: number,
    readonly pb: number,
  ) {
    this.literals = chances(0x300 << (lc + lp));
  }
}

export class LzmaDecoder {
  readonly #dictionary: Dictionary;
  #model: Model | undefined;
  #position = 0;

  constructor(dictionarySize: number) {
    this.#dictionary = new Dictionary(Math.max(dictionarySize, 4096));
  }

  resetDictionary(): void {
    this.#dictionary.reset();
    this.#position = 0;
  }

  /** `properties`: the byte that holds lc, lp and pb; absent: as before. */
  resetState(properties?: number): void {
    if (properties === undefined) {
      if (this.#model === undefined) throw damaged();
      this.#model = new Model(this.#model.lc, this.#model.lp, this.#model.pb);
      return;
    }
    const [lc, rest] = [properties % 9, Math.floor(properties / 9)];
    const [lp, pb] = [rest % 5, Math.floor(rest / 5)];
    if (pb > 4 || lc + lp > 4) throw damaged();
    this.#model = new Model(lc, lp, pb);
  }

  /** Bytes that were not compressed. */
  copy(bytes: Uint8Array): Uint8Array {
    this.#dictionary.begin(bytes.length);
    for (const byte of bytes) this.#dictionary.put(byte);
    this.#position += bytes.length;
    return this.#dictionary.out;
  }

  /** One chunk, which makes exactly `length` bytes. */
  decode(input: Uint8Array, length: number): Uint8Array {
    const [dictionary, model] = [this.#dictionary, this.#model];
    if (model === undefined) throw damaged();
    const range = new RangeDecoder(input);
    dictionary.begin(length);
    const start = this.#position;
    while (dictionary.made < length) this.#symbol(range, model, start + dictionary.made);
    this.#position = start + length;
    if (!range.isFinished) throw damaged();
    return dictionary.out;
  }

  #symbol(range: RangeDecoder, model: Model, position: number): void {
    const place = position & ((1 << model.pb) - 1);
    const { state } = model;
    if (range.bit(model.isMatch, state * 16 + place) === 0) {
      this.#literal(range, model, position);
      return;
    }
    const length =
      range.bit(model.isRep, state) === 0 ? this.#match(range, model, place) : this.#rep(range, model, place);
    const [distance] = model.reps;
    for (let n = 0; n < length; n++) this.#dictionary.put(this.#dictionary.back(distance));
  }

  #literal(range: RangeDecoder, model: Model, position: number): void {
    const { lc, lp, literals, state } = model;
    const context = ((position & ((1 << lp) - 1)) << lc) + (this.#dictionary.last >> (8 - lc));
    const from = 0x300 * context;
    let node = 1;
    if (state >= 7) {
      let match = this.#dictionary.back(model.reps[0]);
      while (node < 0x100) {
        const expected = (match >> 7) & 1;
        match <<= 1;
        const bit = range.bit(literals, from + ((1 + expected) << 8) + node);
        node = (node << 1) | bit;
        if (bit !== expected) break;
      }
    }
    while (node < 0x100) node = (node << 1) | range.bit(literals, from + node);
    this.#dictionary.put(node & 0xff);
    model.state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  }

  /** A copy from a new distance. */
  #match(range: RangeDecoder, model: Model, place: number): number {
    const length = model.lengths.read(range, place);
    model.state = model.state < 7 ? 7 : 10;
    const slot = range.tree(model.slots, Math.min(length - 2, 3) * 64, 6);
    const [a, b, c] = model.reps;
    model.reps = [distanceOf(range, model, slot), a, b, c];
    if (model.reps[0] === 0xffffffff) throw damaged();
    return length;
  }

  /** A copy from one of the last four distances. */
  #rep(range: RangeDecoder, model: Model, place: number): number {
    const { state } = model;
    const [a, b, c, d] = model.reps;
    if (range.bit(model.isRep0, state) === 0) {
      if (range.bit(model.isRep0Long, state * 16 + place) === 0) {
        model.state = state < 7 ? 9 : 11;
        return 1;
      }
    } else if (range.bit(model.isRep1, state) === 0) model.reps = [b, a, c, d];
    else if (range.bit(model.isRep2, state) === 0) model.reps = [c, a, b, d];
    else model.reps = [d, a, b, c];
    model.state = state < 7 ? 8 : 11;
    return model.repLengths.read(range, place);
  }
}

function distanceOf(range: RangeDecoder, model: Model, slot: number): number {
  if (slot < 4) return slot;
  const bits = (slot >> 1) - 1;
  const base = (2 | (slot & 1)) * 2 ** bits;
  if (slot < 14) return base + range.reverse(model.special, base - slot, bits);
  return base + range.direct(bits - 4) * 16 + range.reverse(model.align, 0, 4);
}
