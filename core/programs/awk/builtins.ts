/** The functions that awk has by itself (POSIX.1-2017 XCU awk, with gensub, and/or/xor … as busybox has them). */
import type { Call } from '../../kernel/sys.ts';
import { withFlags } from '../lib/regex.ts';
import { AwkError, type Expr, noMath } from './ast.ts';
import type { Evaluator } from './evaluate.ts';
import { shell, statusOf } from './streams.ts';
import { Input, toNumber, type Value } from './value.ts';

const needsMath: ReadonlySet<string> = new Set(['sin', 'cos', 'exp', 'log', 'sqrt', 'atan2']);

const one: Readonly<Record<string, (x: number) => number>> = {
  int: Math.trunc,
  compl: (x) => ~x >>> 0,
};

const two: Readonly<Record<string, (a: number, b: number) => number>> = {
  and: (a, b) => Number(BigInt(Math.trunc(a)) & BigInt(Math.trunc(b))),
  or: (a, b) => Number(BigInt(Math.trunc(a)) | BigInt(Math.trunc(b))),
  xor: (a, b) => Number(BigInt(Math.trunc(a)) ^ BigInt(Math.trunc(b))),
  lshift: (a, b) => a * 2 ** b,
  rshift: (a, b) => Math.floor(a / 2 ** b),
};

export function* callBuiltin(awk: Evaluator, name: string, args: readonly Expr[]): Call<Value> {
  const texts = function* (at: number): Call<string> {
    return awk.text(args[at] === undefined ? undefined : yield* awk.value(args[at]));
  };
  const need = (count: number): void => {
    if (args.length < count) throw new AwkError('Too few arguments');
  };
  const single = one[name];
  if (single !== undefined) return args.length === 0 ? 0 : single(yield* awk.number(args[0]!));
  const double = two[name];
  if (double !== undefined) {
    need(2);
    const a = yield* awk.number(args[0]!);
    return double(a, yield* awk.number(args[1]!));
  }
  if (needsMath.has(name)) throw new AwkError(noMath);
  switch (name) {
    case 'length':
      return yield* length(awk, args[0]);
    case 'substr':
      need(2);
      return substr(yield* texts(0), yield* awk.number(args[1]!), args[2] && (yield* awk.number(args[2])));
    case 'index': {
      need(2);
      const text = yield* texts(0);
      const wanted = yield* texts(1);
      // Nothing is found nowhere, in busybox.
      return wanted === '' ? 0 : text.indexOf(wanted) + 1;
    }
    case 'tolower':
      return (yield* texts(0)).replace(/[A-Z]+/g, (c) => c.toLowerCase());
    case 'toupper':
      return (yield* texts(0)).replace(/[a-z]+/g, (c) => c.toUpperCase());
    case 'split':
      need(2);
      return yield* split(awk, args);
    case 'match':
      need(2);
      return yield* match(awk, yield* texts(0), args);
    case 'sub':
    case 'gsub':
      need(2);
      return yield* substitute(awk, args, name === 'gsub');
    case 'gensub':
      need(3);
      return yield* gensub(awk, args);
    case 'sprintf': {
      const values: Value[] = [];
      for (const arg of args) values.push(yield* awk.value(arg));
      return awk.format(values);
    }
    case 'system':
      return yield* system(awk, yield* texts(0));
    case 'close':
      return yield* awk.close(yield* texts(0));
    case 'fflush':
      yield* awk.flushAll();
      return 0;
    case 'srand': {
      const before = awk.seed;
      awk.seed = args[0] === undefined ? Math.floor(awk.sys.now() / 1000) : Math.trunc(yield* awk.number(args[0]));
      awk.state = awk.seed >>> 0;
      return before;
    }
    case 'rand':
      // Another generator than glibc's: what it gives cannot be relied on there either.
      awk.state = (Math.imul(awk.state, 1103515245) + 12345) >>> 0;
      return (awk.state & 0x7fffffff) / 0x80000000;
    case 'systime':
      return Math.floor(awk.sys.now() / 1000);
    default:
      throw new AwkError(`cutaway: ${name}() is not in the simulation`);
  }
}

function* length(awk: Evaluator, arg: Expr | undefined): Call<number> {
  if (arg === undefined) return awk.wholeRecord().length;
  if (arg.k === 'var') {
    const array = awk.arrayIfAny(arg.name);
    if (array !== undefined) return array.map.size;
  }
  return awk.text(yield* awk.value(arg)).length;
}

/** As busybox has it: what lies before the text does not count. */
function substr(text: string, from: number, size: number | undefined): string {
  const start = Math.min(Math.max(0, Math.trunc(from - 1)), text.length);
  return size === undefined ? text.slice(start) : text.slice(start, start + Math.max(0, Math.trunc(size)));
}

function* split(awk: Evaluator, args: readonly Expr[]): Call<number> {
  const text = awk.text(yield* awk.value(args[0]!));
  const third = args[2];
  const separator =
    third === undefined
      ? awk.text(awk.get('FS'))
      : third.k === 'regex'
        ? awk.regex(third.source)
        : awk.text(yield* awk.value(third));
  const place = args[1]!;
  if (place.k !== 'var') throw new AwkError('Not an array');
  const { map } = awk.arrayNamed(place.name);
  map.clear();
  const parts = awk.pieces(text, separator);
  for (const [i, part] of parts.entries()) map.set(String(i + 1), new Input(part));
  return parts.length;
}

function* match(awk: Evaluator, text: string, args: readonly Expr[]): Call<number> {
  const found = (yield* awk.pattern(args[1]!)).exec(text);
  awk.set('RSTART', found === null ? 0 : found.index + 1);
  awk.set('RLENGTH', found === null ? -1 : found[0].length);
  return found === null ? 0 : found.index + 1;
}

/** `&` is what was found, `\\&` an ampersand. */
function replacement(text: string, found: readonly string[], groups: boolean): string {
  return text.replace(/\\([\s\S])|&/g, (whole, c: string | undefined) => {
    if (c === undefined) return found[0]!;
    if (c === '&' || c === '\\') return c;
    return groups && /\d/.test(c) ? (found[Number(c)] ?? '') : whole;
  });
}

function replaced(
  text: string,
  pattern: RegExp,
  which: number | 'all',
  by: string,
  groups: boolean,
): { text: string; count: number } {
  let [count, seen] = [0, 0];
  let done = '';
  let from = 0;
  for (const found of text.matchAll(withFlags(pattern, 'g'))) {
    // An empty match right after another one is none.
    if (found[0] === '' && found.index === from && seen > 0 && found.index > 0) continue;
    seen++;
    if (which !== 'all' && seen !== which) continue;
    done += text.slice(from, found.index) + replacement(by, found, groups);
    from = found.index + found[0].length;
    count++;
    if (which !== 'all') break;
  }
  return { text: done + text.slice(from), count };
}

function* substitute(awk: Evaluator, args: readonly Expr[], all: boolean): Call<number> {
  const pattern = yield* awk.pattern(args[0]!);
  const by = awk.text(yield* awk.value(args[1]!));
  const place: Expr = args[2] ?? { k: 'field', of: { k: 'num', value: 0 } };
  const before = awk.text(yield* awk.value(place));
  const { text, count } = replaced(before, pattern, all ? 'all' : 1, by, false);
  if (count > 0) yield* awk.store(place, text);
  return count;
}

function* gensub(awk: Evaluator, args: readonly Expr[]): Call<string> {
  const pattern = yield* awk.pattern(args[0]!);
  const by = awk.text(yield* awk.value(args[1]!));
  const how = awk.text(yield* awk.value(args[2]!));
  const text = args[3] === undefined ? awk.wholeRecord() : awk.text(yield* awk.value(args[3]));
  return replaced(text, pattern, /^[gG]/.test(how) ? 'all' : Math.max(1, Math.trunc(toNumber(how))), by, true).text;
}

function* system(awk: Evaluator, command: string): Call<number> {
  yield* awk.flushAll();
  const pid = awk.sys.fork((own) => shell(own, command));
  return yield* statusOf(awk.sys, pid);
}
