/**
 * What the page and the engine say to each other, as plain data: requests with a number, replies with the same number. The
 * engine usually sits in a worker (worker.ts), else on the page's own thread (client.ts); both speak only this.
 *
 * Kept true: every message is checked where it arrives; a request that does not fit is answered with an error.
 */
import * as v from 'valibot';
import type { CommandOutcome, Findings, Lesson, Observation, Scene } from '../../core/index.ts';

/**
 * Longest line that is carried out (UTF-16 units), most of them in one history, and most inputs to one of them; hostile links
 * end here, and what is typed is refused before it comes here (view/terminal.tsx).
 */
export const limits = {
  line: 4_000,
  lines: 2_000,
  given: 2_000,
  /** Steps of one command that one can look between; it may have thousands (a loop of the shell). */
  inside: 200,
  /** Slices of computing after which a line can be interrupted; none has more (slices.ts). */
  slices: 100_000,
} as const;

/** The message of the error that a request ends with which was interrupted and leads nowhere. */
export const STOPPED = 'stopped';

const text = v.pipe(v.string(), v.maxLength(limits.line));

const slice = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.slices));

/** Rows or columns of a window. */
const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999));

/** What a suspended line was given to go on. */
const givenSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('input'), text, end: v.optional(v.boolean()) }),
  v.strictObject({ kind: v.literal('resume') }),
  v.strictObject({ kind: v.literal('resize'), rows: size, columns: size }),
  v.strictObject({ kind: v.literal('meanwhile'), line: text }),
  /** `at`: it computed, and had done so for so many slices (slices.ts); absent: it waited. */
  v.strictObject({ kind: v.literal('interrupt'), at: v.exactOptional(slice) }),
]);
export type Given = v.InferOutput<typeof givenSchema>;

/** One command of a history: enough to carry it out again, the same in every detail. */
export const entrySchema = v.strictObject({
  line: text,
  given: v.pipe(v.array(givenSchema), v.maxLength(limits.given)),
});
export type Entry = v.InferOutput<typeof entrySchema>;

export const entriesSchema = v.pipe(v.array(entrySchema), v.maxLength(limits.lines));

/** What the simulated host is made with, where that is not the usual: control groups v1, and an engine without its bridge. */
export const madeSchema = v.strictObject({
  cgroup: v.exactOptional(v.literal('v2')),
  bridge: v.exactOptional(v.literal(true)),
});
export type Made = v.InferOutput<typeof madeSchema>;
const made = v.exactOptional(madeSchema);

const id = v.pipe(v.number(), v.integer());
/** It was checked against its schema when it was read, in this page or when the site was built. */
const lessonRead = v.custom<Lesson>((value) => value instanceof Object && 'blocks' in value);

export const requestSchema = v.variant('kind', [
  /** A fresh world, in which these lines were carried out; from now on this lesson's claims are judged, or none. */
  v.strictObject({ id, kind: v.literal('seek'), made, entries: entriesSchema, lesson: v.exactOptional(lessonRead) }),
  /** What was observed last, for who compares it: large, so that it is not sent with each answer. */
  v.strictObject({ id, kind: v.literal('observe') }),
  /** Ctrl-C for the request of that number, if it is under way; one that goes elsewhere is given up. Answered at once. */
  v.strictObject({ id, kind: v.literal('interrupt'), of: id }),
  v.strictObject({ id, kind: v.literal('run'), line: text }),
  v.strictObject({ id, kind: v.literal('give'), given: givenSchema }),
  /** The states inside a command: after each of its steps, of very many after the first `limits.inside`. */
  v.strictObject({ id, kind: v.literal('steps'), made, before: entriesSchema, entry: entrySchema }),
  /** Two moments, worked out each in a world of its own; `names` are for the sentences. */
  v.strictObject({
    id,
    kind: v.literal('compare'),
    made,
    earlier: entriesSchema,
    later: entriesSchema,
    names: v.tuple([text, text]),
  }),
]);
export type Request = v.InferOutput<typeof requestSchema>;

/** A state of the world. */
export interface Moment {
  readonly scene: Scene;
  /** In a lesson: what its claims come to. */
  readonly found?: Findings;
}

/** A command and what it led to; `scene` marks what the command changed. */
export interface Ran extends Moment {
  readonly outcome: CommandOutcome;
  /** Output and what was typed to it, in the order of a terminal. */
  readonly shown: string;
  /** What it was given while it ran. */
  readonly given: readonly Given[];
}

/** Every step's scene marks what that step changed. */
export interface StepScenes {
  readonly scenes: readonly Scene[];
}

/** What differs between two moments; the later scene is marked against the earlier one. */
export interface Apart {
  readonly scenes: readonly [earlier: Scene, later: Scene];
  readonly differences: readonly { readonly path: string; readonly text: string }[];
}

export interface Answers {
  readonly compare: Apart;
  readonly seek: Moment;
  readonly observe: Observation;
  readonly interrupt: Record<string, never>;
  readonly run: Ran;
  readonly give: Ran;
  readonly steps: StepScenes;
}

export const replySchema = v.variant('kind', [
  v.object({
    id,
    kind: v.literal('answer'),
    value: v.custom<Answers[keyof Answers]>((value) => value instanceof Object),
  }),
  v.object({ id, kind: v.literal('error'), message: v.string() }),
]);
export type Reply = v.InferOutput<typeof replySchema>;
