/**
 * Scripts with jobs and pipes answer by who comes up first, which on a busy machine is not always the same one. What differs is
 * asked again: who compares claims that the real busybox answers so, not that it can answer in no other way.
 *
 * Kept true: when more than a tenth differs it is not chance, and nothing is asked again.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Recorded } from '../core/programs/cases.ts';
import type { RealBusybox } from './real-busybox.ts';

const TIMES = 3;

/** What the real one answers to the scripts of `wanted`, the last of several answers where it was not the wanted one. */
export function answersTo(real: RealBusybox, wanted: readonly Recorded[]): readonly Recorded[] {
  const answers = real.runAll(wanted.map(({ script }) => script));
  for (let time = 1; time < TIMES; time++) {
    const odd = wanted.flatMap((each, i) => (isDeepStrictEqual(answers[i], each) ? [] : [i]));
    if (odd.length === 0 || odd.length > wanted.length / 10) break;
    const next = real.runAll(odd.map((i) => wanted[i]!.script));
    for (const [at, i] of odd.entries()) answers[i] = next[at]!;
  }
  return answers;
}
