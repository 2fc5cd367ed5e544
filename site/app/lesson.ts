/**
 * Where one stands in the lesson, worked out from the commands that were carried out and what was said between them. So undo,
 * redo, a look at an earlier moment and a fork take the lesson's text, questions and goal with them.
 *
 * Kept true: the same points and the same `said` give the same (identical) place; nothing here is kept but what could be
 * worked out again.
 */
import {
  afterCommand,
  afterSaid,
  beginLesson,
  type Findings,
  isSolved,
  type LessonPlace,
  type Said,
} from '../../core/index.ts';
import { type AppContext, cursorOf } from './context.ts';
import { type KeptEntry, writeKept } from './storage.ts';
import type { Point } from './timeline.ts';

/** Where one stands at the moment that is looked at. Undefined in the playground, and until the lesson's world is there. */
export function lessonAt(context: AppContext, at = cursorOf(context).at): LessonPlace | undefined {
  const { place, startFound, points, said } = context;
  if (place.lesson === undefined || startFound === undefined) return undefined;
  const { lesson } = place;
  let now = known(begun, startFound, () => beginLesson(lesson, startFound));
  now = told(now, said.get(0));
  for (const point of points.slice(0, at)) now = told(after(now, point), said.get(point.id));
  return now;
}

/** The map with something said at the moment that is looked at; of two answers to a question the later one counts. */
export function saidNow(context: AppContext, said: Said): AppContext['said'] {
  const id = context.points[cursorOf(context).at - 1]?.id ?? 0;
  const before = context.said.get(id) ?? [];
  const kept =
    'question' in said ? before.filter((one) => !('question' in one && one.question === said.question)) : before;
  return new Map(context.said).set(id, [...kept, said]);
}

/** Keeps in the browser how far one has come. */
export function keep(context: AppContext): void {
  const { place, made, points, said, solved, queue, current } = context;
  // While lines from before are carried out again, what is kept is more than what was done so far.
  if (queue.length > 0 || (current?.rest.length ?? 0) > 0) return;
  const newest = lessonAt(context, points.length);
  const entries = points.map(({ id, entry }): KeptEntry => {
    const after = said.get(id);
    return after === undefined ? entry : { ...entry, said: [...after] };
  });
  const now = solved || (newest !== undefined && isSolved(newest));
  writeKept(place.id, { entries, begun: [...(said.get(0) ?? [])], solved: now, made });
}

type Memory<K extends object, T> = WeakMap<K, T>;
const begun: Memory<Findings, LessonPlace> = new WeakMap();
const ran: Memory<LessonPlace, Memory<Point, LessonPlace>> = new WeakMap();
const heard: Memory<LessonPlace, Memory<readonly Said[], LessonPlace>> = new WeakMap();

function known<K extends object, T>(memory: Memory<K, T>, key: K, make: () => T): T {
  const found = memory.get(key);
  if (found !== undefined) return found;
  const made = make();
  memory.set(key, made);
  return made;
}

function after(place: LessonPlace, point: Point): LessonPlace {
  const { found, entry, outcome } = point;
  if (found === undefined) return place;
  const next = known(ran, place, () => new WeakMap<Point, LessonPlace>());
  return known(next, point, () => afterCommand(place, entry.line, found, outcome.suspended === undefined));
}

function told(place: LessonPlace, said: readonly Said[] | undefined): LessonPlace {
  if (said === undefined) return place;
  const next = known(heard, place, () => new WeakMap<readonly Said[], LessonPlace>());
  return known(next, said, () => said.reduce(afterSaid, place));
}
