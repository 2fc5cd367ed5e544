/**
 * Proves a lesson on a target, by playing it: the set-up, every command of the text, then the solution, and after each of
 * them all that the lesson claims of the state there.
 *
 * Kept true: the goal is not met at any moment before the last command of the solution, and is met then; exactly one answer of
 * each question is true; a hint fits wherever a learner can stand on the way; par is what the solution takes. A command that
 * the target cannot run is a fault.
 */
import type { Observation } from '../observation.ts';
import type { CommandOutcome, Target } from '../target.ts';
import { describeMismatch, matchAnswer } from '../transcript/match.ts';
import type { TranscriptCommand } from '../transcript/parse.ts';
import { allMet } from './goal.ts';
import { type Block, type ChallengeBlock, challengeOf, type Lesson, type QuestionBlock } from './lesson.ts';
import { changesState, hintFor, stillMissing } from './play.ts';

/** The lesson up to one of its commands; without one: its start. */
export interface Prefix {
  readonly n: number;
  readonly command?: string;
  readonly line: number;
  /** What is not as the lesson says. */
  readonly faults: readonly string[];
  readonly observation: Observation;
}

/** Plays the lesson and yields each prefix of it, from the bare start to the last command of the solution. */
export async function* playLesson(lesson: Lesson, target: Target): AsyncGenerator<Prefix, void, void> {
  const challenge = challengeOf(lesson)?.challenge;
  const early = (observation: Observation): string[] =>
    challenge !== undefined && allMet(challenge.goals, observation) ? ['the goal is met already'] : [];

  const setup = await runSetup(lesson, target);
  let observation = await target.observe();
  let n = 0;
  yield { n, line: 1, faults: [...setup, ...early(observation)], observation };
  for (const { command, question } of commandsOf(lesson.blocks)) {
    const outcome = await target.run(command.command);
    observation = await target.observe();
    const verdict = question === undefined ? [] : doubtful(question, observation);
    const faults = [...answerFaults(command, outcome), ...verdict, ...early(observation)];
    yield { n: ++n, command: command.command, line: command.line, faults, observation };
  }
  if (challenge !== undefined) yield* playSolution(challenge, target, observation, n);
}

/** What the set-up prints is nobody's concern; that it works is. */
async function runSetup({ setup }: Lesson, target: Target): Promise<string[]> {
  const faults: string[] = [];
  for (const { command, expected } of setup) {
    const { exitCode, skipped } = await target.run(command);
    if (skipped !== undefined) faults.push(`\`${command}\` is not run here: ${skipped}`);
    else if (exitCode !== (expected?.exitCode ?? 0)) faults.push(`\`${command}\`: exit status ${exitCode}`);
  }
  return faults;
}

interface Asked {
  readonly command: TranscriptCommand;
  /** The question that is judged after this command. */
  readonly question?: QuestionBlock;
}

function commandsOf(blocks: readonly Block[]): readonly Asked[] {
  return blocks.flatMap((block, i) => {
    if (block.kind !== 'console') return [];
    const question = blocks[i - 1];
    return block.commands.map((command, k): Asked => {
      const isLast = k === block.commands.length - 1;
      return isLast && question?.kind === 'question' ? { command, question } : { command };
    });
  });
}

function answerFaults(command: TranscriptCommand, outcome: CommandOutcome): string[] {
  if (outcome.skipped !== undefined) return [`\`${command.command}\` is not run here: ${outcome.skipped}`];
  return matchAnswer(command, outcome).map((mismatch) => describeMismatch(mismatch, command.command));
}

/** A question has one true answer. */
function doubtful({ choices, line }: QuestionBlock, observation: Observation): string[] {
  const met = choices.filter(({ when }) => when.length > 0 && allMet(when, observation)).length;
  const otherwise = choices.some(({ when }) => when.length === 0);
  if (met === 1 || (met === 0 && otherwise)) return [];
  return [`the question in line ${line} has ${met === 0 ? 'no' : met} true answer${met > 1 ? 's' : ''}`];
}

async function* playSolution(
  challenge: ChallengeBlock,
  target: Target,
  start: Observation,
  played: number,
): AsyncGenerator<Prefix, void, void> {
  let before = start;
  let changes = 0;
  if (hintFor(challenge, start) === undefined)
    yield { n: played, line: challenge.line, faults: ['no hint fits at the start'], observation: start };
  for (const [i, { command, line }] of challenge.solution.entries()) {
    const { skipped } = await target.run(command);
    const observation = await target.observe();
    changes += changesState(before, observation) ? 1 : 0;
    before = observation;
    const isLast = i === challenge.solution.length - 1;
    const faults = isLast ? endFaults(challenge, observation, changes) : wayFaults(challenge, observation);
    if (skipped !== undefined) faults.push(`it is not run here: ${skipped}`);
    yield { n: played + i + 1, command, line, faults, observation };
  }
}

function wayFaults(challenge: ChallengeBlock, observation: Observation): string[] {
  if (allMet(challenge.goals, observation)) return ['the goal is met before the solution ends'];
  return hintFor(challenge, observation) === undefined ? ['no hint fits here'] : [];
}

function endFaults(challenge: ChallengeBlock, observation: Observation, changes: number): string[] {
  const missing = stillMissing(challenge, observation).map((what) => `the solution misses the goal: ${what}`);
  const { par } = challenge;
  return changes === par ? missing : [...missing, `par is ${par}, but the solution changes something ${changes} times`];
}
