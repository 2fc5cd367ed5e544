/**
 * What a lesson says of a state: which answer it makes true, what a challenge still misses, which hint fits, what a solution
 * is worth. Pure functions of the lesson and an Observation.
 */
import type { Observation } from '../observation.ts';
import { allMet, type Judgement, judge, missingOf } from './goal.ts';
import { type ChallengeBlock, challengeOf, type Lesson, type Prose, type QuestionBlock } from './lesson.ts';

/**
 * All that a lesson claims of a state, judged: small plain data, a thousandth of the Observation that it is made from, so that
 * it can be kept for every moment of a session.
 */
export interface Findings {
  /** Was the state another one before? Such a command counts against par; to look around is free. */
  readonly changed: boolean;
  /** Index of the true answer, by index of the question's block. */
  readonly right: Readonly<Record<number, number>>;
  /** Of the challenge's goals, in order; empty where there is no challenge. */
  readonly goals: readonly Judgement[];
  /** Indexes of the challenge's hints that fit. */
  readonly hints: readonly number[];
}

/** Judges a state. `before`: the state before the command that led to it; absent where none did. */
export function findingsOf(lesson: Lesson, observation: Observation, before?: Observation): Findings {
  const challenge = challengeOf(lesson)?.challenge;
  const right: Record<number, number> = {};
  for (const [at, block] of lesson.blocks.entries()) {
    const choice = block.kind === 'question' ? trueChoice(block, observation) : undefined;
    if (choice !== undefined) right[at] = choice;
  }
  return {
    changed: before !== undefined && changesState(before, observation),
    right,
    goals: challenge?.goals.map((goal) => judge(goal, observation)) ?? [],
    hints: challenge === undefined ? [] : fitting(challenge, observation),
  };
}

/** Index of the answer that the state makes true: the first whose goals are all met, else the one without goals. */
export function trueChoice({ choices }: QuestionBlock, observation: Observation): number | undefined {
  const met = choices.findIndex(({ when }) => when.length > 0 && allMet(when, observation));
  const found = met >= 0 ? met : choices.findIndex(({ when }) => when.length === 0);
  return found >= 0 ? found : undefined;
}

/** What the challenge still misses, goal by goal; nothing: it is solved. */
export const stillMissing = ({ goals }: ChallengeBlock, observation: Observation): readonly string[] =>
  missingOf(goals, observation);

/** Indexes of the hints that fit the state, in the order of the file. */
function fitting({ hints }: ChallengeBlock, observation: Observation): number[] {
  return hints.flatMap(({ when }, i) => (allMet(when, observation) ? [i] : []));
}

/** The first hint that fits; `after`: so many were given already, the last one stays. */
export function hintFor(challenge: ChallengeBlock, observation: Observation, after = 0): Prose | undefined {
  return hintAmong(challenge, fitting(challenge, observation), after);
}

/** The same among hints that are known to fit (`Findings.hints`). */
export function hintAmong({ hints }: ChallengeBlock, fit: readonly number[], after = 0): Prose | undefined {
  return hints[fit[Math.min(after, fit.length - 1)] ?? -1]?.text;
}

/** Did a command change anything that is counted against par? To look around is free. */
export function changesState(before: Observation, after: Observation): boolean {
  return before !== after && JSON.stringify(before) !== JSON.stringify(after);
}

/** How a challenge stands. */
export interface Attempt {
  /** Commands that changed something. */
  readonly commands: number;
  readonly hints: number;
  /** Hints given since the last command that changed something: who asks again gets the next one that fits. */
  readonly hinted: number;
  /** The solution was shown: what comes of it counts as shown, not as solved. */
  readonly shown: boolean;
}

export const freshAttempt: Attempt = { commands: 0, hints: 0, hinted: 0, shown: false };

/** The attempt against par, in a sentence. */
export function scoreText({ commands, hints, shown }: Attempt, par: number): string {
  if (shown) return 'The goal is reached, by the solution that was shown.';
  const used = `${commands} command${commands === 1 ? '' : 's'}`;
  const verdict = commands < par ? `${par - commands} under par` : commands === par ? 'par' : `par is ${par}`;
  const helped = hints === 0 ? '' : `, with ${hints} hint${hints === 1 ? '' : 's'}`;
  return `Solved with ${used}: ${verdict}${helped}.`;
}
