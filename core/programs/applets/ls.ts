/** ls: names, in columns at a terminal, or with -l mode, links, owner, group, size, time (busybox coreutils/ls.c). */
import type { Call } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt, type Ctx, Die, reason } from '../lib/applet.ts';
import type { Options } from '../lib/getopt.ts';
import { modeString } from '../lib/mode.ts';
import { humanSize } from '../lib/size.ts';
import { terminalSize } from '../lib/terminal.ts';
import { strftime } from '../lib/time.ts';
import { type Names, readNames } from '../lib/users.ts';
import { compareVersions } from '../lib/versions.ts';

interface Entry {
  /** As printed. */
  readonly name: string;
  readonly path: string;
  readonly stat: Stat;
  /** Where a link leads, when that is shown. */
  readonly target?: string | undefined;
}

interface Job {
  readonly ctx: Ctx;
  readonly options: Options;
  readonly names: Names;
  readonly long: boolean;
  readonly colour: boolean;
  /** Width of what names are laid out in; 1: one below the other. */
  readonly width: number;
  printed: boolean;
}

export const ls: Applet = {
  usage: '[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...',
  *main(ctx) {
    const options = ctx.options(`1AaCxdLHRFplinshrSXvctuw:kg${FULL_TIME}${DIRS_FIRST}${COLOUR}::`, {
      'full-time': FULL_TIME,
      color: COLOUR,
      'group-directories-first': DIRS_FIRST,
    });
    const shape = shapeOf(ctx, options);
    const colour = /^(always|yes|force|)$/.test(options.get(COLOUR) ?? 'never') || autoColour(ctx, options);
    const terminal = widthOf(ctx, options);
    const width = shape === 'C' || shape === 'x' ? terminal : 1;
    const names = yield* readNames(ctx.sys);
    const job: Job = { ctx, options, names, long: shape === 'l', colour, width, printed: false };
    const operands = options.rest.length === 0 ? ['.'] : options.rest;
    const entries: Entry[] = [];
    for (const path of operands) {
      try {
        entries.push({ name: path, path, stat: operand(job, path) });
      } catch (error) {
        yield* ctx.refused(path, error);
      }
    }
    const dirs = options.has('d') ? [] : entries.filter((entry) => entry.stat.type === 'dir');
    const files = entries.filter((entry) => !dirs.includes(entry));
    if (files.length > 0) yield* print(job, sorted(job, files));
    const titled = operands.length > 1 || options.has('R');
    for (const dir of sorted(job, dirs)) yield* list(job, dir.path, titled);
    return ctx.status;
  },
};

/** Options without a letter of their own. */
const [FULL_TIME, DIRS_FIRST, COLOUR] = ['\x01', '\x02', '\x03'];

/** Of the forms that exclude each other, the one given last; at a terminal columns, else one below the other. */
function shapeOf(ctx: Ctx, options: Options): string {
  const given = options.last('C', 'x', '1', 'l', 'n', 'g', FULL_TIME);
  if (given === undefined) return ctx.sys.isatty(1) ? 'C' : '1';
  return 'C1x'.includes(given) ? given : 'l';
}

const autoColour = (ctx: Ctx, options: Options): boolean =>
  /^(auto|tty|if-tty)$/.test(options.get(COLOUR) ?? '') && ctx.sys.isatty(1);

/** -w, or what the terminal of standard input has. */
function widthOf(ctx: Ctx, options: Options): number {
  const text = options.get('w');
  if (text === undefined) return terminalSize(ctx.sys, 0).columns;
  if (!/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`);
  return Number(text);
}

/** A link named on the command line is followed, unless its own facts are asked for. */
function operand(job: Job, path: string): Stat {
  const { sys } = job.ctx;
  const { options } = job;
  const ownFacts = job.long || ['i', 's', 'F'].some((flag) => options.has(flag));
  const asLink = ownFacts && !options.has('L') && !options.has('H');
  if (asLink) return sys.lstat(path);
  return sys.stat(path);
}

function* list(job: Job, dir: string, titled: boolean): Call<void> {
  const { ctx, options } = job;
  const { sys } = ctx;
  let found: readonly { name: string }[];
  let open: number;
  try {
    open = sys.open(dir, { read: true, directory: true });
    found = sys.readdir(dir);
  } catch (error) {
    if (titled) title(job, dir);
    yield* ctx.warn(`can't open '${dir}': ${reason(error)}`);
    return;
  }
  if (titled) title(job, dir);
  const all = options.has('a');
  const names = all ? ['.', '..', ...found.map((each) => each.name)] : found.map((each) => each.name);
  const shown = names.filter((name) => all || options.has('A') || !name.startsWith('.'));
  const entries = shown.flatMap((name) => {
    const path = dir.endsWith('/') ? dir + name : `${dir}/${name}`;
    const stat = attempt(() => (options.has('L') ? sys.stat(path) : sys.lstat(path)));
    return stat === undefined ? [] : [{ name, path, stat }];
  });
  sys.close(open);
  const order = sorted(job, entries);
  if (job.long || options.has('s')) {
    const blocks = entries.reduce((sum, each) => sum + blocksOf(each.stat), 0);
    ctx.out.put(options.has('h') ? `total ${humanSize(blocks * 1024, true).padEnd(7)}\n` : `total ${blocks}\n`);
  }
  yield* print(job, order);
  yield* ctx.out.drain();
  if (!options.has('R')) return;
  for (const each of order) {
    if (each.stat.type === 'dir' && each.name !== '.' && each.name !== '..') yield* list(job, each.path, true);
  }
}

function title(job: Job, dir: string): void {
  job.ctx.out.put(`${job.printed ? '\n' : ''}${dir}:\n`);
  job.printed = true;
}

/** Kilobytes on disk, as ext4 with blocks of 4 KiB would have them. */
export function blocksOf(stat: Stat): number {
  if (stat.type === 'dir') return 4;
  return stat.type === 'file' ? Math.ceil(stat.size / 4096) * 4 : 0;
}

function sorted(job: Job, entries: readonly Entry[]): Entry[] {
  const { options } = job;
  const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const key = options.last('S', 't', 'X', 'v');
  const time = options.has('c') ? 'ctime' : 'mtime';
  const first = (a: Entry, b: Entry): number => {
    if (options.has(DIRS_FIRST) && (a.stat.type === 'dir') !== (b.stat.type === 'dir'))
      return a.stat.type === 'dir' ? -1 : 1;
    if (key === 'S') return b.stat.size - a.stat.size;
    if (key === 't') return b.stat[time] - a.stat[time];
    if (key === 'v') return compareVersions(a.name, b.name);
    return key === 'X' ? compareText(extension(a.name), extension(b.name)) : 0;
  };
  const list = [...entries].sort((a, b) => first(a, b) || byName(a, b));
  return options.has('r') ? list.reverse() : list;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const extension = (name: string): string => /\.[^.]*$/.exec(name)?.[0] ?? '';

function* print(job: Job, entries: readonly Entry[]): Call<void> {
  if (entries.length > 0) job.printed = true;
  const { options, ctx } = job;
  const column =
    Math.max(...entries.map(({ name }) => name.length)) + 2 + (options.has('s') ? 5 : 0) + (options.has('i') ? 8 : 0);
  const columns = Math.max(1, Math.min(Math.floor(job.width / column), entries.length || 1));
  const rows = Math.ceil(entries.length / columns);
  const across = options.last('C', 'x') === 'x';
  for (let i = 0; i < rows; i++) {
    const cells = Array.from({ length: columns }, (_, j) => entries[across ? i * columns + j : j * rows + i]);
    const shown = job.long ? yield* withTarget(job, cells[0]!) : undefined;
    ctx.out.put(`${inColumns(job, shown === undefined ? cells : [shown], column)}\n`);
  }
}

/** A link that cannot be read, such as a descriptor that is closed again, is said to be so, and shown without a target. */
function* withTarget({ ctx }: Job, entry: Entry): Call<Entry> {
  if (entry.stat.type !== 'symlink') return entry;
  try {
    return { ...entry, target: ctx.sys.readlink(entry.path) };
  } catch (error) {
    yield* ctx.out.flush();
    yield* ctx.complain(`ls: ${entry.path}: cannot read link: ${reason(error)}\n`);
    return entry;
  }
}

/** One row. What colours and marks add does not count where the next column begins. */
function inColumns(job: Job, cells: readonly (Entry | undefined)[], width: number): string {
  let text = '';
  let gap = 0;
  for (const cell of cells) {
    if (cell === undefined) continue;
    const shown = row(job, cell);
    text += ' '.repeat(gap) + shown;
    gap = Math.max(0, width - shown.replace(/\x1b\[[\d;]*m/g, '').length);
  }
  return text;
}

/** libbb print_name: what stands before a name, by what it is. */
function coloured(job: Job, name: string, stat: Stat | undefined): string {
  if (!job.colour) return name;
  const executable = stat !== undefined && (stat.mode & 0o111) !== 0;
  const codes: Readonly<Record<Stat['type'], string>> = {
    file: executable ? '1;32' : '0;0',
    dir: '1;34',
    symlink: '1;36',
    char: '1;35',
    block: '1;35',
    fifo: '0;35',
    socket: '1;35',
  };
  return `\x1b[${stat === undefined ? '1;31' : codes[stat.type]}m${name}\x1b[m`;
}

function row(job: Job, entry: Entry): string {
  const { options } = job;
  const { stat } = entry;
  let text = '';
  if (options.has('i')) text += `${String(stat.ino).padStart(7)} `;
  if (options.has('s')) text += `${String(blocksOf(stat)).padStart(6)} `;
  if (job.long) text += facts(job, stat);
  text += coloured(job, entry.name, stat);
  const { target } = entry;
  if (target !== undefined) {
    const found = job.colour ? attempt(() => job.ctx.sys.stat(entry.path)) : undefined;
    return `${text} -> ${coloured(job, target, found)}`;
  }
  return text + indicator(options, stat);
}

function facts(job: Job, stat: Stat): string {
  const { options, names } = job;
  const owner = options.has('n') ? String(stat.uid) : (names.user(stat.uid) ?? String(stat.uid));
  const group = options.has('n') ? String(stat.gid) : (names.group(stat.gid) ?? String(stat.gid));
  const device = stat.type === 'char' || stat.type === 'block';
  const size = device
    ? `${String(stat.rdev[0]).padStart(4)}, ${String(stat.rdev[1]).padStart(3)}`
    : options.has('h')
      ? humanSize(stat.size).padStart(7)
      : String(stat.size).padStart(9);
  return (
    `${modeString(stat.type, stat.mode)} ${String(stat.nlink).padStart(4)} ` +
    `${owner.slice(0, 8).padEnd(8)} ${group.slice(0, 8).padEnd(8)} ${size} ${when(job, stat)} `
  );
}

/** Files of another half-year show the year. */
function when(job: Job, stat: Stat): string {
  const { options, ctx } = job;
  if (options.has(FULL_TIME)) return strftime('%Y-%m-%d %H:%M:%S %z', stat.mtime);
  const time = options.has('c') ? stat.ctime : stat.mtime;
  const age = (ctx.sys.now() - time) / 1000;
  const recent = age < (3600 * 24 * 365) / 2 && age > -15 * 60;
  return strftime(recent ? '%b %e %H:%M' : '%b %e  %Y', time);
}

function indicator(options: Options, stat: Stat): string {
  if (stat.type === 'dir' && (options.has('F') || options.has('p'))) return '/';
  if (!options.has('F')) return '';
  if (stat.type === 'symlink') return '@';
  if (stat.type === 'fifo') return '|';
  if (stat.type === 'socket') return '=';
  return stat.type === 'file' && (stat.mode & 0o111) !== 0 ? '*' : '';
}
