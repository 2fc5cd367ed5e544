/**
 * Where a learner stands in a lesson, as a function of what was done: the commands that ran, with what the lesson's claims came
 * to after each (Findings), and what the learner said in between (an answer, a request for a hint).
 *
 * A face that keeps its commands needs no second history: it folds them. Undo, redo and a look at an earlier moment are then
 * only other lists to fold.
 *
 * Kept true: pure; the rules are those of the lesson's machine (machine.ts); what is only read needs no turning of pages here;
 * a command of the lesson is never lost on a question that waits: to run it is to pass the question over.
 */
import * as v from 'valibot';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { Lesson } from './lesson.ts';
import { type LessonEvent, lessonMachine, nextCommand, openQuestion, sameCommand } from './machine.ts';
import type { Findings } from './play.ts';

/** A snapshot of the lesson's machine that waits for a person, or has finished. */
export type LessonPlace = SnapshotFrom<typeof lessonMachine>;

const index = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What a learner says, beside commands. */
export const saidSchema = v.variant('kind', [
  /** Answers the question of that block. */
  v.strictObject({ kind: v.literal('answer'), question: index, choice: index }),
  /** Would rather see than answer it. */
  v.strictObject({ kind: v.literal('pass'), question: index }),
  v.strictObject({ kind: v.literal('hint') }),
  v.strictObject({ kind: v.literal('solution') }),
]);
export type Said = v.InferOutput<typeof saidSchema>;

/** The lesson's beginning, in the state that its set-up has made. */
export function beginLesson(lesson: Lesson, found: Findings): LessonPlace {
  return turned(initialTransition(lessonMachine, { lesson, found })[0]);
}

/** After a command. `ended`: false while it still waits for input or time, and so is not done. */
export function afterCommand(place: LessonPlace, command: string, found: Findings, ended = true): LessonPlace {
  if (!ended) return send(place, { type: 'LOOKED', found });
  const passed = place.matches('asking') ? send(place, { type: 'NEXT' }) : place;
  const meant = passed !== place && sameCommand(command, nextCommand(passed.context));
  return send(meant ? passed : place, { type: 'RAN', command, found });
}

/** After something that the learner said; what does not fit this place changes nothing. */
export function afterSaid(place: LessonPlace, said: Said): LessonPlace {
  if (said.kind === 'hint') return send(place, { type: 'HINT' });
  if (said.kind === 'solution') return send(place, { type: 'SOLUTION' });
  if (said.question !== openQuestion(place.context)) return place;
  if (said.kind === 'answer') return send(place, { type: 'ANSWER', choice: said.choice });
  return place.matches('asking') ? send(place, { type: 'NEXT' }) : place;
}

/** The challenge is behind the learner. */
export function isSolved(place: LessonPlace): boolean {
  const { lesson, at } = place.context;
  const challenge = lesson.blocks.findIndex(({ kind }) => kind === 'challenge');
  return challenge < 0 ? place.matches('finished') : at > challenge;
}

const send = (place: LessonPlace, event: LessonEvent): LessonPlace =>
  turned(transition(lessonMachine, place, event)[0]);

/** Past all that waits for nobody: prose, pictures, a challenge that is solved. */
function turned(place: LessonPlace): LessonPlace {
  let now = place;
  while (now.matches('reading') || now.matches('solved')) now = transition(lessonMachine, now, { type: 'NEXT' })[0];
  return now;
}
