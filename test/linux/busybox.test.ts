/** The recording in test/fixtures/sh-cases.json is still what this machine's busybox answers. Another version of busybox
 * may answer otherwise; the message of a failed case then names the recorded one. */
import { isDeepStrictEqual } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Recorded, readCases, readRecording } from '../core/programs/cases.ts';
import { readOptions } from '../core/programs/options.ts';
import { gated, needs } from '../support/needs.ts';
import { type RealBusybox, realBusybox } from './real-busybox.ts';
import { realOptions } from './real-options.ts';

const recording = readRecording();
const missing = await needs('root', 'busybox');

test('every case is recorded, and nothing else', () => {
  assert.equal(
    recording.cases.map(({ script }) => script),
    readCases().map(({ script }) => script),
  );
});

const TIMES = 3;

/**
 * Scripts with jobs answer by who comes up first, which on a busy machine is not always the same one. What differs is asked
 * again: the recording claims that the real busybox answers so, not that it can answer in no other way.
 */
function askAgain(real: RealBusybox, answers: Recorded[]): void {
  for (let time = 1; time < TIMES; time++) {
    const odd = recording.cases.flatMap((wanted, i) => (isDeepStrictEqual(answers[i], wanted) ? [] : [i]));
    if (odd.length === 0 || odd.length > recording.cases.length / 10) return;
    const next = real.runAll(odd.map((i) => recording.cases[i]!.script));
    for (const [at, i] of odd.entries()) answers[i] = next[at]!;
  }
}

const check = gated(test, missing);

check('the options in its help are the recorded ones', () => {
  const { note: _, ...options } = readOptions();
  assert.equal(realOptions(), options);
});

if (missing === undefined) {
  const real = realBusybox();
  test.after(() => real.close());
  const answers = real.runAll(recording.cases.map(({ script }) => script));
  askAgain(real, answers);
  for (const [i, wanted] of recording.cases.entries()) {
    check(wanted.script, () => assert.equal(answers[i], wanted, `recorded on ${recording.busybox}`));
  }
} else {
  check('the recording against the busybox of this machine', () => {});
}

test.run();
