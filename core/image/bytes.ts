/**
 * Bytes that come piece by piece, read as one stream: what archives are read from, whether they lie in memory, on a disk or
 * behind a decompressor.
 *
 * Kept true: what lies within one piece is given out as a view of it, not copied; never more than one piece is held.
 */
export type Pieces = Iterable<Uint8Array>;

const nothing = new Uint8Array(0);

export class ByteReader {
  readonly #pieces: Iterator<Uint8Array>;
  #piece: Uint8Array = nothing;
  #from = 0;
  #at = 0;

  constructor(pieces: Pieces) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  /** Bytes read so far. */
  get at(): number {
    return this.#at;
  }

  /** The next `length` bytes, or fewer at the end of the stream. */
  read(length: number): Uint8Array {
    const first = this.#some(length);
    if (first.length === length || first.length === 0) return first;
    const parts = [first];
    let size = first.length;
    while (size < length) {
      const part = this.#some(length - size);
      if (part.length === 0) break;
      parts.push(part);
      size += part.length;
    }
    return joined(parts, size);
  }

  /** The next `length` bytes in pieces as they come; fewer at the end of the stream. */
  *pieces(length: number): Generator<Uint8Array> {
    for (let left = length; left > 0; ) {
      const part = this.#some(left);
      if (part.length === 0) return;
      left -= part.length;
      yield part;
    }
  }

  /** Passes over bytes; how many there were. */
  skip(length: number): number {
    const before = this.#at;
    for (const _ of this.pieces(length));
    return this.#at - before;
  }

  /** Between 1 and `most` bytes; none at the end. */
  #some(most: number): Uint8Array {
    while (this.#from === this.#piece.length) {
      const next = this.#pieces.next();
      if (next.done === true) return nothing;
      this.#piece = next.value;
      this.#from = 0;
    }
    const part = this.#piece.subarray(this.#from, this.#from + most);
    this.#from += part.length;
    this.#at += part.length;
    return part;
  }
}

/** Parts one after the other, in one array. */
export function joined(
  parts: readonly Uint8Array[],
  size = parts.reduce((sum, part) => sum + part.length, 0),
): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes in pieces of at most this size, as views. */
export function* inPieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
