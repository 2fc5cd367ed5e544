/**
 * The functions of templates: those that Go's text/template brings along, and those that the docker client adds (json,
 * split, join, title, lower, upper, pad, truncate; docker CLI reference, "Format command and log output").
 */
import { goFormat, goJson, goQuote, isGoMap, isRecord } from '../go.ts';

/** A function refused its arguments; becomes `error calling NAME: …`. */
export class CallError extends Error {}

export interface TemplateFunction {
  /** Number of arguments; `more`: at least that many. */
  readonly want: number;
  readonly more?: boolean;
  /** Positions of arguments that must be strings. */
  readonly strings?: readonly number[];
  readonly call: (args: readonly unknown[]) => unknown;
}

/** Go's truth: false, 0, nil and whatever is empty are false; a struct is always true. */
export function truth(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isGoMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Name of a value's Go type, for `%T` and errors. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (Array.isArray(value)) return '[]string';
  if (isGoMap(value)) return 'map[string]string';
  return { string: 'string', boolean: 'bool', object: 'struct' }[typeof value as 'string'] ?? 'interface {}';
}

const basicKind = (value: unknown): string => {
  const kind = goType(value);
  if (!['int', 'float64', 'string', 'bool'].includes(kind)) throw new CallError('invalid type for comparison');
  return kind;
};

function equal(args: readonly unknown[]): boolean {
  const [first, ...others] = args;
  if (others.length === 0) throw new CallError('missing argument for comparison');
  return others.some((other) => {
    if (first === null || other === null) return first === other;
    if (basicKind(first) !== basicKind(other)) throw new CallError('incompatible types for comparison');
    return first === other;
  });
}

function less(a: unknown, b: unknown): boolean {
  if (basicKind(a) !== basicKind(b)) throw new CallError('incompatible types for comparison');
  if (typeof a === 'boolean') throw new CallError('invalid type for comparison');
  return (a as string) < (b as string);
}

function index([item, ...keys]: readonly unknown[]): unknown {
  return keys.reduce<unknown>((at, key) => {
    if (at === null || at === undefined) throw new CallError('index of untyped nil');
    if (Array.isArray(at) || typeof at === 'string') {
      if (typeof key !== 'number') throw new CallError(`cannot index slice/array with type ${goType(key)}`);
      if (key < 0 || key >= at.length) throw new CallError(`index out of range: ${key}`);
      return typeof at === 'string' ? at.charCodeAt(key) : at[key];
    }
    if (!isRecord(at)) throw new CallError(`can't index item of type ${goType(at)}`);
    if (typeof key !== 'string') throw new CallError(`value has type ${goType(key)}; should be string`);
    return Object.hasOwn(at, key) ? at[key] : '';
  }, item);
}

function slice([item, from = 0, to]: readonly unknown[]): unknown {
  if (typeof item !== 'string' && !Array.isArray(item)) throw new CallError(`can't slice item of type ${goType(item)}`);
  const end = to ?? item.length;
  for (const at of [from, end])
    if (typeof at !== 'number' || at < 0 || at > item.length)
      throw new CallError(`index out of range: ${goFormat(at)}`);
  if ((from as number) > (end as number)) throw new CallError(`invalid slice index: ${from} > ${end}`);
  return item.slice(from as number, end as number);
}

function length([item]: readonly unknown[]): number {
  if (typeof item === 'string') return utf8Length(item);
  if (Array.isArray(item)) return item.length;
  if (isGoMap(item)) return Object.keys(item).length;
  if (item === null || item === undefined) throw new CallError('len of nil pointer');
  throw new CallError(`len of type ${goType(item)}`);
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** fmt.Sprint: a space between operands when neither is a string. */
const sprint = (args: readonly unknown[]): string =>
  args.reduce<string>((text, arg, at) => {
    const gap = at > 0 && typeof arg !== 'string' && typeof args[at - 1] !== 'string' ? ' ' : '';
    return text + gap + goFormat(arg);
  }, '');

/** fmt.Sprintf, with the verbs that templates are written with. */
export function sprintf(format: string, args: readonly unknown[]): string {
  let at = 0;
  const text = format.replace(
    /%([-+# 0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width, precision, verb: string) => {
      if (verb === '%') return '%';
      if (at >= args.length) return `%!${verb}(MISSING)`;
      const body = formatVerb(verb, args[at++], precision === undefined ? undefined : Number(precision));
      const size = Number(width || '0');
      if (flags.includes('-')) return body.padEnd(size);
      return flags.includes('0') && /^-?[\d.]+$/.test(body)
        ? body.replace(/^-?/, (sign) => sign + '0'.repeat(Math.max(0, size - body.length)))
        : body.padStart(size);
    },
  );
  if (at >= args.length) return text;
  return `${text}%!(EXTRA ${args
    .slice(at)
    .map((arg) => `${goType(arg)}=${goFormat(arg)}`)
    .join(', ')})`;
}

function formatVerb(verb: string, value: unknown, precision: number | undefined): string {
  const wrong = () => `%!${verb}(${goType(value)}=${goFormat(value)})`;
  switch (verb) {
    case 'v':
      return goFormat(value);
    case 'T':
      return goType(value);
    case 's':
      if (typeof value === 'number' || typeof value === 'boolean') return wrong();
      return goFormat(value).slice(0, precision);
    case 'q':
      return Array.isArray(value) ? `[${value.map((v) => goQuote(goFormat(v))).join(' ')}]` : goQuote(goFormat(value));
    case 'd':
      return typeof value === 'number' && Number.isInteger(value) ? String(value) : wrong();
    case 'x':
      return typeof value === 'number' ? value.toString(16) : typeof value === 'string' ? hexText(value) : wrong();
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong();
    case 'f':
      return typeof value === 'number' ? value.toFixed(precision ?? 6) : wrong();
    default:
      return wrong();
  }
}

const hexText = (text: string): string =>
  encodeURIComponent(text).replace(/%(..)|[\s\S]/g, (c, pair) => (pair ?? c.charCodeAt(0).toString(16)).toLowerCase());

const htmlEscapes: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&#34;', "'": '&#39;' };

const text = (value: unknown): string => String(value);

export const functions: Readonly<Record<string, TemplateFunction>> = {
  json: { want: 1, call: ([value]) => goJson(value, false) },
  split: { want: 2, strings: [0, 1], call: ([a, b]) => text(a).split(text(b)) },
  join: {
    want: 2,
    strings: [1],
    call: ([list, by]) => (Array.isArray(list) ? list.map(goFormat).join(text(by)) : ''),
  },
  title: {
    want: 1,
    strings: [0],
    call: ([a]) => text(a).replace(/(^|[^\p{L}\p{Nd}_'])(\p{L})/gu, (_, p, c) => p + c.toUpperCase()),
  },
  lower: { want: 1, strings: [0], call: ([a]) => text(a).toLowerCase() },
  upper: { want: 1, strings: [0], call: ([a]) => text(a).toUpperCase() },
  pad: {
    want: 3,
    strings: [0],
    call: ([a, before, after]) => (a === '' ? a : ' '.repeat(Number(before)) + a + ' '.repeat(Number(after))),
  },
  truncate: { want: 2, strings: [0], call: ([a, n]) => text(a).slice(0, Number(n)) },
  and: { want: 1, more: true, call: (args) => args.find((arg) => !truth(arg)) ?? args.at(-1) },
  or: { want: 1, more: true, call: (args) => args.find(truth) ?? args.at(-1) },
  not: { want: 1, call: ([value]) => !truth(value) },
  len: { want: 1, call: length },
  index: { want: 1, more: true, call: index },
  slice: { want: 1, more: true, call: slice },
  call: {
    want: 1,
    more: true,
    call: ([value]) => {
      throw new CallError(`non-function of type ${goType(value)}`);
    },
  },
  print: { want: 0, more: true, call: sprint },
  println: { want: 0, more: true, call: (args) => `${args.map(goFormat).join(' ')}\n` },
  printf: { want: 1, more: true, strings: [0], call: ([format, ...args]) => sprintf(text(format), args) },
  html: { want: 0, more: true, call: (args) => sprint(args).replace(/[<>&"']/g, (c) => htmlEscapes[c] ?? c) },
  js: {
    want: 0,
    more: true,
    call: (args) =>
      sprint(args)
        .replace(/[\\'"]/g, '\\$&')
        .replace(/[<>&=]/g, (c) => `\\u00${c.charCodeAt(0).toString(16).toUpperCase()}`)
        .replaceAll('\n', '\\u000A'),
  },
  urlquery: { want: 0, more: true, call: (args) => encodeURIComponent(sprint(args)).replaceAll('%20', '+') },
  eq: { want: 1, more: true, call: equal },
  ne: { want: 2, call: (args) => !equal(args) },
  lt: { want: 2, call: ([a, b]) => less(a, b) },
  le: { want: 2, call: ([a, b]) => less(a, b) || equal([a, b]) },
  gt: { want: 2, call: ([a, b]) => less(b, a) },
  ge: { want: 2, call: ([a, b]) => less(b, a) || equal([a, b]) },
};
