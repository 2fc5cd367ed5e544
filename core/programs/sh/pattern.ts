/**
 * Shell patterns (POSIX.1-2017 XCU 2.13) as regular expressions, and their matching against path names. A pattern comes as
 * pieces, because quoted characters in it stand for themselves.
 */
import type { Sys } from '../../kernel/sys.ts';
import { attempt } from '../lib/applet.ts';
import { classes } from '../lib/classes.ts';

export interface PatternPiece {
  readonly text: string;
  readonly quoted: boolean;
}

export function hasGlob(pieces: readonly PatternPiece[]): boolean {
  return pieces.some((piece) => !piece.quoted && /[*?[]/.test(piece.text));
}

/**
 * Source of a regular expression; `lazy` makes the last `*` match as little as possible. What stands between two `*` is of
 * fixed length, so the first place where it fits will do, and is never gone back on: however many `*` there are, matching
 * takes time by the length of text and pattern, not by their power.
 */
export function patternSource(pieces: readonly PatternPiece[], lazy = false): string {
  const [first, ...rest] = runs(pieces);
  const last = rest.pop();
  if (last === undefined) return first!;
  const middle = rest.filter((run) => run !== '').map((run, i) => `(?=([\\s\\S]*?${run}))(?:\\${i + 1})`);
  return `${first}${middle.join('')}${lazy ? '[\\s\\S]*?' : '[\\s\\S]*'}${last}`;
}

/** What stands between the `*` of a pattern, as sources of regular expressions. */
function runs(pieces: readonly PatternPiece[]): string[] {
  // Quoted characters are marked so that a bracket expression can run across pieces.
  const chars = pieces.flatMap((piece) => [...piece.text].map((c) => ({ c, quoted: piece.quoted })));
  const found: string[] = [];
  let source = '';
  for (let i = 0; i < chars.length; i++) {
    const { c, quoted } = chars[i]!;
    if (quoted) source += escaped(c);
    else if (c === '*') {
      found.push(source);
      source = '';
    } else if (c === '?') source += '[\\s\\S]';
    else if (c === '\\' && i + 1 < chars.length) source += escaped(chars[++i]!.c);
    else if (c === '[') {
      const bracket = readBracket(chars, i);
      source += bracket?.source ?? '\\[';
      i = bracket?.end ?? i;
    } else source += escaped(c);
  }
  return [...found, source];
}

function escaped(c: string): string {
  return c.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function readBracket(
  chars: readonly { c: string; quoted: boolean }[],
  at: number,
): { source: string; end: number } | undefined {
  let i = at + 1;
  let source = '';
  const negated = chars[i] !== undefined && !chars[i]!.quoted && '!^'.includes(chars[i]!.c);
  if (negated) i++;
  for (let first = true; i < chars.length; first = false, i++) {
    const { c, quoted } = chars[i]!;
    if (c === ']' && !quoted && !first) return { source: `[${negated ? '^' : ''}${source}]`, end: i };
    const rest = chars
      .slice(i, i + 12)
      .map((each) => each.c)
      .join('');
    const named = quoted ? null : /^\[:([a-z]+):\]/.exec(rest);
    if (named !== null && classes[named[1]!] !== undefined) {
      source += classes[named[1]!];
      i += named[0].length - 1;
    } else source += c === '-' && !quoted ? '-' : escaped(c);
  }
  return undefined;
}

export function compile(pieces: readonly PatternPiece[]): RegExp {
  try {
    return new RegExp(`^(?:${patternSource(pieces)})$`);
  } catch {
    // A range such as [z-a] matches nothing.
    return /[^\s\S]/;
  }
}

/** A pattern given as plain text: `find -name`. */
export function compileText(pattern: string): RegExp {
  return compile([{ text: pattern, quoted: false }]);
}

/** Path names that match, sorted; empty when none does. */
export function glob(sys: Sys, pieces: readonly PatternPiece[]): string[] {
  const parts = splitPath(pieces);
  const absolute = parts[0]!.length === 0 && parts.length > 1;
  let found = [absolute ? '/' : ''];
  const names = absolute ? parts.slice(1) : parts;
  names.forEach((part, i) => {
    const last = i === names.length - 1;
    found = found.flatMap((base) => step(sys, base, part, last));
  });
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function step(sys: Sys, base: string, part: readonly PatternPiece[], last: boolean): string[] {
  const tail = last ? '' : '/';
  if (!hasGlob(part)) {
    const path = base + part.map((piece) => piece.text).join('');
    if (!last) return [path + tail];
    return path !== '' && attempt(() => sys.lstat(path)) !== undefined ? [path] : [];
  }
  const entries = attempt(() => sys.readdir(base === '' ? '.' : base)) ?? [];
  const regex = compile(part);
  const hidden = part[0]!.text.startsWith('.');
  const names = [...(hidden ? ['.', '..'] : []), ...entries.map((entry) => entry.name)];
  return names
    .filter((name) => (hidden || !name.startsWith('.')) && regex.test(name))
    .filter((name) => last || attempt(() => sys.stat(base + name))?.type === 'dir')
    .map((name) => base + name + tail);
}

function splitPath(pieces: readonly PatternPiece[]): PatternPiece[][] {
  const parts: PatternPiece[][] = [[]];
  for (const piece of pieces) {
    piece.text.split('/').forEach((text, i) => {
      if (i > 0) parts.push([]);
      if (text !== '') parts.at(-1)!.push({ ...piece, text });
    });
  }
  return parts;
}
