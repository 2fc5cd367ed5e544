/**
 * Reads tar archives as Go's archive/tar does (what Docker reads them with): ustar, pax records, GNU long names and numbers,
 * star, the old format without magic, and sparse files (tar-sparse.ts).
 *
 * Kept true: it only reads. Paths come out as they are in the archive (a leading `./` or `/` and a trailing `/` taken off,
 * `..` left in): whoever unpacks decides what is safe. A damaged archive gives a TarError, one beyond the limits
 * (limits.ts) an ArchiveError, never half an entry.
 */
import type { Content } from '../vfs/fs.ts';
import { ArchiveError } from './archive-error.ts';
import { ByteReader, type Pieces } from './bytes.ts';
import { tooLarge } from './limited.ts';
import { archiveLimits } from './limits.ts';
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
import { badSparse, type Sparse, SparseContent, sparseOf } from './tar-sparse.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const loose = new TextDecoder();
const ascii = new TextDecoder();
const beyondAscii = /[^\0-\x7f]/;
const types: ReadonlyMap<string, TarType> = new Map([
  ...Object.entries(typeFlags).map(([type, flag]) => [flag, type as TarType] as const),
  ['\0', 'file'],
  ['S', 'file'],
]);

export interface ReadOptions {
  /** Makes the content of a file whose `size` bytes follow at `at`, without reading them; absent: they are read. */
  readonly place?: (at: number, size: number) => Content;
  /** Sees each member's headers as they were, and the files' content as it passes. */
  readonly watch?: TarWatcher;
  /** Names keep what stands before them (`./`), as tar(1) shows them; else they are paths below the archive's root. */
  readonly namesAsWritten?: boolean;
}

/** Sees an archive go by. */
export interface TarWatcher {
  /** Bytes that are no content: headers, padding, the end. */
  raw(bytes: Uint8Array): void;
  /** A member's name as it is in the archive, and how much content follows. */
  member(name: string, size: number): void;
  content(bytes: Uint8Array): void;
  /** The archive is at its end; what comes now lies behind it. */
  end(): void;
}

/** What a pax or GNU header says of the member after it; values as bytes, one character each. */
export type Extra = ReadonlyMap<string, string>;

/** The members of an archive, in its order. File contents are views of `bytes`, not copies. */
export function readTar(bytes: Uint8Array): Generator<TarEntry> {
  return readTarFrom([bytes]);
}

/** The same of an archive that comes in pieces. Contents that lie within one piece are views of it. */
export function* readTarFrom(pieces: Pieces, options: ReadOptions = {}): Generator<TarEntry> {
  const tar = new Archive(new ByteReader(pieces), options);
  for (let member = tar.next(); member !== 'end'; member = tar.next()) if (member !== undefined) yield member;
}

/** A member's header and the extended ones before it. */
export interface RawHeader {
  readonly block: Uint8Array;
  readonly flag: string;
  readonly extra: Map<string, string>;
  readonly at: number;
}

class Archive {
  #members = 0;
  #virtual = 0;

  constructor(
    readonly reader: ByteReader,
    readonly options: ReadOptions,
  ) {}

  next(): TarEntry | 'end' | undefined {
    const header = this.#header();
    if (header === undefined) return 'end';
    this.#members += 1;
    if (this.#members > archiveLimits.members) throw tooMany();
    const { flag, block, extra, at } = header;
    // Go hands it out and Docker passes over it: what it says is not applied to what follows.
    if (flag === 'g') return this.#skipGlobal(header);
    const rawPath = extra.get('path') ?? headerPath(block);
    const type = flag === '\0' && rawPath.endsWith('/') ? 'dir' : types.get(flag);
    if (type === undefined) throw unhandled(flag, at);
    // As Docker: the old form of sparse files is known to the reader of archives, but to nobody who asks it.
    if (flag === 'S') throw badSparse(block) ? invalid(at) : unhandled(flag, at);
    const sparse = type === 'file' ? sparseOf(header, this.#size(header), (length) => this.#take(length)) : undefined;
    const name = sparse?.name ?? rawPath;
    this.options.watch?.member(name, sparse?.size ?? (type === 'file' ? this.#size(header) : 0));
    const content = type === 'file' ? this.#content(header, sparse) : undefined;
    const entry = entryOf(header, type, name, content);
    return this.options.namesAsWritten ? { ...entry, path: utf8(name).replace(/\/+$/, '') } : entry;
  }

  /** The next header that is not about another one. Undefined at the end. */
  #header(): RawHeader | undefined {
    const extra = new Map<string, string>();
    let [longName, longLink]: (string | undefined)[] = [undefined, undefined];
    for (;;) {
      const at = this.reader.at;
      const block = this.#block(at);
      if (block === undefined) return undefined;
      verify(block, at);
      const flag = text(block, 'type') || '\0';
      if (flag === 'x') replace(extra, paxRecords(this.#small(block, at), at));
      else if (flag === 'L') longName = cString(this.#small(block, at));
      else if (flag === 'K') longLink = cString(this.#small(block, at));
      else {
        if (longName !== undefined) extra.set('path', longName);
        if (longLink !== undefined) extra.set('linkpath', longLink);
        return { block, flag, extra, at };
      }
    }
  }

  /** A header block; undefined at the end of the archive, which is two blocks of zeros or the end of the stream. */
  #block(at: number): Uint8Array | undefined {
    const block = this.#take(BLOCK);
    if (block.length === 0) return undefined;
    if (block.length < BLOCK) throw new TarError('unexpected EOF', at);
    if (!isZero(block)) return block;
    const second = this.#take(BLOCK);
    if (second.length > 0 && second.length < BLOCK) throw new TarError('unexpected EOF', at);
    if (second.length > 0 && !isZero(second)) throw invalid(at);
    this.#rest();
    return undefined;
  }

  /** What lies behind the end is nobody's, but belongs to the archive's digest. */
  #rest(): void {
    const { watch } = this.options;
    watch?.end();
    let behind = 0;
    for (const piece of this.reader.pieces(Number.POSITIVE_INFINITY)) {
      behind += piece.length;
      if (behind > archiveLimits.behind) throw tooMuchBehind();
      watch?.raw(piece);
      this.#checkSize(0);
    }
  }

  #take(length: number): Uint8Array {
    const bytes = this.reader.read(length);
    if (bytes.length > 0) this.options.watch?.raw(bytes);
    this.#checkSize(0);
    return bytes;
  }

  /** The data of a header about another one. */
  #small(block: Uint8Array, at: number): Uint8Array {
    const data = this.#records(block, at);
    this.#take(padding(data.length));
    return data;
  }

  #records(block: Uint8Array, at: number): Uint8Array {
    const size = number(block, 'size', at);
    if (size < 0) throw invalid(at);
    if (size > archiveLimits.header) throw new TarError('archive/tar: header field too long', at);
    const data = this.#take(size);
    if (data.length < size) throw new TarError('unexpected EOF', at);
    return data;
  }

  #skipGlobal({ block, at }: RawHeader): undefined {
    const size = this.#records(block, at).length;
    // The records count as part of the header.
    this.options.watch?.member(text(block, 'name'), 0);
    this.#take(padding(size));
    return undefined;
  }

  #content(header: RawHeader, sparse: Sparse | undefined): Content {
    if (sparse !== undefined) {
      this.#virtual += sparse.size - sparse.stored;
      this.#checkSize(sparse.stored);
    }
    const size = sparse?.stored ?? this.#size(header);
    const stored = this.#data(header, size);
    // A stream that ends within the padding is taken for one that ends after it.
    this.#take(padding(size));
    return sparse === undefined ? stored : new SparseContent(sparse, stored);
  }

  #size({ block, extra, at }: RawHeader): number {
    const recorded = extra.get('size');
    const size = recorded ? decimal(recorded, at) : number(block, 'size', at);
    if (size < 0) throw invalid(at);
    return size;
  }

  #data({ at }: RawHeader, size: number): Content {
    const { watch, place } = this.options;
    this.#checkSize(size);
    if (place !== undefined) {
      const content = place(this.reader.at, size);
      let passed = 0;
      for (const piece of this.reader.pieces(size)) {
        watch?.content(piece);
        passed += piece.length;
      }
      if (passed < size) throw new TarError('unexpected EOF', at);
      return content;
    }
    const bytes = this.reader.read(size);
    if (bytes.length < size) throw new TarError('unexpected EOF', at);
    watch?.content(bytes);
    return { bytes };
  }

  /** Throws unless `more` bytes are still within what an archive may hold. */
  #checkSize(more: number): void {
    if (this.reader.at + this.#virtual + more > archiveLimits.bytes) throw tooLarge();
  }
}

const tooMuchBehind = (): ArchiveError =>
  new ArchiveError(`archive: more than ${archiveLimits.behind / 2 ** 20} MiB lie behind its end`, 'EFBIG');

const tooMany = (): ArchiveError =>
  new ArchiveError(
    `archive: it has more than the ${archiveLimits.members.toLocaleString('en')} members that an archive may have`,
    'EFBIG',
  );

const invalid = (at: number): TarError => new TarError('archive/tar: invalid tar header', at);
const unhandled = (flag: string, at: number): TarError =>
  new TarError(`unhandled tar header type ${flag.charCodeAt(0)}\n`, at);

const isZero = (block: Uint8Array): boolean => block.every((byte) => byte === 0);

function entryOf(
  { block, extra, at }: RawHeader,
  type: TarType,
  rawPath: string,
  content: Content | undefined,
): TarEntry {
  const mtime = extra.get('mtime') ? seconds(extra.get('mtime')!, at) : number(block, 'mtime', at);
  const xattrs = xattrsOf(extra);
  const target = extra.get('linkpath') ?? text(block, 'linkname');
  const known = isKnownFormat(block);
  return {
    path: cleanPath(utf8(rawPath)),
    type,
    mode: number(block, 'mode', at) & 0o7777,
    uid: id(extra, 'uid', block, at),
    gid: id(extra, 'gid', block, at),
    mtime: Math.floor(mtime * 1000),
    ...(content === undefined ? {} : { content }),
    ...(type === 'symlink' ? { target: utf8(target) } : {}),
    ...(type === 'hardlink' ? { target: cleanPath(utf8(target)) } : {}),
    ...(type === 'char' || type === 'block' ? { rdev: known ? device(block, at) : ([0, 0] as const) } : {}),
    ...(xattrs === undefined ? {} : { xattrs }),
  };
}

const device = (block: Uint8Array, at: number): readonly [number, number] => [
  number(block, 'devmajor', at),
  number(block, 'devminor', at),
];

function id(extra: Extra, name: 'uid' | 'gid', block: Uint8Array, at: number): number {
  const recorded = extra.get(name);
  return recorded ? decimal(recorded, at) : number(block, name, at);
}

function cleanPath(path: string): string {
  return path.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
}

/** ustar, GNU, star: the formats whose headers have more than those of the first tar. */
const isKnownFormat = (block: Uint8Array): boolean => text(block, 'magic').startsWith('ustar');

function headerPath(block: Uint8Array): string {
  const isUstar = text(block, 'magic') === 'ustar' && block[263] === 0x30 && block[264] === 0x30;
  const prefix = isUstar ? text(block, 'prefix') : '';
  const name = text(block, 'name');
  return prefix === '' ? name : `${prefix}/${name}`;
}

function xattrsOf(extra: Extra): Readonly<Record<string, string>> | undefined {
  // Values are bytes, one character each.
  const found = [...extra].filter(([key]) => key.startsWith(XATTR_RECORD));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([key, value]) => [key.slice(XATTR_RECORD.length), value]));
}

/** Sums of unsigned and of signed bytes are both found in archives. */
function verify(block: Uint8Array, at: number): void {
  const said = number(block, 'checksum', at);
  if (said === checksum(block)) return;
  const [from, length] = field.checksum;
  let signed = length * 0x20;
  for (let n = 0; n < BLOCK; n++) if (n < from || n >= from + length) signed += (block[n]! << 24) >> 24;
  if (said !== signed) throw invalid(at);
}

function raw(block: Uint8Array, name: keyof typeof field): Uint8Array {
  const [at, length] = field[name];
  return block.subarray(at, at + length);
}

function text(block: Uint8Array, name: keyof typeof field): string {
  return cString(raw(block, name));
}

/** Up to the first NUL, one character a byte. */
function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return binary(end === -1 ? bytes : bytes.subarray(0, end));
}

/** One character a byte. TextDecoder's latin1 is windows-1252, which differs between 0x80 and 0x9f. */
function binary(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte < 0x80)) return ascii.decode(bytes);
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

const bytesOf = (characters: string): Uint8Array => Uint8Array.from(characters, (one) => one.charCodeAt(0));

/**
 * A name as text. Docker keeps the bytes of one that is not UTF-8; names are text everywhere in Cutaway, so here such an archive
 * is refused, in words that say so.
 */
function utf8(characters: string): string {
  if (!beyondAscii.test(characters)) return characters;
  try {
    return strict.decode(bytesOf(characters));
  } catch {
    throw new ArchiveError(
      `archive: the name ${JSON.stringify(loose.decode(bytesOf(characters)))} is not UTF-8`,
      'EINVAL',
    );
  }
}

/** Octal digits, or GNU's base-256 when the first bit is set. */
function number(block: Uint8Array, name: keyof typeof field, at: number): number {
  const bytes = raw(block, name);
  if (bytes[0]! >= 0x80) return base256(bytes, at);
  const digits = trim(binary(bytes));
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw invalid(at);
  return Number.parseInt(digits, 8);
}

/** Spaces and NULs around it are passed over, and what follows a NUL. */
const trim = (characters: string): string => characters.replace(/^[ \0]+|[ \0]+$/g, '').replace(/\0.*$/s, '');

/** Two's complement, big-endian, without the highest bit, which says that it is one; no more than 64 bits. */
function base256(bytes: Uint8Array, at: number): number {
  const width = bytes.length * 8 - 1;
  const whole = bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
  const value = BigInt.asIntN(width, whole);
  if (value !== BigInt.asIntN(64, value)) throw invalid(at);
  return Number(value);
}

function decimal(digits: string, at: number): number {
  if (!/^[+-]?\d+$/.test(digits) || BigInt(digits) !== BigInt.asIntN(64, BigInt(digits))) throw invalid(at);
  return Number(digits);
}

/** A time of a pax record: seconds, and a fraction perhaps. */
function seconds(digits: string, at: number): number {
  if (!/^-?\d+(\.\d*)?$/.test(digits)) throw invalid(at);
  return Number(digits);
}

const textual = new Set(['path', 'linkpath', 'uname', 'gname']);

/** Records "<length> <key>=<value>\n". Those of a later header take the place of all earlier ones. */
function paxRecords(data: Uint8Array, offset: number): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = space === -1 ? 0 : decimal(binary(data.subarray(at, space)), offset);
    if (length < 5 || length > data.length - at || length <= space - at) throw invalid(offset);
    const record = binary(data.subarray(space + 1, at + length));
    const equals = record.indexOf('=');
    if (equals < 1 || !record.endsWith('\n')) throw invalid(offset);
    addRecord(records, record.slice(0, equals), record.slice(equals + 1, -1), offset);
    at += length;
  }
  return records;
}

/** The pieces of a sparse file in its first form are a record each; an empty value leaves what the header says. */
function addRecord(records: Map<string, string>, key: string, value: string, offset: number): void {
  if ((textual.has(key) ? value : key).includes('\0')) throw invalid(offset);
  if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') {
    const before = records.get('GNU.sparse.map');
    records.set('GNU.sparse.map', before === undefined ? value : `${before},${value}`);
  } else if (value === '' && textual.has(key)) records.delete(key);
  else records.set(key, value);
}

function replace(all: Map<string, string>, records: ReadonlyMap<string, string>): void {
  all.clear();
  for (const [key, value] of records) all.set(key, value);
}
