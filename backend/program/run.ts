/**
 * `cutaway run`: replays a transcript on one target, shows it, and checks every answer against the file.
 */
import {
  type Observation,
  parseTranscript,
  type Replayed,
  replay,
  type Target,
  type Transcript,
  type TranscriptCommand,
  toRecord,
  UsageError,
} from '../../core/index.ts';
import type { Call, Env, Run } from './env.ts';
import { getFiles, parcels, putFiles } from './parcels.ts';
import { Pause } from './pause.ts';
import { bold, mismatchText, plural, showAnswer, showPictureAfter, showStep, showSteps, stepIndent } from './show.ts';
import { openedFor, withTarget } from './targets.ts';

export const run: Run = async (call, env) => {
  const file = call.args[0]!;
  const transcript = await parseTranscript(await env.readText(file), file);
  const files = { put: parcels(call, 'put'), get: parcels(call, 'get') };
  if (files.put.length > 0 && call.values.lab !== undefined && (call.values.on ?? 'sim') === 'sim') {
    throw new UsageError(
      '--put and --lab do not go together here',
      undefined,
      'a simulated lab is kept as its commands',
    );
  }
  const use = async (target: Target): Promise<number> => {
    await putFiles(target, files.put);
    const code = await replayShown(transcript, target, call, env);
    await getFiles(target, files.get);
    return code;
  };
  return withTarget(call, env, use, openedFor(transcript));
};

async function replayShown(transcript: Transcript, target: Target, call: Call, env: Env): Promise<number> {
  const [json, picture] = [call.flags.has('json'), call.flags.has('picture')];
  const pause = call.flags.has('step') && !json && env.interactive ? new Pause(env) : undefined;
  const show = json ? showJson : call.flags.has('step') && pause === undefined ? showWithSteps : showAnswerOf;
  let before: Observation | undefined = picture ? await target.observe() : undefined;
  const counts = { wrong: 0, skipped: 0 };
  let steps = 0;
  const onCommand = ({ command }: TranscriptCommand): void => {
    steps = 0;
    if (!json) env.out(`${bold(env, `$ ${command}`)}\n`);
  };
  // In a terminal, `--step` asks before each step; Enter carries it out.
  const onStep = async (title: string, shell: string, why?: string): Promise<void> => {
    steps += 1;
    showStep(env, steps, { title, shell, ok: true, ...(why === undefined ? {} : { why }) }, true);
    await pause?.enter(stepIndent);
  };
  const options = { observe: json || picture, onCommand, ...(pause === undefined ? {} : { run: { onStep } }) };
  for await (const done of replay(transcript, target, options)) {
    show(done, env);
    const failed = pause === undefined ? undefined : done.outcome.steps.findLast((step) => !step.ok);
    if (failed !== undefined) showStep(env, done.outcome.steps.lastIndexOf(failed) + 1, failed, false);
    if (picture && !json && done.observation !== undefined) showPictureAfter(env, done.observation, before);
    before = done.observation;
    for (const mismatch of done.mismatches) env.err(mismatchText(transcript.file, mismatch, done.command.command));
    if (done.mismatches.length > 0) counts.wrong += 1;
    if (done.outcome.skipped !== undefined) counts.skipped += 1;
  }
  pause?.close();
  env.err(summary(transcript, target, counts));
  return counts.wrong === 0 ? 0 : 1;
}

const showAnswerOf = (done: Replayed, env: Env): void => showAnswer(env, done.outcome);

function showWithSteps(done: Replayed, env: Env): void {
  showSteps(env, done.outcome.steps, { full: true });
  showAnswer(env, done.outcome);
}

function showJson(done: Replayed, env: Env): void {
  if (done.observation !== undefined)
    env.out(`${JSON.stringify(toRecord({ ...done, observation: done.observation }))}\n`);
}

function summary(transcript: Transcript, target: Target, counts: { wrong: number; skipped: number }): string {
  const total = transcript.commands.length;
  const checked = transcript.commands.filter((command) => command.expected !== undefined).length;
  const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} not run there`;
  const verdict =
    counts.wrong > 0 ? `${counts.wrong} not as expected` : checked === 0 ? 'nothing expected' : 'all as expected';
  return `${transcript.file} on ${target.name}: ${plural(total, 'command')}, ${verdict}${skipped}\n`;
}
