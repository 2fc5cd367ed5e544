/** The shell's reader on its own: what the data looks like, and where an error is said to be. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ScriptError, type Simple } from '../../../core/programs/sh/ast.ts';
import { parseScript, Reader } from '../../../core/programs/sh/parser.ts';

function simple(text: string): Simple {
  const command = parseScript(text).items[0]!.pipelines[0]!.commands[0]!;
  assert.is(command.kind, 'simple');
  return command as Simple;
}

function errorOf(text: string): ScriptError {
  try {
    parseScript(text);
  } catch (error) {
    if (error instanceof ScriptError) return error;
    throw error;
  }
  throw new Error(`no error in ${text}`);
}

test('a docker line with a command substitution', () => {
  const [, , last] = simple('docker rm $(docker ps -aq)').words;
  const part = last!.parts[0]!;
  assert.is(part.kind, 'command');
  assert.ok(part.kind === 'command');
  const inner = part.script.items[0]!.pipelines[0]!.commands[0]!;
  assert.ok(inner.kind === 'simple');
  assert.equal(
    inner.words.map((word) => word.parts[0]),
    [
      { kind: 'text', text: 'docker', quoted: false },
      { kind: 'text', text: 'ps', quoted: false },
      { kind: 'text', text: '-aq', quoted: false },
    ],
  );
});

test('lists keep their operators, and each part its place in the text', () => {
  const text = 'a; b && c > f || d | e &';
  const [first, second] = parseScript(text).items;
  assert.is(text.slice(first!.start, first!.end), 'a');
  assert.equal(second!.ops, ['&&', '||']);
  assert.is(second!.background, true);
  assert.equal(
    second!.pipelines.map((each) => text.slice(each.start, each.end)),
    ['b', 'c > f', 'd | e'],
  );
});

test('quoting is kept: text between quotes is no pattern and not split', () => {
  assert.equal(simple(`a*'b*'"$c"`).words[0]!.parts, [
    { kind: 'text', text: 'a*', quoted: false },
    { kind: 'text', text: 'b*', quoted: true },
    { kind: 'param', name: 'c', quoted: true },
  ]);
});

test('an error has the words of busybox and the place of the token', () => {
  const error = errorOf('echo a\nif true; done');
  assert.is(error.message, 'syntax error: unexpected "done" (expecting "then")');
  assert.equal([error.at.line, error.at.column], [2, 10]);
  assert.equal(errorOf('echo "abc').at, { start: 9, end: 9, line: 1, column: 10 });
});

test('a reader gives what stands before the error first', () => {
  const reader = new Reader('echo a\necho b; )\n');
  assert.is(reader.next()?.items.length, 1);
  assert.throws(() => reader.next(), /unexpected "\)"/);
});

test('any text is either a script or a ScriptError within it', () => {
  const bits = fc.constantFrom(
    'a',
    ' ',
    '"',
    "'",
    '$',
    '{',
    '}',
    '(',
    ')',
    ';',
    '&',
    '|',
    '<',
    '>',
    '\n',
    '`',
    '\\',
    'if ',
    'fi',
    '=',
    '#',
    'x',
    '1',
  );
  fc.assert(
    fc.property(fc.array(bits, { maxLength: 25 }), (list) => {
      const text = list.join('');
      try {
        parseScript(text);
      } catch (error) {
        assert.instance(error, ScriptError);
      }
    }),
    { numRuns: 300 },
  );
});

test('a word in single quotes is that word', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const plain = text.replaceAll("'", '');
      const { parts } = simple(`echo '${plain}'`).words[1]!;
      assert.equal(parts, [{ kind: 'text', text: plain, quoted: true }]);
    }),
    { numRuns: 200 },
  );
});

test.run();
