/**
 * Digests: what names content all over an image. Source: OCI image spec, descriptor.md#digests and config.md#layer-chainid.
 */

import type { Digest } from '../op.ts';
import { sha256Of } from '../sha256.ts';

const encoder = new TextEncoder();

/** sha256 of bytes, of text as UTF-8, or of many chunks one after the other. */
export function digestOf(data: Uint8Array | string | Iterable<Uint8Array>): Digest {
  if (typeof data === 'string') return sha256Of([encoder.encode(data)]);
  return sha256Of(data instanceof Uint8Array ? [data] : data);
}

/** Names a layer together with all layers under it: the first one's diffID, then sha256 of "<chainID> <diffID>". */
export function chainId(diffIds: readonly Digest[]): Digest {
  const [first, ...rest] = diffIds;
  if (first === undefined) throw new RangeError('a chain has at least one layer');
  return rest.reduce((chain, diffId) => digestOf(`${chain} ${diffId}`), first);
}

/** The chainID of every layer of an image, bottom first. */
export function chainIds(diffIds: readonly Digest[]): readonly Digest[] {
  const chains: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chains.at(-1);
    chains.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`));
  }
  return chains;
}

/** Whether a text is a whole sha256 digest. */
export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** The 64 hex digits of a digest. */
export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** The first twelve hex digits: how Docker shows an id. */
export function shortId(id: string): string {
  return (id.startsWith('sha256:') ? id.slice('sha256:'.length) : id).slice(0, 12);
}
