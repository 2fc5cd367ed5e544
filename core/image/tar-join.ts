/**
 * Puts a layer's tar together again, from its tar-split.json.gz and the unpacked files (moby/layer, after vbatts/tar-split).
 *
 * Kept true: what tar-split.ts took apart comes out byte for byte; a file that is not what it was gives a JoinError.
 */
import type { Digest } from '../op.ts';
import { contentSize } from '../vfs/content.ts';
import type { Content } from '../vfs/fs.ts';
import { crc64 } from './crc64.ts';
import { digestOf } from './digest.ts';
import type { TarEntry } from './tar.ts';
import { readTar } from './tar-read.ts';
import { ALPHABET, base64, joined } from './tar-split.ts';

const decoder = new TextDecoder();

interface SplitLine {
  readonly type: 1 | 2;
  readonly name?: string;
  readonly name_raw?: string;
  readonly size?: number;
  readonly payload: string | null;
}

/** An archive cannot be put together again, because a file is not what it was; the message is the engine's. */
export class JoinError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JoinError';
  }
}

/** What the file says, unpacked. Throws JoinError in the words of Go's readers (compress/gzip, encoding/json). */
export function splitText(file: Uint8Array, gunzip: (bytes: Uint8Array) => Uint8Array): string {
  if (file.length === 0) throw new JoinError('EOF');
  if (file.length < GZIP_HEADER) throw new JoinError(cutOff);
  if (file[0] !== 0x1f || file[1] !== 0x8b) throw new JoinError('gzip: invalid header');
  try {
    return decoder.decode(gunzip(file));
  } catch {
    throw new JoinError(cutOff);
  }
}

const GZIP_HEADER = 10;
const cutOff = 'unexpected EOF';

function lineOf(text: string): SplitLine {
  try {
    return JSON.parse(text) as SplitLine;
  } catch {
    throw new JoinError(cutOff);
  }
}

/**
 * Puts an archive together again: bytes, and contents in their places. `text`: the file, unpacked; `read`: the content of a
 * member of that name. Throws JoinError when a content is not what it was.
 */
export function* joinTar(text: string, read: (name: string) => Content): Generator<Uint8Array | { content: Content }> {
  for (const one of text.split('\n')) {
    if (one === '') continue;
    const entry = lineOf(one);
    if (entry.type === 2) yield fromBase64(entry.payload ?? '');
    else if ((entry.size ?? 0) > 0) yield { content: checked(entry, read(nameOf(entry))) };
  }
}

const nameOf = (entry: SplitLine): string => entry.name ?? decoder.decode(fromBase64(entry.name_raw ?? ''));

/** What is known by its digest only is taken for what it was. */
function checked(entry: SplitLine, content: Content): Content {
  const same = !('bytes' in content) || base64(crc64(content.bytes)) === entry.payload;
  if (same && contentSize(content) === entry.size) return content;
  throw new JoinError(`file integrity checksum failed for ${JSON.stringify(nameOf(entry))}`);
}

export interface JoinedTar {
  /** `diffId`, when some content has no bytes. */
  readonly content: Content;
  readonly digest: Digest;
  /** The members, when some content has no bytes and so the archive cannot be read. */
  readonly members?: readonly TarEntry[];
}

/**
 * A whole archive put together again, as content of a file. `diffId`: its digest, as it was when it was split. Throws JoinError
 * when it is another one now (layer/layer_store.go verifiedReadCloser).
 */
export function joinedTar(text: string, diffId: Digest, read: (name: string) => Content): JoinedTar {
  const pieces = [...joinTar(text, read)];
  const contents = pieces.flatMap((piece) => (piece instanceof Uint8Array ? [] : [piece.content]));
  // Where bytes are missing zeros stand in, so that the headers can be read.
  const bytes = joined(
    pieces.map((piece) => {
      if (piece instanceof Uint8Array) return piece;
      return 'bytes' in piece.content ? piece.content.bytes : new Uint8Array(piece.content.size);
    }),
  );
  if (contents.every((content) => 'bytes' in content)) {
    const digest = digestOf(bytes);
    if (digest === diffId) return { content: { bytes }, digest };
    throw new JoinError(
      `could not verify layer data for: ${diffId}. This may be because internal files in the layer store were modified. Re-pulling or rebuilding this image may resolve the issue`,
    );
  }
  let next = 0;
  const members = [...readTar(bytes)].map((entry) => {
    const filled = entry.type === 'file' && entry.content !== undefined && contentSize(entry.content) > 0;
    return filled ? { ...entry, content: contents[next++]! } : entry;
  });
  return { content: { size: bytes.length, digest: diffId }, digest: diffId, members };
}

function fromBase64(text: string): Uint8Array {
  const digits = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let word = 0;
  let to = 0;
  for (let at = 0; at < digits.length; at++) {
    word = ((word << 6) | ALPHABET.indexOf(digits[at]!)) & 0xffffff;
    if (at % 4 !== 0) bytes[to++] = (word >>> (6 - 2 * (at % 4))) & 0xff;
  }
  return bytes;
}
