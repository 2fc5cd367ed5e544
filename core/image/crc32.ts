/** CRC-32 as gzip, bzip2's cousins and xz use it (RFC 1952, 8): reflected, polynomial 0xedb88320; four bytes at a time. */
const tables: readonly Uint32Array[] = makeTables();

function makeTables(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (0xedb88320 & -(value & 1));
    return value;
  });
  const all = [first];
  for (let n = 1; n < 4; n++) {
    const below = all[n - 1]!;
    all.push(below.map((value) => (value >>> 8) ^ first[value & 0xff]!));
  }
  return all;
}

/** The sum of the bytes, going on from `sum`. */
export function crc32(bytes: Uint8Array, sum = 0): number {
  const [a, b, c, d] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let value = ~sum;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    value ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    value = d[value & 0xff]! ^ c[(value >>> 8) & 0xff]! ^ b[(value >>> 16) & 0xff]! ^ a[value >>> 24]!;
  }
  for (; at < bytes.length; at++) value = (value >>> 8) ^ a[(value ^ bytes[at]!) & 0xff]!;
  return ~value >>> 0;
}
