/**
 * Writes tar archives: ustar headers, with pax records only for what ustar cannot hold; or, as `goHeader` has them, those of
 * dockerd, for all that it would write.
 *
 * Kept true: deterministic. The same entries give the same bytes everywhere: no names of owners, whole seconds, order as
 * given. That is what makes digests of layers equal on every engine.
 */

import type { Digest } from '../op.ts';
import { contentPieces, contentSize } from '../vfs/content.ts';
import type { Content } from '../vfs/fs.ts';
import { digestOf } from './digest.ts';
import { BLOCK, checksum, field, padding, type TarEntry, typeFlags, XATTR_RECORD } from './tar.ts';

const encoder = new TextEncoder();
type Field = keyof typeof field;

/** What makes the blocks before a member's content. */
export type HeaderForm = (entry: TarEntry) => Uint8Array;

/** ustar: no names of owners, and permissions without type bits. */
export const plainHeader: HeaderForm = (entry) => concat([...writeMember(entry)]);

/** The archive in pieces. Content known by its digest only has that digest's text in place of its bytes. */
export function* writeTar(entries: Iterable<TarEntry>, form: HeaderForm = plainHeader): Generator<Uint8Array> {
  for (const entry of entries) {
    yield form(entry);
    const { content } = entry;
    if (content === undefined || entry.type !== 'file') continue;
    if ('bytes' in content) yield* contentPieces(content);
    else yield encoder.encode(content.digest);
    const fill = padding(contentSize(content));
    if (fill > 0) yield new Uint8Array(fill);
  }
  yield new Uint8Array(2 * BLOCK);
}

/** The archive in one piece. Only for entries whose bytes are all at hand. */
export function tarBytes(entries: Iterable<TarEntry>, form: HeaderForm = plainHeader): Uint8Array {
  return concat([...writeTar(entries, form)]);
}

export interface PackedTar {
  /** The archive; digest and size only when it could not be made from real bytes. */
  readonly content: Content;
  readonly digest: Digest;
  /** Bytes of the whole archive, also when it is not exact. */
  readonly size: number;
  /** False: some content was known by digest only, so `digest` is not that of a real archive (but as good a name). */
  readonly exact: boolean;
}

/** Packs entries and names the result. */
export function packTar(entries: readonly TarEntry[], form: HeaderForm = plainHeader): PackedTar {
  const exact = entries.every(({ content }) => content === undefined || 'bytes' in content);
  if (exact) {
    const bytes = tarBytes(entries, form);
    return { content: { bytes }, digest: digestOf(bytes), size: bytes.length, exact };
  }
  const digest = digestOf(writeTar(entries, form));
  const size = tarSize(entries, form);
  return { content: { size, digest }, digest, size, exact };
}

/** Bytes that the archive of these entries has. */
export function tarSize(entries: Iterable<TarEntry>, form: HeaderForm = plainHeader): number {
  let size = 2 * BLOCK;
  for (const entry of entries) {
    size += form(entry).length;
    const bytes = entry.type === 'file' && entry.content !== undefined ? contentSize(entry.content) : 0;
    size += bytes + padding(bytes);
  }
  return size;
}

/** What stands before the content of a member. */
export function memberHeader(entry: TarEntry): Uint8Array {
  return concat([...writeMember(entry)]);
}

function* writeMember(entry: TarEntry): Generator<Uint8Array> {
  const size = entry.type === 'file' && entry.content !== undefined ? contentSize(entry.content) : 0;
  const path = entry.type === 'dir' ? `${entry.path}/` : entry.path;
  const records = paxRecords(entry, path, size);
  if (records.size > 0) yield* writePax(records);
  const header = new Uint8Array(BLOCK);
  putPath(header, path);
  putText(header, 'linkname', entry.target ?? '');
  putHeader(header, typeFlags[entry.type], { ...entry, size });
  yield header;
}

/** What ustar's fields are too small for. */
function paxRecords(entry: TarEntry, path: string, size: number): Map<string, string> {
  const records = new Map<string, string>();
  if (!isAscii(path) || splitPath(path) === undefined) records.set('path', path);
  const target = entry.target ?? '';
  if (!isAscii(target) || target.length > field.linkname[1]) records.set('linkpath', target);
  if (size >= 8 ** 11) records.set('size', String(size));
  if (entry.uid >= 8 ** 7) records.set('uid', String(entry.uid));
  if (entry.gid >= 8 ** 7) records.set('gid', String(entry.gid));
  if (entry.mtime < 0) records.set('mtime', String(Math.floor(entry.mtime / 1000)));
  const xattrs = Object.entries(entry.xattrs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of xattrs) records.set(XATTR_RECORD + name, value);
  return records;
}

function* writePax(records: ReadonlyMap<string, string>): Generator<Uint8Array> {
  const data = concat([...records].map(([key, value]) => paxRecord(key, value)));
  const header = new Uint8Array(BLOCK);
  putText(header, 'name', 'PaxHeaders.0/entry');
  putHeader(header, 'x', { mode: 0o644, uid: 0, gid: 0, mtime: 0, size: data.length });
  yield header;
  yield data;
  if (padding(data.length) > 0) yield new Uint8Array(padding(data.length));
}

/** "<length> <key>=<value>\n"; the length counts itself. */
function paxRecord(key: string, value: string): Uint8Array {
  // The value of an xattr is bytes, one character each.
  const bytes = key.startsWith(XATTR_RECORD)
    ? Uint8Array.from(value, (one) => one.charCodeAt(0))
    : encoder.encode(value);
  const rest = concat([encoder.encode(` ${key}=`), bytes, encoder.encode('\n')]);
  let length = rest.length + String(rest.length).length;
  length = rest.length + String(length).length;
  return concat([encoder.encode(String(length)), rest]);
}

interface Numbers {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly size: number;
  readonly rdev?: readonly [number, number];
}

function putHeader(header: Uint8Array, flag: string, numbers: Numbers): void {
  putOctal(header, 'mode', numbers.mode & 0o7777);
  putOctal(header, 'uid', numbers.uid);
  putOctal(header, 'gid', numbers.gid);
  putOctal(header, 'size', numbers.size);
  putOctal(header, 'mtime', Math.floor(numbers.mtime / 1000));
  putText(header, 'type', flag);
  putText(header, 'magic', 'ustar\x0000');
  putOctal(header, 'devmajor', numbers.rdev?.[0] ?? 0);
  putOctal(header, 'devminor', numbers.rdev?.[1] ?? 0);
  const [at] = field.checksum;
  header.set(encoder.encode(`${checksum(header).toString(8).padStart(6, '0')}\0 `), at);
}

function putText(header: Uint8Array, name: Field, text: string): void {
  const [at, length] = field[name];
  header.set(encoder.encode(text).subarray(0, length), at);
}

/** Octal digits and a NUL; 0 where the number does not fit, and a pax record has it. */
function putOctal(header: Uint8Array, name: Field, value: number): void {
  const digits = field[name][1] - 1;
  const fits = value >= 0 && value < 8 ** digits;
  putText(header, name, (fits ? value : 0).toString(8).padStart(digits, '0'));
}

function putPath(header: Uint8Array, path: string): void {
  const { prefix, name } = splitPath(path) ?? { prefix: '', name: path };
  putText(header, 'name', name);
  putText(header, 'prefix', prefix);
}

/** ustar holds up to 100 bytes, or 155 + `/` + 100; undefined when the path fits neither. */
function splitPath(path: string): { prefix: string; name: string } | undefined {
  if (path.length <= field.name[1]) return { prefix: '', name: path };
  for (let at = path.indexOf('/'); at !== -1 && at <= field.prefix[1]; at = path.indexOf('/', at + 1)) {
    const name = path.slice(at + 1);
    if (name.length > 0 && name.length <= field.name[1]) return { prefix: path.slice(0, at), name };
  }
  return undefined;
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
