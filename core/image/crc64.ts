/**
 * CRC-64 with the polynomial of ISO 3309, as Go's hash/crc64 (crc64.ISO) computes it: the check sum that tar-split keeps of
 * each file.
 *
 * Kept true: two 32-bit halves, no BigInt. The reflected polynomial is 0xD800000000000000, so a table entry has only its upper
 * half set.
 */

const POLYNOMIAL = 0xd8000000;

const table: Uint32Array = makeTable();

function makeTable(): Uint32Array {
  const high = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let top = 0;
    for (let bit = 0; bit < 8; bit++) {
      const carry = low & 1;
      low = (low >>> 1) | (top << 31);
      top >>>= 1;
      if (carry === 1) top ^= POLYNOMIAL;
    }
    high[byte] = top;
  }
  return high;
}

/** The eight bytes, most significant first. */
export function crc64(bytes: Uint8Array): Uint8Array {
  const sum = new Crc64();
  sum.update(bytes);
  return sum.digest();
}

/** The same of bytes that come in pieces. */
export class Crc64 {
  #low = 0xffffffff;
  #high = 0xffffffff;

  update(bytes: Uint8Array): void {
    let [low, high] = [this.#low, this.#high];
    for (let at = 0; at < bytes.length; at++) {
      const index = (low ^ bytes[at]!) & 0xff;
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) ^ table[index]!;
    }
    [this.#low, this.#high] = [low, high];
  }

  digest(): Uint8Array {
    const sum = new DataView(new ArrayBuffer(8));
    sum.setUint32(0, ~this.#high >>> 0);
    sum.setUint32(4, ~this.#low >>> 0);
    return new Uint8Array(sum.buffer);
  }
}
