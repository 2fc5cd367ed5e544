/**
 * The loops that run a Flow against a Driver. Stepping, records of steps, fault injection and suspension live here and
 * nowhere else: a flow never knows who runs it, a driver never knows what for.
 *
 * Kept true: a flow whose driver answers "blocked" is kept, not spun: `resume()` asks the same Op again. An error thrown by
 * the flow comes out as it is; steps carried out until then are in `hooks.steps`.
 */
import type { Blocked, Driver, HostFacts, SyncDriver } from './driver.ts';
import type { Flow, Outcome, Step } from './op.ts';
import { shellOf } from './shell-door.ts';
import type { StepRecord } from './target.ts';

export interface Hooks {
  /** Shown steps are appended here as they are carried out (quiet ones too with `quiet`). */
  readonly steps?: StepRecord[];
  readonly quiet?: boolean;
  /** Every step, quiet ones included; `n` counts from 0. An answer replaces the driver's: fault injection. */
  readonly before?: (step: Step, n: number) => Outcome | undefined;
  readonly after?: (step: Step, outcome: Outcome, n: number) => void;
  /** The n-th step fails without being carried out. */
  readonly failAt?: number;
  /** What there is to show inside of a step, once it was carried out; stands behind it. */
  readonly inside?: (step: Step) => readonly StepRecord[];
  /** Asked before every step of a flow that is driven at once: true hands the flow back there, blocked on time. */
  readonly rest?: () => boolean;
}

/** As Hooks; `pause` is awaited before each shown step, so that a person can step through a command. */
export interface AsyncHooks extends Hooks {
  readonly pause?: (step: Step, shell: string) => void | Promise<void>;
}

export interface Done<R> {
  readonly done: true;
  readonly value: R;
}
export interface Suspended<N> {
  readonly done: false;
  readonly blocked: Blocked['blocked'];
  /** Goes on where it stopped, once input or time was given. */
  readonly resume: () => N;
}
export type Driven<R> = Done<R> | Suspended<Driven<R>>;
export type DrivenAsync<R> = Done<R> | Suspended<Promise<DrivenAsync<R>>>;

const injected: Outcome = { ok: false, errno: 'EIO', message: 'Input/output error (injected)' };

/** Runs a flow on a driver that answers at once. */
export function driveSync<R>(flow: Flow<R>, driver: SyncDriver, hooks: Hooks = {}): Driven<R> {
  let n = 0;
  const go = (from: IteratorResult<Step, R>): Driven<R> => {
    let turn = from;
    while (turn.done !== true) {
      const step = turn.value;
      const again = (): Driven<R> => go({ done: false, value: step });
      if (hooks.rest?.() === true) return { done: false, blocked: 'time', resume: again };
      const outcome = answerBefore(step, n, hooks) ?? driver.perform(step.op);
      if ('blocked' in outcome) return { done: false, blocked: outcome.blocked, resume: again };
      note(step, outcome, n, hooks, driver.facts);
      n++;
      turn = flow.next(outcome);
    }
    return { done: true, value: turn.value };
  };
  return go(flow.next(undefined as never));
}

/** Runs a flow on any driver. */
export function driveAsync<R>(flow: Flow<R>, driver: Driver, hooks: AsyncHooks = {}): Promise<DrivenAsync<R>> {
  let n = 0;
  const go = async (from: IteratorResult<Step, R>, again: boolean): Promise<DrivenAsync<R>> => {
    let turn = from;
    let shown = again;
    while (turn.done !== true) {
      const step = turn.value;
      if (hooks.pause !== undefined && step.quiet !== true && !shown)
        await hooks.pause(step, shellOf(step.op, driver.facts));
      shown = false;
      const outcome = answerBefore(step, n, hooks) ?? (await driver.perform(step.op));
      if ('blocked' in outcome) {
        return { done: false, blocked: outcome.blocked, resume: () => go({ done: false, value: step }, true) };
      }
      note(step, outcome, n, hooks, driver.facts);
      n++;
      turn = flow.next(outcome);
    }
    return { done: true, value: turn.value };
  };
  return go(flow.next(undefined as never), false);
}

/** Runs a flow that cannot block to its value; for queries and tests. */
export function runSync<R>(flow: Flow<R>, driver: SyncDriver, hooks: Hooks = {}): R {
  const driven = driveSync(flow, driver, hooks);
  if (!driven.done) throw new Error(`the flow waits for ${driven.blocked}`);
  return driven.value;
}

function answerBefore(step: Step, n: number, hooks: Hooks): Outcome | undefined {
  if (hooks.failAt === n) return injected;
  return hooks.before?.(step, n);
}

function note(step: Step, outcome: Outcome, n: number, hooks: Hooks, facts: HostFacts): void {
  hooks.after?.(step, outcome, n);
  if (hooks.steps !== undefined && (step.quiet !== true || hooks.quiet === true)) {
    hooks.steps.push(recordOf(step, outcome, facts), ...(hooks.inside?.(step) ?? []));
  }
}

export function recordOf(step: Step, outcome: Outcome, facts: HostFacts): StepRecord {
  return {
    title: step.title,
    shell: shellOf(step.op, facts),
    ok: outcome.ok,
    ...(step.why === undefined ? {} : { why: step.why }),
    ...(outcome.ok ? {} : { message: outcome.message }),
  };
}
