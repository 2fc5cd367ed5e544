/** Sequences of host commands by chance, recorded on a real kernel: same answers, and the same to be seen after each line. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simulateSequence } from './host/simulated.ts';
import { type HostRecording, recordingFile } from './host/world.ts';

const recording = JSON.parse(readFileSync(recordingFile, 'utf8')) as HostRecording;

test(`${recording.sequences.length} sequences of host commands answer as on ${recording.recordedOn}`, () => {
  assert.ok(recording.sequences.length >= 200);
  for (const wanted of recording.sequences)
    assert.equal(simulateSequence(wanted.lines.map(({ line }) => line)), wanted);
});

test.run();
