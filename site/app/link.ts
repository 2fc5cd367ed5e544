/**
 * A session as a link: its commands, as JSON, deflated, in base64url in the fragment, which no server ever sees.
 *
 * Kept true: a link is untrusted. What comes out of one is bounded in size, checked against the schema, free of control
 * characters and of marks that change the direction of text, and run only after the reader has seen it and agreed.
 */
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';
import * as v from 'valibot';
import { type Entry, type Given, limits, type Made, madeSchema } from '../engine/protocol.ts';
import { isUsual, KEY } from './shared.ts';

export interface Shared {
  /** A lesson's id, or `playground`. */
  readonly place: string;
  readonly entries: readonly Entry[];
  /** What their host is made with; absent: the usual. */
  readonly made?: Made;
}

/** Characters of a fragment, and bytes that it may inflate to. */
const MAX_LINK = 32_000;
const MAX_BYTES = 256_000;

const AT = 3;
const shown = /^[^\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u;
const line = v.pipe(v.string(), v.maxLength(limits.line), v.regex(shown, 'has characters that cannot be seen'));
const input = v.pipe(v.string(), v.maxLength(limits.line), v.regex(/^[^\p{Cc}]*\n?$/u));

/**
 * Input as text; 0: more time, 1: Ctrl-C, 2: end of input; from 3 on: Ctrl-C after so many slices less 3. Below 0: the key with that
 * code less 1; from -1,000 on the size of a window. A line of another terminal is carried by no link: it would not be seen.
 */
const WINDOW = 1_000;
const given = v.union([
  input,
  v.pipe(v.number(), v.integer(), v.minValue(-WINDOW - WINDOW * WINDOW), v.maxValue(limits.slices + AT)),
]);
const schema = v.strictObject({
  v: v.literal(1),
  p: v.pipe(v.string(), v.maxLength(60), v.regex(/^[a-z0-9-]+$/)),
  h: v.exactOptional(madeSchema),
  c: v.pipe(
    v.array(v.union([line, v.pipe(v.tupleWithRest([line], given), v.maxLength(limits.given + 1))])),
    v.maxLength(limits.lines, `more than ${limits.lines} commands`),
  ),
});

/** Throws an Error when the state cannot be carried by a link that fromFragment would take. */
export function toFragment({ place, entries, made = {} }: Shared): string {
  const c = entries.map(({ line, given }) => (given.length === 0 ? line : [line, ...given.map(shorten)]));
  const state = { v: 1, p: place, ...(isUsual(made) ? {} : { h: made }), c };
  if (!v.safeParse(schema, state).success) throw new Error('a command has characters that no link may carry');
  const bytes = strToU8(JSON.stringify(state));
  const fragment = KEY + base64url(deflateSync(bytes, { level: 9 }));
  if (bytes.length > MAX_BYTES || fragment.length > MAX_LINK) throw new Error('these commands are too long for a link');
  return fragment;
}

/** Reads a fragment. Throws an Error with what is wrong with it. */
export function fromFragment(fragment: string): Shared {
  if (fragment.length > MAX_LINK) throw new Error('the link is too long');
  const parsed = v.safeParse(schema, readJson(fragment.slice(KEY.length)));
  if (!parsed.success) throw new Error(reasonOf(parsed.issues[0]));
  const { p, h, c } = parsed.output;
  const entries = c.map((item): Entry => {
    if (typeof item === 'string') return { line: item, given: [] };
    const [first, ...rest] = item;
    return { line: first, given: rest.map(lengthen) };
  });
  return { place: p, entries, ...(h === undefined ? {} : { made: h }) };
}

function reasonOf(issue: v.InferIssue<typeof schema>): string {
  const at = issue.path?.[1]?.key;
  if (typeof at === 'number') return `its command ${at + 1} is none that can be shown and run here`;
  return issue.path?.[0]?.key === 'c' && issue.type === 'max_length'
    ? `it has ${issue.message}`
    : 'it holds no session';
}

function readJson(encoded: string): unknown {
  try {
    // The buffer is not grown: what would inflate to more is cut off, and is no JSON then.
    const bytes = inflateSync(fromBase64url(encoded), { out: new Uint8Array(MAX_BYTES) });
    return JSON.parse(strFromU8(bytes));
  } catch {
    throw new Error('the link is damaged');
  }
}

const shorten = (item: Given): string | number => {
  if (item.kind === 'input' && /^[\x00-\x09\x0b-\x1f]$/.test(item.text)) return -1 - item.text.charCodeAt(0);
  if (item.kind === 'input') return item.end === true ? 2 : item.text;
  if (item.kind === 'resume') return 0;
  if (item.kind === 'resize') return -WINDOW - (item.rows * WINDOW + item.columns);
  if (item.kind === 'meanwhile') return Number.NaN;
  return item.at === undefined ? 1 : item.at + AT;
};

function lengthen(item: string | number): Given {
  if (typeof item === 'string') return { kind: 'input', text: item };
  if (item === 2) return { kind: 'input', text: '', end: true };
  if (item <= -WINDOW) {
    const size = -WINDOW - item;
    return { kind: 'resize', rows: Math.floor(size / WINDOW), columns: size % WINDOW };
  }
  if (item < 0) return { kind: 'input', text: String.fromCharCode((-1 - item) & 31) };
  if (item < AT) return { kind: item === 0 ? 'resume' : 'interrupt' };
  return { kind: 'interrupt', at: item - AT };
}

function base64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
