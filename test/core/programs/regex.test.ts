/**
 * Regular expressions: what they match is what glibc matches (recorded from BusyBox v1.35.0's sed and grep), and expressions
 * that take time without end when one way is tried after the other come to their end.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { posixRegex, withFlags } from '../../../core/programs/lib/regex.ts';
import { MAX_STEPS, MAX_TRIES, Matcher, RegexLimit } from '../../../core/programs/lib/regexmatch.ts';
import { parseRegex } from '../../../core/programs/lib/regexparse.ts';
import { simulate } from './simulate.ts';

/** Script, what real busybox answers. */
const real: readonly (readonly [string, string])[] = [
  ["echo 'a)' | grep -E 'a)'", 'a)\n'],
  ["echo '*ab' | sed 's/^*a/Q/'", 'Qb\n'],
  ["echo 'aaa' | sed -r 's/a**/Q/'", 'Q\n'],
  ["echo 'abcd' | sed -r 's/(a|ab)(c|bcd)(d*)/[\\1][\\2][\\3]/'", '[a][bcd][]\n'],
  ["echo 'aaa' | sed -r 's/(a|aa)*/[\\1]/'", '[a]\n'],
  ["printf 'a\\nb\\n' | sed 'N;s/a.b/X/'", 'X\n'],
  ["echo 'aaaa' | grep -oE 'a{,2}'", 'aa\naa\n'],
  ["echo 'xyab' | sed 's/\\(y\\|xya\\)\\(ab\\|b\\)/[\\1][\\2]/'", '[xya][b]\n'],
  ["echo 'foo foobar' | grep -ow 'foo[a-z]*'", 'foo\nfoobar\n'],
  ["echo 'ababab' | sed -r 's/(a|b|ab)+/[\\1]/'", '[b]\n'],
  ["echo 'a b' | sed 's/\\</</g'", '<a <b\n'],
  ["echo 'abab' | sed -r 's/^(.*)\\1$/[\\1]/'", '[ab]\n'],
  ["echo 'abcabc' | sed -r 's/(^|b)c/X/g'", 'aXaX\n'],
  ["echo 'a^b$c' | sed 's/a^b$c/Q/'", 'Q\n'],
  ["echo 'a)' | sed -r 's/a)/Q/'", 'Q\n'],
];

test('matches are those of the real one: leftmost, longest', () => {
  for (const [script, answer] of real) assert.equal(simulate(script).stdout, answer, script);
});

const as = 'a'.repeat(5000);

test('nested repetitions over long texts come to their end', () => {
  for (const pattern of ['^(a+)+$', '^(a|a)*$', '^(a*)*$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$'])
    assert.is(posixRegex(pattern, true, '').test(`${as}!`), false, pattern);
  assert.is(posixRegex('a*a*a*a*a*a*b', true, '').test(as), false);
  assert.is(posixRegex('^(a+)+$', true, '').exec(as)?.[1], as);
});

test('the tools use them', () => {
  const text = `${'a'.repeat(40)}b`;
  assert.is(simulate(`echo ${text} | grep -E "^(a+)+$"`).code, 1);
  assert.is(simulate(`echo ${text} | sed -E 's/^(a|aa)+$/x/'`).stdout, `${text}\n`);
  assert.is(simulate(`echo ${text} | awk '/^(a+)+$/ { print 1 } END { print 2 }'`).stdout, '2\n');
  assert.is(simulate(`expr ${text} : '\\(a*\\)*$'`).stdout, '\n');
});

test('both ways of matching give the same', () => {
  const texts = ['', 'a', 'ab', 'aab', 'abab', 'xaabbc', 'a b_c', 'cab abc', 'aaaab'];
  for (const pattern of ['a*', 'a*b', '(a*)(b?)', 'a?ab*', '\\<a', 'b\\>', '^a+', '[^a]+$', '(a)b{1,2}', 'a*a?b*'])
    for (const text of texts) {
      const quick = posixRegex(pattern, true, '').exec(text);
      const found = new Matcher(parseRegex(pattern, true), false).search(text, 0);
      assert.equal(found?.slice(0, 2), quick === null ? undefined : [quick.index, quick.index + quick[0].length]);
    }
});

test('they can be used as JavaScript uses its own', () => {
  const regex = posixRegex('(a|ab)(c|bcd)?', true, '');
  assert.equal(
    [...'abcd-a-ab'.matchAll(withFlags(regex, 'g'))].map(([hit]) => hit),
    ['abcd', 'a', 'ab'],
  );
  assert.is('xABx'.replace(posixRegex('(a|ab)', true, 'gi'), '<$1>'), 'x<AB>x');
  assert.is('ab'.replace(posixRegex('(x|y)*', true, 'g'), '-'), '-a-b-');
});

test('back-references stop at a limit that is named', () => {
  const matcher = new Matcher(parseRegex('(a*)*(a*)*(a*)*\\1b', true), false);
  let message = '';
  try {
    matcher.search('a'.repeat(200), 0);
  } catch (error) {
    assert.instance(error, RegexLimit);
    message = (error as Error).message;
  }
  assert.match(message, `${MAX_TRIES} steps`);
  const { code, stderr } = simulate(`echo ${'a'.repeat(200)} | grep -E '(a*)*(a*)*(a*)*\\1b'`);
  assert.is(code, 2);
  assert.match(stderr, /^grep: cutaway: .* the limit of the simulation/);
});

test('so do an expression that grows too big, and one that has too much to do', () => {
  const big = simulate("echo a | grep -E '((a{300}){300}){300}'");
  assert.is(big.code, 2);
  assert.match(big.stderr, /too big/);
  assert.throws(
    () => new Matcher(parseRegex('(a?){9000}b', true), false).search('a'.repeat(20_000), 0),
    (error: unknown) => error instanceof RegexLimit && error.message.includes(`${MAX_STEPS} steps`),
  );
});

test('a bad expression is refused', () => {
  for (const pattern of ['(a', 'a|*b', '[a', 'a{40000}', '(a)\\2', '[b-a]'])
    assert.throws(() => posixRegex(pattern, true, ''), /bad regex/, pattern);
});

test.run();
