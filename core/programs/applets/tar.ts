/** tar c|x|t: archives (ustar) written by core/image/tar-write.ts and read by tar-read.ts, compressed by gzip with -z. */
import { SysError } from '../../errors.ts';
import { ArchiveError } from '../../image/archive-error.ts';
import { type TarEntry, TarError } from '../../image/tar.ts';
import { readTarFrom } from '../../image/tar-read.ts';
import { tarBytes } from '../../image/tar-write.ts';
import type { Call } from '../../kernel/sys.ts';
import { contentBytes } from '../../vfs/content.ts';
import { type Applet, attempt, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { fromBytes } from '../lib/bytes.ts';
import type { Options } from '../lib/getopt.ts';
import { readAll } from '../lib/io.ts';
import { modeString } from '../lib/mode.ts';
import { strftime } from '../lib/time.ts';
import { type Names, readNames } from '../lib/users.ts';
import { packed, unpacked } from './gzip.ts';

const long = {
  'strip-components': 'S',
  create: 'c',
  extract: 'x',
  list: 't',
  file: 'f',
  gzip: 'z',
  verbose: 'v',
  directory: 'C',
  overwrite: '\x01',
  'no-recursion': '\x02',
  'numeric-owner': '\x03',
  'no-same-permissions': '\x04',
  'to-command': '\x05',
  lzma: '\x06',
};

export const tar: Applet = {
  usage: 'c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [FILE]...',
  *main(ctx) {
    const args = ctx.args[0] !== undefined && !ctx.args[0].startsWith('-') ? withDash(ctx.args) : ctx.args;
    const options = new TarOptions(ctx, args).options;
    const modes = ['c', 'x', 't'].filter((each) => options.has(each));
    if (modes.length !== 1) throw new Usage();
    const file = options.get('f') ?? '-';
    if (modes[0] === 'c') return yield* create(ctx, options, file);
    const fd = yield* ctx.open(file);
    if (fd === undefined) return 1;
    const bytes = yield* readAll(ctx.sys, fd, () => undefined);
    ctx.close(fd);
    changeDirectory(ctx, options.get('C'));
    return yield* read(ctx, options, bytes, modes[0] === 'x');
  },
};

/** `tar cvf FILE …`: the first word is a bundle of options. Their values follow in the order of the letters. */
function withDash(args: readonly string[]): string[] {
  const [bundle, ...rest] = args as [string, ...string[]];
  const words: string[] = [];
  for (const letter of bundle) {
    words.push(`-${letter}`);
    if ('fCT'.includes(letter) && rest.length > 0) words.push(rest.shift()!);
  }
  return [...words, ...rest];
}

class TarOptions {
  readonly options: Options;

  constructor(ctx: Ctx, args: readonly string[]) {
    const own: Pick<Ctx, 'args'> & { options: Ctx['options'] } = Object.create(ctx, { args: { value: args } });
    this.options = own.options('cxtzvf:C:OmokhpS:ZJja\x01\x02\x03\x04\x05:\x06', long);
  }
}

function changeDirectory(ctx: Ctx, dir: string | undefined): void {
  if (dir === undefined) return;
  try {
    ctx.sys.chdir(dir);
  } catch (error) {
    throw new Die(`can't change directory to '${dir}': ${reason(error)}`);
  }
}

// Writing.

function* create(ctx: Ctx, options: Options, file: string): Call<number> {
  if (options.rest.length === 0) throw new Die('empty archive');
  let fd = 1;
  try {
    if (file !== '-') fd = ctx.sys.open(file, { write: true, create: true, truncate: true }, 0o666);
  } catch (error) {
    throw new Die(`can't open '${file}': ${reason(error)}`);
  }
  const self = file === '-' ? undefined : ctx.sys.fstat(fd).ino;
  changeDirectory(ctx, options.get('C'));
  const names = yield* readNames(ctx.sys);
  const entries: TarEntry[] = [];
  const links = new Map<number, string>();
  const walk = function* (path: string): Call<void> {
    let entry: TarEntry | 'archive' | undefined;
    try {
      entry = member(ctx, path, names, links, self, options.has('h'));
    } catch (error) {
      yield* ctx.refused(path, error);
      return;
    }
    if (entry === 'archive') yield* ctx.complain(`tar: ${path}: file is the archive; skipping\n`);
    if (entry === undefined || entry === 'archive') return;
    entries.push(entry);
    if (options.has('v')) {
      const line = `${path}${entry.type === 'dir' && !path.endsWith('/') ? '/' : ''}\n`;
      if (file === '-') yield* ctx.sys.write(2, line);
      else ctx.out.put(line);
    }
    if (entry.type !== 'dir' || options.has('\x02')) return;
    const base = path.replace(/\/$/, '');
    for (const { name } of ctx.sys.readdir(path)) if (name !== '.' && name !== '..') yield* walk(`${base}/${name}`);
  };
  let said = false;
  for (const path of options.rest) {
    if (path.startsWith('/') && !said) {
      yield* ctx.sys.write(2, "tar: removing leading '/' from member names\n");
      said = true;
    }
    yield* walk(path);
  }
  const bytes = tarBytes(entries);
  yield* ctx.out.flush();
  yield* ctx.sys.write(fd, options.has('z') ? packed(bytes) : bytes);
  if (file !== '-') ctx.sys.close(fd);
  if (ctx.status !== 0) throw new Die('error exit delayed from previous errors');
  return 0;
}

/** One file as a member; undefined: a socket. */
function member(
  ctx: Ctx,
  path: string,
  names: Names,
  links: Map<number, string>,
  self: number | undefined,
  follow: boolean,
): TarEntry | 'archive' | undefined {
  const { sys } = ctx;
  const stat = follow ? sys.stat(path) : sys.lstat(path);
  if (stat.type === 'socket') return undefined;
  if (stat.ino === self && stat.type === 'file') return 'archive';
  const { type, mode, uid, gid, mtime, rdev } = stat;
  const name = path.replace(/^\/+/, '').replace(/\/+$/, '');
  const entry: TarEntry = {
    path: name,
    type,
    mode,
    uid,
    gid,
    mtime: Math.floor(mtime / 1000) * 1000,
    uname: names.user(uid) ?? '',
    gname: names.group(gid) ?? '',
  };
  if (type === 'symlink') return { ...entry, target: sys.readlink(path) };
  if (type === 'char' || type === 'block') return { ...entry, rdev };
  if (type !== 'file') return entry;
  const first = stat.nlink > 1 ? links.get(stat.ino) : undefined;
  if (first !== undefined) return { ...entry, type: 'hardlink', target: first };
  links.set(stat.ino, name);
  return { ...entry, content: sys.content(path) };
}

// Reading.

function* read(ctx: Ctx, options: Options, bytes: Uint8Array, extract: boolean): Call<number> {
  let plain: Uint8Array | undefined = bytes;
  if (options.has('z')) {
    try {
      plain = unpacked(bytes);
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
    }
    if (plain === undefined) {
      yield* ctx.warn('invalid magic');
      throw new Die('short read');
    }
  }
  if (plain.length < 512) throw new Die('short read');
  const wanted = options.rest.map((path) => path.replace(/\/+$/, ''));
  const found = new Set<string>();
  const strip = Number(options.get('S') ?? '0');
  const names = yield* readNames(ctx.sys);
  try {
    for (const entry of readTarFrom([plain], { namesAsWritten: true })) {
      const match = wanted.find((path) => entry.path === path || entry.path.startsWith(`${path}/`));
      if (wanted.length > 0 && match === undefined) continue;
      if (match !== undefined) found.add(match);
      // A leading slash is left out, with a word, by who unpacks; none is ever written.
      const path = entry.path.replace(/^\/+/, '').split('/').slice(strip).join('/');
      if (path === '') continue;
      const wordy = options.all('v').length > (extract ? 1 : 0);
      if (extract) yield* unpack(ctx, options, { ...entry, path });
      if (options.has('v') || !extract) yield* show(ctx, { ...entry, path }, wordy, names);
    }
  } catch (error) {
    if (error instanceof TarError || error instanceof ArchiveError) {
      yield* ctx.out.flush();
      throw new Die('invalid tar header checksum');
    }
    throw error;
  }
  for (const path of wanted) if (!found.has(path)) throw new Die(`${path}: not found in archive`);
  return ctx.status;
}

function* show(ctx: Ctx, entry: TarEntry, details: boolean, names: Names): Call<void> {
  const name = `${entry.path}${entry.type === 'dir' ? '/' : ''}`;
  if (!details) {
    ctx.out.put(`${name}\n`);
    return;
  }
  const type = entry.type === 'hardlink' ? 'file' : entry.type;
  const owner = `${names.user(entry.uid) ?? entry.uid}/${names.group(entry.gid) ?? entry.gid}`;
  const size = entry.content === undefined ? 0 : contentBytes(entry.content).length;
  const link = entry.target === undefined ? '' : ` -> ${entry.target}`;
  const time = strftime('%Y-%m-%d %H:%M:%S', entry.mtime);
  ctx.out.put(`${modeString(type, entry.mode)} ${owner} ${String(size).padStart(9)} ${time} ${name}${link}\n`);
}

function* unpack(ctx: Ctx, options: Options, entry: TarEntry): Call<void> {
  const { sys } = ctx;
  if (options.has('O')) {
    if (entry.content !== undefined) ctx.out.raw(fromBytes(contentBytes(entry.content)));
    return;
  }
  if (entry.path.split('/').includes('..')) throw new Die(`name with '..': '${entry.path}'`);
  parents(ctx, entry.path);
  try {
    const there = attempt(() => sys.lstat(entry.path));
    if (there !== undefined && (there.type !== 'dir' || entry.type !== 'dir')) {
      if (options.has('k')) throw new SysError('EEXIST');
      // With --overwrite it stays the same file.
      if (!options.has('\x01') || entry.type !== 'file') removeOld(ctx, entry);
    }
    yield* make(ctx, entry);
    if (entry.type === 'symlink' || entry.type === 'hardlink') return;
    if (!options.has('o')) sys.chown(entry.path, entry.uid, entry.gid);
    sys.chmod(entry.path, options.has('\x04') ? entry.mode & ~sys.umask() : entry.mode);
    if (!options.has('m')) sys.setattr(entry.path, { mtime: entry.mtime });
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (entry.type === 'hardlink') throw new Die(`can't create hardlink '${entry.path}' to '${entry.target}'`);
    throw new Die(`can't open '${entry.path}': ${reason(error)}`);
  }
}

/** What lies in the way of a member; a file in the way of a directory stays. */
function removeOld({ sys }: Ctx, entry: TarEntry): void {
  if (entry.type === 'dir') throw new Die(`can't create directory '${entry.path}': File exists`);
  try {
    sys.unlink(entry.path);
  } catch (error) {
    throw new Die(`can't remove old file ${entry.path}: ${reason(error)}`);
  }
}

function parents(ctx: Ctx, path: string): void {
  const parts = path.split('/').slice(0, -1);
  parts.forEach((_, i) => void attempt(() => ctx.sys.mkdir(parts.slice(0, i + 1).join('/'), 0o777)));
}

function* make(ctx: Ctx, entry: TarEntry): Call<void> {
  const { sys } = ctx;
  switch (entry.type) {
    case 'dir':
      if (attempt(() => sys.stat(entry.path))?.type !== 'dir') sys.mkdir(entry.path, 0o777);
      return;
    case 'symlink':
      return sys.symlink(entry.target ?? '', entry.path);
    case 'hardlink':
      return sys.link(entry.target ?? '', entry.path);
    case 'file':
      if (entry.content !== undefined) return sys.putContent(entry.path, entry.content, entry.mode);
      return sys.close(sys.open(entry.path, { write: true, create: true, truncate: true }, entry.mode));
    default:
      return sys.mknod(entry.path, entry.type, entry.mode, entry.rdev);
  }
}
