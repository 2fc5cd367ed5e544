/** The recording in test/fixtures/sh-cases.json is still what this machine's busybox answers. Another version of busybox
 * may answer otherwise; the message of a failed case then names the recorded one. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCases, readRecording } from '../core/programs/cases.ts';
import { readOptions } from '../core/programs/options.ts';
import { gated, needs } from '../support/needs.ts';
import { answersTo } from './ask-again.ts';
import { realBusybox } from './real-busybox.ts';
import { realOptions } from './real-options.ts';

const recording = readRecording();
const missing = await needs('root', 'busybox');

test('every case is recorded, and nothing else', () => {
  assert.equal(
    recording.cases.map(({ script }) => script),
    readCases().map(({ script }) => script),
  );
});

const check = gated(test, missing);

check('the options in its help are the recorded ones', () => {
  const { note: _, ...options } = readOptions();
  assert.equal(realOptions(), options);
});

if (missing === undefined) {
  const real = realBusybox();
  test.after(() => real.close());
  const answers = answersTo(real, recording.cases);
  for (const [i, wanted] of recording.cases.entries()) {
    check(wanted.script, () => assert.equal(answers[i], wanted, `recorded on ${recording.busybox}`));
  }
} else {
  check('the recording against the busybox of this machine', () => {});
}

test.run();
