/** What was typed to a command that waited: written into a transcript and read back, whatever it is. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  parseTranscript,
  readTyped,
  type Typed,
  UsageError,
  writeTranscript,
  writeTyped,
} from '../../../core/index.ts';

const where = { file: 'x.md', line: 7 };
const typed = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }).map((text): Typed => ({ kind: 'input', text })),
    fc.constant<Typed>({ kind: 'input', text: '', end: true }),
    fc.constant<Typed>({ kind: 'interrupt' }),
    fc.constant<Typed>({ kind: 'resume' }),
  ),
);

test('what is written is read back', () => {
  fc.assert(fc.property(typed, (all) => assert.equal(readTyped(writeTyped(all), where), all)));
  assert.is(writeTyped([{ kind: 'input', text: 'a-->b\n' }]), '<!-- typed: "a--\\u003eb\\n" -->');
});

test('in a transcript it belongs to the command before it', async () => {
  const input: Typed[] = [{ kind: 'input', text: 'exit 3\n' }];
  const answer = { stdout: '', stderr: '' };
  const text = writeTranscript('t', [
    { command: 'docker ps', exitCode: 0, ...answer },
    { command: 'docker run -it busybox sh', exitCode: 3, ...answer, typed: input },
    { command: 'docker ps -a', exitCode: 0, ...answer, typed: [] },
  ]);
  const { commands } = await parseTranscript(text, 't.md');
  assert.equal(
    commands.map((command) => [command.command, command.typed]),
    [
      ['docker ps', undefined],
      ['docker run -it busybox sh', input],
      ['docker ps -a', undefined],
    ],
  );
});

test('what begins as one and is none is refused with its place', () => {
  for (const [line, column, message] of [
    ['<!-- typed: "a" oops -->', 16, /"oops -->": not something that is typed/],
    ['<!-- typed: "a', 15, /does not end/],
    ['<!-- typed: "\\x" -->', 12, /not something/],
  ] as const) {
    assert.throws(
      () => readTyped(line, where),
      (error: unknown) =>
        error instanceof UsageError &&
        message.test(error.message) &&
        error.where?.line === 7 &&
        error.where.column === column,
      line,
    );
  }
  assert.is(readTyped('<!-- a note -->', where), undefined);
});

test.run();
