/**
 * How much of an answer goes to the page: more than a terminal keeps would only make it slow.
 *
 * Kept true: what is left out is left out at the beginning, at a line's end where there is one, and its place says how much
 * it was; such a line is three dots and a remark in brackets, so that it is not taken for output.
 */
import { asSeen } from '../../core/index.ts';

/** Characters (UTF-16 units), and lines. */
const MOST = { characters: 200_000, lines: 5_000 } as const;

/** The last part of a long text, behind a line that says what is missing. */
export function lastOf(text: string): string {
  const from = Math.max(byCharacters(text), byLines(text));
  if (from === 0) return text;
  return `... (${LEFT_OUT}${linesIn(text, from)} lines, ${from} characters)\n${text.slice(from)}`;
}

const LEFT_OUT = 'left out before this: ';
const note = new RegExp(`^\\.\\.\\. \\(${LEFT_OUT}(\\d+) lines,`);

/** How many lines a text has, those that were left out included. */
export function linesOf(text: string): number {
  return text.split('\n').length + Math.max(0, Number(note.exec(text)?.[1] ?? 0) - 1);
}

function linesIn(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

function byCharacters(text: string): number {
  if (text.length <= MOST.characters) return 0;
  const from = text.length - MOST.characters;
  const line = text.indexOf('\n', from - 1) + 1;
  return line > 0 && line < text.length ? line : from;
}

function byLines(text: string): number {
  let from = text.length;
  for (let lines = 0; lines <= MOST.lines; lines++) {
    if (from <= 0) return 0;
    from = text.lastIndexOf('\n', from - 1);
    if (from < 0) return 0;
  }
  return from + 1;
}

/** What clear(1) of busybox writes. */
const CLEAR = '\x1b[H\x1b[J';

/** What a terminal shows of it; that it was cleared is still to be known. */
export function seen(text: string): string {
  const at = text.lastIndexOf(CLEAR) + 1;
  return at === 0 ? asSeen(text) : CLEAR + asSeen(text.slice(at - 1 + CLEAR.length));
}
