/**
 * Values of awk: numbers, strings (bytes, one character each), strings of input that look like numbers, and nothing. Arrays keep
 * the order in which busybox walks them: that of its hash table.
 */

import { formatted } from '../applets/printf.ts';
import { AwkError } from './ast.ts';

/** Input (a field, an element of split, ARGV …): compares as a number when it looks like one. */
export class Input {
  constructor(readonly text: string) {}
}

/** undefined: never set. */
export type Value = number | string | Input | undefined;

const numeric = /^[ \t\n\r\f\v]*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/;
const infinite = /^\s*[-+]?(?:inf|nan)/i;

export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (value === undefined) return 0;
  const text = typeof value === 'string' ? value : value.text;
  const based = /^\s*(?:0[xX]([0-9a-fA-F]+)|0([0-7]+)(?![0-9.eE]))/.exec(text);
  if (based !== null) return Number.parseInt(based[1] ?? based[2]!, based[1] === undefined ? 8 : 16);
  const match = numeric.exec(text);
  if (match !== null) return Number(match[0]);
  if (infinite.test(text)) return /nan/i.test(text) ? Number.NaN : text.includes('-') ? -Infinity : Infinity;
  return 0;
}

export function numberText(value: number, format: string): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value).toString();
  return special(value) ?? sprintf(format, [value], String) ?? '';
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? undefined : value < 0 ? '-inf' : 'inf';
}

export function looksNumeric(text: string): boolean {
  const match = numeric.exec(text);
  return match !== null && /^\s*$/.test(text.slice(match[0].length));
}

export function isNumeric(value: Value): boolean {
  if (typeof value === 'string') return false;
  return value instanceof Input ? looksNumeric(value.text) : true;
}

export class AwkArray {
  readonly map = new Map<string, Value>();

  /** As busybox walks: by bucket, the youngest of a bucket first (hash_init, hash_find, hash_rebuild of awk.c). */
  keys(): string[] {
    let size = 62;
    const larger = [251, 1021, 4093, 16381, 65521];
    let buckets: string[][] = Array.from({ length: size }, () => []);
    let count = 0;
    for (const key of this.map.keys()) {
      const next = larger[0];
      if (++count > size * 10 && next !== undefined) {
        larger.shift();
        const old = buckets;
        size = next;
        buckets = Array.from({ length: size }, () => []);
        for (const bucket of old) for (const each of bucket.toReversed()) buckets[hash(each) % size]!.push(each);
      }
      buckets[hash(key) % size]!.push(key);
    }
    return buckets.flatMap((bucket) => bucket.toReversed());
  }
}

function hash(name: string): number {
  let at = 0;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    at = ((code > 127 ? code - 256 : code) + (at << 6) + (at >>> 26)) >>> 0;
  }
  return at;
}

const directive = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(?:[hlLz]*)([a-zA-Z%])?/g;

/** sprintf: every argument once; `undefined` when the format is none. */
export function sprintf(format: string, args: readonly Value[], text: (value: Value) => string): string | undefined {
  let at = 0;
  let bad = false;
  const next = (): Value => args[at++];
  const done = format.replace(directive, (whole, flags: string, width: string, precision: string, type: string) => {
    if (whole === '%%') return '%';
    if (whole.includes('*')) throw new AwkError('%*x formats are not supported');
    const head = `%${flags}${width ?? ''}${whole.includes('.') ? `.${precision ?? ''}` : ''}`;
    if (type === 's') return formatted([`${head}s`, text(next())]).output;
    if (type === 'c') {
      const value = next();
      const code =
        isNumeric(value) && typeof value === 'number'
          ? String.fromCharCode(Math.trunc(value) & 255)
          : text(value).slice(0, 1);
      return code === '\0' ? code : formatted([`${head}s`, code]).output;
    }
    if (type !== undefined && 'dioxXu'.includes(type)) return integer(head, type, toNumber(next()));
    if (type !== undefined && 'fFeEgG'.includes(type)) {
      const value = toNumber(next());
      const odd = special(value);
      return odd !== undefined
        ? formatted([`${head.replace(/\..*/, '')}s`, odd]).output
        : formatted([`${head}${type}`, String(value)]).output;
    }
    bad = true;
    return '';
  });
  return bad ? undefined : done;
}

function integer(head: string, type: string, value: number): string {
  const odd = special(value);
  if (odd !== undefined) return formatted([`${head}d`, '-9223372036854775808']).output;
  return formatted([`${head}${type}`, BigInt(Math.trunc(value)).toString()]).output;
}
