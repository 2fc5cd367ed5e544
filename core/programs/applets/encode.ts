/** base64, xxd, hexdump and od: bytes shown as text, and back. */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die } from '../lib/applet.ts';
import { fromBytes } from '../lib/bytes.ts';
import { readAll } from '../lib/io.ts';

const hex = (value: number, width = 2): string => value.toString(16).padStart(width, '0');
const printable = (c: string): string => (c >= ' ' && c <= '~' ? c : '.');
const code = (c: string | undefined): number => c?.charCodeAt(0) ?? 0;

/** One operand as bytes; undefined after a message. */
function* bytesOf(ctx: Ctx, path: string): Call<string | undefined> {
  const fd = yield* ctx.open(path, path);
  if (fd === undefined) return undefined;
  try {
    return fromBytes(yield* readAll(ctx.sys, fd));
  } catch (error) {
    yield* ctx.refused(path, error);
    return undefined;
  } finally {
    ctx.close(fd);
  }
}

/** All operands, one after the other. */
function* bytesOfAll(ctx: Ctx, paths: readonly string[]): Call<string> {
  let all = '';
  for (const path of paths.length === 0 ? ['-'] : paths) all += (yield* bytesOf(ctx, path)) ?? '';
  return all;
}

function count(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) throw new Die(`invalid number '${text}'`);
  return Number(text);
}

export const base64: Applet = {
  usage: '[-d] [-w COL] [FILE]',
  *main(ctx) {
    const options = ctx.options('dw:', { decode: 'd', wrap: 'w' });
    const text = yield* bytesOf(ctx, options.rest[0] ?? '-');
    if (text === undefined) return 1;
    if (options.has('d')) return yield* decode(ctx, text);
    const width = count(options.get('w'), 76);
    const encoded = toBase64(text);
    if (width === 0) ctx.out.raw(encoded);
    else for (let at = 0; at < encoded.length; at += width) ctx.out.raw(`${encoded.slice(at, at + width)}\n`);
    return 0;
  },
};

/** What is no digit is passed over. */
function* decode(ctx: Ctx, text: string): Call<number> {
  const clean = text.replace(/[^A-Za-z0-9+/=]/g, '');
  const whole = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/.exec(clean)![0];
  ctx.out.raw(fromBase64(whole));
  if (whole.length < clean.length) yield* ctx.warn('truncated input');
  return ctx.status;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648, section 4. */
function toBase64(bytes: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = (code(bytes[at]) << 16) | (code(bytes[at + 1]) << 8) | code(bytes[at + 2]);
    const four = [18, 12, 6, 0].map((shift) => digits[(bits >> shift) & 63]).join('');
    text += four.slice(0, Math.min(bytes.length - at, 3) + 1).padEnd(4, '=');
  }
  return text;
}

function fromBase64(text: string): string {
  let bytes = '';
  for (const four of text.match(/.{4}/g) ?? []) {
    const bits = [...four].reduce((sum, c) => (sum << 6) | (c === '=' ? 0 : digits.indexOf(c)), 0);
    bytes += [16, 8, 0]
      .slice(0, 3 - (four.length - four.replace(/=+$/, '').length))
      .map((shift) => String.fromCharCode((bits >> shift) & 255))
      .join('');
  }
  return bytes;
}

export const xxd: Applet = {
  usage: '[-pri] [-g N] [-c N] [-n LEN] [-s OFS] [-o OFS] [FILE]',
  *main(ctx) {
    const options = ctx.options('pril:s:g:c:o:');
    const all = yield* bytesOf(ctx, options.rest[0] ?? '-');
    if (all === undefined) return 1;
    if (options.has('r')) {
      ctx.out.raw(options.has('p') ? unhex(all) : fromDump(all));
      return 0;
    }
    const skip = count(options.get('s'), 0);
    const data = all.slice(skip, skip + count(options.get('l'), all.length));
    const columns = count(options.get('c'), options.has('p') ? 30 : 16);
    const group = count(options.get('g'), 2);
    for (let at = 0; at < data.length; at += columns) {
      const row = data.slice(at, at + columns);
      if (options.has('p')) ctx.out.raw(`${[...row].map((c) => hex(code(c))).join('')}\n`);
      else ctx.out.raw(`${hex(skip + at, 8)}: ${grouped(row, columns, group)} ${[...row].map(printable).join('')}\n`);
    }
    return 0;
  },
};

function grouped(row: string, columns: number, group: number): string {
  let text = '';
  for (let i = 0; i < columns; i++) {
    text += row[i] === undefined ? '  ' : hex(code(row[i]));
    if (group > 0 && (i + 1) % group === 0) text += ' ';
  }
  if (group === 0 || columns % group !== 0) text += ' ';
  return text;
}

const unhex = (text: string): string =>
  (text.replace(/[^0-9a-fA-F]/g, '').match(/../g) ?? [])
    .map((pair) => String.fromCharCode(Number.parseInt(pair, 16)))
    .join('');

function fromDump(text: string): string {
  return text
    .split('\n')
    .map((line) => unhex(/^[0-9a-fA-F]+: ((?:[0-9a-fA-F]{2,} ?)+)/.exec(line)?.[1] ?? ''))
    .join('');
}

/** What stands after the offset in a row of a dump, and how wide it is made. */
type Row = (row: string) => string;

const rows: Readonly<Record<string, Row>> = {
  octal2: (row) => words(row, (value) => ` ${value.toString(8).padStart(6, '0')}`),
  decimal2: (row) => words(row, (value) => ` ${String(value).padStart(5)}`),
  hex2: (row) => words(row, (value) => ` ${hex(value, 4)}`),
  octal1: (row) => [...row].map((c) => ` ${code(c).toString(8).padStart(3, '0')}`).join(''),
  hex1: (row) => [...row].map((c) => ` ${hex(code(c))}`).join(''),
  chars: (row) => [...row].map((c) => ` ${shownChar(c)}`).join(''),
};

function words(row: string, show: (value: number) => string): string {
  let text = '';
  for (let i = 0; i < row.length; i += 2) text += show(code(row[i]) | (code(row[i + 1]) << 8));
  return text;
}

const named: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function shownChar(c: string): string {
  return (named[c] ?? (c >= ' ' && c <= '~' ? c : code(c).toString(8).padStart(3, '0'))).padStart(3);
}

interface Dump {
  readonly data: string;
  readonly from: number;
  readonly row: Row;
  /** Width that the part after the offset is filled up to. */
  readonly width: number;
  readonly offset: (at: number) => string;
  /** Every row is shown, also one like the row before. */
  readonly all?: boolean;
  /** The offset of the end is shown even when there is nothing. */
  readonly empty?: boolean;
}

/** Rows of 16 bytes; equal ones are one `*`; the offset of the end comes last. */
function dump(ctx: Ctx, { data, from, row, width, offset, all, empty }: Dump): void {
  let before: string | undefined;
  let starred = false;
  for (let at = 0; at < data.length; at += 16) {
    const part = data.slice(at, at + 16);
    if (part === before && part.length === 16 && all !== true) {
      if (!starred) ctx.out.raw('*\n');
      starred = true;
      continue;
    }
    starred = false;
    before = part;
    ctx.out.raw(`${offset(from + at)}${row(part).padEnd(width)}\n`);
  }
  const end = offset(from + data.length);
  if (end !== '' && (data !== '' || empty === true)) ctx.out.raw(`${end}\n`);
}

const canonical: Row = (row) => {
  const shown = [...row].map((c, i) => `${i === 8 ? '  ' : ' '}${hex(code(c))}`).join('');
  return ` ${shown.padEnd(49)}  |${[...row].map(printable).join('')}|`;
};

export const hexdump: Applet = {
  usage: '[-bcdoxCv] [-e FMT] [-f FMT_FILE] [-n LEN] [-s OFS] [FILE]...',
  *main(ctx) {
    const options = ctx.options('bcdoxCvn:s:e:f:');
    const all = yield* bytesOfAll(ctx, options.rest);
    const skip = count(options.get('s'), 0);
    const data = all.slice(skip, skip + count(options.get('n'), all.length));
    const kind = options.last('b', 'c', 'd', 'o', 'x', 'C') ?? 'x';
    if (kind === 'C') {
      dump(ctx, { data, from: skip, row: canonical, width: 0, offset: (at) => hex(at, 8), all: options.has('v') });
      return ctx.status;
    }
    const row = { b: rows.octal1!, c: rows.chars!, d: wide(5, 10, '0'), o: wide(6, 8, '0'), x: rows.hex2! }[kind]!;
    const width = { b: 64, c: 64, d: 64, o: 64, x: 40 }[kind]!;
    dump(ctx, { data, from: skip, row, width, offset: (at) => hex(at, 7), all: options.has('v') });
    return ctx.status;
  },
};

const wide =
  (width: number, radix: number, fill: string): Row =>
  (row) =>
    words(row, (value) => `  ${radix === 8 ? ' '.repeat(0) : ' '}${value.toString(radix).padStart(width, fill)}`);

const odTypes: Readonly<Record<string, string>> = {
  c: 'chars',
  o1: 'octal1',
  o2: 'octal2',
  x1: 'hex1',
  x2: 'hex2',
  u2: 'decimal2',
};

export const od: Applet = {
  usage: '[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [-S MINSTR] [-w WIDTH] [FILE]...',
  *main(ctx) {
    const options = ctx.options('abcdfhilovxst:A:N:j:S:w::');
    const short: Readonly<Record<string, string>> = {
      b: 'octal1',
      c: 'chars',
      d: 'decimal2',
      h: 'hex2',
      o: 'octal2',
      x: 'hex2',
    };
    const asked = options.get('t');
    const kind = asked === undefined ? (short[options.last(...'bcdhox') ?? 'o'] ?? 'octal2') : odTypes[asked];
    if (kind === undefined) throw new Die(`cutaway: type '${asked}' is not in the simulation`);
    const all = yield* bytesOfAll(ctx, options.rest);
    const skip = count(options.get('j'), 0);
    const data = all.slice(skip, skip + count(options.get('N'), all.length));
    const radix = options.get('A') ?? 'o';
    const base = { o: 8, d: 10, x: 16, n: 0 }[radix];
    if (base === undefined) throw new Die(`bad output address radix '${radix}' (must be [doxn])`);
    const offset = (at: number): string => (base === 0 ? '' : at.toString(base).padStart(base === 16 ? 6 : 7, '0'));
    dump(ctx, { data, from: skip, row: rows[kind]!, width: 0, offset, all: options.has('v'), empty: ctx.status === 0 });
    return ctx.status;
  },
};
