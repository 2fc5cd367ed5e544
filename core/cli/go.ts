/**
 * Values as Go prints them: `%q` of a string, `%v` of what a template meets, encoding/json with its HTML escapes. Objects
 * stand for Go structs and maps alike; which of the two is decided by whoever made the value (see `goMap`).
 */

/** Marks an object as a Go map: prints as `map[k:v]` with sorted keys, and a missing key is no error. */
const mapMark: unique symbol = Symbol('go map');

export type GoMap = { readonly [key: string]: unknown; readonly [mapMark]: true };

/** The same object, known to be a map. */
export function goMap(entries: Readonly<Record<string, unknown>>): GoMap {
  const map = { ...entries };
  Object.defineProperty(map, mapMark, { value: true, enumerable: false });
  return map as GoMap;
}

export function isGoMap(value: unknown): value is GoMap {
  return typeof value === 'object' && value !== null && mapMark in value;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `%q` of a string (strconv.Quote). */
export function goQuote(text: string): string {
  const named: Record<string, string> = {
    '\n': '\\n',
    '\t': '\\t',
    '\r': '\\r',
    '"': '\\"',
    '\\': '\\\\',
    '\x07': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\v': '\\v',
  };
  return `"${text.replace(/["\\\x00-\x1f\x7f]/g, (c) => named[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}

/** `%v` of a value, as a template prints it: `[a b]`, `map[k:v]`, `{f g}`, `<nil>`. */
export function goFormat(value: unknown): string {
  if (value === null) return '<nil>';
  if (value === undefined) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(goFormat).join(' ')}]`;
  if (!isRecord(value)) return String(value);
  if (!isGoMap(value)) return `{${Object.values(value).map(goFormat).join(' ')}}`;
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${goFormat(value[key])}`).join(' ')}]`;
}

const rawJson: unique symbol = Symbol('raw json');

/** Gives an object its own MarshalJSON. */
export function withRawJson<T extends object>(value: T, json: () => string): T {
  Object.defineProperty(value, rawJson, { value: json, enumerable: false });
  return value;
}

/** A nil slice or map of Go: prints as an empty one, is `null` in JSON. */
export function goNil(kind: 'slice' | 'map'): unknown {
  return withRawJson(kind === 'slice' ? [] : goMap({}), () => 'null');
}

/** encoding/json: keys of maps sorted, `<`, `>`, `&` escaped. */
export function goJson(value: unknown, escapeHtml = true): string {
  const text = encode(value);
  if (!escapeHtml) return text;
  return text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function encode(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const own = (value as { [rawJson]?: () => string })[rawJson];
  if (own !== undefined) return own();
  if (Array.isArray(value)) return `[${value.map(encode).join(',')}]`;
  const record = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(record).filter((key) => record[key] !== undefined && typeof record[key] !== 'function');
  if (isGoMap(value)) keys.sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${encode(record[key])}`).join(',')}}`;
}
