/**
 * Expansion of the words of a docker command: quotes, variables set on the line and `$(docker …)` are done here; whatever else
 * the shell can do (globs, arithmetic, `${x%y}`, other substitutions) the host's shell is asked for.
 */
import type { Flow } from '../../op.ts';
import type { Part, Script, Word } from '../../programs/sh/ast.ts';
import { partCalls, wordCalls } from './detect.ts';

/** What expansion needs of the evaluator. */
export interface Expander {
  readonly source: string;
  variable(name: string): string;
  /** Output of a script, without the newlines at its end. */
  capture(script: Script): Flow<string>;
  /** Output of a line of the host's shell, which knows the line's variables. */
  ask(line: string): Flow<string>;
}

/** Something that the shell can do and we cannot, beside a docker command. */
export class MixError extends Error {}

/** A word to its fields: one, several, or none. */
export function* fields(by: Expander, word: Word): Flow<string[]> {
  if (!wordCalls(word) && !word.parts.every(isOurs)) {
    const source = by.source.slice(word.start, word.end);
    const answer = yield* by.ask(`set -- ${source}\n[ $# -eq 0 ] || printf '%s\\0' "$@"`);
    return answer === '' ? [] : answer.replace(/\0$/, '').split('\0');
  }
  const out: string[] = [];
  let field: string | undefined;
  for (const part of word.parts) {
    const value = yield* partValue(by, part);
    if (part.kind === 'text' || part.quoted) {
      field = (field ?? '') + value;
      continue;
    }
    const pieces = value.split(/[ \t\n]+/);
    pieces.forEach((piece, at) => {
      if (at > 0 && field !== undefined) {
        out.push(field);
        field = undefined;
      }
      if (piece !== '') field = (field ?? '') + piece;
    });
  }
  return field === undefined ? out : [...out, field];
}

/** A word to one text, as in assignments and redirections. */
export function* text(by: Expander, word: Word): Flow<string> {
  if (!wordCalls(word) && !word.parts.every(isOurs)) {
    const source = by.source.slice(word.start, word.end);
    return yield* by.ask(`_=${source}\nprintf '%s' "$_"`);
  }
  let value = '';
  for (const part of word.parts) value += yield* partValue(by, part);
  return value;
}

/** Nothing but text, quoted or without signs that mean something to the shell. */
export const isPlain = (word: Word): boolean => word.parts.every((part) => part.kind === 'text' && isOurs(part));

/** Can be expanded without the host. */
function isOurs(part: Part): boolean {
  if (part.kind === 'text') return part.quoted || !/[*?[~\\]/.test(part.text);
  return (
    part.kind === 'param' && part.op === undefined && part.length !== true && /^([A-Za-z_]\w*|\?)$/.test(part.name)
  );
}

function* partValue(by: Expander, part: Part): Flow<string> {
  if (part.kind === 'text') return part.text;
  if (part.kind === 'param' && isOurs(part)) return by.variable(part.name);
  if (part.kind === 'command') return yield* by.capture(part.script);
  if (partCalls(part)) throw new MixError('a docker command inside a parameter or arithmetic expansion');
  throw new MixError('$(docker …) in one word with arithmetic or parameter operators');
}
