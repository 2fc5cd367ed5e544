/** base64, xxd and hexdump: bytes shown as text, and back. */
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
export function* bytesOfAll(ctx: Ctx, paths: readonly string[]): Call<string> {
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
    const shift = count(options.get('o'), 0);
    const data = all.slice(skip, skip + count(options.get('l'), all.length));
    const [inC, hexOnly] = [options.has('i'), options.has('p')];
    const columns = count(options.get('c'), hexOnly ? 30 : inC ? 12 : 16);
    const group = count(options.get('g'), 2);
    const [file] = options.rest;
    const name = inC && file !== undefined ? file.replace(/[^A-Za-z0-9]/g, '_') : undefined;
    if (name !== undefined) ctx.out.put(`unsigned char ${name}[] = {\n`);
    for (let at = 0; at < data.length; at += columns) {
      const row = data.slice(at, at + columns);
      if (hexOnly) ctx.out.raw(`${[...row].map((c) => hex(code(c))).join('')}\n`);
      else if (inC) ctx.out.raw(`  ${[...row].map((c) => `0x${hex(code(c))},`).join(' ')}\n`);
      else
        ctx.out.raw(
          `${hex(shift + skip + at, 8)}: ${grouped(row, columns, group)} ${[...row].map(printable).join('')}\n`,
        );
    }
    if (name !== undefined) ctx.out.put(`};\nunsigned int ${name}_len = ${data.length};\n`);
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

const hex2: Row = (row) => words(row, (value) => ` ${hex(value, 4)}`);
const octal1: Row = (row) => [...row].map((c) => ` ${code(c).toString(8).padStart(3, '0')}`).join('');
const chars: Row = (row) => [...row].map((c) => ` ${shownChar(c)}`).join('');

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

export function shownChar(c: string): string {
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
}

/** Rows of 16 bytes; equal ones are one `*`; the offset of the end comes last. */
function dump(ctx: Ctx, { data, from, row, width, offset, all }: Dump): void {
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
  if (end !== '' && data !== '') ctx.out.raw(`${end}\n`);
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
    const plain = options.last('b', 'c', 'd', 'o', 'x') === undefined;
    const row = { b: octal1, c: chars, d: wide(5, 10), o: wide(6, 8), x: plain ? hex2 : wide(4, 16) }[kind]!;
    const width = plain ? 40 : 64;
    dump(ctx, { data, from: skip, row, width, offset: (at) => hex(at, 7), all: options.has('v') });
    return ctx.status;
  },
};

const wide =
  (digits: number, radix: number): Row =>
  (row) =>
    words(row, (value) => value.toString(radix).padStart(digits, '0').padStart(8));
