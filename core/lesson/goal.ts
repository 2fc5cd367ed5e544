/**
 * Goals: claims about the state of a host, written in a closed list of near-English sentences, kept as plain data, and judged
 * by an Observation alone; so the same goal works wherever an Observation comes from.
 *
 * Kept true: no sentence has two meanings; what `goalText` writes, `readGoals` reads back as the same goal; an unmet goal
 * always says what is missing.
 */
import * as v from 'valibot';
import type { Observation } from '../observation.ts';
import { containerForms } from './goals/container.ts';
import { fileForms } from './goals/files.ts';
import type { Form } from './goals/form.ts';
import { imageForms } from './goals/image.ts';

const table = [...containerForms, ...fileForms, ...imageForms] as const;

type GoalOf<F> = F extends Form<string, infer G> ? G : never;

/** A claim about the state, as plain data: `{ kind: 'status', container: 'web', status: 'paused' }`. */
export type Goal = GoalOf<(typeof table)[number]>;

/** A goal's form is found by its kind, so each is only given goals of its own. */
const forms = table as readonly unknown[] as readonly Form<string, Goal>[];
const byKind = new Map(forms.map((form) => [form.kind, form]));

/** Every sentence that a goal can be, with words in capitals left open. */
export const goalForms: readonly string[] = forms.map(({ words }) => words);

export const goalSchema: v.GenericSchema<unknown, Goal> = v.union(forms.map(({ schema }) => schema));

export interface Judgement {
  readonly met: boolean;
  /** What is missing, in words; empty when the goal is met. */
  readonly missing: string;
}

/** Looks whether a goal is met. */
export function judge(goal: Goal, observation: Observation): Judgement {
  const missing = byKind.get(goal.kind)!.missing(goal, observation);
  return missing === undefined ? { met: true, missing: '' } : { met: false, missing };
}

export const allMet = (goals: readonly Goal[], observation: Observation): boolean =>
  goals.every((goal) => judge(goal, observation).met);

/** What is missing of the goals that are not met, in order, each thing once. */
export function missingOf(goals: readonly Goal[], observation: Observation): readonly string[] {
  const missing = goals.map((goal) => judge(goal, observation).missing);
  return [...new Set(missing)].filter((what) => what !== '');
}

/** The sentence that a goal is read from. */
export function goalText(goal: Goal): string {
  return byKind.get(goal.kind)!.write(goal);
}

/** Where ` and ` may part two goals: what follows looks like the beginning of one. */
const parting = / and (?=container |image |layer |nothing |there |the |\/|\d)/;

/** One goal, or several joined by `and`. Undefined when it is none of the sentences. */
export function readGoals(text: string): readonly Goal[] | undefined {
  const sentence = text.trim().replace(/\.$/, '');
  const whole = readGoal(sentence);
  if (whole !== undefined) return [whole];
  const goals = sentence.split(parting).map((part) => readGoal(part.trim()));
  return goals.every((goal) => goal !== undefined) ? goals : undefined;
}

function readGoal(sentence: string): Goal | undefined {
  for (const form of forms) {
    const goal = form.read(sentence);
    if (goal !== undefined) return goal;
  }
  return undefined;
}
