/**
 * What a page and the program that serves it say to each other about a real target: requests of the page as schemas, events of
 * the program as types. Both sides import this file, so they cannot disagree.
 *
 * A page opens a session with one request whose answer never ends: a stream of events, one JSON object a line. All others are
 * short requests that name the session; what comes of them is told in the stream. The session lives as long as the stream.
 *
 * Kept true: nothing is read from a page that does not pass its schema; every text and number in a request is bounded.
 */
import * as v from 'valibot';
import type { Observation } from './observation.ts';
import type { CommandOutcome } from './target.ts';

/** Longest command line, in UTF-16 units; what is typed to a process at once may be as long. */
export const longestLine = 8192;

/** No NUL: no argument of a process can hold one (execve(2)). */
const text = v.pipe(v.string(), v.maxLength(longestLine), v.regex(/^[^\0]*$/, 'a NUL character'));
const session = v.pipe(v.string(), v.regex(/^[\w-]{16,64}$/, 'not a session'));

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(9_999));

/** Each request by its path, `/reality/<name>`. Unknown fields are refused. */
export const realityRequests = {
  /** Opens a session; answered by the stream of its events. */
  open: v.strictObject({}),
  /** Runs a line. One at a time; `n` comes back in the events about it. */
  run: v.strictObject({ session, n: v.pipe(v.number(), v.safeInteger(), v.minValue(0)), line: text }),
  /** Types text to the foreground process; `end` closes its input. */
  input: v.strictObject({ session, text, end: v.boolean() }),
  /** The window of the page's terminal has another size, in characters. */
  resize: v.strictObject({ session, rows: size, columns: size }),
  /** A line in another terminal, while the one under way waits. */
  meanwhile: v.strictObject({ session, line: text }),
  /** Ctrl-C. */
  interrupt: v.strictObject({ session }),
} as const;

export type RealityRequestName = keyof typeof realityRequests;
export type RealityRequest<N extends RealityRequestName> = v.InferOutput<(typeof realityRequests)[N]>;

export type RealityEvent =
  /** The world is there and nothing has run in it. */
  | {
      readonly event: 'ready';
      readonly session: string;
      readonly notes: readonly string[];
      readonly observation: Observation;
    }
  | { readonly event: 'step'; readonly n: number; readonly title: string; readonly shell: string }
  | { readonly event: 'output'; readonly n: number; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** The line has ended, or waits (`outcome.suspended`) and will say `done` again when it goes on. */
  | { readonly event: 'done'; readonly n: number; readonly outcome: CommandOutcome; readonly observation: Observation }
  /** The last event of a session. */
  | { readonly event: 'closed'; readonly why: string };
