/** od: bytes as numbers or characters, several forms below each other (busybox coreutils/od_bloaty.c). */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die } from '../lib/applet.ts';
import { ByteInput } from '../lib/bytein.ts';
import { toBytes } from '../lib/bytes.ts';
import type { Options } from '../lib/getopt.ts';
import { parseSize } from '../lib/size.ts';
import { shownChar } from './encode.ts';

interface Form {
  /** Bytes of one value. */
  readonly size: number;
  readonly show: (data: DataView, at: number) => string;
}

/** What the options without `-t` mean. */
const shorthand: Readonly<Record<string, string>> = {
  a: 'a',
  b: 'o1',
  c: 'c',
  d: 'u2',
  f: 'f4',
  h: 'x2',
  i: 'd2',
  l: 'd4',
  o: 'o2',
  s: 'd2',
  x: 'x2',
};

const controls =
  'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'.split(
    ' ',
  );

function named(byte: number): string {
  const low = byte & 0x7f;
  return low === 127 ? 'del' : (controls[low] ?? String.fromCharCode(low));
}

/** Columns of a whole number, by its size. */
const widths: Readonly<Record<string, readonly number[]>> = {
  d: [4, 6, 11, 20],
  u: [3, 5, 10, 20],
  o: [3, 6, 11, 22],
  x: [2, 4, 8, 16],
};

/** A type string may name several forms. */
function formsOf(text: string): Form[] {
  return (text.match(/[ac]|[douxf](?:[CSILFD]|\d[\s\S]*)?|[\s\S]+/g) ?? []).map((type) => formOf(type, text));
}

function formOf(type: string, text: string): Form {
  const kind = type[0]!;
  if (kind === 'a') return { size: 1, show: (data, at) => ` ${named(data.getUint8(at)).padStart(3)}` };
  if (kind === 'c') return { size: 1, show: (data, at) => ` ${shownChar(String.fromCharCode(data.getUint8(at)))}` };
  if (kind === 'f') return floating(type);
  const numbers = widths[kind];
  if (numbers === undefined) throw new Die(`invalid character '${kind}' in type string '${text}'`);
  const letter = { C: 1, S: 2, I: 4, L: 8, '': 4 }[type.slice(1)];
  const size = letter ?? (/^\d+$/.test(type.slice(1)) ? Number(type.slice(1)) : 4_294_967_295);
  if (![1, 2, 4, 8].includes(size))
    throw new Die(`invalid type string '${type}'; ${size}-byte integral type is not supported`);
  const width = numbers[Math.log2(size)]!;
  const radix = { d: 10, u: 10, o: 8, x: 16 }[kind]!;
  const fill = radix === 10 ? ' ' : '0';
  return {
    size,
    show: (data, at) =>
      ` ${whole(data, at, size, kind === 'd')
        .toString(radix)
        .padStart(width, fill)}`,
  };
}

function floating(type: string): Form {
  const size = { F: 4, '4': 4, D: 8, '8': 8, '': 8 }[type.slice(1)];
  if (size === undefined)
    throw new Die(`invalid type string '${type}'; ${type.slice(1)}-byte floating point type is not supported`);
  if (size === 4) return { size, show: (data, at) => ` ${exponential(data.getFloat32(at, true), 7).padStart(15)}` };
  return { size, show: (data, at) => ` ${exponential(data.getFloat64(at, true), 15).padStart(23)}` };
}

/** As printf's %e writes it: two digits of exponent at least. */
function exponential(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  return value.toExponential(digits).replace(/e([-+])(\d)$/, 'e$10$2');
}

function whole(data: DataView, at: number, size: number, signed: boolean): bigint {
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(data.getUint8(at + i));
  return signed ? BigInt.asIntN(size * 8, value) : value;
}

/** `4`, `0x10` is none, `2k` … */
function number(text: string): number {
  const value = parseSize(text);
  if (value === undefined) throw new Die(`invalid number '${text}'`);
  return value;
}

export const od: Applet = {
  usage: '[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [-S MINSTR] [-w WIDTH] [FILE]...',
  *main(ctx) {
    const options = ctx.options('abcdfhilovxst:A:N:j:S:w::');
    // -x and -s come after the types of -t, all others before them.
    const given = (letters: string): string[] =>
      [...letters].filter((letter) => options.has(letter)).map((letter) => shorthand[letter]!);
    const forms = [...given('abcdfhilo'), ...options.all('t'), ...given('xs')].flatMap(formsOf);
    const radix = options.get('A') ?? 'o';
    const base = { o: 8, d: 10, x: 16, n: 0 }[radix];
    if (base === undefined) throw new Die(`bad output address radix '${radix}' (must be [doxn])`);
    const address = (at: number): string => (base === 0 ? '' : at.toString(base).padStart(base === 16 ? 6 : 7, '0'));
    const skip = number(options.get('j') ?? '0');
    const [least, limit] = [options.get('S'), options.get('N')];
    const shortest = least === undefined ? undefined : number(least);
    const most = limit === undefined ? undefined : number(limit);
    const input = new ByteInput(ctx, options.rest, function* failed(path) {
      yield* ctx.warn(`${path === '-' ? 'standard input' : path}: read error`);
    });
    if ((yield* input.skip(skip)) < skip) throw new Die("can't skip past end of combined input");
    const job: Job = { ctx, input, from: skip, most: most ?? Number.POSITIVE_INFINITY, address };
    if (shortest !== undefined) yield* strings(job, shortest);
    else {
      const used = forms.length === 0 ? formsOf('o2') : forms;
      yield* rows(job, used, yield* widthOf(ctx, options, used), options.has('v'));
    }
    return ctx.status;
  },
};

interface Job {
  readonly ctx: Ctx;
  readonly input: ByteInput;
  /** Offset of the first byte. */
  readonly from: number;
  readonly most: number;
  readonly address: (at: number) => string;
}

/** Bytes of a row: a multiple of every form's size. */
function* widthOf(ctx: Ctx, options: Options, forms: readonly Form[]): Call<number> {
  const unit = Math.max(...forms.map(({ size }) => size));
  const text = options.get('w');
  if (text === undefined) return 16;
  const wanted = text === '' ? 32 : number(text);
  if (wanted > 0 && wanted % unit === 0) return wanted;
  yield* ctx.warn(`warning: invalid width ${wanted}; using ${unit} instead`, ctx.status);
  return unit;
}

/** What stands before the second form of a row without an address: busybox 1.35 takes the letter `n` for a width. */
const UNADDRESSED = 69;

function* rows(job: Job, forms: readonly Form[], width: number, all: boolean): Call<void> {
  const { ctx, input, address } = job;
  const indent = ' '.repeat(address(0).length || UNADDRESSED);
  const unit = Math.max(...forms.map(({ size }) => size));
  let before = '';
  let starred = false;
  let at = job.from;
  for (let left = job.most; ; ) {
    const row = yield* input.take(Math.min(width, left));
    if (row === '') break;
    left -= row.length;
    const repeated = row === before && row.length === width && !all;
    if (repeated && !starred) ctx.out.raw('*\n');
    [before, starred] = [row, repeated];
    if (!repeated) {
      // The last row is filled up to a multiple of the biggest value: the other forms show that as well.
      const whole = Math.ceil(row.length / unit) * unit;
      const padded = new Uint8Array(Math.max(width, whole));
      padded.set(toBytes(row));
      const view = new DataView(padded.buffer);
      forms.forEach((form, i) => {
        let text = i === 0 ? address(at) : indent;
        for (let j = 0; j < whole; j += form.size) text += form.show(view, j);
        ctx.out.put(`${text}\n`);
      });
    }
    at += row.length;
    yield* ctx.out.drain();
  }
  const end = address(at);
  if (end !== '' && (yield* input.begun())) ctx.out.raw(`${end}\n`);
}

/** Runs of printable characters of some length that a NUL ends. */
function* strings({ ctx, input, from, most, address }: Job, least: number): Call<void> {
  let run = '';
  for (let at = from; at - from < most; at++) {
    const c = yield* input.take(1);
    if (c === '') break;
    if (c === '\0' && run.length >= least) ctx.out.raw(`${address(at - run.length)} ${run}\n`);
    run = c >= ' ' && c <= '~' ? run + c : '';
    yield* ctx.out.drain();
  }
}
