/** A replay runs every command in order on the target it is given, and checks each answer. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CommandOutcome, Target } from '../../../core/target.ts';
import { parseTranscript } from '../../../core/transcript/parse.ts';
import { type Replayed, replay, toRecord } from '../../../core/transcript/replay.ts';

/** Answers `echo x` with x, cannot run `host`, fails at the rest. */
function echo(log: string[]): Target {
  const outcome = (exitCode: number, stdout: string): CommandOutcome => ({ exitCode, stdout, stderr: '', steps: [] });
  return {
    name: 'sim',
    async run(line) {
      log.push(line);
      if (line.startsWith('echo ')) return outcome(0, `${line.slice(5)}\n`);
      return line === 'host' ? { ...outcome(0, ''), skipped: 'no host here' } : outcome(1, '');
    },
    async observe() {
      log.push('(look)');
      return { images: [], containers: [], layers: {} };
    },
    async close() {},
  };
}

async function all(text: string, log: string[], options = {}): Promise<Replayed[]> {
  const done: Replayed[] = [];
  for await (const one of replay(await parseTranscript(text, 'x'), echo(log), options)) done.push(one);
  return done;
}

test('every command is run, checked and looked at, in order', async () => {
  const log: string[] = [];
  const done = await all('$ echo a\na\n$ echo b\nc\n$ false\n', log);
  assert.equal(log, ['echo a', '(look)', 'echo b', '(look)', 'false', '(look)']);
  assert.equal(
    done.map((one) => [one.n, one.mismatches.map((m) => `${m.what} ${m.line}`)]),
    [
      [1, []],
      [2, ['output 4']],
      [3, ['exit status 5']],
    ],
  );
  const first = done[0]!;
  assert.equal(toRecord({ ...first, observation: first.observation! }), {
    n: 1,
    command: 'echo a',
    exitCode: 0,
    stdout: 'a\n',
    stderr: '',
    steps: [],
    observation: { images: [], containers: [], layers: {} },
  });
});

test('a command that the target cannot run is passed on as skipped, not as fulfilled or failed', async () => {
  const done = await all('$ host\nanything\n', []);
  assert.equal(
    done.map((one) => [one.outcome.skipped, one.mismatches]),
    [['no host here', []]],
  );
});

test('it can stop early and need not look', async () => {
  const log: string[] = [];
  const done = await all('echo a\necho b\necho c\n', log, { observe: false, upTo: 2 });
  assert.equal(log, ['echo a', 'echo b']);
  assert.equal(
    done.map((one) => one.observation),
    [undefined, undefined],
  );
});

test.run();
