/**
 * tar-split.json.gz: a layer's tar without the contents of its files, kept beside the unpacked layer (moby/layer, after
 * vbatts/tar-split). Headers and padding byte for byte, and for each file its name, size and CRC-64: together with the unpacked
 * files that is enough to give back the very tar that came in, so that `docker save` and `docker push` send the same digest.
 *
 *     {"type":2,"payload":"<base64>","position":0}                         bytes as they were: a header, padding
 *     {"type":1,"name":"etc/passwd","size":340,"payload":"<crc64>","position":1}   here goes the content of that file
 *
 * Kept true: the entries of a tar, put together again with the same contents (tar-join.ts), are that tar.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { gzipSync } from 'fflate';
import type { Digest } from '../op.ts';
import { contentSize } from '../vfs/content.ts';
import type { Content } from '../vfs/fs.ts';
import { crc64 } from './crc64.ts';
import { BLOCK, field, padding, type TarEntry } from './tar.ts';
import { memberHeader } from './tar-write.ts';

export type SplitEntry =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** `crc`: eight bytes; absent when there is no content. */
  | { readonly kind: 'file'; readonly name: Uint8Array; readonly size: number; readonly crc?: Uint8Array };

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const strict = new TextDecoder('utf-8', { fatal: true });

/** Takes the contents out of an archive. A damaged one is split as far as its headers can be followed. */
export function* splitTar(tar: Uint8Array): Generator<SplitEntry> {
  let from = 0;
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const member = memberAt(tar, at);
    if (member === undefined) {
      // The end mark is two blocks of zeros, and belongs to the padding before it.
      const end = Math.min(at + 2 * BLOCK, tar.length);
      yield { kind: 'bytes', bytes: tar.subarray(from, end) };
      from = end;
      break;
    }
    yield { kind: 'bytes', bytes: tar.subarray(from, member.data) };
    const content = tar.subarray(member.data, member.data + member.size);
    yield fileEntry(member.name, content.length, () => crc64(content));
    from = member.data + content.length;
    at = member.next;
  }
  if (from < tar.length) yield { kind: 'bytes', bytes: tar.subarray(from) };
  yield { kind: 'bytes', bytes: new Uint8Array(0) };
}

/** CRC-64 in hexadecimal, by digest, of contents whose bytes are not at hand. */
export type Checksums = Readonly<Record<Digest, string>>;

/** The same of an archive that is not there as bytes, because some content in it is known by its digest only. */
export function* splitMembers(entries: Iterable<TarEntry>, known: Checksums): Generator<SplitEntry> {
  let fill = 0;
  for (const entry of entries) {
    const header = memberHeader(entry);
    yield { kind: 'bytes', bytes: joined([new Uint8Array(fill), header]) };
    const content = entry.type === 'file' ? entry.content : undefined;
    const size = content === undefined ? 0 : contentSize(content);
    const name = encoder.encode(entry.type === 'dir' ? `${entry.path}/` : entry.path);
    yield fileEntry(name, size, () => crcOf(content!, known));
    fill = padding(size);
  }
  yield { kind: 'bytes', bytes: new Uint8Array(fill + 2 * BLOCK) };
  yield { kind: 'bytes', bytes: new Uint8Array(0) };
}

function fileEntry(name: Uint8Array, size: number, crc: () => Uint8Array): SplitEntry {
  return { kind: 'file', name, size, ...(size > 0 ? { crc: crc() } : {}) };
}

/** Content without bytes has its digest's text in their place, as in the archives made of it, unless its sum is known. */
function crcOf(content: Content, known: Checksums): Uint8Array {
  if ('bytes' in content) return crc64(content.bytes);
  const sum = known[content.digest];
  return sum === undefined ? crc64(encoder.encode(content.digest)) : hexToBytes(sum);
}

/** The file as the engine writes it: gzip with no name and no time, one entry a line. */
export function splitFile(entries: Iterable<SplitEntry>): Uint8Array {
  const lines: string[] = [];
  for (const entry of entries) lines.push(line(entry, lines.length));
  const packed = gzipSync(encoder.encode(lines.join('')), { mtime: 0 });
  // The system that it was made on: unknown, as Go's gzip says.
  packed[9] = 0xff;
  return packed;
}

function line(entry: SplitEntry, position: number): string {
  if (entry.kind === 'bytes') return `{"type":2,"payload":"${base64(entry.bytes)}","position":${position}}\n`;
  const size = entry.size > 0 ? `"size":${entry.size},` : '';
  const payload = entry.crc === undefined ? 'null' : `"${base64(entry.crc)}"`;
  return `{"type":1,${nameField(entry.name)}${size}"payload":${payload},"position":${position}}\n`;
}

/** A name that is not UTF-8 is kept as bytes. */
function nameField(name: Uint8Array): string {
  if (name.length === 0) return '';
  try {
    return `"name":${goString(strict.decode(name))},`;
  } catch {
    return `"name_raw":"${base64(name)}",`;
  }
}

/** A string as encoding/json writes it. */
const goString = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

// Where a member's headers end and what it is called, as far as splitting needs it.

interface Member {
  readonly name: Uint8Array;
  readonly size: number;
  /** Where its content begins. */
  readonly data: number;
  /** Where the next member does. */
  readonly next: number;
}

/** Follows the headers of one member: pax and GNU ones belong to the member after them. Undefined at the end mark. */
function memberAt(tar: Uint8Array, start: number): Member | undefined {
  const extra = new Map<string, Uint8Array>();
  for (let at = start; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return undefined;
    const flag = String.fromCharCode(header[field.type[0]]!);
    const own = numberIn(part(header, 'size'));
    if (!'xgLK'.includes(flag)) {
      const written = extra.has('size') ? Number(decoder.decode(extra.get('size'))) : own;
      const size = '123456'.includes(flag) ? 0 : written;
      const data = at + BLOCK;
      return { name: extra.get('path') ?? nameIn(header), size, data, next: data + size + padding(size) };
    }
    const data = tar.subarray(at + BLOCK, at + BLOCK + own);
    if (flag === 'g') return globalHeader(header, at + BLOCK + own, own);
    if (flag === 'L') extra.set('path', untilNul(data));
    if (flag === 'x') for (const [key, value] of paxRecords(data)) extra.set(key, value);
    at += BLOCK + own + padding(own);
  }
  return undefined;
}

/** Go shows the global pax header as a member without content, its records being part of the header. */
function globalHeader(header: Uint8Array, data: number, size: number): Member {
  return { name: untilNul(part(header, 'name')), size: 0, data, next: data + padding(size) };
}

function nameIn(header: Uint8Array): Uint8Array {
  const name = untilNul(part(header, 'name'));
  const isUstar = decoder.decode(header.subarray(257, 263)) === 'ustar\0';
  const prefix = isUstar ? untilNul(part(header, 'prefix')) : new Uint8Array(0);
  return prefix.length === 0 ? name : joined([prefix, encoder.encode('/'), name]);
}

function part(header: Uint8Array, name: keyof typeof field): Uint8Array {
  const [at, length] = field[name];
  return header.subarray(at, at + length);
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

/** Octal digits, or base 256 when the first bit is set. */
function numberIn(bytes: Uint8Array): number {
  if (bytes[0]! < 0x80) return Number.parseInt(decoder.decode(untilNul(bytes)).trim() || '0', 8) || 0;
  return bytes.subarray(1).reduce((value, byte) => value * 256 + byte, bytes[0]! & 0x7f);
}

/** Records "<length> <key>=<value>\n"; values as bytes. */
function* paxRecords(data: Uint8Array): Generator<readonly [string, Uint8Array]> {
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = Number.parseInt(decoder.decode(data.subarray(at, space)), 10);
    if (space < 0 || !(length > 0)) return;
    const record = data.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    yield [decoder.decode(record.subarray(0, equals)), record.subarray(equals + 1)];
    at += length;
  }
}

export const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const word = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET[word >>> 18]! + ALPHABET[(word >>> 12) & 63]!;
    text += at + 1 < bytes.length ? ALPHABET[(word >>> 6) & 63]! : '=';
    text += at + 2 < bytes.length ? ALPHABET[word & 63]! : '=';
  }
  return text;
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
