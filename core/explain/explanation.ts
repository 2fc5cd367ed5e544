/**
 * What `cutaway explain` answers, as plain data: a title and parts. Every face (terminal, site, --json) shows the same parts.
 *
 * Kept true: a `hash` part was computed just now from bytes that were read just now; `agrees` says whether it came out as the
 * name claims, it is never assumed.
 */
import type { Digest } from '../op.ts';

/** A sha256 with its input. `shown` is the input as text, cut when it is long; `bytes` is its whole length, where that is known. */
export interface HashPart {
  readonly kind: 'hash';
  readonly input: string;
  readonly shown: string;
  readonly bytes?: number;
  readonly digest: Digest;
  readonly agrees: boolean;
  /** A line of the host's shell that computes the same. */
  readonly command?: string;
}

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'try'; readonly commands: readonly string[] }
  | HashPart;

export interface Explanation {
  /** What was asked, as it was typed. */
  readonly subject: string;
  /** What it is, in one line. */
  readonly title: string;
  readonly parts: readonly Part[];
}

export const text = (words: string): Part => ({ kind: 'text', text: words });

/** Rows without a value are left out. */
export const facts = (...rows: readonly (readonly [string, string | undefined])[]): Part => ({
  kind: 'facts',
  rows: rows.filter((row): row is readonly [string, string] => row[1] !== undefined),
});

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): Part => ({
  kind: 'table',
  head,
  rows,
});

export const tryIt = (...commands: readonly string[]): Part => ({ kind: 'try', commands });

/** So much of a hash's input is shown. */
const mostShown = 240;

/** Says how `input` (text) hashes, and whether that is what the name `claimed` says. */
export function hashPart(
  input: string,
  content: string,
  digest: Digest,
  claimed: Digest,
  more: Pick<HashPart, 'command'> = {},
): HashPart {
  const bytes = new TextEncoder().encode(content).length;
  const shown = content.length > mostShown ? `${content.slice(0, mostShown)}…` : content;
  return { kind: 'hash', input, shown, bytes, digest, agrees: digest === claimed, ...more };
}
