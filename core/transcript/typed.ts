/**
 * What was typed to a command that waited, as a line of Markdown behind its block: `<!-- typed: "pwd\\n" Ctrl-D -->`. Shown
 * nowhere, and passed over by who does not know it; with it a session that was saved leads to the same state again.
 *
 * Kept true: what writeTyped writes, readTyped reads back; a line that begins as one and is none is an error, not prose.
 */
import { UsageError } from '../errors.ts';

/**
 * Text typed at once (`end`: and the end of input, Ctrl-D), Ctrl-C, or more time for a program that takes its time. `at` of a Ctrl-C:
 * the program computed, and had done so for that many slices of the simulation; who does not work in slices gives it when it can.
 */
export type Typed =
  | { readonly kind: 'input'; readonly text: string; readonly end?: boolean | undefined }
  | { readonly kind: 'interrupt'; readonly at?: number | undefined }
  | { readonly kind: 'resume' }
  /** The terminal's window got this size. */
  | { readonly kind: 'resize'; readonly rows: number; readonly columns: number }
  /** A line carried out in another terminal. */
  | { readonly kind: 'meanwhile'; readonly line: string };

export function writeTyped(typed: readonly Typed[]): string {
  return `<!-- typed: ${typed.flatMap(wordsOf).join(' ')} -->`;
}

function wordsOf(typed: Typed): string[] {
  if (typed.kind === 'resume') return ['time'];
  if (typed.kind === 'interrupt') return [typed.at === undefined ? 'Ctrl-C' : `Ctrl-C@${typed.at}`];
  if (typed.kind === 'resize') return [`${typed.rows}x${typed.columns}`];
  if (typed.kind === 'meanwhile') return ['meanwhile', quoted(typed.line)];
  if (typed.end !== true && isKeys.test(typed.text)) return [...typed.text].map(keyName);
  const text = quoted(typed.text);
  if (typed.end !== true) return [text];
  return typed.text === '' ? ['Ctrl-D'] : [text, 'Ctrl-D'];
}

/** A ">" could end the comment. */
const quoted = (text: string): string => JSON.stringify(text).replaceAll('>', '\\u003e');

/** Keys with Ctrl, but for Ctrl-C and Ctrl-D, which mean more, and those that are ordinary: Tab, Enter. */
const isKeys = /^[\x00-\x02\x05-\x08\x0b\x0c\x0e-\x1f]+$/;
const keyName = (key: string): string => `Ctrl-${String.fromCharCode(key.charCodeAt(0) + 64)}`;

const whole = /^<!-- typed:(.*)-->$/;
const word =
  /\s*((?:meanwhile\s+)?"(?:[^"\\]|\\.)*"|Ctrl-C(?:@\d{1,6})?|Ctrl-[@-Z[\]\\^_]|\d{1,4}x\d{1,4}|time)(?=\s)/y;

/** What a line of Markdown says was typed; undefined: it says nothing of the kind. Throws UsageError. */
export function readTyped(
  source: string,
  where: { readonly file: string; readonly line: number },
): Typed[] | undefined {
  if (!source.startsWith('<!-- typed:')) return undefined;
  const body = whole.exec(source.trimEnd())?.[1];
  if (body === undefined) throw notTyped(source, where, source.length);
  const typed: Typed[] = [];
  for (word.lastIndex = 0; body.slice(word.lastIndex).trim() !== ''; ) {
    const at = word.lastIndex;
    const found = word.exec(body)?.[1];
    const item = found === undefined ? undefined : itemOf(found);
    if (item === undefined) throw notTyped(source, where, '<!-- typed:'.length + at);
    typed.push(item);
  }
  return typed;
}

function itemOf(found: string): Typed | undefined {
  if (found === 'Ctrl-C') return { kind: 'interrupt' };
  if (found.startsWith('Ctrl-C@')) return { kind: 'interrupt', at: Number(found.slice('Ctrl-C@'.length)) };
  if (found === 'Ctrl-D') return { kind: 'input', text: '', end: true };
  if (found === 'time') return { kind: 'resume' };
  if (found.startsWith('Ctrl-')) return { kind: 'input', text: String.fromCharCode(found.charCodeAt(5) - 64) };
  const size = /^(\d+)x(\d+)$/.exec(found);
  if (size !== null) return { kind: 'resize', rows: Number(size[1]), columns: Number(size[2]) };
  try {
    const text = JSON.parse(found.replace(/^meanwhile\s+/, '')) as string;
    return found.startsWith('meanwhile') ? { kind: 'meanwhile', line: text } : { kind: 'input', text };
  } catch {
    return undefined;
  }
}

function notTyped(source: string, where: { readonly file: string; readonly line: number }, at: number): UsageError {
  const here = source.slice(at, at + 20).trim();
  return new UsageError(
    here === '' ? 'the comment of what was typed does not end' : `"${here}": not something that is typed`,
    { ...where, column: at + 1 },
    'write <!-- typed: "text\\n" Ctrl-D Ctrl-C Ctrl-Z time 24x80 meanwhile "line" -->, any number of them, on one line',
  );
}
