/**
 * The commands of a session as points in time, and where one looks at them. Plain data and pure functions; the machine
 * (machine.ts) keeps the state.
 *
 * Kept true: points are never changed, only lists of them replaced, so that undo is a list kept from before; a cursor always
 * names a moment that exists. `at` counts commands carried out; `step` names a moment inside the last of them, after its
 * step of that index.
 */
import type { CommandOutcome, Findings, Scene, StepRecord } from '../../core/index.ts';
import { type Entry, limits } from '../engine/protocol.ts';

/** One command that was carried out. */
export interface Point {
  readonly id: number;
  readonly entry: Entry;
  readonly outcome: CommandOutcome;
  /** Output and what was typed to it, in the order of a terminal. */
  readonly shown: string;
  /** After it, with what it changed marked. */
  readonly scene: Scene;
  /** In a lesson: what its claims come to after it. */
  readonly found?: Findings;
}

export interface Cursor {
  readonly at: number;
  readonly step?: number;
}

/** Lists of points before and after the one at hand. */
export interface Edits {
  readonly past: readonly (readonly Point[])[];
  readonly future: readonly (readonly Point[])[];
}

export const noEdits: Edits = { past: [], future: [] };

/** Lists kept for undo. */
const KEPT = 500;

export function edited(edits: Edits, points: readonly Point[]): Edits {
  return { past: [...edits.past.slice(-KEPT), points], future: [] };
}

export function undone(edits: Edits, points: readonly Point[]): { edits: Edits; points: readonly Point[] } | undefined {
  const before = edits.past.at(-1);
  if (before === undefined) return undefined;
  return { points: before, edits: { past: edits.past.slice(0, -1), future: [points, ...edits.future] } };
}

export function redone(edits: Edits, points: readonly Point[]): { edits: Edits; points: readonly Point[] } | undefined {
  const [next, ...future] = edits.future;
  return next === undefined ? undefined : { points: next, edits: { past: [...edits.past, points], future } };
}

export const head = (points: readonly Point[]): Cursor => ({ at: points.length });

/** Steps of the command that leads to `at`. */
export function stepsAt(points: readonly Point[], at: number): readonly StepRecord[] {
  return points[at - 1]?.outcome.steps ?? [];
}

/** Moments inside a command of so many steps: after each but the last, which is the moment after the command; not after all of very many. */
export const momentsIn = (steps: number): number => Math.max(0, Math.min(steps - 1, limits.inside));

const inside = (points: readonly Point[], at: number): number => momentsIn(stepsAt(points, at).length);

/** The moment a step later. */
export function forward(points: readonly Point[], cursor: Cursor): Cursor | undefined {
  const { at, step } = cursor;
  if (step !== undefined) return step + 1 < inside(points, at) ? { at, step: step + 1 } : { at };
  if (at >= points.length) return undefined;
  return inside(points, at + 1) > 0 ? { at: at + 1, step: 0 } : { at: at + 1 };
}

/** The moment a step earlier. */
export function back(points: readonly Point[], cursor: Cursor): Cursor | undefined {
  const { at, step } = cursor;
  if (step !== undefined) return step > 0 ? { at, step: step - 1 } : { at: at - 1 };
  if (at === 0) return undefined;
  return inside(points, at) > 0 ? { at, step: inside(points, at) - 1 } : { at: at - 1 };
}

/** The moment after the next command. */
export function nextCommand(points: readonly Point[], { at, step }: Cursor): Cursor | undefined {
  if (step !== undefined) return { at };
  return at < points.length ? { at: at + 1 } : undefined;
}

/** The moment before the command at hand. */
export function previousCommand({ at }: Cursor): Cursor | undefined {
  return at > 0 ? { at: at - 1 } : undefined;
}

/** A moment that exists, as near as can be. */
export function within(points: readonly Point[], { at, step }: Cursor): Cursor {
  const held = Math.max(0, Math.min(points.length, Math.trunc(at)));
  return step !== undefined && held === at && step >= 0 && step < inside(points, held)
    ? { at: held, step }
    : { at: held };
}

/** How a command is told in one word: `run`, `container ls`, `find`. */
export function verbOf(line: string): string {
  const words = line.trim().split(/\s+/);
  // Of `pid=$(pidof sleep); …` the name.
  if (words[0] !== 'docker') return /^\w+(?==)/.exec(words[0]!)?.[0] ?? words[0]!;
  const [first = 'docker', second = ''] = words.slice(1).filter((word) => !word.startsWith('-'));
  return ['container', 'image'].includes(first) ? `${first} ${second}` : first;
}
