/**
 * What the terminal shows of a session, as text for xterm.js.
 *
 * Kept true: output of programs is text and colours only; sequences that would move the cursor, change the title or talk to
 * the terminal are dropped.
 */
import type { CommandOutcome } from '../../core/index.ts';
import type { Point } from '../app/timeline.ts';
import { linesOf } from '../engine/output.ts';

const sgr = (code: string, text: string): string => `\x1b[${code}m${text}\x1b[0m`;

const escapes =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]/g;

/** Keeps colours (SGR, ECMA-48), tabs, line ends and carriage returns; drops all other control. */
export function harmless(text: string): string {
  return text
    .replace(escapes, (found) => (/^\x1b\[[\d;:]*m$/.test(found) ? found : ''))
    .replaceAll('\x1b', (found, at: number, all: string) => (all[at + 1] === '[' ? found : ''));
}

/** Without any control: for people who listen. */
export const plain = (text: string): string =>
  harmless(text)
    .replace(/\x1b\[[\d;:]*m/g, '')
    .replaceAll('\r', '');

/** Characters and lines of an answer that are read out; the rest is in the terminal's output, to be read at one's own pace. */
const MAX_HEARD = { characters: 2_000, lines: 40 };

/** What is announced of an answer. */
export function forListeners(shown: string): string {
  const all = plain(afterClear(shown)).trim();
  if (all === '') return 'no output';
  const lines = all.split('\n');
  const end = lines.slice(-MAX_HEARD.lines).join('\n').slice(-MAX_HEARD.characters);
  return end === all ? all : `${linesOf(all)} lines, which end in: ${end}`;
}

/** What clear(1) of busybox writes. Other sequences that would clear are dropped, as all that move the cursor are. */
const CLEAR = '\x1b[H\x1b[J';

export const clears = (shown: string): boolean => shown.includes(CLEAR);

const afterClear = (shown: string): string =>
  clears(shown) ? shown.slice(shown.lastIndexOf(CLEAR) + CLEAR.length) : shown;

const newlines = (text: string): string => {
  const lines = text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n');
  return lines === '' || lines.endsWith('\n') ? lines : `${lines}\r\n`;
};

/** One command: prompt, what was typed, what was to be read then, and its exit status when it failed. */
export function commandText(line: string, { outcome, shown }: Pick<Point, 'outcome' | 'shown'>): string {
  const failed = outcome.exitCode !== 0;
  const echo = `${sgr(failed ? '31;1' : '32;1', '$')} ${sgr('1', harmless(line))}\r\n`;
  const status = failed && outcome.suspended === undefined ? `${sgr('31', `exit status ${outcome.exitCode}`)}\r\n` : '';
  if (clears(shown)) return newlines(harmless(afterClear(shown))) + status;
  const output = newlines(harmless(shown));
  // A program that waits for input does so at the end of its last line.
  return outcome.suspended === undefined
    ? `${echo}${output}${status}`
    : `${echo}${output}`.replace(/\r\n$/, shown.endsWith('\n') ? '\r\n' : '');
}

/** Columns of the longest line of a table in an answer; all else may be broken, as every terminal does: IDs, messages. */
export function widest({ stdout }: CommandOutcome): number {
  let width = 0;
  // Columns are kept apart by more than one blank.
  for (const line of plain(stdout).split('\n')) if (/\S {2,}\S/.test(line)) width = Math.max(width, line.length);
  return width;
}
