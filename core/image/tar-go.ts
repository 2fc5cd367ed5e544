/**
 * Members of a tar as dockerd writes them: by Go's archive/tar, filled in by moby (pkg/archive FileInfoHeader).
 * A layer's diffID is the hash of such a tar, so every byte of a header counts: type bits beside the permissions, names of
 * owners, ustar as long as everything fits into it, pax records for all that does not fit its field otherwise.
 *
 * Kept true: the same files, with the same times and owners' names, give the same bytes as `docker commit`, `export` and
 * `save` of 20.10 do.
 */
import { contentSize } from '../vfs/content.ts';
import { BLOCK, checksum, field, padding, type TarEntry, type TarType, typeFlags, XATTR_RECORD } from './tar.ts';

/** S_IFMT of st_mode, inode(7). */
const typeBits: Readonly<Record<Exclude<TarType, 'hardlink'>, number>> = {
  file: 0o100000,
  dir: 0o040000,
  symlink: 0o120000,
  char: 0o020000,
  block: 0o060000,
  fifo: 0o010000,
};

/** The type bits that moby puts beside the permissions of a node. */
export function statType(type: Exclude<TarType, 'hardlink'>): number {
  return typeBits[type];
}

const encoder = new TextEncoder();
type Field = keyof typeof field;
type Records = ReadonlyMap<string, Uint8Array>;

/** The blocks before a member's content. */
export function goHeader(entry: TarEntry): Uint8Array {
  const size = entry.type === 'file' && entry.content !== undefined ? contentSize(entry.content) : 0;
  const path = entry.type === 'dir' ? `${entry.path}/` : entry.path;
  const records = recordsOf(entry, path, size);
  const short = splitPath(path);
  const ustar = [...records.keys()].every((key) => key === 'path') && (records.size === 0 || short !== undefined);
  const header = new Uint8Array(BLOCK);
  putText(header, 'name', ustar && short !== undefined ? short.name : ascii(path));
  if (ustar && short !== undefined) putText(header, 'prefix', short.prefix);
  putText(header, 'linkname', ascii(entry.target ?? ''));
  putNumber(header, 'mode', (entry.mode & 0o7777) | (entry.typeBits ?? 0));
  putNumber(header, 'uid', entry.uid);
  putNumber(header, 'gid', entry.gid);
  putNumber(header, 'size', size);
  putNumber(header, 'mtime', Math.floor(entry.mtime / 1000));
  putText(header, 'uname', ascii(entry.uname ?? ''));
  putText(header, 'gname', ascii(entry.gname ?? ''));
  putNumber(header, 'devmajor', entry.rdev?.[0] ?? 0);
  putNumber(header, 'devminor', entry.rdev?.[1] ?? 0);
  seal(header, typeFlags[entry.type]);
  return ustar ? header : joined([...paxBlocks(path, records), header]);
}

/** A path too long for its field may be parted between prefix and name, at the last slash that makes the prefix fit. */
function splitPath(path: string): { readonly prefix: string; readonly name: string } | undefined {
  const [most, prefix] = [field.name[1], field.prefix[1]];
  if (path.length <= most || !isAscii(path)) return undefined;
  const end = path.length > prefix + 1 ? prefix + 1 : path.endsWith('/') ? path.length - 1 : path.length;
  const at = path.slice(0, end).lastIndexOf('/');
  const name = path.slice(at + 1);
  return at <= 0 || name === '' || name.length > most ? undefined : { prefix: path.slice(0, at), name };
}

/** What the header's own fields cannot hold. */
function recordsOf(entry: TarEntry, path: string, size: number): Records {
  const records = new Map<string, Uint8Array>();
  const text = (key: string, value: string, name: Field): void => {
    const bytes = encoder.encode(value);
    if (!isAscii(value) || bytes.length > field[name][1]) records.set(key, bytes);
  };
  const number = (key: string, value: number, name: Field): void => {
    if (!fits(value, name)) records.set(key, encoder.encode(String(value)));
  };
  text('path', path, 'name');
  text('linkpath', entry.target ?? '', 'linkname');
  text('uname', entry.uname ?? '', 'uname');
  text('gname', entry.gname ?? '', 'gname');
  number('uid', entry.uid, 'uid');
  number('gid', entry.gid, 'gid');
  number('size', size, 'size');
  number('mtime', Math.floor(entry.mtime / 1000), 'mtime');
  for (const [name, value] of Object.entries(entry.xattrs ?? {})) records.set(XATTR_RECORD + name, latin1(value));
  return records;
}

/** A value of an xattr is bytes, one character each. */
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function paxBlocks(path: string, records: Records): Uint8Array[] {
  const sorted = [...records].sort(([a], [b]) => (a < b ? -1 : 1));
  const data = joined(sorted.map(([key, value]) => paxRecord(key, value)));
  const header = new Uint8Array(BLOCK);
  const cut = path.lastIndexOf('/') + 1;
  // path.Join takes double slashes out and trailing ones off.
  const name = [path.slice(0, cut).replace(/\/+$/, ''), 'PaxHeaders.0', path.slice(cut)].filter((part) => part !== '');
  putText(header, 'name', ascii(name.join('/')).slice(0, field.name[1]).replace(/\/+$/, ''));
  for (const zero of ['mode', 'uid', 'gid', 'mtime'] as const) putNumber(header, zero, 0);
  putNumber(header, 'size', data.length);
  seal(header, 'x');
  return [header, data, new Uint8Array(padding(data.length))];
}

/** "<length> <key>=<value>\n"; the length counts itself. */
function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = encoder.encode(key).length + value.length + 3;
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return joined([encoder.encode(`${length} ${key}=`), value, encoder.encode('\n')]);
}

function seal(header: Uint8Array, flag: string): void {
  putText(header, 'type', flag);
  putText(header, 'magic', 'ustar\x0000');
  const [at] = field.checksum;
  header.set(encoder.encode(`${checksum(header).toString(8).padStart(6, '0')}\0 `), at);
}

/** Cut to the field. Who knows only the old format would take a regular file for a directory if it ended in a slash then. */
function putText(header: Uint8Array, name: Field, text: string): void {
  const [at, length] = field[name];
  header.set(encoder.encode(text).subarray(0, length), at);
  if (text.length > length && text[length - 1] === '/') {
    header[at + text.slice(0, length).replace(/\/+$/, '').length] = 0;
  }
}

const fits = (value: number, name: Field): boolean => value >= 0 && value < 8 ** (field[name][1] - 1);

/** Octal digits and a NUL; 0 where the number does not fit, and a pax record has it. */
function putNumber(header: Uint8Array, name: Field, value: number): void {
  putText(header, name, (fits(value, name) ? value : 0).toString(8).padStart(field[name][1] - 1, '0'));
}

const isAscii = (text: string): boolean => /^[\x01-\x7f]*$/.test(text);
const ascii = (text: string): string => text.replace(/[^\x01-\x7f]/g, '');

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
