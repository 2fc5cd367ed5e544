/**
 * What a lesson says of a state: which answer it makes true, what a challenge still misses, which hint fits, what a solution
 * is worth. Pure functions of the lesson and an Observation.
 */
import type { Observation } from '../observation.ts';
import { allMet, missingOf } from './goal.ts';
import type { ChallengeBlock, Prose, QuestionBlock } from './lesson.ts';

/** Index of the answer that the state makes true: the first whose goals are all met, else the one without goals. */
export function trueChoice({ choices }: QuestionBlock, observation: Observation): number | undefined {
  const met = choices.findIndex(({ when }) => when.length > 0 && allMet(when, observation));
  const found = met >= 0 ? met : choices.findIndex(({ when }) => when.length === 0);
  return found >= 0 ? found : undefined;
}

/** What the challenge still misses, goal by goal; nothing: it is solved. */
export const stillMissing = ({ goals }: ChallengeBlock, observation: Observation): readonly string[] =>
  missingOf(goals, observation);

/** The hints that fit the state, in the order of the file. */
export function hintsFor({ hints }: ChallengeBlock, observation: Observation): readonly Prose[] {
  return hints.filter(({ when }) => allMet(when, observation)).map(({ text }) => text);
}

/** The first hint that fits; `after`: so many were given already, the last one stays. */
export function hintFor(challenge: ChallengeBlock, observation: Observation, after = 0): Prose | undefined {
  const fitting = hintsFor(challenge, observation);
  return fitting[Math.min(after, fitting.length - 1)];
}

/** Did a command change anything that is counted against par? To look around is free. */
export function changesState(before: Observation | undefined, after: Observation): boolean {
  return before === undefined || (before !== after && JSON.stringify(before) !== JSON.stringify(after));
}

/** How a challenge stands. */
export interface Attempt {
  /** Commands that changed something. */
  readonly commands: number;
  readonly hints: number;
  /** The solution was shown: what comes of it counts as shown, not as solved. */
  readonly shown: boolean;
}

export const freshAttempt: Attempt = { commands: 0, hints: 0, shown: false };

/** The attempt against par, in a sentence. */
export function scoreText({ commands, hints, shown }: Attempt, par: number): string {
  if (shown) return 'The goal is reached, by the solution that was shown.';
  const used = `${commands} command${commands === 1 ? '' : 's'}`;
  const verdict = commands < par ? `${par - commands} under par` : commands === par ? 'par' : `par is ${par}`;
  const helped = hints === 0 ? '' : `, with ${hints} hint${hints === 1 ? '' : 's'}`;
  return `Solved with ${used}: ${verdict}${helped}.`;
}
