// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell parameters
/** Words of the shell by chance: quoting, parameters, substitutions, arithmetic, patterns, conditions. */
import type { Chance } from './chance.ts';

export const names = ['a', 'b', 'x', 'yy'] as const;
const counters = ['i', 'j'] as const;
const texts = [
  '',
  'a',
  'ab',
  'a b',
  ' a  b ',
  'a:b',
  ':a::b',
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
  'a/b/c',
  '/w/d',
  'hello world',
  'ABC',
  '$x',
  '"',
  '-n',
  '--',
  '?',
  'tab\there',
  'x=1',
  'é',
];

export class Words {
  constructor(readonly chance: Chance) {}

  name(): string {
    return this.chance.of(names);
  }

  /** A text in quotes, so that it is one word and means itself. */
  literal(): string {
    const text = this.chance.of(texts);
    if (this.chance.once(3) && !/["\\$`!]/.test(text)) return `"${text}"`;
    return `'${text}'`;
  }

  number(): string {
    return String(this.chance.between(-9, 99));
  }

  pattern(): string {
    return this.chance.of([
      'a*',
      '*b',
      '?',
      '[a-f]',
      '[!a]',
      '*',
      'a',
      '"*"',
      '*.*',
      '$x',
      '[[:alpha:]]',
      '[[:digit:]]*',
      '[^b]*',
      '*[:/]*',
      '\\*',
      '"a"*',
      '?*',
      '[]x]',
      '[a',
      '[a-c-e]',
      "'a b'",
      '*/',
      '/*',
      '.',
      '*o*',
      '[[:space:]]',
      '??',
      '[-a]*',
      '[!!]',
      '[[:upper:]]*',
      '$1',
      '${x}*',
      '[$x]',
      '""',
      '*"o"*',
    ]);
  }

  /** For `${x//…}`: one that matches nothing, or has a bracket without an end, sends busybox 1.35 astray. */
  private replaceable(): string {
    return this.chance.of([
      'a',
      '?',
      '[a-f]',
      '[[:alpha:]]',
      '"a"',
      'a*',
      '*b',
      'x',
      ' ',
      '"a b"',
      '[!a]',
      '.',
      'o',
      '?b',
      '$i',
    ]);
  }

  private parameter(): string {
    const { chance } = this;
    const n = chance.of([...names, '1', '2', 'unset1', 'LINENO', 'HOME']);
    const plain = (): string => chance.of([`$${n}`, `\${${n}}`, `\${#${n}}`]);
    const fallback = (): string =>
      `\${${n}${chance.of(['-', ':-', '+', ':+', ':=', '=', '-', ':-'])}${chance.of(['w', 'p q', '"r  s"', '$b', '', "'t u'", '${a:-v}', '$(echo c d)', '*', '~', "it's", '"$@"', '$i', '\\$x'])}}`.replace(
        /\$\{(\d|LINENO)(:?)=/,
        '${a$2=',
      );
    const cut = (): string => `\${${n}${chance.of(['#', '##', '%', '%%'])}${this.pattern()}}`;
    const swap = (): string =>
      `\${${n}${chance.of(['/', '//'])}${this.replaceable()}${chance.of(['/', '/-', '/<$b>', '/"q r"', '/\\/'])}}`;
    const slice = (): string =>
      `\${${n}:${chance.of(['0', '1', '2', ' -2', 'i', '$i-3', '(-1)', '9'])}${chance.of(['', ':1', ':2', ':0', ':-1', ':i', ':99'])}}`;
    const special = (): string =>
      chance.of([
        '$#',
        '$?',
        '$@',
        '$*',
        '${#@}',
        '${#*}',
        '${3-none}',
        '${@-n}',
        '${*:-m}',
        '${12}',
        '$0',
        '${#}',
        '${?}',
        '$11',
        '${@+set}',
        '${#?}',
        '${##}',
      ]);
    return chance.any(plain, plain, plain, fallback, fallback, cut, cut, swap, slice, special, special);
  }

  variable(): string {
    const text = this.parameter();
    return this.chance.once(2) ? `"${text}"` : text;
  }

  arithmetic(depth = 3): string {
    const { chance } = this;
    const e = (): string => this.arithmetic(depth - 1);
    const leaf = (): string =>
      chance.of([
        ...counters,
        'i',
        'j',
        '$i',
        '0x1f',
        '010',
        '0',
        '1',
        '7',
        '42',
        '9223372036854775807',
        '${#x}',
        '$#',
        'nix',
        '16#ff',
        '2#101',
        '$(echo 5)',
        '36#z',
      ]);
    if (depth === 0) return leaf();
    return chance.any(
      leaf,
      leaf,
      () =>
        chance.of([
          '(i = 3)',
          'i++',
          '--j',
          'j--',
          '++i',
          '(i += 2)',
          '(j -= i)',
          '(i *= 2)',
          '(j |= 8)',
          '(i <<= 1)',
          '(j %= 5)',
          '(i ^= j)',
          '(i = j = 2)',
        ]),
      () =>
        `(${e()} ${chance.of(['+', '-', '*', '<', '<=', '>', '>=', '==', '!=', '&&', '||', '&', '|', '^', ','])} ${e()})`,
      () => `${e()}${chance.of(['+', ' - ', '*', ' < ', '==', ' && ', '|'])}${e()}`,
      () => `(${e()} ${chance.of(['/', '%', '<<', '>>'])} ${chance.between(1, 9)})`,
      () => `(${e()} ? ${e()} : ${e()})`,
      () => `${chance.of(['!', '~', '-', '+'])} (${e()})`,
      () => `(${e()} ** ${chance.between(0, 5)})`,
    );
  }

  /** An inner command whose output is looked at. */
  private substitution(): string {
    const inner = this.chance.of([
      'echo hi',
      "printf 'a\\n\\nb\\n\\n'",
      'cat f',
      'false',
      'echo "$x" | tr a-f A-F',
      'echo $x',
      'echo "$(echo "in $a")"',
      ':',
      'exit 3',
      'ls',
      'echo "$@"',
      'printf "%s|" $x',
      "echo 'a  b'",
      'echo a; echo b',
      'echo \\$x',
      '(echo sub)',
      '{ echo grp; }',
      'nosuch 2>/dev/null',
      'cd d; pwd',
      'basename /a/b.c .c',
      'cat <f',
      'case a in (a) echo c;; esac',
      'echo "a)b"',
      "echo ')'",
    ]);
    return this.chance.once(4) && !/[`\\]/.test(inner) ? `\`${inner}\`` : `$(${inner})`;
  }

  word(): string {
    const { chance } = this;
    const plain = (): string =>
      chance.of([
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
        "''",
        '[a-f]',
        '~',
        'no*',
        '\\*',
        '1',
        '-n',
        '~/q',
        '~root',
        "$'a\\tb\\n'",
        "$'\\x41\\102\\e[0m'",
        '"\\$x \\" \\\\ \\a"',
        '[[:lower:]]',
        'd/*',
        '*/',
        '.*',
        '[!f]',
        '{a,b}',
        'a\\ b',
        '"$x"\'$x\'$x',
        '$',
        '"$"',
        'a#b',
        '%',
        '=',
        'x=~',
        '[',
        ']',
        '!',
        '[f',
        '"f"*',
        '\\?',
        "'*'",
        'd/*',
        '/w/[fa]',
        '@(a|b)'.replace(/.*/, 'at@'),
        '\\\\',
        '"\\n"',
        '-e',
      ]);
    return chance.any(
      plain,
      plain,
      () => this.variable(),
      () => this.variable(),
      () => `$((${this.arithmetic()}))`,
      () => chance.of(['', 'p', '"q r"', '\\*']) + this.variable() + chance.of(['', this.variable(), '/', "'s t'"]),
      () => (chance.once(2) ? `"${this.substitution()}"` : this.substitution()),
      () => this.literal(),
    );
  }

  words(low = 1, high = 4): string {
    return this.chance.list(low, high, () => this.word()).join(' ');
  }

  /** A command whose status is asked for. */
  test(): string {
    const { chance } = this;
    const quoted = (): string =>
      chance.any(
        () => this.literal(),
        () => `"$${this.name()}"`,
        () => `"${this.parameter()}"`,
      );
    const file = (): string => chance.of(['f', 'd', 'no', 'o', 'a', '/dev/null', '.', '""', 'd/e']);
    const one = (): string =>
      chance.any(
        () => `${quoted()} ${chance.of(['=', '!=', '==', '<', '>'].slice(0, 3))} ${quoted()}`,
        () => `${this.number()} ${chance.of(['-eq', '-ne', '-lt', '-ge', '-gt', '-le'])} ${this.number()}`,
        () =>
          `${chance.of(['-f', '-d', '-e', '-s', '-r', '-w', '-x', '-L', '-p', '-h', '-S', '-b', '-c', '-u', '-g', '-O', '-G'])} ${file()}`,
        () => `${chance.of(['-n', '-z'])} ${quoted()}`,
        () => `${file()} ${chance.of(['-ef'])} ${file()}`,
        () => quoted(),
        () => `$i ${chance.of(['-eq', '-lt', '-ge'])} $j`,
        () =>
          chance.of([
            '-t 9',
            '',
            'a -eq 1',
            '1 -eq',
            '-f',
            '=',
            '! ""',
            '( a )',
            'a b',
            '-z',
            '! a = b',
            '" 3 " -eq 3',
            '07 -eq 7',
            '-a',
            'a -o',
            '"" -o x',
          ]),
      );
    const joined = (): string =>
      chance.any(
        one,
        () => `${one()} ${chance.of(['-a', '-o'])} ${one()}`,
        () => `! ${one()}`,
        () => `\\( ${one()} \\) -a ${one()}`,
      );
    return chance.any(
      () => `[ ${joined()} ]`,
      () => `[ ${one()} ]`,
      () => `test ${joined()}`,
      () =>
        `[[ ${chance.any(
          one,
          () => `${quoted()} ${chance.of(['==', '=', '!='])} ${this.pattern()}`,
          () => `${quoted()} =~ ${chance.of(['^a', 'b$', '[0-9]+', 'o.w', '"a b"'])}`,
          () => `${one()} && ${one()}`,
          () => `${one()} || ${one()}`,
        )} ]]`,
      () =>
        chance.of([
          'true',
          'false',
          '! true',
          'grep -q y f',
          '(exit 3)',
          'test',
          ': $x',
          '[ x',
          'let i',
          'let "i > 3"',
          '! :',
          '[ -n "$x" ] && :',
        ]),
    );
  }
}
