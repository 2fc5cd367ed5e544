// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell parameters
/** Scripts by chance within the dialect of busybox ash: every one ends, and none looks at a PID, the time or the host. */
import { readFileSync } from 'node:fs';
import type { Chance } from './chance.ts';
import { pipeline } from './filters.ts';
import { Words } from './words.ts';

/** Of commands.txt. */
const pieces = readPieces();

function readPieces(): readonly string[] {
  const text = readFileSync(new URL('commands.txt', import.meta.url), 'utf8');
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((piece) => piece.split(/\n(?:\n|#|$)/)[0]!.replaceAll('\n> ', '\n'));
}

class Scripts extends Words {
  private loops = 0;
  private heres = 0;

  redirect(): string {
    const { chance } = this;
    return chance.of([
      '> o',
      '>> o',
      '2>&1',
      '>&2',
      '2> /dev/null',
      '> d/o',
      '> nono/o',
      '< f',
      '< nono',
      '>| o',
      '<> o',
      '3> o',
      '2>&1 > o',
      '> o 2>&1',
      '>&-',
      '2>&-',
      '&> o',
      '>& o',
      '> "$x"',
      '> $yy',
      '<&-',
      '>&3',
      '1>&2',
      '< d',
      '> d',
      '0< f',
      '>>d/o',
      '4>&1',
      '>&5',
    ]);
  }

  format(): string {
    const { chance } = this;
    const spec = (): string =>
      `%${chance.of(['', '', '-', '0', '+', ' ', '#', '-0'])}${chance.of(['', '', '5', '2', '12', '*'])}${chance.of(['', '', '.2', '.0', '.', '.*', '.5'])}${chance.of(['d', 's', 'x', 'o', 'u', 'c', 'b', 'i', 'X', 'e', 'f', 'g', 'q', '%', 'ld', 'E', 'G', 'z'])}`;
    return `'${chance.list(1, 3, () => chance.of(['', '[', 'a\\n', '\\t', '\\101', '\\\\', '%%', ' ', '\\x41', '\\c', '\\0', '\\e'].slice(0, 9)) + spec()).join('|')}\\n'`.replaceAll(
      // What busybox prints for a character with a width or precision from the arguments is not defined.
      /\*?(?:\.[*\d]*)?c/g,
      'c',
    );
  }

  private printf(): string {
    const { chance } = this;
    const args = chance.list(0, 4, () =>
      chance.any(
        () => this.number(),
        () => this.word(),
        () =>
          chance.of([
            '1.5',
            '0x1F',
            '-1',
            '"\'A"',
            '1e3',
            '3x',
            "'a\\tb'",
            '017',
            '-0.25',
            '99999999999',
            '+5',
            "' 7'",
            '08',
            '.5',
            '1e-5',
            '123456789.125',
            'inf',
            "'a\\0101b'",
          ]),
      ),
    );
    return `printf ${this.format()} ${args.join(' ')}`;
  }

  private here(body?: string): string {
    const { chance } = this;
    const end = `E${++this.heres}`;
    const lines =
      body ??
      chance
        .list(
          0,
          3,
          () =>
            `${chance.of([
              '$x',
              '"$x"',
              "'$x'",
              '`echo bt`',
              '\\$x \\\\ \\a',
              '$(echo "a b")',
              '${x:-"q"}',
              '$((i+1))',
              '\ttabbed',
              'plain',
              '${nix?gone}',
              '$nix',
              '*',
              '~',
              '',
              "it's",
              '${x#*"o"}',
              '$1 $# $@',
              'a\\',
              "${a:-'s'}",
              '"',
              '\\"',
              '\\`',
              '$',
            ])}\n`,
        )
        .join('');
    const quote = chance.of(['', '', '', "'", '"', '\\']);
    const mark = quote === '\\' ? `\\${end}` : `${quote}${end}${quote}`;
    const dash = chance.once(4);
    const fd = chance.once(8) ? '3' : '';
    const user =
      fd === ''
        ? chance.of([
            'cat',
            'cat -',
            'sort',
            'read x; echo "[$x]"',
            'while read -r x y; do echo "<$x|$y>"; done',
            'wc -l',
            'tr a-z A-Z',
            'sed s/a/A/',
            'cat; echo $?',
          ])
        : 'cat <&3';
    const semi = user.indexOf(';');
    const [head, tail] = semi < 0 || user.startsWith('while') ? [user, ''] : [user.slice(0, semi), user.slice(semi)];
    const rest =
      tail === '' ? chance.of(['', '', ' | cat -n', ' && echo ok', ' || echo no', '; echo $?', ' > o']) : tail;
    return `${head} ${fd}<<${dash ? '-' : ''}${mark}${rest}\n${lines}${dash ? '\t' : ''}${end}\n`;
  }

  private read(): string {
    const { chance } = this;
    const input = chance.of([
      "'a b c\\n'",
      "'  a  b  \\n'",
      "'a:b::c:\\n'",
      "'a\\\\tb\\\\\\nc d\\n'",
      "'x'",
      "''",
      "'a b\\nc d\\n'",
      "':::\\n'",
      "'a,b c,d\\n'",
      "'one;two;'",
      "'\\\\ a b\\\\ c d\\n'",
      "'a: b :c \\n'",
      "'a\\tb\\n'",
    ]);
    const options = chance.of([
      '',
      '',
      '-r',
      '-r',
      '-n 3',
      '-n3',
      '-d :',
      "-d ';'",
      '-rd ""',
      '-t 2',
      '-r -n 1',
      '-s',
      '-p hm',
      '-u 0',
      '-rn 4',
    ]);
    const vars = chance.of(['x', 'x yy', 'x yy a', '', 'x x', 'a b x yy', '1x', 'x', 'x yy']);
    const ifs = chance.of(['', '', 'IFS= ', 'IFS=: ', "IFS=', ' ", "IFS=' :' ", 'IFS=";" ']);
    return `printf ${input} | { ${ifs}read ${options} ${vars}; echo "$?[$x][$yy][$a][\${REPLY-}]"; }`;
  }

  private getopts(): string {
    const { chance } = this;
    const spec = chance.of(['ab:', ':ab:', 'xyz', 'a:b:c', ':']);
    const args = chance
      .list(0, 4, () =>
        chance.of(['-a', '-b', '-b val', '-ab', '-bval', 'arg', '--', '-x', '-', '-z', '-ax q', '-c', '"-b x"']),
      )
      .join(' ');
    const fixed = chance.once(2);
    return `${fixed ? '' : `set -- ${args.startsWith('-') ? '-- ' : ''}${args}\n`}OPTIND=1; while getopts ${spec} o${fixed ? ` ${args}` : ''}; do echo "$o:\${OPTARG-unset}:$OPTIND"; done; echo "$?:$o:$OPTIND:\${OPTARG-unset}"; shift $((OPTIND-1)); echo "$@"`;
  }

  private traps(): string {
    const { chance } = this;
    const action = chance.of([
      "'echo bye $?'",
      '"echo $x"',
      "'echo one; echo two'",
      "''",
      '-',
      "'exit 5'",
      "'x=1; echo $x'",
      "'false'",
      'nosuch',
      "'trap - EXIT; echo off'",
      "'return'",
    ]);
    const signal = chance.of([
      'EXIT',
      '0',
      'TERM',
      'USR1',
      'INT',
      'HUP EXIT',
      'USR2',
      '15',
      'SIGUSR1',
      'NOSIG',
      'usr1',
      'EXIT',
    ]);
    const fire = chance.of([
      '',
      'kill -USR1 $$',
      'kill -TERM $$',
      '(trap)',
      'trap',
      'exit 4',
      '(exit 2)',
      '( trap "echo sub" EXIT; exit 3 )',
      'kill -s USR2 $$',
      'echo $(trap)',
      '(trap "echo t" USR1; trap)',
      'trap "" USR1; sh -c "kill -USR1 \\$\\$; echo alive"',
      'kill -INT $$',
      'false',
      'nosuch',
    ]);
    return `sh -c '${`trap ${action} ${signal}\n${fire}; echo "on $?"`.replaceAll("'", "'\\''")}'; echo $?`;
  }

  simple(): string {
    const { chance } = this;
    const assign = (): string =>
      `${this.name()}=${chance.any(
        () => this.literal(),
        () => this.number(),
        () => this.variable(),
        () => this.word(),
        () => `$((${this.arithmetic()}))`,
      )}`;
    const echo = (): string => `echo ${this.words()}`;
    return chance.any(
      echo,
      echo,
      echo,
      () => `printf '[%s]' ${this.words()}; echo`,
      () => `printf '[%s]' ${this.words()}; echo`,
      assign,
      assign,
      () => `${chance.of(['i', 'j'])}=$((${this.arithmetic()}))`,
      () => `echo $((${this.arithmetic(4)}))`,
      () => this.printf(),
      () => `set -- ${this.words()}`.replace(/^set -- -/, 'set -- x -'),
      () =>
        chance.of([
          'shift',
          'unset x',
          'unset a b',
          'IFS=:',
          'unset IFS',
          'cd d',
          'cd /w',
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
          'ls -a d',
          'echo "$x" > o',
          'cat o',
          'touch "a b" x.c',
        ]),
      () => `echo ${this.words()} ${this.redirect()}`,
      () =>
        `${chance.of(['ls nono', 'nosuch', 'cat', ':', '{ echo g; }', '(echo s)', 'true', 'x=2'])} ${this.redirect()}`,
      () => `echo ${this.words()} | ${pipeline(chance, 1, 2)}`,
      () => `cat f a | ${pipeline(chance, 1, 3)}`,
      () => this.here(),
      () => this.here(),
      () => this.read(),
      () => this.getopts(),
      () => this.traps(),
      () => chance.of(pieces),
      () => chance.of(pieces),
      () => chance.of(pieces),
      () => `${this.test()}; echo $?`,
      () => `${this.name()}=${this.word()} ${this.simpleWord()}`,
    );
  }

  private simpleWord(): string {
    return this.chance.of([
      'echo $x',
      'sh -c \'echo "$x$a"\'',
      'eval \'echo "$a"\'',
      ':',
      'export b',
      'printf "%s\\n" "$x"',
      'nosuch',
      'env | grep "^a="',
      'read yy < f',
      'cat f',
      "command eval 'echo $a'",
    ]);
  }

  private loopVariable(): string {
    return `k${++this.loops}`;
  }

  /** Names are not used twice: a function that calls itself for ever ends otherwise in each shell. */
  private definition(body: string): string {
    const name = `fn${++this.loops}`;
    return `${name}() { ${body}${this.chance.of(['', 'return 2; ', 'return; '])}}; ${name} a 'b c'; echo $? $#`;
  }

  command(depth: number): string {
    const { chance } = this;
    const body = (): string => this.body(depth - 1);
    if (depth === 0 || chance.once(2)) return this.simple();
    return chance.any(
      () =>
        `if ${this.test()}; then\n${body()}${chance.of(['', `elif ${this.test()}; then ${body()}`])}${chance.once(2) ? `else ${body()}` : ''}fi`,
      () => `for ${this.name()} in ${this.words()}; do\n${body()}done`,
      () => {
        const k = this.loopVariable();
        return `${k}=0; ${chance.once(2) ? `while [ $${k} -lt ${chance.between(1, 3)} ]` : `until [ $${k} -ge ${chance.between(1, 3)} ]`}; do ${k}=$((${k}+1))\n${body()}${chance.of(['', '', `[ $${k} = 2 ] && break`, `[ $${k} = 1 ] && continue; echo on`, 'break 2'])}\ndone`;
      },
      () =>
        `case ${this.word()} in\n${chance
          .list(
            1,
            3,
            () =>
              `${chance.of(['', '('])}${this.pattern()}${chance.once(3) ? ` | ${this.pattern()}` : ''}) ${body()};;\n`,
          )
          .join('')
          .replaceAll(/\n;;/g, '\n;;')}esac`,
      () => `(${body()})${chance.of(['', ' > o', ' 2>&1', '; echo $?'])}`,
      () => `{ ${body()}}${chance.of(['', ' > o', ' 2>&1', '; echo $?', ' 2> /dev/null'])}`,
      () => `{ ${body()}} | ${pipeline(chance, 1, 1)}`,
      () => `z=$(${body()}); echo "$? $z"`,
      () => this.definition(body()),
      () =>
        `${this.test()} ${chance.of(['&&', '||'])} ${chance.of(['{', '('])} ${body()}@`.replace(
          /(\{|\()([\s\S]*)@$/,
          (_, open, inner) => `${open}${inner}${open === '{' ? '}' : ')'}`,
        ),
      () =>
        this.here(
          chance
            .list(
              1,
              2,
              () => `$(echo ${chance.of(['$x', '"a  b"', "'q'", '*', '$(echo in)', '${x#a}', '$((i+1))', '"$x"'])})\n`,
            )
            .join(''),
        ),
      () => `eval '${body().replaceAll("'", "'\\''")}'`,
    );
  }

  body(depth: number): string {
    return this.chance
      .list(1, 3, () => this.command(depth))
      .map((one) => (one.endsWith('\n') ? one : `${one}\n`))
      .join('');
  }
}

/** What makes most scripts wrong: a token too much, one too few, two in each other's place. */
function spoiled(script: string, chance: Chance): string {
  const tokens = script.split(/(?<=[\s;()|&])/);
  const at = chance.below(tokens.length);
  chance.any(
    () => tokens.splice(at, 1),
    () =>
      tokens.splice(
        at,
        0,
        `${chance.of([';', ';;', ')', '(', 'fi', 'do', 'done', 'then', 'esac', '}', '{', '|', '&&', '"', "'", '`', '$(', '${', '<', '>', '<<', '!', 'in', 'else', '& wait;', '((', '))', '\n', '\\', '#'])} `,
      ),
    () => tokens.splice(at, 2, tokens[at + 1] ?? '', tokens[at]!),
  );
  return tokens.join('');
}

/** Every one ends by itself, unless it was spoiled. */
export function script(chance: Chance): string {
  const scripts = new Scripts(chance);
  const options = chance.of([
    '',
    '',
    '',
    '',
    '',
    'set -e\n',
    'set -u\n',
    'set -f\n',
    "IFS=': '\n",
    "set -- one 'two 2' '*'\n",
    'set -eu\n',
  ]);
  const text = `x='a b'; i=4; j=7\n${options}${scripts.body(2)}echo "end $?"`;
  return chance.once(10) ? spoiled(text, chance) : text;
}

/** One command alone. */
export function single(chance: Chance): string {
  return `x='a b'; i=4; j=7\n${new Scripts(chance).simple()}\necho "end $?"`;
}
