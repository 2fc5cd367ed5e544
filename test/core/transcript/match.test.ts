/** What is expected is compared with what came; the first difference is named with its place. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeMismatch, lineMatches, matchAnswer, orderIsRandom } from '../../../core/transcript/match.ts';
import type { TranscriptCommand } from '../../../core/transcript/parse.ts';

function expecting(command: string, lines: readonly string[], exitCode = 0): TranscriptCommand {
  return {
    command,
    line: 1,
    column: 1,
    expected: { exitCode, lines: lines.map((text, i) => ({ text, line: i + 2, column: 1 })) },
  };
}
const answer = (...lines: string[]) => ({ exitCode: 0, stdout: lines.map((line) => `${line}\n`).join(''), stderr: '' });
const found = (expected: string[], ...got: string[]) => matchAnswer(expecting('x', expected), answer(...got));

test('[..] stands for anything in a line, ... for any lines', () => {
  assert.equal(found(['a[..]c', '...', 'z'], 'abbc', '1', '2', 'z'), []);
  assert.equal(found(['a[..]c'], 'ac'), []);
  assert.equal(found(['...'], 'a', 'b'), []);
  assert.equal(found(['...']), []);
  assert.equal(found(['...', 'b', '...', 'b', '...'], 'a', 'b', 'c', 'b'), []);
  assert.equal(found(['a', '...', 'a'], 'a', 'a'), []);
  assert.is(found(['a', '...', 'a'], 'a').length, 1, 'one line does not stand for two');
  assert.is(found(['...', 'b', '...', 'b', '...'], 'a', 'b', 'c').length, 1);
});

test('nothing in a pattern is special but [..]', () => {
  assert.ok(lineMatches('(a.b)*\\d+$', '(a.b)*\\d+$'));
  assert.not(lineMatches('a.b', 'axb'));
  assert.ok(lineMatches('[...]', '[...]'));
});

test('column gaps may be of any width from two on; one space is one space', () => {
  assert.ok(lineMatches('ID   IMAGE     NAMES', 'ID            IMAGE  NAMES'));
  assert.not(lineMatches('ID   IMAGE', 'ID IMAGE'));
  assert.not(lineMatches('ID IMAGE', 'ID  IMAGE'));
});

test('a difference names line and column', () => {
  const [mismatch] = found(['same', 'abcXef'], 'same', 'abcdef');
  assert.equal(mismatch, { what: 'output', line: 3, column: 4, expected: 'abcXef', got: 'abcdef' });
  assert.equal(found(['a [..] X'], 'a bc d')[0]?.column, 8);
  assert.match(describeMismatch(mismatch!, 'ls'), /`ls`: output differs\n {2}expected {2}abcXef\n {2}got {7}abcdef/);
});

test('too much and too little output are named', () => {
  assert.equal(found(['a'], 'a', 'b'), [{ what: 'output', line: 2, column: 1, got: 'b' }]);
  assert.equal(found(['a', 'b'], 'a'), [{ what: 'output', line: 3, column: 1, expected: 'b' }]);
  assert.equal(found([], 'b'), [{ what: 'output', line: 1, column: 1, got: 'b' }]);
});

test('the exit status counts, standard error follows standard output', () => {
  const failed = { exitCode: 1, stdout: 'out\n', stderr: 'err\n' };
  assert.equal(matchAnswer(expecting('x', ['out', 'err'], 1), failed), []);
  assert.equal(matchAnswer(expecting('x', ['out', 'err']), failed), [
    { what: 'exit status', line: 1, column: 1, expected: '0', got: '1' },
  ]);
  assert.equal(matchAnswer({ command: 'x', line: 1, column: 1 }, failed), [], 'a plain list expects nothing');
});

test('a command that has not ended is not as expected', () => {
  const waiting = { exitCode: 0, stdout: '', stderr: '', suspended: 'input' };
  assert.equal(matchAnswer(expecting('x', []), waiting)[0]?.got, 'none: it waits for input');
});

test('white space at line ends and blank lines at the end do not count, blank lines between do', () => {
  assert.equal(found(['a', '', 'b'], 'a  ', '', 'b', ''), []);
  assert.is(found(['a', 'b'], 'a', '', 'b').length, 1);
});

test('the order of docker diff does not matter, its content does', () => {
  assert.ok(orderIsRandom('docker diff web') && orderIsRandom('docker container diff web'));
  assert.ok(orderIsRandom('docker images -a') && orderIsRandom('docker image ls'));
  assert.not(orderIsRandom('docker diff web | sort'));
  const diff = (...lines: string[]) =>
    matchAnswer(expecting('docker diff web', ['C /etc', 'A /etc/[..]', 'A /etc/a']), answer(...lines));
  assert.equal(diff('A /etc/a', 'A /etc/b', 'C /etc'), []);
  assert.equal(diff('A /etc/a', 'D /etc/b', 'C /etc')[0], {
    what: 'output',
    line: 3,
    column: 1,
    expected: 'A /etc/[..]',
    got: 'D /etc/b',
  });
  assert.is(diff('A /etc/a', 'C /etc').length, 1);
  assert.is(diff('A /etc/a', 'A /etc/b', 'C /etc', 'A /x').length, 1);
});

const word = fc.stringMatching(/^[a-z.*+\\([ ]{0,12}$/).map((text) => text.trimEnd());

test('any output matches itself, however it is elided', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), fc.array(fc.nat(40), { maxLength: 8 }), (lines, cuts) => {
      while (lines.at(-1) === '') lines.pop();
      const expected = lines.map((line, i) => {
        const cut = cuts[i];
        if (cut === undefined) return line;
        if (cut > 30) return '...';
        const at = Math.min(cut, line.length);
        // A gap that is cut in two would no longer be one.
        return line.includes('  ') ? line : `${line.slice(0, at)}[..]${line.slice(Math.min(line.length, at + 2))}`;
      });
      if (lines.some((line) => line === '...' || line.includes('[..]'))) return;
      assert.equal(found(expected, ...lines), []);
    }),
    { numRuns: 200 },
  );
});

test('a changed line is always found, unless it was elided', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 8 }), fc.nat(), (lines, n) => {
      const at = n % lines.length;
      const changed = lines.map((line, i) => (i === at ? `${line}X` : line));
      const [mismatch] = found(lines, ...changed);
      assert.equal([mismatch?.line, mismatch?.got], [at + 2, `${lines[at]}X`]);
    }),
    { numRuns: 100 },
  );
});

test.run();
