/** sort [-nrugMcszbdfi] [-k KEY] [-t CHAR] [-o FILE] [FILE]... (busybox coreutils/sort.c) */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die } from '../lib/applet.ts';
import { byteString, toBytes } from '../lib/bytes.ts';
import { splitLines } from '../lib/io.ts';
import { eachFile } from '../lib/textin.ts';
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
    const lines: string[] = [];
    yield* eachFile(ctx, options.rest, function* add({ text }): Call<void> {
      if (end === '\n') lines.push(...splitLines(text));
      else lines.push(...text.replace(/\0$/, '').split('\0'));
    });
    if (ctx.status !== 0) return 2;
    const global = ['n', 'g', 'M', 'h', 'f', 'b', 'd', 'i', 'r', 'V'].filter((flag) => options.has(flag)).join('');
    const keys = options.all('k').map((text) => parseKey(text, global));
    const separator = options.get('t');
    if (separator !== undefined && byteString(separator).length > 1) throw new Die('bad -t parameter', 2);
    const compare = (a: string, b: string): number => {
      for (const key of keys.length === 0 ? [undefined] : keys) {
        const flags = key?.flags ?? global;
        const sign = byFlags(pick(a, key, separator, flags), pick(b, key, separator, flags), flags);
        if (sign !== 0) return flags.includes('r') ? -sign : sign;
      }
      return 0;
    };
    const last = (a: string, b: string): number => {
      if (options.has('s') || options.has('u')) return 0;
      const sign = a < b ? -1 : a > b ? 1 : 0;
      return options.has('r') ? -sign : sign;
    };
    if (options.has('c')) {
      const wrong = lines.findIndex((line, i) => i > 0 && compare(lines[i - 1]!, line) > (options.has('u') ? -1 : 0));
      if (wrong >= 0) yield* ctx.sys.write(2, `Check line ${wrong}\n`);
      return wrong >= 0 ? 1 : 0;
    }
    lines.sort((a, b) => compare(a, b) || last(a, b));
    const kept = options.has('u') ? lines.filter((line, i) => i === 0 || compare(lines[i - 1]!, line) !== 0) : lines;
    yield* write(ctx, options.get('o'), kept, end);
    return 0;
  },
};

function* write(ctx: Ctx, path: string | undefined, lines: readonly string[], end: string): Call<void> {
  const text = lines.map((line) => line + end).join('');
  if (path === undefined) ctx.out.raw(text);
  else {
    const fd = ctx.sys.open(path, { write: true, create: true, truncate: true }, 0o666);
    yield* ctx.sys.write(fd, toBytes(text));
    ctx.sys.close(fd);
  }
}

function parseKey(text: string, global: string): Key {
  const match = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.(\d+))?([a-zA-Z]*))?$/.exec(text);
  if (match === null || Number(match[1]) === 0) throw new Die('bad field specification', 2);
  const [, from, fromChar, a, to, toChar, b] = match;
  const own = `${a ?? ''}${b ?? ''}`;
  return {
    from: Number(from) - 1,
    fromChar: Number(fromChar ?? '1') - 1,
    to: to === undefined ? undefined : Number(to) - 1,
    toChar: Number(toChar ?? '0'),
    flags: own === '' ? global : own,
  };
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
