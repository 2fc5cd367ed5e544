/** mount, umount, df. */
import { SysError } from '../../errors.ts';
import type { Call, Propagation } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { textOf } from '../lib/bytes.ts';
import { slurp, splitLines } from '../lib/io.ts';
import { humanSize, parseSize } from '../lib/size.ts';
import { resolvePath } from './ln.ts';

interface Row {
  readonly source: string;
  readonly at: string;
  readonly type: string;
  readonly options: string;
}

function* mounts(ctx: Ctx): Call<Row[]> {
  const text = yield* slurp(ctx.sys, '/proc/mounts');
  if (text === undefined) throw new Die("can't open '/proc/mounts': No such file or directory");
  const plain = (field: string): string =>
    textOf(field.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
  return splitLines(text).map((line) => {
    const [source = '', at = '', type = '', options = ''] = line.split(' ').map(plain);
    return { source, at, type, options };
  });
}

/** Options that set what a mount passes on; `r` in front: and those below it. */
const propagation = /^(r?)(shared|slave|private|unbindable)$/;

export const mount: Applet = {
  usage: '[OPTIONS] [-o OPT] DEVICE NODE',
  *main(ctx) {
    const options = ctx.options('o:t:rwanfvisO:', longOptions);
    const [source, target] = options.rest;
    const flags = options.all('o').flatMap((each) => splitOptions(each));
    if (source === undefined) {
      for (const row of yield* mounts(ctx)) {
        if (options.has('t') && row.type !== options.get('t')) continue;
        if (row.type !== 'rootfs') ctx.out.put(`${row.source} on ${row.at} type ${row.type} (${row.options})\n`);
      }
      return 0;
    }
    if (options.has('r')) flags.push('ro');
    flags.push(
      ...options.order
        .flatMap((letter) => Object.keys(longOptions).find((name) => longOptions[name] === letter) ?? [])
        .map((name) => name.replace(/^make-/, '')),
    );
    if (target === undefined) return yield* remount(ctx, source, flags);
    const type = flags.includes('bind') || flags.includes('rbind') ? 'bind' : (options.get('t') ?? 'auto');
    // Told to do everything but the mount itself.
    if (options.has('f')) return 0;
    return yield* attempted(ctx, source, target, () => {
      // busybox hands the type on as well, and with it the kernel takes no order about propagation.
      if (flags.some((flag) => propagation.test(flag))) throw new SysError('EINVAL');
      if (flags.includes('move')) ctx.sys.more.moveMount(source, target);
      else ctx.sys.mount(source, target, type, flags);
    });
  },
};

/** Long options are the orders of `-o` by another way; nobody can type their letters. */
const longOptions: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'bind',
    'rbind',
    'move',
    ...['shared', 'slave', 'private', 'unbindable'].flatMap((kind) => [`make-${kind}`, `make-r${kind}`]),
  ].map((name, i) => [name, String.fromCharCode(0x2460 + i)] as const),
);

/** 255 after a message when the kernel says no. */
function* attempted(ctx: Ctx, source: string, target: string, call: () => void): Call<number> {
  try {
    call();
    return 0;
  } catch (error) {
    if (error instanceof SysError && error.errno === 'EPERM') throw new Die('permission denied (are you root?)');
    yield* ctx.warn(`mounting ${source} on ${target} failed: ${reason(error)}`);
    return 255;
  }
}

/** `mount --make-shared DIR`: what DIR passes on from now. */
function* setPropagation(ctx: Ctx, at: string, [, all, kind]: readonly string[]): Call<number> {
  try {
    ctx.sys.more.propagate(at, kind as Propagation, all !== '');
    return 0;
  } catch (error) {
    throw new Die(`${at}: ${reason(error)}`);
  }
}

/** What is mounted already stands in /proc/mounts; for everything else there is /etc/fstab. */
function* remount(ctx: Ctx, at: string, flags: readonly string[]): Call<number> {
  const kind = flags.findLast((flag) => propagation.test(flag) && ctx.args.includes(`--make-${flag}`));
  if (kind !== undefined) return yield* setPropagation(ctx, at, propagation.exec(kind)!);
  if (!flags.includes('remount')) return yield* fromTable(ctx, at, flags);
  const real = attempt(() => resolvePath(ctx.sys, at, false)) ?? at;
  const row = (yield* mounts(ctx)).findLast((each) => each.at === real || each.source === at);
  if (row === undefined) throw new Die(`can't find ${at} in /proc/mounts`);
  const options = together([...row.options.split(','), ...flags]);
  return yield* attempted(ctx, row.source, row.at, () => ctx.sys.mount(row.source, row.at, row.type, options));
}

/** Words that take each other back. */
const opposites: readonly (readonly [string, string])[] = [
  ['ro', 'rw'],
  ['nosuid', 'suid'],
  ['nodev', 'dev'],
  ['noexec', 'exec'],
];

/** Of two opposites the last one counts. */
function together(options: readonly string[]): string[] {
  const lost = new Set<string>();
  for (const pair of opposites) {
    const last = options.findLast((each) => pair.includes(each));
    if (last !== undefined) lost.add(pair[last === pair[0] ? 1 : 0]!);
  }
  return [...new Set(options)].filter((each) => !lost.has(each));
}

/** fstab(5): a line that has it as file system or as place says the rest. */
function* fromTable(ctx: Ctx, what: string, flags: readonly string[]): Call<number> {
  const text = yield* slurp(ctx.sys, '/etc/fstab');
  if (text === undefined) throw new Die("can't read '/etc/fstab': No such file or directory");
  const rows = splitLines(textOf(text)).map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  const row = rows.findLast(([source, at]) => source === what || at === what);
  if (row === undefined || row.length < 3) throw new Die(`can't find ${what} in /etc/fstab`);
  const [source = '', at = '', type = '', options = ''] = row;
  const own = splitOptions(options).filter((option) => !/^(defaults|(no)?auto|(no)?users?|owner)$/.test(option));
  return yield* attempted(ctx, source, at, () => ctx.sys.mount(source, at, type, [...own, ...flags]));
}

/** Commas separate options; one behind a backslash belongs to the value. */
function splitOptions(text: string): string[] {
  return text.split(/(?<!\\),/).filter((each) => each !== '');
}

export const umount: Applet = {
  usage: '[-rlfda] [-t FSTYPE] FILESYSTEM|DIRECTORY',
  *main(ctx) {
    const options = ctx.options('rlfdnat:v');
    if (options.rest.length === 0 && !options.has('a')) throw new Usage();
    const there = attempt(() => ctx.sys.stat('/proc/mounts')) !== undefined;
    const table = there ? yield* mounts(ctx) : [];
    for (const name of options.rest) {
      const real = attempt(() => resolvePath(ctx.sys, name, false)) ?? name;
      const known = table.findLast((row) => row.at === real || (row.source === real && real.startsWith('/')));
      const at = known?.at ?? name;
      try {
        ctx.sys.umount(at, options.has('l'));
      } catch (error) {
        yield* ctx.warn(`can't unmount ${at}: ${reason(error)}`);
      }
    }
    return ctx.status;
  },
};

export const df: Applet = {
  usage: '[-PkmhTai] [-B SIZE] [-t TYPE] [FILESYSTEM]...',
  *main(ctx) {
    const options = ctx.options('Pkmht:TaiB:');
    const [wanted, inodes] = [options.get('B'), options.has('i')];
    const unit = wanted === undefined ? (options.has('m') ? 2 ** 20 : 1024) : parseSize(wanted);
    if (unit === undefined || unit === 0) throw new Die(`invalid number '${wanted}'`);
    const [posix, human] = [options.has('P'), options.has('h')];
    const blocks = posix && unit === 1024 ? '1024-blocks' : `${humanSize(unit).replace('.0', '')}-blocks`;
    const head = inodes ? '   Inodes' : human ? '     Size' : blocks;
    const types = options.has('T') ? 'Type       ' : '';
    ctx.out.put(
      `Filesystem           ${types}${head.padEnd(15)}Used Available ${posix ? 'Capacity' : 'Use%'} Mounted on\n`,
    );
    const shown = (bytes: number): string =>
      (human ? humanSize(bytes) : String(inodes ? bytes : Math.floor(bytes / unit + 0.5))).padStart(9);
    const table = (yield* mounts(ctx)).filter(
      (row) => row.type !== 'rootfs' && (!options.has('t') || row.type === options.get('t')),
    );
    const named = options.rest.length > 0;
    const rows: Row[] = named ? [] : table;
    for (const path of options.rest) {
      const row = holding(ctx, table, path);
      if (row === undefined) yield* ctx.warn(`${path}: can't find mount point`);
      else rows.push(row);
    }
    for (const row of rows) {
      const space = attempt(() => ctx.sys.statfs?.(row.at));
      const { size, used } = (inodes ? space?.inodes : space) ?? { size: 0, used: 0 };
      if (size === 0 && !named && !options.has('a')) continue;
      const percent = size === 0 ? 0 : Math.floor((used * 100 + size / 2) / size);
      const name =
        row.source.length > 20 && !posix
          ? `${row.source}\n${' '.repeat(20)}`
          : row.source + ' '.repeat(Math.abs(20 - row.source.length));
      const type = options.has('T') ? `${row.type.padEnd(10)} ` : '';
      const cells = [size, used, size - used].map(shown).join(' ');
      ctx.out.put(`${name} ${type}${cells} ${String(percent).padStart(3)}% ${row.at}\n`);
    }
    return ctx.status;
  },
};

function holding(ctx: Ctx, table: readonly Row[], path: string): Row | undefined {
  if (attempt(() => ctx.sys.stat(path)) === undefined) return undefined;
  const absolute = attempt(() => resolvePath(ctx.sys, path, false)) ?? path;
  const fits = table.filter(({ at }) => at === '/' || absolute === at || absolute.startsWith(`${at}/`));
  return fits.sort((a, b) => a.at.length - b.at.length).at(-1);
}
