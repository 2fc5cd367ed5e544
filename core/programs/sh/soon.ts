/**
 * Results that are there at once, or only after a wait. Most of what a shell does never waits, and a generator for each step
 * of it would take far longer than the step: so these functions are plain ones that answer by a value, or else by the `Call`
 * that will come to it.
 *
 * Kept true: whoever gets a Call carries it out at once, before anything else: what it has begun is half done.
 */
import type { Call } from '../../kernel/sys.ts';

/** An exit status, now or later. */
export type Soon = number | Call<number>;

/** Carries out a call that never waits. */
export function now<T>(call: Call<T>): T {
  const { done, value } = call.next();
  if (done !== true) throw new Error('a call waits that never should');
  return value;
}

/** For who waits in any case. */
export function* later(soon: Soon): Call<number> {
  return typeof soon === 'number' ? soon : yield* soon;
}
