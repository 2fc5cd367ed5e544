/**
 * How the terminal program shows things: commands, answers, steps, pictures, mismatches.
 */
import {
  type CommandOutcome,
  describeMismatch,
  drawText,
  type Mismatch,
  type Observation,
  outputLines,
  type PictureKind,
  type StepRecord,
  type TextOptions,
  toScene,
} from '../../core/index.ts';
import type { Env } from './env.ts';
import { callLines, shortIds, wrap } from './words.ts';

export const dim = (env: Env, text: string): string => (env.colour ? `\x1b[2m${text}\x1b[0m` : text);
export const bold = (env: Env, text: string): string => (env.colour ? `\x1b[1m${text}\x1b[0m` : text);

export const cyan = (env: Env, text: string): string => (env.colour ? `\x1b[36m${text}\x1b[0m` : text);

/** The answer as a terminal shows it; a failed command's status comes first, as in a transcript. */
export function showAnswer(env: Env, outcome: CommandOutcome): void {
  if (outcome.skipped !== undefined) {
    env.out(`${dim(env, `(not run here: ${outcome.skipped})`)}\n`);
    return;
  }
  if (outcome.exitCode !== 0 && !env.interactive) env.out(`${dim(env, `? ${outcome.exitCode}`)}\n`);
  for (const line of outputLines(outcome)) env.out(`${line}\n`);
  // A person reads it where it belongs, behind the output, and in words.
  if (outcome.exitCode !== 0 && env.interactive) env.out(`${dim(env, `(exit status ${outcome.exitCode})`)}\n`);
  if (outcome.suspended !== undefined) env.out(`${dim(env, `(still running: ${waitsFor(outcome)})`)}\n`);
}

function waitsFor({ suspended, time }: CommandOutcome): string {
  if (time?.limit === undefined) return `it waits for ${suspended}`;
  return `stopped after ${time.limit}, the limit of one line here; "timeout SECONDS ..." ends it sooner, in the interactive program Enter gives it more time and Ctrl-C interrupts it`;
}

export interface ShowSteps {
  /** Leave out so many: they were shown before. */
  readonly from?: number;
  /** The whole of the utility calls and why they are made, not only what fits into a line. */
  readonly full?: boolean;
}

/** The steps of a command, numbered, with the utility call that does each. */
export function showSteps(env: Env, steps: readonly StepRecord[], options: ShowSteps = {}): void {
  const { from = 0, full = false } = options;
  for (const [i, step] of steps.entries()) if (i >= from) showStep(env, i + 1, step, full);
}

/** Columns that a step's number takes, its sign included. */
export const stepIndent = 6;

export function showStep(env: Env, n: number, step: StepRecord, full: boolean): void {
  const room = Math.max(20, env.columns - stepIndent);
  const pad = ' '.repeat(stepIndent);
  const sign = step.ok ? ' ' : env.ascii ? 'x' : '✕';
  const [title = '', ...more] = wrap(step.title, room);
  env.out(`${sign}${String(n).padStart(3)}  ${title}\n`);
  const say = (line: string): void => env.out(`${pad}${line}\n`);
  for (const line of more) say(line);
  if (full && step.why !== undefined) for (const line of wrap(step.why, room)) say(line);
  // A line of the host is its own title.
  if (step.title !== `host: ${step.shell}`) for (const line of callOf(env, step.shell, room, full)) say(dim(env, line));
  if (!step.ok && step.message !== undefined) for (const line of wrap(step.message, room)) say(line);
}

function callOf(env: Env, shell: string, room: number, full: boolean): string[] {
  const ellipsis = env.ascii ? '...' : '…';
  if (full) return callLines(shell, room, ellipsis);
  const line = shortIds(shell, ellipsis).replace(/\s*\n\s*/g, ' ');
  return [line.length <= room ? line : `${line.slice(0, room - ellipsis.length)}${ellipsis}`];
}

export function pictureOptions(env: Env): TextOptions {
  return { width: env.columns, colour: env.colour, ascii: env.ascii };
}

/** The picture after a command, or a word when it would be the same as before. */
export function showPictureAfter(
  env: Env,
  now: Observation,
  before: Observation | undefined,
  kind?: PictureKind,
): void {
  const same = before !== undefined && JSON.stringify(now) === JSON.stringify(before);
  if (same) env.out(`${dim(env, '(nothing changed)')}\n\n`);
  else showPicture(env, now, before, kind);
}

export function showPicture(env: Env, now: Observation, before?: Observation, kind: PictureKind = 'stack'): void {
  env.out(`\n${drawText(kind, toScene(now, before), pictureOptions(env))}\n`);
  if (kind === 'stack') explainSigns(env);
}

const explained = new WeakSet<Env>();

/** What lines and marks of the stack mean, below the first one that is shown. */
function explainSigns(env: Env): void {
  if (explained.has(env)) return;
  explained.add(env);
  const [single, double, heavy] = env.ascii ? ['--', '==', '~~'] : ['──', '══', '━━'];
  const words = `Signs: ${single} read-only   ${double} can be written   ${heavy} process space   + new   * changed`;
  for (const line of wrap(words, env.columns)) env.out(`${dim(env, line)}\n`);
  env.out('\n');
}

/** `file:line:column: what is wrong`, then expected and got below each other. */
export function mismatchText(file: string, mismatch: Mismatch, command: string): string {
  return `${file}:${mismatch.line}:${mismatch.column}: ${describeMismatch(mismatch, command)}\n`;
}

export const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
