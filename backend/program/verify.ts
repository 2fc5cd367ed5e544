/**
 * `cutaway verify`: the same transcript on the simulation and on real targets, compared after every command; stops at the
 * first difference and shows it as text and as two pictures.
 */
import {
  type CommandOutcome,
  compareObservations,
  compareOutcomes,
  createNormaliser,
  type Difference,
  drawText,
  matchAnswer,
  type Normaliser,
  type Observation,
  parseTranscript,
  type Target,
  type TargetName,
  type Transcript,
  type TranscriptCommand,
  toScene,
} from '../../core/index.ts';
import type { Call, Env, Run } from './env.ts';
import { bold, mismatchText, pictureOptions, plural } from './show.ts';
import { closing, hostFor, sayNotes } from './targets.ts';

export const run: Run = async (call, env) => {
  const transcripts: Transcript[] = [];
  // All files are read before anything is started: a wrong one is said at once.
  for (const file of call.args) transcripts.push(await parseTranscript(await env.readText(file), file));
  for (const transcript of transcripts) {
    if (!(await verifyFile(transcript, call, env))) return 1;
  }
  return 0;
};

/** One target in a comparison, with what was last seen on it. */
interface Side {
  readonly target: Target;
  readonly normaliser: Normaliser;
  now: Observation;
  before?: Observation;
  outcome?: CommandOutcome;
}

async function verifyFile(transcript: Transcript, call: Call, env: Env): Promise<boolean> {
  const others = (call.values.on ?? 'linux,docker').split(',').filter((name) => name !== 'sim') as TargetName[];
  const { fault } = call.values;
  const targets: Target[] = [];
  return closing(targets, env, async () => {
    const made = { ...hostFor(transcript), ...(call.flags.has('bridge') ? { bridge: true } : {}) };
    targets.push(await env.openTarget('sim', { ...made, ...(fault === undefined ? {} : { fault }) }));
    for (const name of new Set(others)) targets.push(await env.openTarget(name, made));
    for (const target of targets) sayNotes(target, env);
    const sides = await Promise.all(
      targets.map(
        async (target): Promise<Side> => ({ target, normaliser: createNormaliser(), now: await target.observe() }),
      ),
    );
    return verifyOn(transcript, sides, env);
  });
}

async function verifyOn(transcript: Transcript, sides: readonly Side[], env: Env): Promise<boolean> {
  const [model, ...others] = sides as [Side, ...Side[]];
  const skipped = new Map<string, number>();
  for (const other of others) {
    if (reportDifferences(transcript, undefined, compareStates(model, other), [model, other], env)) return false;
  }
  for (const [i, command] of transcript.commands.entries()) {
    await Promise.all(sides.map((side) => advance(side, command.command)));
    for (const side of sides) {
      if (side.outcome?.skipped !== undefined) skipped.set(side.target.name, (skipped.get(side.target.name) ?? 0) + 1);
      else if (reportMismatch(transcript, command, side, env)) return showBoth(sides, i + 1, env);
    }
    for (const other of others) {
      const found = [...compareAnswers(model, other, command), ...compareStates(model, other)];
      if (reportDifferences(transcript, command, found, [model, other], env))
        return showBoth([model, other], i + 1, env);
    }
  }
  const names = sides.map((side) => side.target.name);
  const notRun = [...skipped].map(([name, count]) => `, ${count} not run on ${name}`).join('');
  const owners = sides.some(({ now }) => now.owners === 'one') ? ', owners of files not compared' : '';
  env.out(
    `${transcript.file}: ${plural(transcript.commands.length, 'command')}, the same on ${names.join(', ')}${notRun}${owners}\n`,
  );
  return true;
}

async function advance(side: Side, line: string): Promise<void> {
  side.outcome = await side.target.run(line);
  side.before = side.now;
  side.now = await side.target.observe();
}

function compareAnswers(model: Side, other: Side, command: TranscriptCommand): Difference[] {
  const [a, b] = [model.outcome, other.outcome];
  if (a === undefined || b === undefined || a.skipped !== undefined || b.skipped !== undefined) return [];
  return compareOutcomes(a, b, command.command, options(model, other));
}

function compareStates(model: Side, other: Side): Difference[] {
  return compareObservations(model.now, other.now, options(model, other));
}

function options(model: Side, other: Side): { names: [string, string]; normalisers: [Normaliser, Normaliser] } {
  return { names: [model.target.name, other.target.name], normalisers: [model.normaliser, other.normaliser] };
}

/** Says where a target's answer is not what the file expects. */
function reportMismatch(transcript: Transcript, command: TranscriptCommand, side: Side, env: Env): boolean {
  if (side.outcome === undefined) return false;
  const mismatches = matchAnswer(command, side.outcome);
  for (const mismatch of mismatches) {
    env.err(mismatchText(transcript.file, mismatch, `${command.command}\` on \`${side.target.name}`));
  }
  return mismatches.length > 0;
}

/** At most so many differences are listed; the first is the one that counts. */
const maxListed = 10;

function reportDifferences(
  transcript: Transcript,
  command: TranscriptCommand | undefined,
  differences: readonly Difference[],
  [model, other]: readonly [Side, Side],
  env: Env,
): boolean {
  if (differences.length === 0) return false;
  const where =
    command === undefined
      ? `${transcript.file}: before the first command`
      : `${transcript.file}:${command.line}:${command.column}: after \`${command.command}\``;
  env.err(`${where}: ${model.target.name} and ${other.target.name} differ\n`);
  for (const difference of differences.slice(0, maxListed)) env.err(`  ${difference.text}\n`);
  if (differences.length > maxListed) env.err(`  … ${differences.length - maxListed} more\n`);
  return true;
}

/** The pictures of all sides after the command that went wrong. */
function showBoth(sides: readonly Side[], n: number, env: Env): false {
  for (const side of sides) {
    env.out(`\n${bold(env, `${side.target.name} after command ${n}`)}\n\n`);
    env.out(drawText('stack', toScene(side.now, side.before), pictureOptions(env)));
  }
  return false;
}
