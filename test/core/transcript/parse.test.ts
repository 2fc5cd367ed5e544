/** Transcripts are read with their places; what is wrong in a file is said with file, line and column. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../../core/errors.ts';
import { parseTranscript, transcriptFormat } from '../../../core/transcript/parse.ts';

const lines = (...text: string[]): string => `${text.join('\n')}\n`;

async function refusal(text: string, file: string): Promise<UsageError> {
  try {
    await parseTranscript(text, file);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

test('a Markdown file: commands, expectations and prose, each with its line', async () => {
  const text = lines(
    '---',
    'id: one',
    'title: "First: things"',
    '---',
    '# Title',
    '',
    'Prose.',
    '',
    '```console',
    '$ docker ps -q',
    '$ docker rm nope',
    '? 1',
    'Error: No such container: nope',
    '',
    '$ docker images',
    'REPOSITORY[..]',
    '...',
    '```',
    '',
    '- in a list:',
    '',
    '  ```console',
    '  $ ls \\',
    '  > /tmp',
    '  a',
    '  ```',
    '',
    'The end.',
  );
  const transcript = await parseTranscript(text, 'a.md');
  assert.equal(transcript.meta, { id: 'one', title: 'First: things' });
  assert.equal(
    transcript.parts.map((part) => part.kind),
    ['prose', 'commands', 'prose', 'commands', 'prose'],
  );
  assert.equal(
    transcript.commands.map(({ command, line, column, expected }) => [
      command,
      line,
      column,
      expected?.exitCode,
      expected?.lines.map((l) => `${l.line}:${l.column} ${l.text}`),
    ]),
    [
      ['docker ps -q', 10, 1, 0, []],
      ['docker rm nope', 11, 1, 1, ['13:1 Error: No such container: nope']],
      ['docker images', 15, 1, 0, ['16:1 REPOSITORY[..]', '17:1 ...']],
      ['ls /tmp', 23, 3, 0, ['25:3 a']],
    ],
  );
  const prose = transcript.parts.filter((part) => part.kind === 'prose');
  assert.equal(
    prose.map((part) => part.line),
    [5, 20, 28],
  );
});

test('a fence inside another fence, and blocks of other languages, are no console blocks', async () => {
  const text = lines(
    '````text',
    '```console',
    '$ no',
    '```',
    '````',
    '```sh',
    '$ neither',
    '```',
    '```console',
    '$ yes',
    '```',
  );
  const transcript = await parseTranscript(text, 'a.md');
  assert.equal(
    transcript.commands.map((command) => command.command),
    ['yes'],
  );
});

test('a plain list: comments and blank lines are passed over, nothing is expected', async () => {
  const transcript = await parseTranscript(lines('# first', '', '  docker ps \\', '-a', 'ls | grep a'), 'list.txt');
  assert.equal(
    transcript.commands.map(({ command, line, column, expected }) => [command, line, column, expected]),
    [
      ['docker ps -a', 3, 3, undefined],
      ['ls | grep a', 5, 1, undefined],
    ],
  );
});

test('a console session without Markdown', async () => {
  const transcript = await parseTranscript(lines('# pasted', '$ echo a', 'a', '$ false', '? 1'), '-');
  assert.equal(
    transcript.commands.map((c) => [c.command, c.expected?.exitCode, c.expected?.lines.length]),
    [
      ['echo a', 0, 1],
      ['false', 1, 0],
    ],
  );
});

test('the format is known by the name, else by what stands in the file', () => {
  assert.is(transcriptFormat('a.md', 'docker ps'), 'markdown');
  assert.is(transcriptFormat('-', 'x\n```console\n$ a\n```'), 'markdown');
  assert.is(transcriptFormat('-', '# c\n$ a\n'), 'session');
  assert.is(transcriptFormat('-', 'docker ps\n$ a\n'), 'list');
});

test('Windows line ends and a byte order mark make no difference', async () => {
  const transcript = await parseTranscript('\uFEFF```console\r\n$ a\r\nout\r\n```\r\n', 'a.md');
  assert.equal(
    transcript.commands.map((c) => [c.command, c.expected?.lines[0]?.text]),
    [['a', 'out']],
  );
});

const refused: readonly [what: string, text: string, file: string, message: RegExp, line?: number, column?: number][] =
  [
    ['no command in Markdown', '# hello\n\n```sh\n$ ls\n```\n', 'a.md', /no command found/],
    ['no command in a list', '# only a comment\n\n', 'a.txt', /no command found/],
    ['an empty file', '', 'a.txt', /no command found/],
    ['an empty block', 'x\n\n```console\n\n```\n', 'a.md', /console block without a command/, 3, 1],
    [
      'output before the first command',
      '```console\nhello\n$ ls\n```\n',
      'a.md',
      /output before the first command/,
      2,
      1,
    ],
    ['a block that is not closed', 'a\n\n```console\n$ ls\n', 'a.md', /not closed/, 3, 1],
    ['front matter that is not closed', '---\nid: a\n', 'a.md', /front matter is not closed/, 1, 1],
    ['front matter that is not key: value', '---\nid: a\noops\n---\n', 'a.md', /key: value/, 3, 1],
    ['a prompt without a command', '```console\n$ ls\n$\n```\n', 'a.md', /without a command/, 3, 1],
    ['a status that is none', '```console\n$ ls\n? one\n```\n', 'a.md', /not an exit status/, 3, 1],
    ['a status above 255', '```console\n$ ls\n? 256\n```\n', 'a.md', /not an exit status/, 3, 1],
    ['a continuation with nothing behind it', 'docker ps \\\n', 'a.txt', /not finished/, 1, 11],
  ];
for (const [what, text, file, message, line, column] of refused) {
  test(`refused: ${what}`, async () => {
    const error = await refusal(text, file);
    assert.match(error.message, message);
    assert.equal([error.where?.file, error.where?.line, error.where?.column], [file, line, column]);
    assert.is(error.exitCode, 2);
  });
}

test.run();
