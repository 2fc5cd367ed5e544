/**
 * What comes in from outside so that the core stays deterministic: the clock and randomness. The same lines with the same
 * seed always give the same ids, names and times.
 */
export interface Host {
  /** Milliseconds since the epoch. */
  now(): number;
  /** `n` random bytes. */
  random(n: number): Uint8Array;
}

/** A seeded source of bytes (splitmix32): small, fast, the same on every machine. Not for secrets. */
export function seededRandom(seed: number): (n: number) => Uint8Array {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return (n) => {
    const bytes = new Uint8Array(n);
    for (let at = 0; at < n; at++) bytes[at] = next() & 0xff;
    return bytes;
  };
}

const DIGITS: readonly number[] = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Hex digits of bytes (ids and digests), lower case. Made at once: a text put together digit by digit is a tree of pieces. */
export function hex(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (let i = 0; i < bytes.length; i++) codes.push(DIGITS[bytes[i]! >> 4]!, DIGITS[bytes[i]! & 15]!);
  return String.fromCharCode(...codes);
}
