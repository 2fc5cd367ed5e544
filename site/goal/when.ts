/**
 * When there is a goal to show, and the commands that lead to it: what was done until the challenge began, then the lesson's own
 * solution. Small: the page needs to know the first before anybody asks for the picture.
 */
import type { ChallengeBlock } from '../../core/index.ts';
import { type AppContext, cursorOf } from '../app/context.ts';
import { lessonAt } from '../app/lesson.ts';
import type { Entry } from '../engine/protocol.ts';

const isChallenge = (block: { readonly kind: string } | undefined): block is ChallengeBlock =>
  block?.kind === 'challenge';

/** At the moment that is looked at, the challenge has begun. */
export const hasGoal = (context: AppContext): boolean => {
  const place = lessonAt(context);
  return place?.context.lesson.blocks.slice(0, place.context.at + 1).some(isChallenge) === true;
};

/** Carried out in a fresh world, these lead to the goal. Only where `hasGoal`. */
export function toGoal(context: AppContext): Entry[] {
  const { blocks } = context.place.lesson!;
  const challenge = blocks.findIndex(isChallenge);
  const begun = (at: number): boolean => lessonAt(context, at)!.context.at >= challenge;
  // The way through a lesson only goes on, so that its beginning is found by halving.
  let [first, last] = [0, cursorOf(context).at];
  while (first < last) {
    const half = Math.floor((first + last) / 2);
    if (begun(half)) last = half;
    else first = half + 1;
  }
  const solution = (blocks[challenge] as ChallengeBlock).solution.map(({ command }) => ({ line: command, given: [] }));
  // A blank line follows: nobody stops to look how the last command runs, so the time that it takes passes.
  return [
    ...context.base,
    ...context.points.slice(0, first).map(({ entry }) => entry),
    ...solution,
    { line: '', given: [] },
  ];
}
