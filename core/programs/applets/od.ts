/** od: bytes as numbers or characters, several forms below each other (busybox coreutils/od_bloaty.c). */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die } from '../lib/applet.ts';
import { toBytes } from '../lib/bytes.ts';
import type { Options } from '../lib/getopt.ts';
import { parseSize } from '../lib/size.ts';
import { bytesOfAll, shownChar } from './encode.ts';

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

function formOf(type: string): Form {
  const kind = type[0]!;
  if (kind === 'a') return { size: 1, show: (data, at) => ` ${named(data.getUint8(at)).padStart(3)}` };
  if (kind === 'c') return { size: 1, show: (data, at) => ` ${shownChar(String.fromCharCode(data.getUint8(at)))}` };
  if (kind === 'f') return floating(type);
  const numbers = widths[kind];
  if (numbers === undefined) throw new Die(`invalid character '${kind}' in type string '${type}'`);
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
  return { size, show: (data, at) => ` ${exponential(data.getFloat64(at, true), 15).padStart(21)}` };
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
    const types = options.all('t');
    const given = [...'abcdfhilosx'].filter((letter) => options.has(letter)).map((letter) => shorthand[letter]!);
    const forms = [...given, ...types].map(formOf);
    const radix = options.get('A') ?? 'o';
    const base = { o: 8, d: 10, x: 16, n: 0 }[radix];
    if (base === undefined) throw new Die(`bad output address radix '${radix}' (must be [doxn])`);
    const address = (at: number): string => (base === 0 ? '' : at.toString(base).padStart(base === 16 ? 6 : 7, '0'));
    const skip = number(options.get('j') ?? '0');
    const [least, limit] = [options.get('S'), options.get('N')];
    const shortest = least === undefined ? undefined : number(least);
    const most = limit === undefined ? undefined : number(limit);
    const all = yield* bytesOfAll(ctx, options.rest);
    if (skip > all.length) throw new Die("can't skip past end of combined input");
    const data = toBytes(all.slice(skip, most === undefined ? undefined : skip + most));
    if (shortest !== undefined) strings(ctx, data, skip, shortest, address);
    else {
      const used = forms.length === 0 ? [formOf('o2')] : forms;
      const width = yield* widthOf(ctx, options, used);
      rows(ctx, data, skip, used, width, address, options.has('v'));
    }
    return ctx.status;
  },
};

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

function rows(
  ctx: Ctx,
  data: Uint8Array,
  from: number,
  forms: readonly Form[],
  width: number,
  address: (at: number) => string,
  all: boolean,
): void {
  let before = '';
  let starred = false;
  for (let at = 0; at < data.length; at += width) {
    const count = Math.min(width, data.length - at);
    const padded = new Uint8Array(width);
    padded.set(data.subarray(at, at + count));
    const key = count === width ? padded.join() : '';
    if (key !== '' && key === before && !all) {
      if (!starred) ctx.out.raw('*\n');
      starred = true;
      continue;
    }
    [before, starred] = [key, false];
    const view = new DataView(padded.buffer);
    forms.forEach((form, i) => {
      let text = i === 0 ? address(from + at) : ' '.repeat(address(0).length);
      for (let j = 0; j < count; j += form.size) text += form.show(view, j);
      ctx.out.put(`${text}\n`);
    });
  }
  const end = address(from + data.length);
  if (end !== '' && (data.length > 0 || ctx.status === 0)) ctx.out.raw(`${end}\n`);
}

/** Runs of printable characters of some length that a NUL ends. */
function strings(ctx: Ctx, data: Uint8Array, from: number, least: number, address: (at: number) => string): void {
  let start = 0;
  for (const [at, byte] of data.entries()) {
    if (byte === 0 && at - start >= least)
      ctx.out.put(`${address(from + start)} ${String.fromCharCode(...data.subarray(start, at))}\n`);
    if (byte < 32 || byte > 126) start = at + 1;
  }
}
