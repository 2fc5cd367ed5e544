/** xxd and hexdump: bytes shown as text, and back; as they come. */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, reason, Usage } from '../lib/applet.ts';
import { ByteInput, type Start } from '../lib/bytein.ts';
import { fromBytes } from '../lib/bytes.ts';
import { readSome } from '../lib/io.ts';
import { countOf } from '../lib/size.ts';

const hex = (value: number, width = 2): string => value.toString(16).padStart(width, '0');
const printable = (c: string): string => (c >= ' ' && c <= '~' ? c : '.');
const code = (c: string | undefined): number => c?.charCodeAt(0) ?? 0;

/** Of what cannot be read these tools take no further notice; standard input they call by the last word of the call. */
function inputOf(ctx: Ctx, paths: readonly string[]): ByteInput {
  return new ByteInput(ctx, paths, function* failed(path, error) {
    const name = paths.length > 0 ? path : (ctx.args.at(-1) ?? ctx.name);
    yield* ctx.complain(`${ctx.name}: ${name}: ${reason(error)}\n`);
  });
}

export const xxd: Applet = {
  usage: '[-pri] [-g N] [-c N] [-n LEN] [-s OFS] [-o OFS] [FILE]',
  *main(ctx) {
    const options = ctx.options('pril:s:g:c:o:');
    const paths = options.rest;
    if (paths.length > 1) throw new Usage();
    if (options.has('r')) return yield* back(ctx, paths[0] ?? '-', options.has('p'));
    const shift = countOf(options.get('o'), 0);
    const [inC, hexOnly] = [options.has('i'), options.has('p')];
    const columns = countOf(options.get('c'), 0) || (hexOnly ? 30 : inC ? 12 : 16);
    const group = countOf(options.get('g'), 2);
    const input = inputOf(ctx, paths);
    let { at, next } = yield* input.seek(countOf(options.get('s'), 0), columns);
    let left = countOf(options.get('l'), Number.POSITIVE_INFINITY);
    const [file] = paths;
    const name = inC && file !== undefined ? file.replace(/[^A-Za-z0-9]/g, '_') : undefined;
    let row = yield* input.take(Math.min(columns, left));
    if (name !== undefined && input.opened) ctx.out.put(`unsigned char ${name}[] = {\n`);
    for (; row !== ''; row = yield* input.take(Math.min(columns, left))) {
      left -= row.length;
      if (hexOnly) ctx.out.raw(`${[...row].map((c) => hex(code(c))).join('')}\n`);
      else if (inC) ctx.out.raw(`  ${[...row].map((c) => `0x${hex(code(c))},`).join(' ')}\n`);
      else ctx.out.raw(`${hex(shift + at, 8)}: ${grouped(row, columns, group)} ${[...row].map(printable).join('')}\n`);
      if (row.length < columns) at += row.length;
      else [at, next] = [next, next + columns];
      yield* ctx.out.drain();
    }
    if (name !== undefined && input.opened) ctx.out.put(`};\nunsigned int ${name}_len = ${at};\n`);
    return ctx.status;
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

/** `-r`: pairs of digits are bytes; a digit that no digit follows (but for white space) is dropped. Offsets are passed over. */
function* back(ctx: Ctx, path: string, plain: boolean): Call<number> {
  const fd = yield* ctx.open(path, path);
  if (fd === undefined) return 1;
  let first: string | undefined;
  let place: 'line' | 'offset' | 'bytes' = plain ? 'bytes' : 'line';
  for (;;) {
    const bytes = fromBytes(yield* readSome(ctx.sys, fd, () => undefined));
    if (bytes === '') break;
    for (const c of bytes) {
      const isHex = /[0-9a-fA-F]/.test(c);
      if (first !== undefined) {
        if (/\s/.test(c)) continue;
        if (isHex) ctx.out.raw(String.fromCharCode(Number.parseInt(first + c, 16)));
        first = undefined;
      } else if (place === 'line' && /[ \t]/.test(c)) {
        // White space before the offset.
      } else if (place !== 'bytes' && isHex) place = 'offset';
      else {
        place = c === '\n' && !plain ? 'line' : 'bytes';
        if (isHex) first = c;
      }
    }
    yield* ctx.out.drain();
  }
  ctx.close(fd);
  return 0;
}

/** What stands after the offset in a row of a dump. */
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

const canonical: Row = (row) => {
  const shown = [...row].map((c, i) => `${i === 8 ? '  ' : ' '}${hex(code(c))}`).join('');
  return ` ${shown.padEnd(49)}  |${[...row].map(printable).join('')}|`;
};

const wide =
  (digits: number, radix: number): Row =>
  (row) =>
    words(row, (value) => value.toString(radix).padStart(digits, '0').padStart(8));

/** A form of hexdump: digits of the offset, the row, and the width that it is filled up to. */
interface Form {
  readonly offset: number;
  readonly row: Row;
  readonly width: number;
}

const forms: Readonly<Record<string, Form>> = {
  b: { offset: 7, row: octal1, width: 64 },
  c: { offset: 7, row: chars, width: 64 },
  d: { offset: 7, row: wide(5, 10), width: 64 },
  o: { offset: 7, row: wide(6, 8), width: 64 },
  x: { offset: 7, row: wide(4, 16), width: 64 },
  C: { offset: 8, row: canonical, width: 0 },
};

export const hexdump: Applet = {
  usage: '[-bcdoxCv] [-e FMT] [-f FMT_FILE] [-n LEN] [-s OFS] [FILE]...',
  *main(ctx) {
    const options = ctx.options('=bcdoxCvn:s:e:f:');
    const asked = options.order.flatMap((letter) => forms[letter] ?? []);
    const shown = asked.length === 0 ? [{ offset: 7, row: hex2, width: 40 }] : asked;
    const input = inputOf(ctx, options.rest);
    const left = countOf(options.get('n'), Number.POSITIVE_INFINITY);
    // Of what nothing is wanted the beginning is not looked for.
    const skip = yield* input.seek(left === 0 ? 0 : countOf(options.get('s'), 0));
    yield* dump(ctx, input, shown, skip, left, options.has('v'));
    return ctx.status;
  },
};

/** Rows of 16 bytes, each in all forms; equal ones are one `*`, unless all are wanted; the offset of the end comes last. */
function* dump(
  ctx: Ctx,
  input: ByteInput,
  shown: readonly Form[],
  from: Start,
  most: number,
  all: boolean,
): Call<void> {
  let before: string | undefined;
  let starred = false;
  let next = from.next;
  let { at } = from;
  for (let left = most; ; ) {
    const row = yield* input.take(Math.min(16, left));
    if (row === '') break;
    left -= row.length;
    const repeated = row === before && row.length === 16 && !all;
    if (repeated && !starred) ctx.out.raw('*\n');
    if (!repeated)
      for (const form of shown) ctx.out.raw(`${hex(at, form.offset)}${form.row(row).padEnd(form.width)}\n`);
    [before, starred] = [row, repeated];
    if (row.length === 16) {
      at = next;
      next += 16;
    } else at += row.length;
    yield* ctx.out.drain();
  }
  if (at > 0) ctx.out.raw(`${hex(at, shown.at(-1)!.offset)}\n`);
}
