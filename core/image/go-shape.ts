/**
 * Values of JSON put into typed places, as Go's encoding/json puts them into structs: keys match in any case, null leaves a
 * place as it was, unknown keys are passed over, and the first value of a wrong type is named with the field it was meant for.
 */
import { type GoJson, GoJsonError } from './go-json.ts';

/** A type of Go, and what it is called in messages. */
export type Shape =
  | { readonly kind: 'string' | 'bool' | 'int' | 'time'; readonly type: string }
  | { readonly kind: 'list'; readonly type: string; readonly of: Shape }
  | { readonly kind: 'map'; readonly type: string; readonly of: Shape }
  | { readonly kind: 'any' | 'words'; readonly type: string }
  | { readonly kind: 'struct'; readonly type: string; readonly fields: Readonly<Record<string, Shape>> };

const named = (kind: 'string' | 'bool' | 'int' | 'time', type: string): Shape => ({ kind, type });

export const shape = {
  text: named('string', 'string'),
  bool: named('bool', 'bool'),
  int: named('int', 'int'),
  time: named('time', 'time.Time'),
  any: { kind: 'any', type: 'interface {}' } as Shape,
  /** A list of texts, or one (strslice.StrSlice). */
  words: { kind: 'words', type: 'string' } as Shape,
  string: (type: string): Shape => named('string', type),
  list: (of: Shape): Shape => ({ kind: 'list', of, type: `[]${nameOf(of)}` }),
  map: (of: Shape, type = `map[string]${nameOf(of)}`): Shape => ({ kind: 'map', of, type }),
  struct: (type: string, fields: Readonly<Record<string, Shape>>): Shape => ({ kind: 'struct', type, fields }),
};

const nameOf = (of: Shape): string => of.type;

/** The place of a value: the struct that it is in, and the fields on the way. */
interface Place {
  readonly struct?: string;
  readonly path: readonly string[];
}

/** A plain value of the shape, with the shape's own spelling of keys. Throws GoJsonError. */
export function fit(value: GoJson, wanted: Shape): unknown {
  return fitAt(value, wanted, { path: [] });
}

function fitAt(value: GoJson, wanted: Shape, place: Place): unknown {
  if (value === null) return undefined;
  switch (wanted.kind) {
    case 'any':
      return plain(value);
    case 'words':
      if (Array.isArray(value)) return fitAt(value, shape.list(shape.text), place);
      return typeof value === 'string' ? [value] : wrong(value, wanted.type, place);
    case 'string':
      return typeof value === 'string' ? value : wrong(value, wanted.type, place);
    case 'bool':
      return typeof value === 'boolean' ? value : wrong(value, wanted.type, place);
    case 'int':
      return Number.isInteger(value) ? value : wrong(value, wanted.type, place);
    case 'time':
      return timeOf(value);
    case 'list':
      if (!Array.isArray(value)) return wrong(value, wanted.type, place);
      return value.map((item: GoJson) => fitAt(item, wanted.of, place) ?? zero(wanted.of));
    case 'map':
      if (!(value instanceof Map)) return wrong(value, wanted.type, place);
      return record([...value].map(([key, item]) => [key, fitAt(item, wanted.of, place) ?? zero(wanted.of)]));
    case 'struct':
      return value instanceof Map ? fitStruct(value, wanted, place) : wrong(value, wanted.type, place);
  }
}

function fitStruct(
  value: ReadonlyMap<string, GoJson>,
  { type, fields }: Shape & { kind: 'struct' },
  place: Place,
): object {
  const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  const made = new Map<string, unknown>();
  for (const [key, item] of value) {
    const name = Object.hasOwn(fields, key) ? key : names.get(key.toLowerCase());
    if (name === undefined) continue;
    const inside = { struct: type.replace(/^.*\./, ''), path: [...place.path, name] };
    const fitted = fitAt(item, fields[name]!, inside);
    if (fitted !== undefined) made.set(name, fitted);
  }
  return record([...made]);
}

/** An object whose keys are all its own, whatever they are called. */
function record(entries: readonly (readonly [string, unknown])[]): object {
  const made = {};
  for (const [name, value] of entries) {
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return made;
}

/** What stands in a list or map for null. */
function zero(of: Shape): unknown {
  if (of.kind === 'string' || of.kind === 'time') return '';
  if (of.kind === 'bool') return false;
  if (of.kind === 'int') return 0;
  return of.kind === 'struct' ? {} : null;
}

function plain(value: GoJson): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return record([...value].map(([key, item]) => [key, plain(item)]));
  return value;
}

function wrong(value: GoJson, type: string, { struct, path }: Place): never {
  const is = Array.isArray(value)
    ? 'array'
    : value instanceof Map
      ? 'object'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  const where = struct === undefined ? 'value' : `struct field ${struct}.${path.join('.')}`;
  throw new GoJsonError(`json: cannot unmarshal ${is} into Go ${where} of type ${type}`);
}

const layout = ['2006', '-', '01', '-', '02', 'T', '15', ':', '04', ':', '05', 'Z07:00'];
const parts = [
  /^\d{4}/,
  /^-/,
  /^\d\d/,
  /^-/,
  /^\d\d/,
  /^T/,
  /^\d\d/,
  /^:/,
  /^\d\d/,
  /^:/,
  /^\d\d(\.\d+)?/,
  /^(Z|[+-]\d\d:\d\d)/,
];

/** RFC 3339, in the words of time.Parse, which gets the quotes as well. */
function timeOf(value: GoJson): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const format = '"\\"2006-01-02T15:04:05Z07:00\\""';
  let rest = text;
  const refusal = (expected: string): GoJsonError =>
    new GoJsonError(
      `parsing time ${JSON.stringify(text)} as ${format}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(expected)}`,
    );
  if (!rest.startsWith('"')) throw refusal('"');
  rest = rest.slice(1);
  for (const [at, part] of parts.entries()) {
    const match = part.exec(rest);
    if (match === null) throw refusal(layout[at]!);
    rest = rest.slice(match[0].length);
  }
  if (rest !== '"') throw new GoJsonError(`parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`);
  return value as string;
}
