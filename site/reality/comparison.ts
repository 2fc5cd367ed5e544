/**
 * Model and reality compared, command by command, with the comparison of core/transcript: both sides normalised over the whole
 * history, so that the same container is the same in every command.
 *
 * Kept true: observations are looked at once and not kept; what is kept of a command is small.
 */
import {
  type CommandOutcome,
  compareObservations,
  compareOutcomes,
  createNormaliser,
  type Difference,
  drawText,
  type Normaliser,
  type Observation,
  toScene,
  withoutRedraws,
} from '../../core/index.ts';

/** What one side answered to a command, and what is there then. */
export interface Answer {
  readonly outcome: CommandOutcome;
  readonly observation: Observation;
}

export interface Line {
  readonly text: string;
  /** The other side has no such line. */
  readonly lonely: boolean;
}

/** One side after a command, to be shown beside the other. */
export interface Side {
  readonly exit: string;
  readonly output: readonly Line[];
  readonly picture: readonly Line[];
}

export interface Compared {
  readonly differences: readonly Difference[];
  /** What the real target cannot do at all: its refusal is no difference, and neither is what follows from it. */
  readonly cannot?: string;
  readonly model: Side;
  readonly real: Side;
}

export const sideNames = ['the model', 'the real kernel'] as const;

/** How the linux target refuses by name what it does not carry out. */
const refusal = /(?:^|: )cutaway: (docker .* is not (?:on this target yet|carried out on this machine))/m;

export class Comparison {
  /** Things that differ because of what the real target cannot do: the first two parts of their paths. */
  readonly #excused = new Set<string>();
  /** Names of containers that only the model has. */
  readonly #alone = new Set<string>();
  readonly #normalisers: [Normaliser, Normaliser] = [createNormaliser(), createNormaliser()];
  /** For what is shown: it has things in it that only one side has. */
  readonly #shown: [Normaliser, Normaliser] = [createNormaliser(), createNormaliser()];
  readonly #options = { names: sideNames, normalisers: this.#normalisers };
  #before: readonly [model: Observation, real: Observation] | undefined;

  /** Before the first command. */
  begin(model: Observation, real: Observation): readonly Difference[] {
    this.#before = [model, real];
    return compareObservations(model, real, this.#options);
  }

  /** After the next command, or after the same one again when it has gone on. */
  after(line: string, modelled: Answer, happened: Answer): Compared {
    const [model, real] = [steady(modelled), steady(happened)];
    const refused = refusal.exec(real.outcome.stderr)?.[1];
    const cannot = refused !== undefined && !refusal.test(model.outcome.stderr);
    if (cannot) this.#excuse(model.observation, real.observation);
    const differences = cannot ? [] : this.#differences(line, model, real);
    const [a, b] = [model, real].map((answer) => answer.outcome.stdout + answer.outcome.stderr) as [string, string];
    const [modelOutput, realOutput] = this.#beside(a, b, line);
    const [x, y] = [this.#draw(model.observation, 0), this.#draw(real.observation, 1)];
    const [modelPicture, realPicture] = this.#beside(x, y);
    this.#before = [model.observation, real.observation];
    return {
      differences,
      ...(cannot ? { cannot: `${refused}, so this ran in the model alone.` } : {}),
      model: { exit: exitOf(model.outcome), output: modelOutput, picture: modelPicture },
      real: { exit: exitOf(real.outcome), output: realOutput, picture: realPicture },
    };
  }

  #differences(line: string, model: Answer, real: Answer): readonly Difference[] {
    const answers = compareOutcomes(model.outcome, real.outcome, line, this.#options);
    const facts = compareObservations(this.#shared(model.observation), real.observation, this.#options);
    return [...answers, ...facts.filter(({ path }) => !this.#excused.has(thingOf(path)))];
  }

  /** Compared apart, so that what one side alone has is not counted when IDs are numbered. */
  #excuse(model: Observation, real: Observation): void {
    const normalisers: [Normaliser, Normaliser] = [createNormaliser(), createNormaliser()];
    for (const { path } of compareObservations(model, real, { names: sideNames, normalisers }))
      this.#excused.add(thingOf(path));
    const there = new Set(real.containers.map(({ name }) => name));
    for (const { name } of model.containers) if (!there.has(name)) this.#alone.add(name);
  }

  /** Without the containers that only the model could make. */
  #shared(model: Observation): Observation {
    return { ...model, containers: model.containers.filter(({ name }) => !this.#alone.has(name)) };
  }

  #draw(now: Observation, side: 0 | 1): string {
    return drawText('stack', toScene(now, this.#before?.[side]), { width: 64 });
  }

  #beside(model: string, real: string, command?: string): [Line[], Line[]] {
    const texts = [model, real].map(linesOf) as [string[], string[]];
    const keys = texts.map((lines, side) => {
      const normal = this.#shown[side as 0 | 1].text(lines.join('\n'), command);
      return normal.split('\n').map(keyOf);
    }) as [string[], string[]];
    return [marked(texts[0], keys[0], keys[1]), marked(texts[1], keys[1], keys[0])];
  }
}

/** Without what a change of the window's size shows again, once more or less. */
const steady = ({ outcome, observation }: Answer): Answer => ({
  observation,
  outcome: { ...outcome, stdout: withoutRedraws(outcome.stdout) },
});

const thingOf = (path: string): string => path.split('/').slice(0, 2).join('/');

function exitOf({ exitCode, suspended, skipped }: CommandOutcome): string {
  if (skipped !== undefined) return `not run here: ${skipped}`;
  return suspended === undefined ? `exit status ${exitCode}` : `waits for ${suspended}`;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** What of a line is compared when lines are marked: frames and columns are as wide as the ids and PIDs in them. */
function keyOf(line: string): string {
  return line.replace(/PID \d+/g, 'PID').replace(/[\s─━═]+/g, ' ');
}

function marked(lines: readonly string[], keys: readonly string[], others: readonly string[]): Line[] {
  const there = new Set(others);
  return lines.map((text, i) => ({ text, lonely: !there.has(keys[i] ?? keyOf(text)) }));
}
