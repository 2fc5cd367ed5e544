/**
 * The scheduler and the simulated clock. `runPresent` runs everything that can run at the present instant; only
 * `runUntil` lets time pass, from one wake-up straight to the next, so that `sleep 300` costs nothing.
 *
 * Kept true: turns go round in the order of PIDs, so the same operations give the same history. No program can hang the
 * simulation: whoever takes very many turns within one instant is charged CPU time, more and more of it the longer it goes
 * on, and both turns and simulated hours of one `runUntil` are limited.
 */
import { SysError } from '../errors.ts';
import type { Kernel } from './kernel.ts';
import { CPUS, limits } from './limits.ts';
import { type Process, ProcessEnded, terminate } from './process.ts';

/** What a process gets for nothing between two rests: a turn counts 1 when it uses CPU time by itself, otherwise `UNPAID`. */
const FREE_TURNS = 40_000;
const UNPAID = 10;
/** After so much more the charge doubles. */
const TURNS_PER_STEP = 1000;
/** When so many compete they get equal parts: it is no longer worth while to look at their groups. */
const MANY = 64;
/** Idle for so long counts as a rest, milliseconds. */
const REST = 10;
/** The most that one turn is charged, milliseconds. */
const MAX_CHARGE = 300;
/** Turns of all processes together at one instant, after which nobody gets one for nothing. */
const ALL_TURNS_PER_INSTANT = 20_000;

/** Limits of one runUntil. */
export interface Budget {
  /** Simulated milliseconds. */
  readonly ms: number;
  readonly turns: number;
}

export const defaultBudget: Budget = { ms: 24 * 3600 * 1000, turns: 400_000 };

/** done: what was waited for is there. time: the deadline or the budget is reached. stuck: nothing will ever happen by itself. */
export type RunEnd = 'done' | 'deadline' | 'budget' | 'stuck';

export class Scheduler {
  /** Which limit of the budget ended the last `runUntil`, if one did. */
  exhausted: 'time' | 'turns' | undefined;
  private turnsNow = 0;
  private turnsTotal = 0;
  private running = false;
  /** Processes that use a CPU, or did at their last turn. */
  private readonly busy = new Set<Process>();
  private thinAt = MANY;

  constructor(
    private readonly kernel: Kernel,
    public clock: number,
  ) {}

  /** Runs all that can run without time passing. */
  runPresent(): void {
    if (this.running) return;
    this.running = true;
    try {
      while (this.pass()) {}
    } finally {
      this.running = false;
    }
  }

  /**
   * Runs, letting time pass, until `done`, at most to `deadline`. `matters` says whose wake-ups can bring it about (default: everybody's): when none
   * of these is left the answer is `stuck`, even if others sleep on.
   */
  runUntil(
    done: () => boolean,
    deadline: number,
    matters?: () => Iterable<Process>,
    budget: Budget = defaultBudget,
  ): RunEnd {
    this.exhausted = undefined;
    const turnLimit = this.turnsTotal + budget.turns;
    const timeLimit = this.clock + budget.ms;
    for (;;) {
      this.runPresent();
      if (done()) return 'done';
      if (this.clock >= deadline) return 'deadline';
      if (this.turnsTotal > turnLimit) return this.exhaust('turns');
      const first = this.earliest(this.kernel.processes.values());
      const relevant = matters === undefined ? first : this.earliest(matters());
      if (relevant === undefined && deadline === Number.POSITIVE_INFINITY) return 'stuck';
      if ((relevant ?? deadline) > timeLimit && deadline > timeLimit) return this.exhaust('time');
      this.advance(Math.min(first ?? deadline, deadline));
    }
  }

  private exhaust(limit: 'time' | 'turns'): RunEnd {
    this.exhausted = limit;
    return 'budget';
  }

  private advance(to: number): void {
    this.clock = Math.max(this.clock, to);
    this.turnsNow = 0;
  }

  /** The next moment at which one of these goes on by itself. */
  earliest(processes: Iterable<Process>): number | undefined {
    let first: number | undefined;
    for (const process of processes) {
      if (process.state !== 'running' || this.kernel.cgroups.frozen(process)) continue;
      const at = process.busyUntil > this.clock ? process.busyUntil : process.waiting?.until;
      if (at !== undefined && at < Number.POSITIVE_INFINITY && (first === undefined || at < first)) first = at;
    }
    return first;
  }

  /** Gives each process that can run one turn. False when there was none. */
  private pass(): boolean {
    let progress = false;
    for (const process of this.kernel.processes.values()) {
      if (!this.runnable(process)) continue;
      progress = true;
      this.turn(process);
    }
    return progress;
  }

  private runnable(process: Process): boolean {
    if (process.program === undefined || process.state !== 'running') return false;
    if (process.busyUntil > this.clock) return false;
    const { waiting } = process;
    if (waiting !== undefined) {
      // Most of those that wait sleep, so that these are asked without a call.
      if (waiting.why === 'sleep') {
        if (waiting.until! > this.clock && process.caught.length === 0) return false;
      } else if (!isReady(waiting, this.clock)) return false;
    }
    return !this.kernel.cgroups.frozen(process);
  }

  private turn(process: Process): void {
    if (this.clock - Math.max(process.busyUntil, process.lastTurn) >= REST) {
      process.turns = 0;
      process.dearer = FREE_TURNS;
      process.charge = 0;
    }
    this.turnsNow += 1;
    this.turnsTotal += 1;
    process.lastTurn = this.clock;
    if (process.owes > 0) {
      this.spend(process);
      return;
    }
    process.waiting = undefined;
    this.step(process);
    if (process.state === 'running') this.charge(process);
  }

  private step(process: Process): void {
    const { kernel } = this;
    const before = kernel.current;
    const { program } = process;
    kernel.current = process;
    try {
      const result = program!.next();
      // execve has put another program in place: that one starts at the next turn.
      if (process.program !== program) return;
      if (result.done === true) terminate(kernel, process, { code: result.value & 0xff });
      else process.waiting = result.value;
    } catch (error) {
      fail(kernel, process, error);
    } finally {
      kernel.current = before;
    }
  }

  /** CPU time asked for by the program, or by us for taking too many turns. */
  private charge(process: Process): void {
    const asked = process.waiting?.cpuMs ?? 0;
    process.turns += asked > 0 ? 1 : UNPAID;
    if (process.turns > process.dearer) {
      process.dearer = process.turns + TURNS_PER_STEP;
      process.charge = Math.min(MAX_CHARGE, Math.max(1, process.charge * 2));
    }
    const crowded = this.turnsNow > ALL_TURNS_PER_INSTANT ? 1 : 0;
    const cpu = Math.max(asked, process.charge, crowded);
    if (cpu > 0) {
      process.owes = cpu;
      this.spend(process);
    } else if (process.busy) {
      process.busy = false;
      this.busy.delete(process);
    }
  }

  /** Uses CPU time that is owed. Where nobody is in the way and nothing limits it, at full speed. */
  private spend(process: Process): void {
    if (!process.busy) {
      process.busy = true;
      this.busy.add(process);
    }
    const crowd = this.busy.size;
    if (crowd > MANY) this.thinOut();
    if (this.kernel.cgroups.cpuLimited || (crowd > CPUS && crowd <= MANY)) {
      limits().spend(this.kernel, process, this.busy);
      return;
    }
    process.cpuMs += process.owes;
    process.busyUntil = this.clock + process.owes;
    process.owes = 0;
    if (crowd > MANY) {
      // They go on together, in rounds: looking for the next one again and again would take longer than what they do.
      const round = 2 ** Math.ceil(Math.log2(crowd / CPUS));
      process.busyUntil = Math.ceil((process.busyUntil + round) / round) * round;
    }
  }

  /** Takes those out that have ended meanwhile: now and then, since it looks at all. */
  private thinOut(): void {
    if (this.busy.size < this.thinAt) return;
    for (const process of this.busy) if (process.state !== 'running') this.busy.delete(process);
    this.thinAt = 2 * this.busy.size;
  }
}

function isReady(waiting: NonNullable<Process['waiting']>, now: number): boolean {
  if (waiting.until !== undefined && waiting.until <= now) return true;
  if (waiting.ready === undefined) return waiting.until === undefined;
  return waiting.ready();
}

/** What an exception out of a program means: its end, a call nobody handled, endless recursion; all else is our own fault. */
function fail(kernel: Kernel, process: Process, error: unknown): void {
  if (error instanceof ProcessEnded) return;
  if (error instanceof SysError) terminate(kernel, process, { code: 1 });
  else if (error instanceof RangeError) terminate(kernel, process, { signal: 'SEGV' });
  else throw error;
}
