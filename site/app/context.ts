/**
 * What the app's machine knows, and what happens to it: plain data. The regions of the machine are in work.ts (the engine),
 * player.ts (where one looks) and place.ts (lesson or playground); machine.ts puts them together.
 *
 * Kept true: where one stands in a lesson is nowhere in here: it follows from `points` and `said` (lesson.ts).
 */
import type { Findings, Lesson, Said, Scene } from '../../core/index.ts';
import type { Client } from '../engine/client.ts';
import type { Entry, Given, Made } from '../engine/protocol.ts';
import type { LessonAbout } from './lessons.ts';
import { type Cursor, type Edits, head, type Point } from './timeline.ts';

/** Where one is: the playground, or a lesson. */
export interface Place {
  /** A lesson's id, `own.` and the id for one that the reader brought, or `playground`. */
  readonly id: string;
  readonly lesson?: Lesson;
}

export const playground: Place = { id: 'playground' };

/** A line on its way. */
export interface Queued extends Entry {
  /** What was typed goes to the program that waits for input when its turn comes; `end` is Ctrl-D, `key` another key with Ctrl; `other` is for another terminal. */
  readonly typed?: 'line' | 'end' | 'key' | 'other';
  /** Typed or pasted before the program in front of it was seen to go on: nobody stops to look at that one, so time passes. */
  readonly ahead?: boolean;
  /** What the learner said after it, when it was carried out before. */
  readonly said?: readonly Said[];
}

export interface AppContext {
  readonly client: Client;
  readonly place: Place;
  /** What the host is made with. */
  readonly made: Made;
  /** Carried out before everything, unseen: a lesson's set-up. */
  readonly base: readonly Entry[];
  readonly start: Scene | undefined;
  /** What the lesson's claims come to at the start. */
  readonly startFound: Findings | undefined;
  readonly points: readonly Point[];
  /** What the learner said after a point, by its id; 0: before the first. */
  readonly said: ReadonlyMap<number, readonly Said[]>;
  readonly edits: Edits;
  /** Where one looks; absent: at the newest moment. */
  readonly cursor: Cursor | undefined;
  /** Waits to be carried out. */
  readonly queue: readonly Queued[];
  /** Under way, with what it is still to be given. */
  readonly current:
    | { readonly entry: Entry; readonly rest: readonly Given[]; readonly said?: readonly Said[] }
    | undefined;
  /** The points that the engine stands behind. */
  readonly engineAt: readonly Point[] | undefined;
  /** Scenes inside commands, by the id of their point. */
  readonly inside: ReadonlyMap<number, readonly Scene[]>;
  /** Moments a second when playing. */
  readonly speed: number;
  /** The challenge was solved here once. */
  readonly solved: boolean;
  readonly nextId: number;
  readonly error: string | undefined;
}

export type AppEvent =
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'end' }
  /** A key for a program's terminal; a line for another terminal. */
  | { readonly type: 'key' | 'other'; readonly line: string }
  | { readonly type: 'resize'; readonly rows: number; readonly columns: number }
  | { readonly type: 'resume' }
  | { readonly type: 'interrupt' }
  | { readonly type: 'look'; readonly cursor: Cursor }
  | { readonly type: 'back' | 'forward' | 'previous' | 'next' | 'newest' }
  | { readonly type: 'play' | 'pause' }
  | { readonly type: 'speed'; readonly speed: number }
  | { readonly type: 'undo' | 'redo' | 'reset' }
  /** An answer to a question of the lesson, or a request for a hint, at the moment that is looked at. */
  | { readonly type: 'say'; readonly said: Said }
  /** Begins anew with these lines: a link, a file, a lesson, what was kept. `begun`: what was said before the first. */
  | {
      readonly type: 'load';
      readonly made: Made;
      readonly base: readonly Entry[];
      readonly queue: readonly Queued[];
      readonly begun: readonly Said[];
    }
  /** Goes to a lesson or to the playground; without `entries`, to where one was there before. */
  | {
      readonly type: 'open';
      readonly about: LessonAbout | undefined;
      readonly entries?: readonly Entry[];
      readonly made?: Made;
    }
  /** A new host, made so; `again`: what was done is done again there, otherwise it is gone. */
  | { readonly type: 'host'; readonly made: Made; readonly again: boolean }
  /** It could not be opened. */
  | { readonly type: 'stay' };

export const speeds = [0.5, 1, 2, 4] as const;

export const cursorOf = ({ cursor, points }: Pick<AppContext, 'cursor' | 'points'>): Cursor => cursor ?? head(points);

/** One looks at an earlier command than the last: what is typed there goes on from there. */
export const isFork = ({ cursor, points }: AppContext): boolean => cursor !== undefined && cursor.at < points.length;

/** The scene of the moment that is looked at. */
export function sceneAt(context: AppContext): Scene | undefined {
  const { at, step } = cursorOf(context);
  const point = context.points[at - 1];
  if (point === undefined) return context.start;
  return (step === undefined ? undefined : context.inside.get(point.id)?.[step]) ?? point.scene;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A blank line, or Ctrl-D where nothing waits for input. */
export const isNothing = (next: Queued | undefined): boolean =>
  next?.typed === 'key' || next?.typed === 'other' || (next?.typed !== undefined && next.line.trim() === '');
