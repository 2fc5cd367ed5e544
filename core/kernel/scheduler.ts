/**
 * The scheduler and the simulated clock. `runPresent` runs everything that can run at the present instant; only
 * `runUntil` lets time pass, from one wake-up straight to the next, so that `sleep 300` costs nothing.
 *
 * Kept true: turns go round in the order of PIDs, so the same operations give the same history. A process that waits is not
 * looked at until something wakes it: its time (a queue by time), or who changed what it waits for (`wake`). No program can hang
 * the simulation: what it does costs CPU time, and both CPU time and simulated hours of one `runUntil` are limited.
 */

import { SysError } from '../errors.ts';
import { CALL, GRAIN, PATIENCE, priced, raisePrice, SLICE } from './cost.ts';
import type { Kernel } from './kernel.ts';
import { CPUS, limits } from './limits.ts';
import { Load } from './load.ts';
import { type Process, ProcessEnded, terminate } from './process.ts';
import { Heap } from './queue.ts';
import { checkCpu } from './rlimits.ts';

/** When so many compete they get equal parts: it is no longer worth while to look at their groups. */
const MANY = 64;
/** Idle for so long counts as a rest, milliseconds. */
const REST = 10;
/** Turns of all processes together at one instant, after which nobody gets one for nothing. */
const ALL_TURNS_PER_INSTANT = 20_000;
/** In a slice, a millisecond of CPU time counts as so many turns. */
const TURNS_PER_MS = 40;
/** Limits of one runUntil. */
export interface Budget {
  /** Simulated milliseconds. */
  readonly ms: number;
  /** Milliseconds of CPU time, of all processes together. What waits for the clock lets it go faster instead. */
  readonly cpuMs: number;
  /** Somebody looks on and lets time pass bit by bit: who computes for long gets on with it. */
  readonly watched?: boolean;
  /** After so many turns it is handed back, whoever looks on: there is more to do, and it is asked again at once. */
  readonly sliceTurns?: number;
}

export const defaultBudget: Budget = { ms: 24 * 3600 * 1000, cpuMs: 10_000 };

/** What ended a `runUntil` before its time, in words. */
export const limitWords = {
  time: 'a simulated day',
  cpu: `${defaultBudget.cpuMs / 1000} seconds of CPU time`,
} as const;

/** done: what was waited for is there. time: the deadline or the budget is reached. stuck: nothing will ever happen by itself. */
export type RunEnd = 'done' | 'deadline' | 'budget' | 'stuck';

/** Processes whose wake-ups matter to somebody: all of them, or whether one is among them. */
export interface Crew {
  all(): Iterable<Process>;
  has(process: Process): boolean;
}

interface Timer {
  readonly at: number;
  readonly process: Process;
}

export class Scheduler {
  /** Which limit of the budget ended the last `runUntil`, if one did. */
  exhausted: 'time' | 'cpu' | undefined;
  readonly load: Load;
  /** A process goes on until it has used so much. */
  slice = SLICE;
  private turnsNow = 0;
  /** When so much is spent it is time to stop. */
  private sliceEnd = Number.POSITIVE_INFINITY;
  private turns = 0;
  /** CPU time that was used, at the price of 1. */
  private work = 0;
  private hurried = false;
  private running = false;
  /** A round was cut short: its queue is as it was, and it goes on there. */
  private cut = false;
  /** Those that may be able to run: in this round those with a greater PID than who has its turn, the others in the next. */
  private ready = byPid();
  private later = byPid();
  /** PID of who has its turn; between rounds greater than any. */
  private turnOf = Number.POSITIVE_INFINITY;
  private readonly timers = new Heap<Timer>((a, b) => a.at < b.at || (a.at === b.at && first(a.process, b.process)));
  /** Those that wait for something that nobody tells of: they are asked in each round. */
  private readonly asked = new Set<Process>();
  /** Processes that use a CPU, or did at their last turn. */
  private readonly busy = new Set<Process>();

  constructor(
    private readonly kernel: Kernel,
    public clock: number,
  ) {
    this.load = new Load(clock);
  }

  /** Something changed that a process may wait for: it is looked at in this round or the next. */
  wake(process: Process): void {
    if (process.queued || process.program === undefined) return;
    process.queued = true;
    (process.hostPid > this.turnOf ? this.ready : this.later).add(process);
  }

  /** Runs all that can run without time passing, but at most so many turns (`TURNS_PER_MS`); false: there is more to run. */
  runPresent(turns = Number.POSITIVE_INFINITY): boolean {
    if (this.running) return true;
    this.running = true;
    const before = this.sliceEnd;
    this.sliceEnd = Math.min(before, this.spent + turns);
    try {
      while (this.round()) {}
    } finally {
      this.running = false;
      this.sliceEnd = before;
      if (!this.cut) this.endRound();
    }
    return !this.cut;
  }

  private endRound(): void {
    this.turnOf = Number.POSITIVE_INFINITY;
    for (let left = this.ready.take(); left !== undefined; left = this.ready.take()) this.later.add(left);
  }

  /** Turns that were taken, and the CPU time that was used counted as turns. */
  private get spent(): number {
    return this.turns + this.work * TURNS_PER_MS;
  }

  /**
   * Runs, letting time pass, until `done`, at most to `deadline`. `matters` says whose wake-ups can bring it about (default: everybody's): when none
   * of these is left the answer is `stuck`, even if others sleep on.
   */
  runUntil(done: () => boolean, deadline: number, matters?: Crew, budget: Budget = defaultBudget): RunEnd {
    this.exhausted = undefined;
    const start = this.work;
    const sliceEnd = this.spent + (budget.sliceTurns ?? Number.POSITIVE_INFINITY);
    const timeLimit = this.clock + budget.ms;
    const hurried = deadline < Number.POSITIVE_INFINITY || budget.watched === true;
    this.hurried = hurried;
    for (;;) {
      const settled = this.runPresent(sliceEnd - this.spent);
      if (done()) return 'done';
      if (!settled) return this.exhaust('cpu');
      if (this.clock >= deadline) return 'deadline';
      const used = this.work - start;
      if (this.spent > sliceEnd) return this.exhaust('cpu');
      if (used > budget.cpuMs && !hurried) {
        this.hurried = this.somebodySleeps(matters);
        if (!this.hurried) return this.exhaust('cpu');
      }
      const next = this.next();
      const relevant = matters === undefined || next === undefined ? next?.at : this.relevant(next, matters);
      if (relevant === undefined && deadline === Number.POSITIVE_INFINITY) return 'stuck';
      if ((relevant ?? deadline) > timeLimit && deadline > timeLimit) return this.exhaust('time');
      this.advance(Math.min(next?.at ?? deadline, deadline));
    }
  }

  private exhaust(limit: 'time' | 'cpu'): RunEnd {
    this.exhausted = limit;
    return 'budget';
  }

  private advance(to: number): void {
    if (to > this.clock) {
      this.load.pass(this.clock, to, this.busy.size);
      this.clock = to;
    }
    this.turnsNow = 0;
    for (let timer = this.next(); timer !== undefined && timer.at <= this.clock; timer = this.next()) {
      this.timers.take();
      timer.process.timer = Number.POSITIVE_INFINITY;
      this.wake(timer.process);
    }
  }

  /** The next moment at which anybody goes on by itself. */
  private next(): Timer | undefined {
    for (;;) {
      const timer = this.timers.first;
      if (timer === undefined) return undefined;
      const { process, at } = timer;
      if (process.timer === at && process.state === 'running' && !this.kernel.cgroups.frozen(process)) return timer;
      // Whoever is stopped or frozen is woken when that ends.
      if (process.timer === at) process.timer = Number.POSITIVE_INFINITY;
      this.timers.take();
    }
  }

  private relevant(next: Timer, matters: Crew): number | undefined {
    if (matters.has(next.process)) return next.at;
    return awaitsAnswer(matters.all()) ? next.at : this.earliest(matters.all());
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

  /** Does one of those that matter wait for the clock? */
  private somebodySleeps(matters: Crew | undefined): boolean {
    for (const { waiting, state } of matters?.all() ?? this.kernel.processes.values()) {
      const until = waiting?.until ?? Number.POSITIVE_INFINITY;
      if (state === 'running' && until > this.clock && until < Number.POSITIVE_INFINITY) return true;
    }
    return false;
  }

  /** Gives each process that can run one turn. False when there was none, or when the round was cut short. */
  private round(): boolean {
    let progress = this.cut;
    if (this.cut) this.cut = false;
    else {
      this.turnOf = 0;
      [this.ready, this.later] = [this.later, this.ready];
      for (const process of this.asked) this.wake(process);
    }
    for (let process = this.ready.take(); process !== undefined; process = this.ready.take()) {
      this.turnOf = process.hostPid;
      process.queued = false;
      if (this.runnable(process)) {
        progress = true;
        this.turn(process);
      }
      this.settle(process);
      if (this.spent >= this.sliceEnd) {
        this.cut = true;
        return false;
      }
    }
    return progress;
  }

  private runnable(process: Process): boolean {
    if (process.program === undefined || process.state !== 'running' || process.busyUntil > this.clock) return false;
    return isReady(process.waiting, this.clock) && !this.kernel.cgroups.frozen(process);
  }

  /** Puts a process where its next turn comes from: the queue of those that run, the one by time, or nowhere, to be woken. */
  private settle(process: Process): void {
    const { waiting } = process;
    this.asked.delete(process);
    if (process.program === undefined || process.state !== 'running') {
      this.rest(process);
      return;
    }
    if (process.busyUntil > this.clock) this.at(process, process.busyUntil);
    else if (this.runnable(process)) this.wake(process);
    else {
      this.rest(process);
      if (waiting?.until !== undefined) this.at(process, waiting.until);
      if (waiting?.ready !== undefined && waiting.told !== true) this.asked.add(process);
    }
  }

  private at(process: Process, at: number): void {
    if (process.timer === at || !(at < Number.POSITIVE_INFINITY)) return;
    process.timer = at;
    this.timers.add({ at, process });
  }

  /** It uses no CPU now. */
  rest(process: Process): void {
    if (!process.busy) return;
    process.busy = false;
    this.busy.delete(process);
  }

  /** It has waited: for a while, or for a person. */
  rested(process: Process): void {
    process.work = 0;
    process.dearer = PATIENCE;
    process.price = 1;
  }

  private turn(process: Process): void {
    if (this.clock - Math.max(process.busyUntil, process.lastTurn) >= REST) this.rested(process);
    this.turnsNow += 1;
    this.turns += 1;
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
      if (result.done !== true) this.paused(process, result.value);
      else if (process.programsBelow !== undefined && process.programsBelow.length > 0)
        process.program = process.programsBelow.pop();
      else if (process.debt < GRAIN) terminate(kernel, process, { code: result.value & 0xff });
      else process.program = ending(result.value);
    } catch (error) {
      fail(kernel, process, error);
    } finally {
      kernel.current = before;
    }
  }

  private paused(process: Process, wait: NonNullable<Process['waiting']>): void {
    process.waiting = wait;
    if (wait.call === undefined) return;
    process.programsBelow ??= [];
    process.programsBelow.push(process.program!);
    process.program = wait.call;
  }

  /** CPU time that the program used, or asks for. */
  private charge(process: Process): void {
    const asked = process.waiting?.cpuMs ?? 0;
    const crowded = this.turnsNow > ALL_TURNS_PER_INSTANT ? 1 : 0;
    const debt = process.debt + asked + CALL;
    this.work += debt - process.counted;
    process.work += debt - process.counted;
    if (this.hurried) raisePrice(process);
    if (asked === 0 && debt < GRAIN && process.price === 1 && crowded === 0) {
      process.debt = debt;
      process.counted = debt;
      return;
    }
    process.debt = 0;
    process.counted = 0;
    process.owes = Math.max(priced(process, debt), crowded);
    this.spend(process);
  }

  /** Uses CPU time that is owed. Where nobody is in the way and nothing limits it, at full speed. */
  private spend(process: Process): void {
    if (!process.busy) {
      process.busy = true;
      this.busy.add(process);
    }
    const crowd = this.busy.size;
    this.slice = crowd > MANY ? GRAIN : SLICE;
    if (this.kernel.cgroups.cpuLimited || (crowd > CPUS && crowd <= MANY)) {
      limits().spend(this.kernel, process, this.busy);
      return;
    }
    const { owes } = process;
    process.cpuMs += owes;
    if (process.rlimits !== undefined) checkCpu(process, process.cpuMs - owes);
    process.owes = 0;
    // In a crowd they go on together, in rounds: looking for the next one again and again would take longer than what they do.
    const span = crowd > MANY ? (owes * crowd) / CPUS : owes;
    const round = 2 ** Math.ceil(Math.log2(span));
    process.busyUntil = crowd > MANY ? Math.ceil((this.clock + span) / round) * round : this.clock + span;
  }
}

const first = (a: Process, b: Process): boolean => a.hostPid < b.hostPid;
/** Does one of these wait for what somebody else, whoever that is, has to send? */
function awaitsAnswer(processes: Iterable<Process>): boolean {
  for (const { state, waiting } of processes) if (state === 'running' && waiting?.why === 'answer') return true;
  return false;
}

const byPid = (): Heap<Process> => new Heap(first);

function isReady(waiting: Process['waiting'], now: number): boolean {
  if (waiting === undefined) return true;
  if (waiting.until !== undefined && waiting.until <= now) return true;
  if (waiting.ready === undefined) return waiting.until === undefined;
  return waiting.ready();
}

/** The end of a program whose CPU time is still to be used. */
function* ending(code: number): NonNullable<Process['program']> {
  return code;
}

/** What an exception out of a program means: its end, a call nobody handled, endless recursion; all else is our own fault. */
function fail(kernel: Kernel, process: Process, error: unknown): void {
  if (error instanceof ProcessEnded) return;
  if (error instanceof SysError) terminate(kernel, process, { code: 1 });
  else if (error instanceof RangeError) terminate(kernel, process, { signal: 'SEGV' });
  else throw error;
}
