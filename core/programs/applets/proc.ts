/** What is read from /proc: ps, pidof, uptime, free, top -b. */
import type { Call, Sys } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, Usage } from '../lib/applet.ts';
import { textOf } from '../lib/bytes.ts';
import { slurp } from '../lib/io.ts';
import { type Names, readNames } from '../lib/users.ts';

interface Task {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly uid: number;
  readonly gid: number;
  readonly state: string;
  /** Numbers of its terminal, 0 for none. */
  readonly tty: number;
  readonly comm: string;
  /** Ticks of 1/100 s. */
  readonly cpu: number;
  readonly vsz: number;
  readonly rss: number;
  readonly command: string;
}

/** Every process that /proc shows, by PID. */
export function* tasks(sys: Sys): Call<Task[]> {
  const pids = (attempt(() => sys.readdir('/proc')) ?? []).map(({ name }) => Number(name)).filter((pid) => pid > 0);
  const list: Task[] = [];
  for (const pid of pids.sort((a, b) => a - b)) {
    const task = yield* readTask(sys, pid);
    if (task !== undefined) list.push(task);
  }
  return list;
}

function* readTask(sys: Sys, pid: number): Call<Task | undefined> {
  const stat = yield* slurp(sys, `/proc/${pid}/stat`);
  const match = stat === undefined ? null : /^\d+ \((.*)\) (\S) (.*)/s.exec(stat);
  if (match === null) return undefined;
  const comm = textOf(match[1]!);
  const fields = match[3]!.trim().split(/\s+/).map(Number);
  const status = (yield* slurp(sys, `/proc/${pid}/status`)) ?? '';
  const id = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? '0');
  const cmdline = textOf((yield* slurp(sys, `/proc/${pid}/cmdline`)) ?? '');
  return {
    pid,
    comm,
    state: match[2]!,
    ppid: fields[0] ?? 0,
    pgid: fields[1] ?? 0,
    sid: fields[2] ?? 0,
    tty: fields[3] ?? 0,
    cpu: (fields[10] ?? 0) + (fields[11] ?? 0),
    vsz: Math.floor((fields[19] ?? 0) / 1024),
    rss: (fields[20] ?? 0) * 4,
    uid: id('Uid'),
    gid: id('Gid'),
    command: shownCommand(comm, cmdline),
  };
}

/** `[comm]` without arguments; `{comm} args` when the program calls itself otherwise than argv[0] does. */
function shownCommand(comm: string, cmdline: string): string {
  if (cmdline === '') return `[${comm}]`;
  const args = cmdline.replace(/\0+$/, '').split('\0');
  const base = args[0]!.replace(/^-/, '').split('/').at(-1)!;
  const line = args.join(' ').replace(/[\x00-\x1f]/g, '?');
  return base.slice(0, 15) === comm ? line : `{${comm}} ${line}`;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly text: (task: Task, names: Names) => string;
}

const user = (task: Task, names: Names): string => names.user(task.uid) ?? String(task.uid);
const group = (task: Task, names: Names): string => names.group(task.gid) ?? String(task.gid);

const columns: Readonly<Record<string, Column>> = {
  user: { title: 'USER', width: 8, text: user },
  group: { title: 'GROUP', width: 8, text: group },
  comm: { title: 'COMMAND', width: 16, text: (task) => task.comm },
  args: { title: 'COMMAND', width: 256, text: (task) => task.command },
  pid: { title: 'PID', width: 5, text: (task) => String(task.pid).padStart(5) },
  ppid: { title: 'PPID', width: 5, text: (task) => String(task.ppid).padStart(5) },
  pgid: { title: 'PGID', width: 5, text: (task) => String(task.pgid).padStart(5) },
  nice: { title: 'NI', width: 5, text: () => '    0' },
  rgroup: { title: 'RGROUP', width: 8, text: group },
  ruser: { title: 'RUSER', width: 8, text: user },
  tty: { title: 'TT', width: 6, text: ({ tty }) => (tty === 0 ? '?' : `${tty >> 8},${tty & 255}`) },
  vsz: { title: 'VSZ', width: 5, text: (task) => String(task.vsz).padStart(5) },
  sid: { title: 'SID', width: 5, text: (task) => String(task.sid).padStart(5) },
  stat: { title: 'STAT', width: 4, text: (task) => `${task.state}   ` },
  rss: { title: 'RSS', width: 4, text: (task) => String(task.rss).padStart(4) },
};

export const ps: Applet = {
  usage: '[-o COL1,COL2=HEADER] [-T]',
  *main(ctx) {
    const options = ctx.options('Zo:TaAdefl');
    const picked = options.all('o').flatMap((each) => each.split(','));
    const shown = (picked.length === 0 ? ['pid', 'user', 'args'] : picked).map(column);
    const names = yield* readNames(ctx.sys);
    ctx.out.put(`${line(shown.map(({ title, width }) => title.padEnd(Math.max(width, title.length))))}\n`);
    for (const task of yield* tasks(ctx.sys)) {
      ctx.out.put(
        `${line(shown.map(({ title, width, text }) => text(task, names).slice(0, width).padEnd(Math.max(width, title.length))))}\n`,
      );
    }
    return 0;
  },
};

function column(spec: string): Column {
  const at = spec.indexOf('=');
  const name = at < 0 ? spec : spec.slice(0, at);
  const found = Object.hasOwn(columns, name) ? columns[name]! : undefined;
  if (found === undefined)
    throw new Die(`bad -o argument '${name}', supported arguments: ${Object.keys(columns).join(',')}`);
  return at < 0 ? found : { ...found, title: spec.slice(at + 1) };
}

function line(cells: readonly string[]): string {
  return cells.join(' ').trimEnd();
}

export const pidof: Applet = {
  usage: '[NAME]...',
  *main(ctx) {
    const options = ctx.options('');
    const all = yield* tasks(ctx.sys);
    const found = options.rest.flatMap((name) =>
      all
        .filter((task) => task.comm === name)
        .map((task) => task.pid)
        .reverse(),
    );
    const kept = found.filter((pid) => !options.all('o').includes(String(pid)));
    if (kept.length === 0) return 1;
    ctx.out.put(`${(options.has('s') ? kept.slice(0, 1) : kept).join(' ')}\n`);
    return 0;
  },
};

export const uptime: Applet = {
  usage: '',
  *main(ctx) {
    const seconds = Number(((yield* slurp(ctx.sys, '/proc/uptime')) ?? '0').split(' ')[0]);
    const load = ((yield* slurp(ctx.sys, '/proc/loadavg')) ?? '0.00 0.00 0.00').split(' ').slice(0, 3).join(', ');
    const now = new Date(ctx.sys.now()).toISOString().slice(11, 19);
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60) % 24;
    const days = Math.floor(minutes / 1440);
    const up =
      hours > 0 ? `${String(hours).padStart(2)}:${String(minutes % 60).padStart(2, '0')}` : `${minutes % 60} min`;
    ctx.out.put(` ${now} up ${days > 0 ? `${days} day${days > 1 ? 's' : ''}, ` : ''}${up},  load average: ${load}\n`);
    return 0;
  },
};

export const free: Applet = {
  usage: '[-bkmgh]',
  *main(ctx) {
    if (ctx.args.some((arg) => /^-.*[^-bkmgh]/.test(arg))) throw new Usage();
    const options = ctx.options('bkmgh');
    const text = (yield* slurp(ctx.sys, '/proc/meminfo')) ?? '';
    const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? '0');
    const divisor = options.has('b') ? 1 / 1024 : options.has('m') ? 1024 : options.has('g') ? 1024 * 1024 : 1;
    const cell = (value: number): string => String(Math.floor(value / divisor)).padStart(12);
    const [total, unused, cached] = [kb('MemTotal'), kb('MemFree'), kb('Cached') + kb('Buffers')];
    const available = kb('MemAvailable') || unused + cached;
    ctx.out.put('              total        used        free      shared  buff/cache   available\n');
    ctx.out.put(
      `Mem:   ${[total, total - unused - cached, unused, kb('Shmem'), cached, available].map(cell).join('')}\n`,
    );
    ctx.out.put(`Swap:  ${[kb('SwapTotal'), kb('SwapTotal') - kb('SwapFree'), kb('SwapFree')].map(cell).join('')}\n`);
    return 0;
  },
};

export const top: Applet = {
  usage: '[-bH] [-n COUNT] [-d SECONDS]',
  *main(ctx) {
    const options = ctx.options('bHmn:d:');
    const rounds = Number(options.get('n') ?? (options.has('b') ? Number.POSITIVE_INFINITY : 1));
    if (Number.isNaN(rounds)) throw new Usage();
    for (let i = 0; i < rounds; i++) {
      if (i > 0) yield* ctx.sys.sleep(Number(options.get('d') ?? '5') * 1000);
      yield* screen(ctx);
      yield* ctx.out.flush();
    }
    return 0;
  },
};

function* screen(ctx: Ctx): Call<void> {
  const names = yield* readNames(ctx.sys);
  const list = yield* tasks(ctx.sys);
  const load = ((yield* slurp(ctx.sys, '/proc/loadavg')) ?? '0.00 0.00 0.00').split(' ').slice(0, 3).join(' ');
  ctx.out.put(
    `Load average: ${load} ${list.filter((task) => task.state === 'R').length}/${list.length} ${list.at(-1)?.pid ?? 1}\n`,
  );
  ctx.out.put('  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND\n');
  for (const task of [...list].sort((a, b) => b.cpu - a.cpu)) {
    const cells = [
      String(task.pid).padStart(5),
      String(task.ppid).padStart(5),
      user(task, names).padEnd(8),
      task.state.padEnd(4),
    ];
    ctx.out.put(`${cells.join(' ')} ${String(task.vsz).padStart(5)}   0%   0% ${task.command}\n`);
  }
}
