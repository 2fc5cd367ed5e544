/**
 * The one sha256 of the core: @noble/hashes, or what the program around it has that is faster (Node's own), put in before the
 * first use. Which one it is changes no result.
 */
import { sha256 as noble } from '@noble/hashes/sha2.js';
import { hex } from './host.ts';
import type { Digest } from './op.ts';

/** A hash that is fed piece by piece; `digest` ends it. */
export interface Sha256 {
  update(bytes: Uint8Array): unknown;
  /** 32 bytes. */
  digest(): Uint8Array;
}

let create: () => Sha256 = () => noble.create();

/** `faster` gives a new hash each time. */
export function useSha256(faster: () => Sha256): void {
  create = faster;
}

/** A running sha256 that answers as digests are written. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): Digest;
}

export function newHasher(): Hasher {
  const hash = create();
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => `sha256:${hex(hash.digest())}`,
  };
}

/** sha256 of pieces, one after the other. */
export function sha256Of(pieces: Iterable<Uint8Array>): Digest {
  const hash = create();
  for (const piece of pieces) hash.update(piece);
  return `sha256:${hex(hash.digest())}`;
}
