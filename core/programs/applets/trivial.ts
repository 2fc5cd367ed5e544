/** Applets of a few lines: true false pwd clear sync tty whoami nproc yes basename dirname sleep usleep printenv env hostname uname. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { byteString, fromBytes, toBytes } from '../lib/bytes.ts';
import { readAll, slurp, splitLines } from '../lib/io.ts';
import { become } from '../lib/start.ts';
import { readNames } from '../lib/users.ts';

function simple(usage: string, main: (ctx: Ctx) => Call<number>): Applet {
  return { usage, main };
}

export const succeed = simple('', function* main() {
  return 0;
});

/** Everything is on disk at once here; of a file that is named, only whether it is there is looked at. */
export const sync = simple('[-df] [FILE]...', function* main(ctx) {
  for (const path of ctx.options('df').rest) {
    const fd = yield* ctx.open(path);
    if (fd !== undefined) ctx.close(fd);
  }
  return ctx.status;
});

export const fail = simple('', function* main() {
  return 1;
});

export const pwd = simple('', function* main(ctx) {
  ctx.out.put(`${ctx.sys.cwd()}\n`);
  return 0;
});

export const clear = simple('', function* main(ctx) {
  ctx.out.raw('\x1b[H\x1b[J');
  return 0;
});

export const tty: Applet = {
  usage: '[-s]',
  usageCode: 2,
  *main(ctx) {
    const isTty = ctx.sys.isatty(0);
    const options = ctx.options('s');
    if (options.rest.length > 0) yield* ctx.warn('ignoring all arguments', 0);
    if (!options.has('s')) ctx.out.put(isTty ? `${ctx.sys.tty.name(0)}\n` : 'not a tty\n');
    return isTty ? 0 : 1;
  },
};

export const whoami = simple('', function* main(ctx) {
  if (ctx.args.length > 0) throw new Usage();
  const name = (yield* readNames(ctx.sys)).user(ctx.sys.uid);
  if (name === undefined) throw new Die(`unknown uid ${ctx.sys.uid}`);
  ctx.out.put(`${name}\n`);
  return 0;
});

/** Bits that are set in a hexadecimal number, `3` or `f,ffffffff`. */
const ones = (mask: string): number =>
  [...mask.replaceAll(',', '')].reduce(
    (sum, digit) => sum + [...parseInt(digit, 16).toString(2)].filter((bit) => bit === '1').length,
    0,
  );

export const nproc = simple('[--all] [--ignore=N]', function* main(ctx) {
  const there = splitLines((yield* slurp(ctx.sys, '/proc/cpuinfo')) ?? '');
  const all = there.filter((line) => line.startsWith('processor')).length;
  const options = ctx.options('I:A', { ignore: 'I', all: 'A' });
  const ignored = options.get('I') ?? '0';
  if (!/^\d+$/.test(ignored)) throw new Die(`invalid number '${ignored}'`);
  const mask = /^Cpus_allowed:\t(.*)$/m.exec((yield* slurp(ctx.sys, '/proc/self/status')) ?? '')?.[1];
  const cpus = options.has('A') || mask === undefined ? all : ones(mask);
  ctx.out.put(`${Math.max(1, cpus - Number(ignored))}\n`);
  return 0;
});

/** `yes` writes so much at a time. */
const MUCH = 65_536;

export const yes = simple('[STRING]', function* main(ctx) {
  const line = byteString(`${ctx.args.length === 0 ? 'y' : ctx.args.join(' ')}\n`);
  const many = toBytes(line.repeat(Math.ceil(MUCH / line.length)));
  for (;;) yield* ctx.out.bytes(many);
});

export const basename = simple('FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...', function* main(ctx) {
  const options = ctx.options('+as:');
  const rest = options.rest;
  const several = options.has('a') || options.has('s');
  if (rest.length === 0 || (!several && rest.length > 2)) throw new Usage();
  const suffix = options.get('s') ?? (several ? '' : (rest[1] ?? ''));
  for (const path of several ? rest : rest.slice(0, 1)) {
    const last = path.replace(/(?!^)\/+$/, '').replace(/^.*\/(?=.)/, '');
    ctx.out.put(
      `${suffix !== '' && last !== suffix && last.endsWith(suffix) ? last.slice(0, -suffix.length) : last}\n`,
    );
  }
  return 0;
});

export const dirname = simple('FILENAME', function* main(ctx) {
  const [path, ...more] = ctx.options('').rest;
  if (path === undefined || more.length > 0) throw new Usage();
  const trimmed = path.replace(/(?!^)\/+$/, '');
  const at = trimmed.lastIndexOf('/');
  ctx.out.put(`${at < 0 ? '.' : at === 0 ? '/' : trimmed.slice(0, at).replace(/(?!^)\/+$/, '')}\n`);
  return 0;
});

const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Milliseconds of `1.5`, `2m` …; `inf` is for ever. */
export function duration(text: string): number {
  if (text === 'inf' || text === 'infinity') return Number.MAX_SAFE_INTEGER;
  const match = /^(\d*\.?\d+|\d+\.)([smhd]?)$/.exec(text);
  if (match === null) throw new Die(`invalid number '${text}'`);
  return Number(match[1]) * units[match[2]!]! * 1000;
}

export const sleep = simple('[N]...', function* main(ctx) {
  if (ctx.args.length === 0) throw new Usage();
  let left = ctx.args.reduce((sum, arg) => sum + duration(arg), 0);
  while (left > 0) left = yield* ctx.sys.sleep(left);
  return 0;
});

export const usleep = simple('N', function* main(ctx) {
  const [text] = ctx.args;
  if (text === undefined) throw new Usage();
  if (!/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`);
  yield* ctx.sys.sleep(Number(text) / 1000);
  return 0;
});

export const printenv = simple('[VARIABLE]...', function* main(ctx) {
  if (ctx.args.length === 0) for (const each of ctx.sys.environ) ctx.out.put(`${each}\n`);
  for (const name of ctx.args) {
    const found = ctx.sys.environ.find((each) => each.startsWith(`${name}=`));
    if (found === undefined) ctx.status = 1;
    else ctx.out.put(`${found.slice(name.length + 1)}\n`);
  }
  return ctx.status;
});

export const env = simple('[-i0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]', function* main(ctx) {
  const options = ctx.options('+i0u:', { 'ignore-environment': 'i', unset: 'u', null: '0' });
  let list = options.has('i') || options.rest[0] === '-' ? [] : [...ctx.sys.environ];
  for (const name of options.all('u')) list = list.filter((each) => !each.startsWith(`${name}=`));
  let rest = options.rest[0] === '-' ? options.rest.slice(1) : options.rest;
  for (; rest[0]?.includes('=') === true; rest = rest.slice(1)) {
    const name = rest[0].slice(0, rest[0].indexOf('=') + 1);
    list = [...list.filter((each) => !each.startsWith(name)), rest[0]];
  }
  if (rest.length > 0) return yield* execOr(ctx, rest, list);
  for (const each of list) ctx.out.put(`${each}${options.has('0') ? '\0' : '\n'}`);
  return 0;
});

/** Becomes another program, or says that it cannot: env, setsid. */
export function* execOr(ctx: Ctx, argv: readonly string[], environ: readonly string[] = ctx.sys.environ): Call<number> {
  yield* ctx.out.flush();
  const path = environ.find((each) => each.startsWith('PATH='))?.slice(5) ?? '/sbin:/usr/sbin:/bin:/usr/bin';
  try {
    return yield* become(ctx.sys, argv, environ, path);
  } catch (error) {
    const code = error instanceof SysError && error.errno === 'ENOENT' ? 127 : 126;
    throw new Die(`can't execute '${argv[0]}': ${reason(error)}`, code);
  }
}

export const hostname = simple('[-sidf] [HOSTNAME | -F FILE]', function* main(ctx) {
  const options = ctx.options('dfisF:');
  const { nodename } = ctx.sys.uname();
  const file = options.get('F');
  const [name] = options.rest;
  if (['d', 'f', 'i'].some((letter) => options.has(letter)))
    yield* lookedUp(ctx, nodename, options.last('d', 'f', 'i')!);
  else if (options.has('s')) ctx.out.put(`${nodename.split('.')[0]}\n`);
  else if (file !== undefined) {
    const fd = yield* ctx.open(file);
    if (fd === undefined) return 1;
    for (const line of splitLines(fromBytes(yield* readAll(ctx.sys, fd)))) {
      const [word] = line.replace(/#.*/, '').trim().split(/\s+/);
      if (word !== undefined && word !== '') setHostname(ctx, word);
    }
  } else if (name !== undefined) setHostname(ctx, name);
  else ctx.out.put(`${nodename}\n`);
  return 0;
});

function setHostname(ctx: Ctx, name: string): void {
  try {
    ctx.sys.sethostname(name);
  } catch (error) {
    throw new Die(`sethostname: ${reason(error)}`);
  }
}

/** What /etc/hosts says of the name: its address, its first name, or what stands behind the dot in that. */
function* lookedUp(ctx: Ctx, name: string, what: string): Call<void> {
  const rows = splitLines((yield* slurp(ctx.sys, '/etc/hosts')) ?? '').map((line) =>
    line.replace(/#.*/, '').trim().split(/\s+/),
  );
  const row = rows.find(([, ...names]) => names.includes(name));
  if (row === undefined) throw new Die(`${name}: Host name lookup failure`);
  const [address, full = name] = row;
  if (what === 'f') ctx.out.put(`${full}\n`);
  else if (what === 'i') ctx.out.put(`${address}\n`);
  else if (full.includes('.')) ctx.out.put(`${full.slice(full.indexOf('.') + 1)}\n`);
}

export const uname = simple('[-amnrspvio]', function* main(ctx) {
  const options = ctx.options('amnrspvio', { all: 'a' });
  if (options.rest.length > 0) throw new Usage();
  const { sysname, nodename, release, version, machine } = ctx.sys.uname();
  const fields: readonly (readonly [string, string])[] = [
    ['s', sysname],
    ['n', nodename],
    ['r', release],
    ['v', version],
    ['m', machine],
    ['p', 'unknown'],
    ['i', 'unknown'],
    ['o', 'GNU/Linux'],
  ];
  const all = options.has('a');
  const any = all || fields.some(([letter]) => options.has(letter));
  const shown = fields.filter(([letter, text]) =>
    all ? text !== 'unknown' : options.has(any ? letter : '') || (!any && letter === 's'),
  );
  ctx.out.put(`${shown.map(([, text]) => text).join(' ')}\n`);
  return 0;
});
