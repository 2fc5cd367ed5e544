/**
 * What the browser keeps: the theme, and how far one came in each place. All of it may be missing, old or changed by hand:
 * what cannot be read counts as not there, and a browser that keeps nothing is no error.
 */
import * as v from 'valibot';
import { saidSchema } from '../../core/index.ts';
import { entrySchema, limits, madeSchema } from '../engine/protocol.ts';

const prefix = 'cutaway.';

export function read(key: string): string | undefined {
  try {
    return localStorage.getItem(prefix + key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function write(key: string, value: string): void {
  try {
    localStorage.setItem(prefix + key, value);
  } catch {
    // Full, or not allowed: what was done so far is simply not kept.
  }
}

const said = v.pipe(v.array(saidSchema), v.maxLength(limits.given));
const keptEntry = v.strictObject({ ...entrySchema.entries, said: v.exactOptional(said) });
const keptSchema = v.object({
  entries: v.pipe(v.array(keptEntry), v.maxLength(limits.lines)),
  /** Said before the first command. */
  begun: said,
  /** The challenge was solved once, whatever was done since. */
  solved: v.boolean(),
  /** What the host was made with. */
  made: v.exactOptional(madeSchema),
});

/** A command with what was said after it. */
export type KeptEntry = v.InferOutput<typeof keptEntry>;

/** How far one came in a lesson, or in the playground. */
export type Kept = v.InferOutput<typeof keptSchema>;

export const nothingKept: Kept = { entries: [], begun: [], solved: false };

export function readKept(place: string): Kept {
  const text = read(`at.${place}`);
  if (text === undefined) return nothingKept;
  try {
    return v.parse(keptSchema, JSON.parse(text));
  } catch {
    return nothingKept;
  }
}

export function writeKept(place: string, kept: Kept): void {
  write(`at.${place}`, JSON.stringify(kept));
}
