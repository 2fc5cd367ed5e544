/**
 * POSIX regular expressions (POSIX.1-2017 XBD 9) as JavaScript ones, with glibc's extensions (`\+ \? \| \w \< \>`). Leftmost
 * matching is the same; of several alternatives JavaScript takes the first, POSIX the longest.
 */
import { classes } from './classes.ts';

export class BadRegex extends Error {}

export function posixRegex(pattern: string, extended: boolean, flags: string): RegExp {
  try {
    return new RegExp(translate(pattern, extended), flags);
  } catch {
    throw new BadRegex(`bad regex '${pattern}'`);
  }
}

function translate(pattern: string, extended: boolean): string {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    const start = source === '' || /(^|[^\\])(\(|\|)$/.test(source);
    if (c === '[') {
      const bracket = readBracket(pattern, i);
      source += bracket.source;
      i = bracket.end;
    } else if (c === '\\') source += escapeOf(pattern[++i], extended);
    else if (c === '*') source += start && !extended ? '\\*' : '*';
    else if (c === '^') source += extended || start ? '^' : '\\^';
    else if (c === '$') source += extended || ends(pattern, i + 1) ? '$' : '\\$';
    else if (c === '.') source += '[^\\n]';
    else if ('+?(){}|'.includes(c)) source += extended ? c : `\\${c}`;
    else source += /[/\]-]/.test(c) ? `\\${c}` : c;
  }
  return source;
}

function ends(pattern: string, at: number): boolean {
  return at === pattern.length || pattern.startsWith('\\)', at) || pattern.startsWith('\\|', at);
}

function escapeOf(c: string | undefined, extended: boolean): string {
  if (c === undefined) throw new BadRegex('trailing backslash');
  if (c === '<' || c === '>') return '\\b';
  if ('(){}+?|'.includes(c)) return extended ? `\\${c}` : c;
  if (/[1-9wWsSbB]/.test(c)) return `\\${c}`;
  if (c === 'n') return '\\n';
  if (c === 't') return '\\t';
  return /[A-Za-z0-9]/.test(c) ? c : `\\${c}`;
}

function readBracket(pattern: string, at: number): { source: string; end: number } {
  let i = at + 1;
  let source = '[';
  if (pattern[i] === '^') {
    source += '^';
    i++;
  }
  for (let first = true; ; first = false, i++) {
    const c = pattern[i];
    if (c === undefined) throw new Error('unterminated');
    if (c === ']' && !first) return { source: `${source}]`, end: i };
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(i, i + 12));
    if (named !== null && classes[named[1]!] !== undefined) {
      source += classes[named[1]!];
      i += named[0].length - 1;
    } else source += /[\\\][^]/.test(c) ? `\\${c}` : c;
  }
}

export function literalSource(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
