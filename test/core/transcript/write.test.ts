/** What is written down is read back, and matches what it was written from. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matchAnswer } from '../../../core/transcript/match.ts';
import { parseTranscript } from '../../../core/transcript/parse.ts';
import { elide, writeTranscript } from '../../../core/transcript/write.ts';

const text = fc.array(
  fc.oneof(
    fc.constantFrom(
      '...',
      '$ x',
      '$',
      '? 1',
      '? x',
      '```',
      '````',
      '',
      '[..]',
      'a  b',
      '> x',
      '# x',
      '  indented',
      '---',
      `${'0a'.repeat(32)}`,
      'Up 3 seconds (Paused)',
    ),
    fc.stringMatching(/^[ -~]{0,20}$/),
  ),
  { maxLength: 6 },
);
const record = fc.record({
  command: fc.stringMatching(/^[a-z][ -[\]-~]{0,20}$/).map((line) => line.trim()),
  exitCode: fc.nat(255),
  stdout: text.map((lines) => lines.map((line) => `${line}\n`).join('')),
  stderr: text.map((lines) => lines.join('\n')),
});

test('every answer matches the transcript that was written of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 5 }), async (records) => {
      const transcript = await parseTranscript(writeTranscript('recorded', records), 'recorded.md');
      assert.equal(
        transcript.commands.map((command) => command.command),
        records.map((one) => one.command),
      );
      for (const [i, command] of transcript.commands.entries()) assert.equal(matchAnswer(command, records[i]!), []);
    }),
    { numRuns: 200 },
  );
});

test('what another run prints otherwise is elided, and nothing else', () => {
  assert.is(
    elide('6a2f41a0c9d7   busybox   "sh"   3 minutes ago   Up 3 minutes (Paused)   web'),
    '[..]   busybox   "sh"   [..] ago   Up [..] (Paused)   web',
  );
  assert.is(elide('Exited (137) Less than a second ago'), 'Exited (137) [..] ago');
  assert.is(elide(`sha256:${'ab'.repeat(32)}`), 'sha256:[..]');
  assert.is(elide('2026-11-20T17:52:00.123456789Z'), '[..]');
  assert.is(elide('web 1.98MB 0x7f sleep 300'), 'web 1.98MB 0x7f sleep 300');
});

test.run();
