/** printf FORMAT [ARG]... (POSIX.1-2017 XCU printf). Shared with the shell's builtin. */
import type { Applet } from '../lib/applet.ts';
import { Usage } from '../lib/applet.ts';
import { byteString } from '../lib/bytes.ts';
import { unescapeText } from '../lib/escapes.ts';

export interface Formatted {
  /** A byte string. */
  readonly output: string;
  readonly messages: readonly string[];
  readonly status: number;
}

/** Of one field: it is made in memory. */
const MAX_WIDTH = 16 * 2 ** 20;

const directive = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(?:[hlLz]*)([a-zA-Z%])?/y;

export function formatted(args: readonly string[]): Formatted {
  const words = args[0] === '--' ? args.slice(1) : args;
  if (words.length === 0) return { output: '', messages: ['usage: printf FORMAT [ARGUMENT...]'], status: 2 };
  const run = new Run(byteString(words[0]!), words.slice(1).map(byteString));
  do run.once();
  while (!run.stopped && run.used > 0 && run.rest.length > 0);
  return { output: run.output, messages: run.messages, status: run.messages.length > 0 ? 1 : 0 };
}

class Run {
  output = '';
  messages: string[] = [];
  stopped = false;
  used = 0;

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

  /** False: the format is wrong, nothing more is printed. */
  private convert(match: RegExpExecArray): boolean {
    const [whole, flags = '', width, precision, type] = match;
    if (whole === '%%') {
      this.output += '%';
      return true;
    }
    if (type === undefined || !'diouxXfeEgGcsbF'.includes(type)) {
      this.messages.push(`%${match.input.slice(match.index + whole.length - (type?.length ?? 0))}: invalid format`);
      this.stopped = true;
      return false;
    }
    const number = (text: string | undefined): number | undefined =>
      text === undefined ? undefined : text === '*' ? Number(this.next() ?? '0') : Number(text);
    const min = number(width);
    const dot = whole.includes('.');
    const max = dot ? (number(precision) ?? 0) : undefined;
    if (Math.abs(min ?? 0) > MAX_WIDTH || (max ?? 0) > MAX_WIDTH) {
      this.messages.push(`cutaway: ${whole}: wider than ${MAX_WIDTH} characters, the limit of the simulation`);
      this.stopped = true;
      return false;
    }
    const left = flags.includes('-') || (min ?? 0) < 0;
    const body = this.body(type, flags, max);
    const zero = flags.includes('0') && !left && !'csb'.includes(type) && max === undefined;
    this.output += padded(body, Math.abs(min ?? 0), left, zero);
    return true;
  }

  private body(type: string, flags: string, max: number | undefined): string {
    const arg = this.next();
    if (type === 's') return (arg ?? '').slice(0, max);
    if (type === 'c') return (arg ?? '').slice(0, 1);
    if (type === 'b') {
      const { text, stopped } = unescapeText(arg ?? '', 'echo');
      this.stopped ||= stopped;
      return text.slice(0, max);
    }
    return 'diouxX'.includes(type) ? this.integer(type, arg, flags, max) : this.real(type, arg, flags, max ?? 6);
  }

  private integer(type: string, arg: string | undefined, flags: string, max: number | undefined): string {
    let value = 0n;
    const text = (arg ?? '0').trim();
    if (/^["']/.test(text)) value = BigInt(text.charCodeAt(1) || 0);
    else if (/^[-+]?(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) value = integerOf(text);
    else if (text !== '') this.messages.push(`invalid number '${arg}'`);
    if (type !== 'd' && type !== 'i') value = BigInt.asUintN(64, value);
    const radix = type === 'o' ? 8 : type === 'x' || type === 'X' ? 16 : 10;
    const digits = (value < 0n ? -value : value).toString(radix).padStart(max ?? 0, '0');
    const prefix = flags.includes('#') && value !== 0n ? (radix === 16 ? '0x' : radix === 8 ? '0' : '') : '';
    const sign = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
    const shown = sign + prefix + digits;
    return type === 'X' ? shown.toUpperCase() : shown;
  }

  private real(type: string, arg: string | undefined, flags: string, digits: number): string {
    const value = Number(arg ?? '0');
    if (Number.isNaN(value)) {
      this.messages.push(`invalid number '${arg}'`);
      return this.real(type, '0', flags, digits);
    }
    const lower = type.toLowerCase();
    const sign = value >= 0 && flags.includes('+') ? '+' : '';
    if (lower === 'f') return sign + value.toFixed(digits);
    const exponent = (text: string): string => text.replace(/e([-+])(\d)$/, 'e$10$2');
    const shown = lower === 'e' ? exponent(value.toExponential(digits)) : exponent(general(value, digits || 1));
    return sign + (type === lower ? shown : shown.toUpperCase());
  }
}

/** `%g`: the exponent form when the exponent is below -4 or not below the precision; no zeros at the end. */
function general(value: number, precision: number): string {
  if (value === 0) return '0';
  const [digits, exponent] = value.toExponential(precision - 1).split('e') as [string, string];
  const power = Number(exponent);
  const bare = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (power < -4 || power >= precision) return `${bare(digits)}e${power < 0 ? '-' : '+'}${Math.abs(power)}`;
  return bare(value.toFixed(precision - 1 - power));
}

function integerOf(text: string): bigint {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  return negative ? -value : value;
}

function padded(text: string, width: number, left: boolean, zero: boolean): string {
  if (left) return text.padEnd(width);
  if (!zero) return text.padStart(width);
  const sign = /^(?:[-+ ]|0[xX])*/.exec(text)![0];
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

export const printf: Applet = {
  usage: 'FORMAT [ARG]...',
  *main(ctx) {
    if (ctx.args.length === 0) throw new Usage();
    const { output, messages, status } = formatted(ctx.args);
    for (const message of messages) yield* ctx.warn(message);
    ctx.out.raw(output);
    return status;
  },
};
