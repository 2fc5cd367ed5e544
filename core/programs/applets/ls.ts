/** ls: names, or with -l mode, links, owner, group, size, time (busybox's columns). One column, as output is no terminal. */
import type { Call } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt, type Ctx, reason } from '../lib/applet.ts';
import type { Options } from '../lib/getopt.ts';
import { modeString } from '../lib/mode.ts';
import { humanSize } from '../lib/size.ts';
import { strftime } from '../lib/time.ts';
import { type Names, readNames } from '../lib/users.ts';

interface Entry {
  /** As printed. */
  readonly name: string;
  readonly path: string;
  readonly stat: Stat;
}

interface Job {
  readonly ctx: Ctx;
  readonly options: Options;
  readonly names: Names;
  readonly long: boolean;
  printed: boolean;
}

export const ls: Applet = {
  usage: '[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...',
  *main(ctx) {
    const options = ctx.options('1AaCxdLHRFplinshrSXvctuw:kgQ', {
      'full-time': 'l',
      color: '1',
      'group-directories-first': '1',
    });
    const long = options.has('l') || options.has('n') || options.has('g');
    const job: Job = { ctx, options, names: yield* readNames(ctx.sys), long, printed: false };
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
    if (files.length > 0) print(job, sorted(job, files));
    const titled = operands.length > 1 || options.has('R');
    for (const dir of sorted(job, dirs)) yield* list(job, dir.path, titled);
    return ctx.status;
  },
};

/** A link named on the command line is followed, unless its own facts are asked for. */
function operand(job: Job, path: string): Stat {
  const { sys } = job.ctx;
  const { options } = job;
  const asLink = (job.long || options.has('d') || options.has('F')) && !options.has('L') && !options.has('H');
  if (asLink) return sys.lstat(path);
  return attempt(() => sys.stat(path)) ?? sys.lstat(path);
}

function* list(job: Job, dir: string, titled: boolean): Call<void> {
  const { ctx, options } = job;
  const { sys } = ctx;
  let found: readonly { name: string }[];
  try {
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
  const order = sorted(job, entries);
  if (job.long || options.has('s')) {
    const blocks = entries.reduce((sum, each) => sum + blocksOf(each.stat), 0);
    ctx.out.put(options.has('h') ? `total ${humanSize(blocks * 1024).padEnd(7)}\n` : `total ${blocks}\n`);
  }
  print(job, order);
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
  const key = options.last('S', 't', 'X');
  const list = [...entries].sort((a, b) => {
    const first = key === 'S' ? b.stat.size - a.stat.size : key === 't' ? b.stat.mtime - a.stat.mtime : 0;
    return first !== 0 ? first : byName(a, b);
  });
  return options.has('r') ? list.reverse() : list;
}

function print(job: Job, entries: readonly Entry[]): void {
  for (const entry of entries) {
    job.ctx.out.put(`${row(job, entry)}\n`);
    job.printed = true;
  }
}

function row(job: Job, entry: Entry): string {
  const { options } = job;
  const { stat } = entry;
  let text = '';
  if (options.has('i')) text += `${String(stat.ino).padStart(7)} `;
  if (options.has('s')) text += `${String(blocksOf(stat)).padStart(6)} `;
  if (job.long) text += facts(job, stat);
  text += entry.name;
  if (job.long && stat.type === 'symlink') {
    return `${text} -> ${attempt(() => job.ctx.sys.readlink(entry.path)) ?? ''}`;
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
  if (options.order.includes('l') && ctx.args.includes('--full-time'))
    return strftime('%Y-%m-%d %H:%M:%S %z', stat.mtime);
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
