/**
 * A world in which lines are carried out, with what the line under way has shown so far.
 *
 * Kept true: the same entries lead to the same world, however the work is cut into slices. After each line, and before each
 * thing that is given to it, the engine notices what has ended: that belongs to the history.
 */
import {
  type CommandOutcome,
  createSimTarget,
  FREE_MS,
  give,
  MOMENTS,
  type Observation,
  runSync,
  type SimTarget,
  type SyncRunOptions,
} from '../../core/index.ts';
import type { Entry, Given, Made } from './protocol.ts';
import { SLICE_TURNS, Stopped, type Turn, toRest } from './slices.ts';

export class Carried {
  readonly target: SimTarget;
  /** What the line under way has shown: in order, and by stream. */
  shown = '';
  printed = { stdout: '', stderr: '' };
  #last: CommandOutcome | undefined;
  /** The line under way has given its keyboard to a program's terminal. */
  #tty = false;

  constructor(made: Made = {}) {
    this.target = createSimTarget({ interactive: true, freeMs: FREE_MS, sliceTurns: SLICE_TURNS, ...made });
  }

  /**
   * Begins a line, and gives it what `entry` says it was given. With `live`, each Ctrl-C that comes meanwhile is given to it and
   * added there.
   */
  async run(
    entry: Entry,
    turn: Turn,
    options: { live?: Given[]; steps?: SyncRunOptions } = {},
  ): Promise<CommandOutcome> {
    this.#tty = false;
    this.shown = '';
    this.printed = { stdout: '', stderr: '' };
    const first = this.target.runSync(entry.line, { onOutput: this.#onOutput, ...options.steps });
    return this.#through(first, entry.given, 0, turn, options.live);
  }

  /** Gives something to the line under way; as `run` otherwise. Undefined: nothing waits. */
  async give(given: Given, turn: Turn, live?: Given[]): Promise<CommandOutcome | undefined> {
    const from = this.#last?.time?.passed ?? 0;
    const first = this.#feed(given);
    return first === undefined ? undefined : this.#through(first, [], from, turn, live);
  }

  /** An entry that others follow: nobody stopped to look how it runs (a link, a lesson's set-up), so time passes at once. */
  async pass(entry: Entry, turn: Turn): Promise<void> {
    if (turn.interrupted) throw new Stopped();
    await turn.pause();
    let outcome = await this.run(entry, turn, { steps: { steps: false } });
    for (let n = 0; n < MOMENTS && outcome.suspended === 'time'; n++) {
      if (turn.interrupted) throw new Stopped();
      outcome = (await this.give({ kind: 'resume' }, turn)) ?? outcome;
    }
    settle(this.target);
  }

  async #through(
    first: CommandOutcome,
    given: readonly Given[],
    from: number,
    turn: Turn,
    live: Given[] | undefined,
  ): Promise<CommandOutcome> {
    let outcome = first;
    for (let n = 0, before = from; ; n++) {
      const next = given[n];
      const stops = (): boolean => turn.interrupted && (next === undefined || live === undefined);
      const rest = await toRest(outcome, () => this.target.goOn(), turn, { stops, from: before, next });
      outcome = rest.outcome;
      if (turn.interrupted && live === undefined) throw new Stopped();
      const now = next ?? (live === undefined ? undefined : interruptAt(rest.outcome, rest.slices, turn));
      if (now === undefined) break;
      if (next === undefined) live!.push(now);
      settle(this.target);
      before = outcome.time?.passed ?? 0;
      this.#tty = outcome.tty !== undefined;
      outcome = this.#feed(now) ?? outcome;
    }
    this.#last = outcome;
    this.#tty = outcome.tty !== undefined;
    return outcome;
  }

  readonly #onOutput = (stream: 'stdout' | 'stderr', text: string): void => {
    this.shown += text;
    this.printed[stream] += text;
  };

  #feed(given: Given): CommandOutcome | undefined {
    // What is typed at a terminal is seen on it; a program's own terminal sees to that itself.
    const own = this.#tty;
    if (given.kind === 'input' && !own) this.shown += given.text;
    if (given.kind === 'interrupt' && !own) this.shown += '^C';
    const outcome = give(this.target, given) as CommandOutcome | undefined;
    if (outcome?.meanwhile !== undefined && given.kind === 'meanwhile') this.#showOther(given.line, outcome.meanwhile);
    return outcome;
  }

  /** A line of another terminal, in a box of its own among what this one shows. */
  #showOther(line: string, { stdout, stderr }: CommandOutcome): void {
    const said = `${stdout}${stderr}`.replace(/\n$/, '');
    const lines = [`$ ${line}`, ...(said === '' ? [] : said.split('\n'))];
    this.shown += `\r\n${lines.map((each) => `  other terminal │ ${each}\r\n`).join('')}`;
  }
}

/** A Ctrl-C that came while the line ran; one that computes gets it at this slice. */
function interruptAt({ suspended, time }: CommandOutcome, slices: number, turn: Turn): Given | undefined {
  if (suspended === undefined || !turn.take()) return undefined;
  return time?.busy !== undefined ? { kind: 'interrupt', at: slices } : { kind: 'interrupt' };
}

/** A fresh world in which these were carried out, the last of them so that it can go on. Throws Stopped. */
export async function carriedOut(made: Made, entries: readonly Entry[], turn: Turn): Promise<Carried> {
  const carried = new Carried(made);
  for (const entry of entries.slice(0, -1)) await carried.pass(entry, turn);
  for (const entry of entries.slice(-1)) {
    await carried.run(entry, turn);
    settle(carried.target);
  }
  return carried;
}

/**
 * After each line the page looks at the world, and the engine notices then what has ended: that belongs to the history.
 * Reading everything back does not, and with hundreds of containers it would take minutes.
 */
function settle(target: SimTarget): void {
  runSync(target.session.settle(), target.driver);
}

/** The state in the midst of a command; nothing while the engine is between two states and cannot be observed. */
export function glance(target: SimTarget): Observation | undefined {
  try {
    return target.glance();
  } catch {
    return undefined;
  }
}
