/** sort [-nrugMcszbdfi] [-k KEY] [-t CHAR] [-o FILE] [FILE]... (busybox coreutils/sort.c) */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason } from '../lib/applet.ts';
import { byteString } from '../lib/bytes.ts';
import { Lines, Out } from '../lib/io.ts';
import { compareVersions } from '../lib/versions.ts';

interface Key {
  readonly from: number;
  readonly fromChar: number;
  readonly to: number | undefined;
  readonly toChar: number;
  readonly flags: string;
}

export const sort: Applet = {
  usage: '[-nrugMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...',
  usageCode: 2,
  *main(ctx) {
    const options = ctx.options('ngMVucszbrdfimS:T:o:k:t:');
    const end = options.has('z') ? '\0' : '\n';
    const global = ['n', 'g', 'M', 'h', 'f', 'b', 'd', 'i', 'r', 'V'].filter((flag) => options.has(flag)).join('');
    const keys = options.all('k').map((text) => parseKey(text, global));
    const separator = options.get('t');
    if (separator !== undefined && byteString(separator).length !== 1) throw new Die('bad -t parameter', 2);
    const compare = comparing(keys, global, separator);
    // Lines whose keys are equal are compared as a whole.
    const last = (a: string, b: string): number => {
      const sign = a < b ? -1 : a > b ? 1 : 0;
      return options.has('r') ? -sign : sign;
    };
    const full = options.has('s') ? compare : (a: string, b: string): number => compare(a, b) || last(a, b);
    const lines = yield* readLines(ctx, options.rest, end);
    if (options.has('c')) {
      const wrong = lines.findIndex((line, i) => i > 0 && full(lines[i - 1]!, line) > (options.has('u') ? -1 : 0));
      if (wrong >= 0) yield* ctx.complain(`Check line ${wrong}\n`);
      return wrong >= 0 ? 1 : 0;
    }
    // Stable is the order before -r turns it round: lines that are equal stand the other way then.
    if (options.has('s') && (keys.at(-1)?.flags ?? global).includes('r')) lines.reverse();
    const sorted = yield* sortLines(ctx, lines, full);
    // With -s, busybox 1.35 leaves no line out.
    yield* write(ctx, options.get('o'), sorted, end, options.has('u') && !options.has('s') ? compare : undefined);
    return 0;
  },
};

/** A file that is not there is the end; one that cannot be read is empty. */
function* readLines(ctx: Ctx, paths: readonly string[], end: string): Call<string[]> {
  const all: string[] = [];
  for (const path of paths.length === 0 ? ['-'] : paths) {
    let fd = 0;
    try {
      if (path !== '-') fd = ctx.sys.open(path, { read: true });
    } catch (error) {
      throw new Die(`${path}: ${reason(error)}`, 2);
    }
    const lines = new Lines(ctx.sys, fd, end);
    for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next())
      all.push(line.endsWith(end) ? line.slice(0, -1) : line);
    ctx.close(fd);
  }
  return all;
}

type Compare = (a: string, b: string) => number;

/** Lines that are sorted in one go; longer lists are merged of such runs, giving way in between. */
const RUN = 4096;
/** CPU time of a line in one merge, milliseconds: busybox's sort of 3 million lines, measured. */
const MERGED = 5e-5;

function* sortLines(ctx: Ctx, lines: readonly string[], compare: Compare): Call<readonly string[]> {
  let runs: string[][] = [];
  for (let at = 0; at < lines.length; at += RUN) {
    runs.push(lines.slice(at, at + RUN).sort(compare));
    if (lines.length > RUN) yield* ctx.sys.burn(RUN * MERGED * 12);
  }
  while (runs.length > 1) {
    const merged: string[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [a, b] = [runs[i]!, runs[i + 1]];
      merged.push(b === undefined ? a : yield* merge(ctx, a, b, compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge(ctx: Ctx, a: readonly string[], b: readonly string[], compare: Compare): Call<string[]> {
  const merged: string[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const first = j >= b.length || (i < a.length && compare(a[i]!, b[j]!) <= 0);
    merged.push(first ? a[i++]! : b[j++]!);
    if (merged.length % RUN === 0) yield* ctx.sys.burn(RUN * MERGED);
  }
  return merged;
}

/** `same`: of lines that are equal by their keys, only the first is written. */
function* write(
  ctx: Ctx,
  path: string | undefined,
  lines: readonly string[],
  end: string,
  same: Compare | undefined,
): Call<void> {
  let fd = 1;
  try {
    if (path !== undefined) fd = ctx.sys.open(path, { write: true, create: true, truncate: true }, 0o666);
  } catch (error) {
    if (error instanceof SysError) throw new Die(`can't open '${path}': ${reason(error)}`, 2);
    throw error;
  }
  const out = fd === 1 ? ctx.out : new Out(ctx.sys, fd);
  let before: string | undefined;
  for (const line of lines) {
    if (before !== undefined && same !== undefined && same(before, line) === 0) continue;
    before = line;
    out.raw(line + end);
    yield* out.drain();
  }
  yield* out.flush();
  if (fd !== 1) ctx.sys.close(fd);
}

/** By the keys alone. */
function comparing(keys: readonly Key[], global: string, separator: string | undefined): Compare {
  if (keys.length === 0 && global === '') return (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return (a, b) => {
    for (const key of keys.length === 0 ? [undefined] : keys) {
      const flags = key?.flags ?? global;
      const sign = byFlags(pick(a, key, separator, flags), pick(b, key, separator, flags), flags);
      if (sign !== 0) return flags.includes('r') ? -sign : sign;
    }
    return 0;
  };
}

/** `START[.OFS][OPTS][,END[.OFS][OPTS]]`; nothing at all is the whole line. */
function parseKey(text: string, global: string): Key {
  const [start = '', stop] = [
    text.split(',', 1)[0],
    text.includes(',') ? text.slice(text.indexOf(',') + 1) : undefined,
  ];
  const whole = { field: 0, char: 0, options: '' };
  const from = start === '' ? whole : position(start);
  const to = stop === undefined || stop === '' ? whole : position(stop);
  const own = from.options + to.options;
  return {
    from: Math.max(0, from.field - 1),
    fromChar: Math.max(0, from.char - 1),
    to: to.field === 0 ? undefined : to.field - 1,
    toChar: to.char,
    flags: own === '' ? global : own,
  };
}

function position(text: string): { field: number; char: number; options: string } {
  const [, field, dot, char, options = ''] = /^(\d*)(\.?)(\d*)([\s\S]*)$/.exec(text)!;
  if (Number(field) === 0 || (dot !== '' && Number(char) === 0)) throw new Die('bad field specification', 2);
  if (/[^nrugMcszbdfioktV]/.test(options)) throw new Die('unknown key option', 2);
  return { field: Number(field), char: Number(char), options };
}

function pick(line: string, key: Key | undefined, separator: string | undefined, flags: string): string {
  let text = line;
  if (key !== undefined) {
    const fields = separator === undefined ? (line.match(/\s*[^\s]+|\s+$/g) ?? []) : line.split(separator);
    const joiner = separator ?? '';
    const from = fields.slice(key.from, key.to === undefined ? undefined : key.to + 1);
    if (key.to !== undefined && key.toChar > 0 && from.length > 0)
      from[from.length - 1] = from.at(-1)!.slice(0, key.toChar);
    text = from.join(joiner).slice(key.fromChar);
  }
  if (flags.includes('b')) text = text.trimStart();
  if (flags.includes('d')) text = text.replace(/[^A-Za-z0-9\s]/g, '');
  if (flags.includes('i')) text = text.replace(/[^ -~]/g, '');
  if (flags.includes('f')) text = text.toUpperCase();
  return text;
}

function byFlags(a: string, b: string, flags: string): number {
  if (new Set(flags.match(/[nhgMV]/g)).size > 1) throw new Die('unknown sort type', 2);
  if (flags.includes('M')) return month(a) - month(b);
  if (flags.includes('g')) return general(a, b);
  if (/[nh]/.test(flags)) return numeric(a, flags) - numeric(b, flags);
  if (flags.includes('V')) return compareVersions(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function numeric(text: string, flags: string): number {
  const match = /^\s*(-?\d*\.?\d*)([KMGT]?)/.exec(text)!;
  const unit = flags.includes('h') ? 1024 ** 'KMGT'.indexOf(match[2] || ' ') * (match[2] === '' ? 1 : 1024) : 1;
  return (Number(match[1]) || 0) * (match[2] === '' ? 1 : unit);
}

const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');

/** Counted from 0; what is no month comes before them. */
const month = (text: string): number => months.indexOf(text.trimStart().slice(0, 3).toUpperCase());

/** As strtod(3) reads them; what is no number comes first. */
function general(a: string, b: string): number {
  const value = (text: string): number =>
    Number(/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(text)?.[0] ?? Number.NaN);
  const [x, y] = [value(a), value(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  return x - y;
}
