/** printf FORMAT [ARG]... (POSIX.1-2017 XCU printf). Shared with the shell's builtin. */
import type { Applet } from '../lib/applet.ts';
import { Usage } from '../lib/applet.ts';
import { byteString, textOf } from '../lib/bytes.ts';
import { decimal } from '../lib/decimal.ts';
import { unescapeText } from '../lib/escapes.ts';

/** What is wrong, and how much of the output stands before it. */
export interface Message {
  readonly at: number;
  readonly text: string;
}

export interface Formatted {
  /** A byte string. */
  readonly output: string;
  readonly messages: readonly Message[];
  readonly status: number;
}

/** Of one field: it is made in memory. */
const MAX_WIDTH = 16 * 2 ** 20;

/** `h l L z` may stand anywhere before the letter, as often as they like. */
const directive = /%([-+ #0]*)(\*|\d*)(\.(?:\*|\d*))?([hlLz]*)(.?)/sy;

/** How one field is to be written. */
interface Field {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly type: string;
}

export function formatted(args: readonly string[]): Formatted {
  const words = args[0] === '--' ? args.slice(1) : args;
  if (words.length === 0)
    return { output: '', messages: [{ at: 0, text: 'usage: printf FORMAT [ARGUMENT...]' }], status: 2 };
  const run = new Run(byteString(words[0]!), words.slice(1).map(byteString));
  do run.once();
  while (!run.stopped && run.used > 0 && run.rest.length > 0);
  return { output: run.output, messages: run.messages, status: run.failed ? 1 : 0 };
}

class Run {
  output = '';
  messages: Message[] = [];
  stopped = false;
  used = 0;
  /** A number was none, or the format. A width that is none is said, and no more. */
  failed = false;

  constructor(
    private readonly format: string,
    public rest: string[],
  ) {}

  once(): void {
    this.used = 0;
    let at = 0;
    while (at < this.format.length && !this.stopped) {
      if (this.format[at] !== '%') {
        const end = this.format.indexOf('%', at);
        const { text, stopped } = unescapeText(this.format.slice(at, end < 0 ? undefined : end), 'printf');
        this.output += text;
        this.stopped = stopped;
        at = end < 0 ? this.format.length : end;
        continue;
      }
      if (this.format[at + 1] === '%' || this.format[at + 1] === 'b') {
        if (this.format[at + 1] === '%') this.output += '%';
        else this.escapes();
        at += 2;
        continue;
      }
      directive.lastIndex = at;
      const match = directive.exec(this.format)!;
      at += match[0].length;
      if (!this.convert(match)) return;
    }
  }

  private next(): string | undefined {
    const arg = this.rest[0];
    if (arg !== undefined) this.used++;
    this.rest = this.rest.slice(1);
    return arg;
  }

  /** `%b`; it has no width. */
  private escapes(): void {
    const { text, stopped } = unescapeText(this.next() ?? '', 'bytes');
    this.stopped ||= stopped;
    this.output += text;
  }

  private wrong(message: string): false {
    this.say(message);
    this.failed = true;
    this.stopped = true;
    return false;
  }

  /** False: the format is wrong, nothing more is printed. */
  private convert(match: RegExpExecArray): boolean {
    const [whole, flags = '', width = '', precision, , type = ''] = match;
    const min = this.measure(width) ?? 0;
    const max = precision === undefined ? undefined : (this.measure(precision.slice(1)) ?? 0);
    if (type === '' || !'diouxXfeEgGcs'.includes(type)) {
      const sizes = `%${flags}${width}${precision ?? ''}`;
      return this.wrong(`${sizes}${type}${this.format.slice(match.index + whole.length)}: invalid format`);
    }
    // printf(3) writes nothing of what would be longer than it can count.
    if (min > 0x7fff_ffff || (max ?? 0) > 0x7fff_ffff) {
      this.next();
      this.failed = true;
      return true;
    }
    if (Math.abs(min) > MAX_WIDTH || (max ?? 0) > MAX_WIDTH)
      return this.wrong(`cutaway: ${whole}: wider than ${MAX_WIDTH} characters, the limit of the simulation`);
    const left = min < 0 ? `-${flags}` : flags;
    this.output += field(
      { flags: left, width: Math.abs(min), precision: max === undefined || max < 0 ? undefined : max, type },
      this,
      this.next() ?? '',
    );
    return true;
  }

  /** A width or precision; `*` takes an argument. */
  private measure(text: string): number | undefined {
    if (text !== '*') return text === '' ? undefined : Number(text);
    const arg = this.next();
    if (arg === undefined) return 0;
    const value = /^-?\d+$/.test(arg) ? Number(arg) : Number.NaN;
    if (value >= -0x8000_0000 && value <= 0x7fff_ffff) return value;
    this.say(`invalid number '${arg}'`);
    return 0;
  }

  private say(text: string): void {
    this.messages.push({ at: this.output.length, text: textOf(text) });
  }

  /** A number that is none: 0 is printed in its place. */
  invalid(arg: string): void {
    this.say(`invalid number '${arg}'`);
    this.failed = true;
  }
}

function field(form: Field, run: Run, arg: string): string {
  const { type, precision } = form;
  if (type === 's') return spaced(arg.slice(0, precision), form);
  if (type === 'c') return spaced(arg === '' ? '\0' : arg[0]!, form);
  return 'diouxX'.includes(type) ? integer(form, run, arg) : real(form, run, arg);
}

function spaced(text: string, { flags, width }: Field): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

function padded(sign: string, digits: string, form: Field, zeros: boolean): string {
  if (!zeros || !form.flags.includes('0') || form.flags.includes('-')) return spaced(sign + digits, form);
  return sign + digits.padStart(form.width - sign.length, '0');
}

/** `"A` is the number of the character. */
const spelled = (arg: string): string => (/^["']/.test(arg) ? String(arg.charCodeAt(1) || 0) : arg);

function integer(form: Field, run: Run, arg: string): string {
  const { type, flags, precision } = form;
  const text = spelled(arg.replace(/^[ \t\n\v\f\r]+/, ''));
  const isSigned = type === 'd' || type === 'i';
  const found = integerOf(text, isSigned);
  if (found === undefined) run.invalid(text);
  const value = isSigned ? (found ?? 0n) : BigInt.asUintN(64, found ?? 0n);
  const radix = type === 'o' ? 8 : type === 'x' || type === 'X' ? 16 : 10;
  let digits = (value < 0n ? -value : value).toString(radix);
  if (precision !== undefined) digits = value === 0n && precision === 0 ? '' : digits.padStart(precision, '0');
  if (type === 'o' && flags.includes('#') && !digits.startsWith('0')) digits = `0${digits}`;
  const prefix = radix === 16 && flags.includes('#') && value !== 0n ? `0${type}` : '';
  const sign = isSigned ? signOf(value < 0n, flags) : prefix;
  return padded(sign, type === 'X' ? digits.toUpperCase() : digits, form, precision === undefined);
}

const signOf = (negative: boolean, flags: string): string =>
  negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';

function real(form: Field, run: Run, arg: string): string {
  const { type, flags, precision } = form;
  const text = spelled(arg);
  const found = realOf(text);
  if (found === undefined) run.invalid(text);
  const value = found ?? 0;
  const shape = { type: type.toLowerCase(), precision: precision ?? 6, alternate: flags.includes('#') };
  const digits = decimal(value, shape);
  const negative = value < 0 || Object.is(value, -0);
  return padded(
    signOf(negative, flags),
    /[A-Z]/.test(type) ? digits.toUpperCase() : digits,
    form,
    Number.isFinite(value),
  );
}

/** strtoll(3) and strtoull(3) with nothing left over, as busybox takes them: what does not fit is none. */
function integerOf(text: string, isSigned: boolean): bigint | undefined {
  const match = /^(\+|-)?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text);
  if (match === null) return undefined;
  const digits = match[2]!;
  const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = match[1] === '-' ? -size : size;
  const most = isSigned || value < 0n ? 1n << 63n : 1n << 64n;
  return value >= most || value < -(1n << 63n) ? undefined : value;
}

/** strtod(3); nothing at all is 0. */
function realOf(text: string): number | undefined {
  const bare = text.replace(/^[ \t\n\v\f\r]+/, '');
  if (bare === '') return text === '' ? 0 : undefined;
  const named = /^([-+]?)(inf|infinity|nan)$/i.exec(bare);
  if (named !== null) {
    const size = named[2]!.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
    return named[1] === '-' ? -size : size;
  }
  if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(bare)) return Number(bare);
  return /^[-+]?0[xX][0-9a-fA-F]+$/.test(bare)
    ? (bare.startsWith('-') ? -1 : 1) * Number(bare.replace(/^[-+]/, ''))
    : undefined;
}

export const printf: Applet = {
  usage: 'FORMAT [ARG]...',
  *main(ctx) {
    if (ctx.args.length === 0) throw new Usage();
    const { output, messages, status } = formatted(ctx.args);
    let written = 0;
    for (const { at, text } of messages) {
      ctx.out.raw(output.slice(written, at));
      written = at;
      yield* ctx.warn(text);
    }
    ctx.out.raw(output.slice(written));
    return status;
  },
};
