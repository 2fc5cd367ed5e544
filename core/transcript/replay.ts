/**
 * Runs a transcript on a target, one command after the other, and checks each answer. Pure orchestration: where the
 * commands run is the target's business, what is shown is the caller's.
 *
 * Kept true: stops at nothing by itself (the caller stops by leaving the loop); a command that the target cannot run is
 * passed on as skipped, with its reason, and never counted as fulfilled.
 */
import type { Observation } from '../observation.ts';
import type { CommandOutcome, CommandRecord, Continued, RunOptions, Target } from '../target.ts';
import { type Mismatch, matchAnswer } from './match.ts';
import type { Transcript, TranscriptCommand } from './parse.ts';
import type { Typed } from './typed.ts';

export interface Replayed {
  /** 1-based. */
  readonly n: number;
  readonly command: TranscriptCommand;
  readonly outcome: CommandOutcome;
  readonly mismatches: readonly Mismatch[];
  /** Absent when it was not asked for. */
  readonly observation?: Observation;
}

export interface ReplayOptions {
  /** Look at the target after each command; default true. */
  readonly observe?: boolean;
  /** Called before each command is run. */
  readonly onCommand?: (command: TranscriptCommand) => void;
  /** Only the first so many commands. */
  readonly upTo?: number;
  /** Passed to the target with each command. */
  readonly run?: RunOptions;
}

/** Runs the commands in order and yields each when it is done. */
export async function* replay(
  transcript: Pick<Transcript, 'commands'>,
  target: Target,
  options: ReplayOptions = {},
): AsyncGenerator<Replayed, void, void> {
  const { observe = true, upTo = transcript.commands.length } = options;
  const toItsEnd = isTyped(transcript);
  for (const [i, command] of transcript.commands.slice(0, upTo).entries()) {
    options.onCommand?.(command);
    const outcome = await carryOut(command, target, { run: options.run, toItsEnd });
    const mismatches = outcome.skipped === undefined ? matchAnswer(command, outcome) : [];
    const done = { n: i + 1, command, outcome, mismatches };
    yield observe ? { ...done, observation: await target.observe() } : done;
  }
}

/** Was something typed to one of the commands? Then the target must be one that somebody sits at. */
export const isTyped = ({ commands }: Pick<Transcript, 'commands'>): boolean =>
  commands.some(({ typed = [] }) => typed.length > 0);

/** Runs one command and gives it what was typed to it; `toItsEnd`: when that is all, time passes. */
export async function carryOut(
  { command, typed = [] }: Pick<TranscriptCommand, 'command' | 'typed'>,
  target: Target,
  { run, toItsEnd = false }: { readonly run?: RunOptions | undefined; readonly toItsEnd?: boolean } = {},
): Promise<CommandOutcome> {
  if (typed.length > 0 && target.input === undefined) return notHere(target);
  let outcome = await target.run(command, run);
  for (const one of typed) {
    if (outcome.suspended === undefined) return outcome;
    outcome = (await give(target, one)) || outcome;
  }
  for (let n = 0; toItsEnd && n < MOMENTS && outcome.suspended === 'time'; n++)
    outcome = (await target.resume?.()) || outcome;
  return outcome;
}

/** So often a program that nobody sits at is granted more time: many have no end. */
export const MOMENTS = 100;

/** Gives a suspended line what is typed to it. */
export function give(target: Target, typed: Typed): Continued {
  switch (typed.kind) {
    case 'input':
      return target.input?.(typed.text, typed.end);
    case 'resume':
      return target.resume?.();
    case 'interrupt':
      return target.interrupt?.();
    case 'resize':
      return target.resize?.(typed.rows, typed.columns);
    case 'meanwhile':
      return target.meanwhile?.(typed.line);
  }
}

const notHere = ({ name }: Target): CommandOutcome => {
  const skipped = `nothing can be typed to a program on ${name}`;
  return { exitCode: 0, stdout: '', stderr: '', steps: [], skipped };
};

/** What --json prints a line of. */
export function toRecord(done: Replayed & { readonly observation: Observation }): CommandRecord {
  const { exitCode, stdout, stderr, steps } = done.outcome;
  return { n: done.n, command: done.command.command, exitCode, stdout, stderr, steps, observation: done.observation };
}
