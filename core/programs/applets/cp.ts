/** cp and mv. Contents go over as values, so that a file known only by its digest can be copied as well. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt, type Ctx, Usage } from '../lib/applet.ts';
import { ask } from '../lib/ask.ts';
import { getopt, type Options } from '../lib/getopt.ts';
import { readAll } from '../lib/io.ts';
import { remove } from './rm.ts';

export const cp: Applet = {
  usage: '[-arPLHpfinlsTu] SOURCE DEST\nor: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }',
  *main(ctx) {
    const options = ctx.options('arRdPLHpfinlsTuvt:', { archive: 'a', recursive: 'r', force: 'f' });
    if (options.has('l') && options.has('s')) throw new Usage();
    const copied: Copied = new Map();
    for (const [from, to] of yield* targets(ctx, options, recursive(options)))
      yield* copy(ctx, options, from, to, true, copied);
    return ctx.status;
  },
};

/** What was made so far, by the inode it is (a directory) or was copied from (a file with several names). */
type Copied = Map<string, string>;

const recursive = (options: Options): boolean => options.has('r') || options.has('R') || options.has('a');

/**
 * Pairs of source and destination. With one source the destination is meant itself when neither is a directory, or when a
 * whole directory is to get a new name; else the copy lies in it under the source's last component (coreutils/cp.c).
 */
function* targets(ctx: Ctx, options: Options, renames: boolean): Call<[string, string][]> {
  const into = options.get('t');
  const rest = options.rest;
  if (rest.length < (into === undefined ? 2 : 1)) throw new Usage();
  const dest = into ?? rest.at(-1)!;
  const sources = into === undefined ? rest.slice(0, -1) : rest;
  if (into === undefined && sources.length === 1) {
    const [a, b] = [yield* kindOf(ctx, sources[0]!), yield* kindOf(ctx, dest)];
    if (a === 'unknown' || b === 'unknown') return [];
    if (options.has('T') && a !== 'dir' && b === 'dir') {
      yield* ctx.warn(`'${dest}' is a directory`);
      return [];
    }
    if (options.has('T') || (a !== 'dir' && b !== 'dir') || (renames && a === 'dir' && b === 'none'))
      return [[sources[0]!, dest]];
  }
  // Into a directory, a source is taken without slashes behind it.
  return sources.map((from) => [from.replace(/(?!^)\/+$/, ''), `${dest.replace(/\/+$/, '')}/${lastPart(from)}`]);
}

/** cp_mv_stat: what is not there is not yet a mistake. */
function* kindOf(ctx: Ctx, path: string): Call<'dir' | 'other' | 'none' | 'unknown'> {
  try {
    return ctx.sys.stat(path).type === 'dir' ? 'dir' : 'other';
  } catch (error) {
    if (error instanceof SysError && error.errno === 'ENOENT') return 'none';
    if (error instanceof SysError && error.errno === 'ENOTDIR')
      yield* ctx.warn(`can't stat '${path}': Path has non-directory component`);
    else yield* ctx.refused(`can't stat '${path}'`, error);
    return 'unknown';
  }
}

function lastPart(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1)!;
}

/** libbb/copy_file.c */
function* copy(ctx: Ctx, options: Options, from: string, to: string, top: boolean, copied: Copied): Call<void> {
  const { sys } = ctx;
  const keepLinks = options.has('a') || options.has('d') || options.has('P') || recursive(options);
  const follow = options.has('L') || !keepLinks || (top && options.has('H'));
  let stat: Stat;
  let there: Stat | undefined;
  let at = from;
  // What is not there can be named by a link, or fails when it is linked.
  if ((options.has('s') || options.has('l')) && attempt(() => sys.stat(from)) === undefined) {
    try {
      linkTo(ctx, options, from, to, attempt(() => sys.lstat(to)) !== undefined);
    } catch (error) {
      yield* ctx.refused(`can't create '${to}'`, error);
    }
    return;
  }
  try {
    stat = follow ? sys.stat(from) : sys.lstat(from);
    at = to;
    there = present(() => sys.lstat(to));
  } catch (error) {
    yield* ctx.refused(`can't stat '${at}'`, error);
    return;
  }
  if (there !== undefined && same(there, stat)) yield* ctx.warn(`'${from}' and '${to}' are the same file`);
  else if (stat.type === 'dir') yield* copyDir(ctx, options, from, to, stat, there, copied);
  else if (there === undefined || !(options.has('n') || (options.has('u') && there.mtime >= stat.mtime)))
    yield* copyOther(ctx, options, { from, to, stat, exists: there !== undefined }, follow, copied);
}

/** Which node it is. Numbers of inodes are unique within one file system, so more is looked at. */
const identity = ({ ino, type }: Stat): string => `${type}:${ino}`;
const same = (a: Stat, b: Stat): boolean =>
  identity(a) === identity(b) && a.mtime === b.mtime && a.ctime === b.ctime && a.nlink === b.nlink && a.size === b.size;

/** What a call finds; undefined when there is nothing. Other refusals go on up. */
function present<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof SysError && error.errno === 'ENOENT') return undefined;
    throw error;
  }
}

function* copyDir(
  ctx: Ctx,
  options: Options,
  from: string,
  to: string,
  stat: Stat,
  there: Stat | undefined,
  copied: Copied,
): Call<void> {
  const { sys } = ctx;
  if (copied.has(identity(stat))) return yield* ctx.warn(`recursion detected, omitting directory '${from}'`);
  if (!recursive(options)) return yield* ctx.warn(`omitting directory '${from}'`);
  if (there !== undefined && there.type !== 'dir') return yield* ctx.warn(`target '${to}' is not a directory`);
  try {
    if (there === undefined) sys.mkdir(to, stat.mode | 0o700);
  } catch (error) {
    yield* ctx.refused(`can't create directory '${to}'`, error);
    return;
  }
  copied.set(identity(sys.lstat(to)), to);
  const inside = (path: string, name: string): string => `${path.replace(/\/+$/, '')}/${name}`;
  try {
    for (const { name } of sys.readdir(from))
      yield* copy(ctx, options, inside(from, name), inside(to, name), false, copied);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    ctx.status = 1;
  }
  if (there === undefined) sys.chmod(to, stat.mode & ~(keeps(options) ? 0 : sys.umask()));
  yield* preserve(ctx, options, to, stat);
}

function keeps(options: Options): boolean {
  return options.has('p') || options.has('a');
}

/** Times, then owner, then mode; each may be refused by itself. */
function* preserve(ctx: Ctx, options: Options, to: string, stat: Stat): Call<void> {
  if (!keeps(options)) return;
  const { sys } = ctx;
  const tasks: readonly (readonly [what: string, act: () => void])[] = [
    ['times', () => sys.setattr(to, { mtime: stat.mtime })],
    ['ownership', () => sys.chown(to, stat.uid, stat.gid, false)],
    ['permissions', () => sys.chmod(to, stat.mode)],
  ];
  for (const [what, act] of stat.type === 'symlink' ? tasks.slice(1, 2) : tasks) {
    try {
      act();
    } catch (error) {
      const status = ctx.status;
      yield* ctx.refused(`can't preserve ${what} of '${to}'`, error);
      ctx.status = status;
    }
  }
}

interface Pair {
  readonly from: string;
  readonly to: string;
  readonly stat: Stat;
  /** Something has the new name already. */
  readonly exists: boolean;
}

function* copyOther(ctx: Ctx, options: Options, pair: Pair, follow: boolean, copied: Copied): Call<void> {
  const { to, stat } = pair;
  if (pair.exists && options.last('i', 'f', 'n') === 'i') {
    if (!(yield* ask(ctx, `cp: overwrite '${to}'? `))) return;
  }
  try {
    const [first, key] = [copied.get(identity(stat)), identity(stat)];
    if (!follow && stat.type === 'file' && stat.nlink > 1 && first !== undefined) {
      if (pair.exists) ctx.sys.unlink(to);
      ctx.sys.link(first, to);
      return;
    }
    yield* copyOne(ctx, options, pair);
    if (options.has('v')) ctx.out.put(`'${pair.from}' -> '${to}'\n`);
    if (stat.type === 'file') copied.set(key, to);
  } catch (error) {
    const link = stat.type === 'symlink' && !follow && !options.has('s') && !options.has('l');
    if (link) {
      const target = attempt(() => ctx.sys.readlink(pair.from)) ?? '';
      return yield* ctx.refused(`can't create symlink '${to}' to '${target}'`, error);
    }
    const pathless = options.has('f') && error instanceof SysError && error.errno === 'ENOENT';
    if (pathless) yield* ctx.warn(`can't create '${to}': Path does not exist`);
    else yield* ctx.refused(`can't create '${to}'`, error);
    return;
  }
  yield* preserve(ctx, options, to, stat);
}

function linkTo({ sys }: Ctx, options: Options, from: string, to: string, exists: boolean): void {
  if (exists && options.has('f')) sys.unlink(to);
  if (options.has('s')) sys.symlink(from, to);
  else sys.link(from, to);
}

function* copyOne(ctx: Ctx, options: Options, { from, to, stat, exists }: Pair): Call<void> {
  const { sys } = ctx;
  if (options.has('s') || options.has('l')) return linkTo(ctx, options, from, to, exists);
  if (stat.type === 'file') return putFile(ctx, options, from, to, stat.mode & 0o777);
  if (stat.type === 'socket' || !recursive(options)) {
    if (stat.type !== 'symlink') return yield* copyStream(ctx, from, to);
  }
  // Nothing but a file is written over.
  if (exists && !options.has('f')) throw new SysError('EEXIST');
  if (exists) sys.unlink(to);
  if (stat.type === 'symlink') return sys.symlink(sys.readlink(from), to);
  sys.mknod(to, stat.type as 'char' | 'block' | 'fifo', stat.mode, stat.rdev);
}

/** With -f, what cannot be written is taken away first. */
function putFile(ctx: Ctx, options: Options, from: string, to: string, mode: number): void {
  // Through a link the copy may come back to its source: opening it for writing has emptied that before a byte is read.
  const target = attempt(() => ctx.sys.stat(to));
  const content =
    target !== undefined && same(target, ctx.sys.stat(from)) ? { bytes: new Uint8Array() } : ctx.sys.content(from);
  try {
    ctx.sys.putContent(to, content, mode);
  } catch (error) {
    if (!options.has('f')) throw error;
    ctx.sys.unlink(to);
    ctx.sys.putContent(to, content, mode);
  }
}

/** From a device or pipe: what can be read from it. */
function* copyStream(ctx: Ctx, from: string, to: string): Call<void> {
  const input = ctx.sys.open(from, { read: true });
  const bytes = yield* readAll(ctx.sys, input);
  ctx.sys.close(input);
  ctx.sys.putContent(to, { bytes }, 0o666);
}

/** What mv copies with. */
const archive = getopt(['-a'], 'a');

export const mv: Applet = {
  usage: '[-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }',
  *main(ctx) {
    const options = ctx.options('finTt:', { force: 'f', interactive: 'i' });
    const into = options.get('t');
    const { rest } = options;
    if (rest.length < (into === undefined ? 2 : 1)) throw new Usage();
    const dest = into ?? rest.at(-1)!;
    const sources = into === undefined ? rest.slice(0, -1) : rest;
    const kind = yield* kindOf(ctx, dest);
    if (kind === 'unknown') return 1;
    const itself = into === undefined && sources.length === 1 && (kind !== 'dir' || options.has('T'));
    if (itself && options.has('T') && kind === 'dir' && (yield* kindOf(ctx, sources[0]!)) !== 'dir') {
      yield* ctx.warn(`'${dest}' is a directory`);
      return 1;
    }
    for (const source of sources) {
      const from = itself ? source : source.replace(/(?!^)\/+$/, '');
      yield* move(ctx, options, from, itself ? dest : `${dest.replace(/\/+$/, '')}/${lastPart(from)}`);
    }
    return ctx.status;
  },
};

function* move(ctx: Ctx, options: Options, from: string, to: string): Call<void> {
  const { sys } = ctx;
  const kind = yield* kindOf(ctx, to);
  if (kind === 'unknown') return;
  const manner = options.last('i', 'n', 'f');
  if (kind !== 'none' && manner === 'n') return;
  const guarded = manner === undefined && kind !== 'none' && !sys.access(to, 'w') && sys.isatty(0);
  if (kind !== 'none' && (manner === 'i' || guarded) && !(yield* ask(ctx, `mv: overwrite '${to}'? `))) return;
  try {
    sys.rename(from, to);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const source = attempt(() => sys.lstat(from));
    // Another file system, or a directory that lies in a lower layer: copied and then removed.
    if (error.errno !== 'EXDEV' || source === undefined)
      yield* ctx.refused(`can't rename '${from}'`, error.errno === 'EXDEV' ? new SysError('ENOENT') : error);
    else yield* acrossDevices(ctx, from, to, source.type === 'dir', kind);
  }
}

function* acrossDevices(
  ctx: Ctx,
  from: string,
  to: string,
  isDir: boolean,
  there: 'dir' | 'other' | 'none',
): Call<void> {
  const before = ctx.status;
  if (there !== 'none') {
    if (there === 'dir' && !isDir) return yield* ctx.warn("can't overwrite directory with non-directory");
    if (there === 'other' && isDir) return yield* ctx.warn("can't overwrite non-directory with directory");
    try {
      ctx.sys.unlink(to);
    } catch (error) {
      return yield* ctx.refused(`can't remove '${to}'`, error);
    }
  }
  ctx.status = 0;
  yield* copy(ctx, archive, from, to, true, new Map());
  if (ctx.status === 0) yield* remove(ctx, from, { recursive: true, force: true });
  ctx.status = Math.max(ctx.status, before);
}
