/**
 * Reads tar archives: ustar, pax records, GNU long names, and the old format without magic.
 *
 * Kept true: it only reads. Paths come out as they are in the archive (a leading `./` or `/` and a trailing `/` taken off,
 * `..` left in): whoever unpacks decides what is safe. A damaged archive gives a TarError, never half an entry.
 */
import type { Content } from '../vfs/fs.ts';
import {
  BLOCK,
  checksum,
  field,
  padding,
  type TarEntry,
  TarError,
  type TarType,
  typeFlags,
  XATTR_RECORD,
} from './tar.ts';

const decoder = new TextDecoder();
const types: ReadonlyMap<string, TarType> = new Map([
  ...Object.entries(typeFlags).map(([type, flag]) => [flag, type as TarType] as const),
  ['\0', 'file'],
  ['7', 'file'],
]);

/** What a pax or GNU header says of the member after it. */
type Extra = ReadonlyMap<string, string>;
const noExtra: Extra = new Map();

/** The members of an archive, in its order. File contents are views of `bytes`, not copies. */
export function* readTar(bytes: Uint8Array): Generator<TarEntry> {
  let global: Extra = noExtra;
  let extra: Extra = noExtra;
  for (let at = 0; at < bytes.length; ) {
    const header = take(bytes, at, BLOCK);
    if (header.every((byte) => byte === 0)) return;
    verify(header, at);
    const flag = text(header, 'type') || '\0';
    const size = sizeOf(header, flag, new Map([...global, ...extra]), at);
    const data = take(bytes, at + BLOCK, size);
    at += BLOCK + size + padding(size);
    if (flag === 'x') extra = new Map([...extra, ...paxRecords(data, at)]);
    else if (flag === 'g') global = new Map([...global, ...paxRecords(data, at)]);
    else if (flag === 'L') extra = new Map([...extra, ['path', cString(data)]]);
    else if (flag === 'K') extra = new Map([...extra, ['linkpath', cString(data)]]);
    else {
      const entry = member(header, flag, new Map([...global, ...extra]), data, at);
      extra = noExtra;
      if (entry !== undefined) yield entry;
    }
  }
}

/** Links and directories have no data, whatever the size field says. */
function sizeOf(header: Uint8Array, flag: string, extra: Extra, at: number): number {
  if ('123456'.includes(flag)) return 0;
  const recorded = 'xgLK'.includes(flag) ? undefined : extra.get('size');
  return recorded === undefined ? number(header, 'size', at) : decimal(recorded, at);
}

function member(header: Uint8Array, flag: string, extra: Extra, data: Uint8Array, at: number): TarEntry | undefined {
  const rawPath = extra.get('path') ?? headerPath(header);
  const isOldDir = flag === '\0' && rawPath.endsWith('/');
  const type = isOldDir ? 'dir' : types.get(flag);
  if (type === undefined) return undefined;
  const seconds = extra.has('mtime') ? Number(extra.get('mtime')) : number(header, 'mtime', at);
  const xattrs = xattrsOf(extra);
  const target = extra.get('linkpath') ?? text(header, 'linkname');
  const content: Content = { bytes: data };
  return {
    path: cleanPath(rawPath),
    type,
    mode: number(header, 'mode', at) & 0o7777,
    uid: extra.has('uid') ? decimal(extra.get('uid')!, at) : number(header, 'uid', at),
    gid: extra.has('gid') ? decimal(extra.get('gid')!, at) : number(header, 'gid', at),
    mtime: Math.floor(seconds) * 1000,
    ...(type === 'file' ? { content } : {}),
    ...(type === 'symlink' ? { target } : {}),
    ...(type === 'hardlink' ? { target: cleanPath(target) } : {}),
    ...(type === 'char' || type === 'block'
      ? { rdev: [number(header, 'devmajor', at), number(header, 'devminor', at)] as const }
      : {}),
    ...(xattrs === undefined ? {} : { xattrs }),
  };
}

function cleanPath(path: string): string {
  return path.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
}

function headerPath(header: Uint8Array): string {
  const prefix = text(header, 'magic').startsWith('ustar') && header[262] === 0 ? text(header, 'prefix') : '';
  const name = text(header, 'name');
  return prefix === '' ? name : `${prefix}/${name}`;
}

function xattrsOf(extra: Extra): Readonly<Record<string, string>> | undefined {
  const found = [...extra].filter(([key]) => key.startsWith(XATTR_RECORD));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([key, value]) => [key.slice(XATTR_RECORD.length), value]));
}

function take(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length > bytes.length) throw new TarError('unexpected EOF', at);
  return bytes.subarray(at, at + length);
}

function verify(header: Uint8Array, at: number): void {
  if (number(header, 'checksum', at) !== checksum(header)) throw new TarError('archive/tar: invalid tar header', at);
}

function raw(header: Uint8Array, name: keyof typeof field): Uint8Array {
  const [at, length] = field[name];
  return header.subarray(at, at + length);
}

function text(header: Uint8Array, name: keyof typeof field): string {
  return cString(raw(header, name));
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end === -1 ? bytes : bytes.subarray(0, end));
}

/** Octal digits, or GNU's base-256 when the first bit is set. */
function number(header: Uint8Array, name: keyof typeof field, at: number): number {
  const bytes = raw(header, name);
  if (bytes[0]! >= 0x80) return base256(bytes);
  const digits = cString(bytes).trim();
  if (!/^[0-7]*$/.test(digits)) throw new TarError('archive/tar: invalid tar header', at);
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function base256(bytes: Uint8Array): number {
  const negative = bytes[0] === 0xff;
  let value = negative ? -1 : bytes[0]! & 0x7f;
  for (const byte of bytes.subarray(1)) value = value * 256 + byte;
  return value;
}

function decimal(digits: string, at: number): number {
  if (!/^\d+$/.test(digits)) throw new TarError('archive/tar: invalid tar header', at);
  return Number(digits);
}

/** Records "<length> <key>=<value>\n"; an empty value takes an earlier record back. */
function paxRecords(data: Uint8Array, offset: number): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : decimal(decoder.decode(data.subarray(at, space)), offset);
    const record = decoder.decode(data.subarray(space + 1, at + length));
    const equals = record.indexOf('=');
    if (!(length > space - at) || at + length > data.length || equals < 1 || !record.endsWith('\n')) {
      throw new TarError('archive/tar: invalid tar header', offset);
    }
    records.set(record.slice(0, equals), record.slice(equals + 1, -1));
    at += length;
  }
  return records;
}
