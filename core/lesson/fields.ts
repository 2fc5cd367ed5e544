/**
 * Reads what stands in a `question` or `challenge` block: first the text, then one field a line (`goal: …`, `- choice`,
 * `$ command`). A field goes on as long as the next lines are indented.
 *
 * Kept true: every field knows its line and column; a line that is no field where one must stand is an error with the list of
 * fields, never passed over.
 */
import { UsageError } from '../errors.ts';
import type { SourceLine } from '../transcript/parse.ts';
import { lessonLimits } from './limits.ts';

/** `goal: web is paused` has key `goal`, value `web is paused`; `column` is where the value begins. */
export interface Field {
  readonly key: string;
  readonly value: string;
  readonly line: number;
  readonly column: number;
}

export interface Fields {
  /** The Markdown in front of the first field. */
  readonly text: string;
  readonly fields: readonly Field[];
}

/** What may begin a field: its key, how to write it, and how its beginning looks. */
export interface FieldKind {
  readonly key: string;
  /** For messages: `goal: …`. */
  readonly shown: string;
  readonly begins: RegExp;
}

/** A field written `key: value`. */
export const keyed = (key: string, shown: string): FieldKind => ({
  key,
  shown: `${key}: ${shown}`,
  begins: new RegExp(`^${key}: *`),
});

export function readFields(lines: readonly SourceLine[], kinds: readonly FieldKind[], file: string): Fields {
  const first = lines.findIndex(({ text }) => kinds.some(({ begins }) => begins.test(text)));
  const head = first < 0 ? lines : lines.slice(0, first);
  const fields: Field[] = [];
  for (const line of first < 0 ? [] : lines.slice(first)) {
    const kind = kinds.find(({ begins }) => begins.test(line.text));
    const last = fields.at(-1);
    if (kind !== undefined) fields.push(toField(kind, line));
    else if (line.text.trim() === '') continue;
    else if (/^\s/.test(line.text) && last !== undefined) {
      fields[fields.length - 1] = { ...last, value: `${last.value.replace(/ *\\$/, '')} ${line.text.trim()}`.trim() };
    } else throw notAField(line, kinds, file);
  }
  const long = fields.find(({ value }) => value.length > lessonLimits.field);
  if (long !== undefined) {
    const { line, column, key, value } = long;
    const hint = `it has ${lessonLimits.field} at most`;
    throw new UsageError(`"${key}" has ${value.length} characters`, { file, line, column }, hint);
  }
  return {
    text: head
      .map(({ text }) => text)
      .join('\n')
      .trim(),
    fields,
  };
}

function toField({ key, begins }: FieldKind, { text, line, column }: SourceLine): Field {
  const begin = begins.exec(text)![0].length;
  const value = text.slice(begin).trim();
  return { key, value, line, column: column + (value === '' ? begin : text.indexOf(value, begin)) };
}

function notAField({ text, line, column }: SourceLine, kinds: readonly FieldKind[], file: string): UsageError {
  const list = kinds.map(({ shown }) => shown).join(' · ');
  return new UsageError(
    `"${text.trim().slice(0, 100)}" is no field of this block`,
    { file, line, column },
    `a line here begins like one of: ${list}; a line that goes on the one above is indented`,
  );
}
