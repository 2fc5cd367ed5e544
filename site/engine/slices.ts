/**
 * Long work in slices. A line may compute for long, and going back may mean carrying out very many lines again: in between,
 * whoever else needs the thread gets it, and what was asked can be interrupted.
 *
 * Kept true: where a slice ends depends on what is computed alone, never on the clock; so "Ctrl-C after so many slices" leads to
 * the same world again.
 */
import { type CommandOutcome, FREE_MS } from '../../core/index.ts';
import { type Given, limits, STOPPED } from './protocol.ts';

/** Turns of computing in a slice: few enough to take some tens of milliseconds in a world full of processes. */
export const SLICE_TURNS = 250;

/** Slices of computing after which a line is shown as running, to be let go on; and slices of any kind. */
const SLICES = { computing: 1_600, all: limits.slices } as const;

/** Characters of output after which a line is shown as running, however little it computes. */
const FLOOD = 20_000_000;

/** So long the thread is kept, milliseconds. */
const KEPT_FOR = 15;

/** It was asked to stop, and what it was to lead to is not there. */
export class Stopped extends Error {
  constructor() {
    super(STOPPED);
  }
}

/** A request under way. */
export class Turn {
  #interrupts = 0;
  #ended = false;
  #since = performance.now();

  interrupt(): void {
    this.#interrupts += 1;
  }

  /** Whatever it is at, it is to stop there. */
  end(): void {
    this.#ended = true;
  }

  get interrupted(): boolean {
    return this.#interrupts > 0;
  }

  /** Takes one Ctrl-C that came; false when none did. */
  take(): boolean {
    if (this.#interrupts === 0) return false;
    this.#interrupts -= 1;
    return true;
  }

  /** Lets others have the thread, if it was kept for long. */
  async pause(): Promise<void> {
    if (performance.now() - this.#since < KEPT_FOR) return;
    await new Promise((resolve) => setTimeout(resolve));
    if (this.#ended) throw new Stopped();
    this.#since = performance.now();
  }
}

export interface AtRest {
  readonly outcome: CommandOutcome;
  /** Slices after the first. */
  readonly slices: number;
}

/**
 * Goes on with a line that computes long, until it has ended, waits, or has had its free time; but no farther than to the slice
 * that the next thing was given at.
 *
 * @param stops - asked after each slice: is it to stop here?
 * @param from - simulated milliseconds that had passed in the line before.
 */
export async function toRest(
  first: CommandOutcome,
  goOn: () => CommandOutcome | undefined,
  turn: Turn,
  { stops, from, next }: { stops: () => boolean; from: number; next: Given | undefined },
): Promise<AtRest> {
  let outcome = first;
  let computing = 0;
  let since = from;
  for (let slices = 0; ; slices++) {
    const { time } = outcome;
    if (time?.busy === 'commands') since = time.passed;
    if (time?.busy === 'computing') computing += 1;
    const enough = computing > SLICES.computing || slices >= SLICES.all || outcome.stdout.length > FLOOD;
    const over = time?.busy === undefined || enough || time.passed - since >= FREE_MS;
    const given = next?.kind === 'interrupt' && next.at === slices;
    if (over || given || stops()) return { outcome, slices };
    await turn.pause();
    // Whatever came during the pause came at this slice.
    if (stops()) return { outcome, slices };
    outcome = goOn() ?? outcome;
  }
}
