/**
 * Small shell scripts by chance, within the dialect that the simulation carries: every one ends, none looks at a PID, the time
 * or the host.
 */
import * as fc from 'fast-check';

const name = fc.constantFrom('a', 'b', 'x', 'yy');
const text = fc.constantFrom(
  '',
  'a',
  'ab',
  'a b',
  ' a  b ',
  'a:b',
  '*',
  'f',
  'd/',
  '1',
  '07',
  '-3',
  'x.y.z',
  'q*',
  '[a]',
  '\\',
  '\\n',
  '#c',
  '~',
  '!',
);
const number = fc.integer({ min: -9, max: 99 }).map(String);
const quote = (value: string): string => `'${value}'`;
const pattern = fc.constantFrom('a*', '*b', '?', '[a-f]', '[!a]', '*', 'a', '"*"', '*.*', '$x');

const variable = fc.oneof(
  name.map((each) => `$${each}`),
  name.map((each) => `"$${each}"`),
  name.map((each) => `\${#${each}}`),
  fc
    .tuple(name, fc.constantFrom('-', ':-', '+', ':+', ':=', '='), fc.constantFrom('w', 'p q', '"r  s"', '$b', ''))
    .map(([n, op, w]) => `\${${n}${op}${w}}`),
  fc.tuple(name, fc.constantFrom('#', '##', '%', '%%'), pattern).map(([n, op, p]) => `"\${${n}${op}${p}}"`),
  fc.constantFrom('$#', '$?', '"$@"', '"$*"', '$*', '$1', '"$2"', `\${3-none}`),
);

const arithmetic: fc.Arbitrary<string> = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    number.map((n) => (n.startsWith('-') ? `(${n})` : n)),
    fc.constantFrom('i', 'j', '$i', '(i = 3)', 'i++', '--j', '0x1f', '010'),
    fc
      .tuple(tie('e'), fc.constantFrom('+', '-', '*', '<', '<=', '==', '!=', '&&', '||', '&', '|', '^', ','), tie('e'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc
      .tuple(tie('e'), fc.constantFrom('/', '%', '<<', '>>'), fc.integer({ min: 1, max: 9 }))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(tie('e'), tie('e'), tie('e')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    tie('e').map((each) => `!(${each})`),
    tie('e').map((each) => `~ (${each})`),
  ),
})).e;

const word: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'f',
    'd',
    '*',
    '?',
    '"a  b"',
    "'$x'",
    '\\$x',
    'a"b"c',
    '""',
    '[a-f]',
    '~',
    'no*',
    '\\*',
    '1',
    '-n',
  ),
  variable,
  arithmetic.map((each) => `$((${each}))`),
  fc.tuple(variable, variable).map(([a, b]) => a + b),
  fc.constantFrom(
    '$(echo hi)',
    '"$(printf \'a\\n\\nb\\n\\n\')"',
    '`echo bt`',
    '$(cat f)',
    '"$(cat f)"',
    '$(false)',
    '$(echo "$x" | tr a-f A-F)',
  ),
);
const words = fc.array(word, { minLength: 1, maxLength: 4 }).map((list) => list.join(' '));

const test = fc.oneof(
  fc.tuple(word, fc.constantFrom('=', '!='), word).map(([a, op, b]) => `[ "${quoteless(a)}" ${op} "${quoteless(b)}" ]`),
  fc.tuple(number, fc.constantFrom('-eq', '-ne', '-lt', '-ge'), number).map(([a, op, b]) => `[ ${a} ${op} ${b} ]`),
  fc
    .tuple(fc.constantFrom('-f', '-d', '-e', '-s', '! -e'), fc.constantFrom('f', 'd', 'no', 'o'))
    .map(([op, file]) => `[ ${op} ${file} ]`),
  fc.tuple(fc.constantFrom('-n', '-z'), name).map(([op, n]) => `[ ${op} "$${n}" ]`),
  fc.constantFrom('true', 'false', '! true', 'grep -q y f', '(exit 3)', 'test'),
);
const quoteless = (each: string): string => each.replace(/["'`]/g, '').replace(/\$\(([^()]*)\)/g, '$1');

const filter = fc.constantFrom(
  'cat',
  'sort',
  'sort -r',
  'wc -l',
  'wc -c',
  'head -n 1',
  'tail -n 1',
  "tr 'a-y' 'b-z'",
  "sed 's/a/<&>/g'",
  'uniq -c',
  'cut -c 1-3',
  'rev',
  'tac',
  "awk '{ print NF, $1 }'",
  'grep -n .',
  'grep -v a',
  "sed -n '$p'",
  'od -c',
  'base64',
  'nl',
);

const simple: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: words.map((each) => `echo ${each}`) },
  { weight: 3, arbitrary: words.map((each) => `printf '[%s]' ${each}; echo`) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        name,
        fc.oneof(
          text.map(quote),
          number,
          variable,
          arithmetic.map((each) => `$((${each}))`),
        ),
      )
      .map(([n, value]) => `${n}=${value}`),
  },
  fc.tuple(fc.constantFrom('i', 'j'), arithmetic).map(([n, each]) => `${n}=$((${each}))`),
  words.map((each) => `set -- ${each.startsWith('-') ? `x ${each}` : each}`),
  fc.constantFrom(
    'shift',
    'unset x',
    'unset a b',
    'IFS=:',
    'unset IFS',
    'cd d',
    'cd /w',
    'set -f',
    'set +f',
    ':',
    'true',
    'false',
    'export x',
    'cat f',
    'ls',
    'rm -f o',
    'mkdir -p d/e',
    'touch o',
    'cp f o',
    'ls nono',
    'nosuch',
    'read x < f; echo "$x"',
    'umask 027',
    'trap "echo bye" EXIT',
    'eval "echo $x"',
    "sh -c 'echo $x $0'",
    'type cd',
  ),
  fc
    .tuple(words, fc.constantFrom('> o', '>> o', '2>&1', '>&2', '2> /dev/null', '> d/o', '> nono/o'))
    .map(([each, redirect]) => `echo ${each} ${redirect}`),
  fc
    .tuple(words, fc.array(filter, { minLength: 1, maxLength: 2 }))
    .map(([each, filters]) => `echo ${each} | ${filters.join(' | ')}`),
  fc.array(filter, { minLength: 1, maxLength: 3 }).map((filters) => `cat f a | ${filters.join(' | ')}`),
  fc.tuple(word, word).map(([a, b]) => `cat <<EOF\n${quoteless(a)} ${quoteless(b)} $x\nEOF\n`),
);

/** Loops inside of a loop count in variables of their own: k, kk, kkk … */
const inner = (body: string): string => body.replace(/\bk+\b/g, (counter) => `${counter}k`);

const list: fc.Arbitrary<string> = fc.letrec<{ command: string; body: string }>((tie) => ({
  command: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    simple,
    fc.tuple(test, tie('body'), tie('body')).map(([t, a, b]) => `if ${t}; then ${a}else ${b}fi`),
    fc.tuple(name, words, tie('body')).map(([n, each, body]) => `for ${n} in ${each}; do ${body}done`),
    fc
      .tuple(fc.integer({ min: 1, max: 3 }), tie('body'))
      .map(([n, body]) => `k=0; while [ $k -lt ${n} ]; do k=$((k+1)); ${inner(body)}[ $k -gt 5 ] && break; done`),
    fc.tuple(word, fc.array(fc.tuple(pattern, tie('body')), { minLength: 1, maxLength: 3 })).map(
      ([w, items]) =>
        `case ${w} in ${items
          .map(([p, body]) => `${p}) ${body};; `)
          .join('')
          .replaceAll('\n;;', '\n;;')}esac`,
    ),
    tie('body').map((body) => `(${body})`),
    tie('body').map((body) => `{ ${body}}`),
    tie('body').map((body) => `{ ${body}} | cat`),
    tie('body').map((body) => `z=$(${body}); echo "$z"`),
    tie('body').map((body) => `fn() { ${body}return 2; }; fn a 'b c'; echo $? $#`),
    fc.tuple(test, fc.constantFrom('&&', '||'), simple).map(([t, op, each]) => `${t} ${op} ${each}`),
  ),
  body: fc
    .array(tie('command'), { minLength: 1, maxLength: 3 })
    .map((each) => each.map((one) => `${one}${one.endsWith('\n') ? '' : '\n'}`).join('')),
})).body;

export const generatedScript: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('', '', '', 'set -e\n', 'set -u\n'), list)
  .map(([options, body]) => `x='a b'; i=4; j=7\n${options}${body}echo "end $?"`)
  .filter((script) => script.length < 1500);
