/** How bytes are compressed, by how they begin (moby's pkg/archive DetectCompression, with zstd). */
export type Compression = 'none' | 'gzip' | 'bzip2' | 'xz' | 'zstd';

const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** How bytes that begin so are compressed. */
export function detectCompression(start: Uint8Array): Compression {
  return magics.find(([, magic]) => magic.every((byte, at) => start[at] === byte))?.[0] ?? 'none';
}
