/**
 * What the text of a lesson may hold, looked at before anything reads it: lessons come from anywhere.
 *
 * Kept true: a text that passes has no character that is not seen or that changes the order of others, and nothing so large
 * that reading it takes long; what is refused is named with its line and column.
 */
import { UsageError } from '../errors.ts';

/** UTF-16 units of a whole lesson, of a line of it, and of a command or field with the lines that it goes on in. */
export const lessonLimits = { text: 400_000, line: 8_000, field: 4_000 } as const;

/**
 * Control characters but tab and line end; marks and overrides of direction and isolates (UAX #9), with which a command could
 * look like another one; line and paragraph separators; joiners and blanks of no width.
 */
const unseen = /[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/u;

export function checkText(source: string, file: string): void {
  if (source.length > lessonLimits.text)
    throw new UsageError(
      `the lesson has ${source.length} characters`,
      { file },
      `a lesson has ${lessonLimits.text} at most`,
    );
  for (const [i, line] of source.split('\n').entries()) checkLine(line, i + 1, file);
}

function checkLine(text: string, line: number, file: string): void {
  const at = text.replaceAll('\t', ' ').search(unseen);
  if (at >= 0) {
    const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
    const hint = 'a lesson has only characters that can be seen; in answers, [..] stands for what cannot be written';
    throw new UsageError(`the character U+${code} cannot be seen`, { file, line, column: at + 1 }, hint);
  }
  if (text.length > lessonLimits.line)
    throw new UsageError(
      `the line has ${text.length} characters`,
      { file, line, column: lessonLimits.line + 1 },
      `a line has ${lessonLimits.line} at most`,
    );
}
