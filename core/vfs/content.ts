/**
 * Helpers for file content and names: size, bytes and digest of a `Content`, the byte order of names.
 *
 * Kept true: the digest of a Content is computed once and remembered for as long as the Content lives.
 */
import { SysError } from '../errors.ts';
import type { Digest } from '../op.ts';
import { newHasher, sha256Of } from '../sha256.ts';
import type { Content } from './fs.ts';

export const emptyContent: Content = { bytes: new Uint8Array(0) };

/** What all that programs write into big files may come to on one file system, bytes: it is held in memory. */
export const DISK_SIZE = 256 * 2 ** 20;

/** Content of a file from so many bytes on is counted. */
const COUNTED = 65_536;

class CountedContent {
  constructor(readonly bytes: Uint8Array) {}
}

/** Content that a program wrote. */
export function written(bytes: Uint8Array): Content {
  return bytes.length < COUNTED ? { bytes } : new CountedContent(bytes);
}

/** How much of the disk it takes. */
export function countedSize(content: Content | undefined): number {
  return content instanceof CountedContent ? content.bytes.length : 0;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text that becomes bytes when somebody wants to see them; many files are never read. */
class TextContent {
  readonly #text: string;
  #bytes: Uint8Array | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= encoder.encode(this.#text);
    return this.#bytes;
  }

  get size(): number {
    return isAscii(this.#text) ? this.#text.length : this.bytes.length;
  }

  get text(): string {
    return isAscii(this.#text) ? this.#text : decoder.decode(this.bytes);
  }
}

const beyondAscii = /[^\0-\x7f]/;
const isAscii = (text: string): boolean => !beyondAscii.test(text);

/** Content made of UTF-8 text. */
export function textContent(text: string): Content {
  return text === '' ? emptyContent : new TextContent(text);
}

/** Content that lies elsewhere (in an archive, on a disk): `bytes` fetches all of it at once, `pieces` bit by bit. */
export interface StoredContent {
  readonly size: number;
  readonly bytes: Uint8Array;
  pieces(): Iterable<Uint8Array>;
}

/** Size in bytes. */
export function contentSize(content: Content): number {
  return 'size' in content ? content.size : content.bytes.length;
}

/** The bytes in pieces, as views where they are in memory; EIO when only size and digest are known. */
export function contentPieces(content: Content): Iterable<Uint8Array> {
  return 'pieces' in content ? (content as StoredContent).pieces() : [contentBytes(content)];
}

/** The bytes; EIO when only size and digest are known. */
export function contentBytes(content: Content): Uint8Array {
  if ('bytes' in content) return content.bytes;
  throw new SysError('EIO', 'content is known by its digest only');
}

/** The bytes as UTF-8 text. */
export function contentText(content: Content): string {
  if (content instanceof TextContent) return content.text;
  return decoder.decode(contentBytes(content));
}

const digests = new WeakMap<Content, Digest>();

/** sha256 of the content. */
export function contentDigest(content: Content): Digest {
  if (!('bytes' in content)) return content.digest;
  let digest = digests.get(content);
  if (digest === undefined) {
    digest = sha256Of(contentPieces(content));
    digests.set(content, digest);
  }
  return digest;
}

/** Bytes that are hashed at one go, in `digestsAhead`. */
const AT_ONCE = 2 ** 20;

/** Works the digests of what programs wrote out before anybody asks for them, bit by bit. */
export function* digestsAhead(contents: Iterable<Content>): Generator<void, void> {
  for (const content of contents) {
    if (!(content instanceof CountedContent) || digests.has(content)) continue;
    const { bytes } = content;
    const hash = newHasher();
    for (let at = 0; at < bytes.length; at += AT_ONCE) {
      hash.update(bytes.subarray(at, at + AT_ONCE));
      yield;
    }
    digests.set(content, hash.digest());
  }
}

/** Orders names (or paths) as their UTF-8 bytes order; JavaScript's own order differs above U+D800. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return byteRank(x) - byteRank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF and so come after all other units. */
function byteRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Throws ENAMETOOLONG when a name has more than NAME_MAX (255) bytes. */
export function checkName(name: string): void {
  if (name.length > 85 && (name.length > 255 || encoder.encode(name).length > 255)) throw new SysError('ENAMETOOLONG');
}
