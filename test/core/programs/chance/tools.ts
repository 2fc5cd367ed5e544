// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell parameters
/**
 * Calls of applets by chance: options, operands and input. What comes out must not depend on the host, the time or PIDs.
 * tools.txt names the applets with what each may be given.
 */
import { readFileSync } from 'node:fs';
import type { Chance } from './chance.ts';

/** A line of tools.txt. */
interface Tool {
  readonly name: string;
  readonly options: readonly string[];
  readonly rest: string;
  readonly reads: boolean;
}

const tools: readonly Tool[] = readFileSync(new URL('tools.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, head = '', rest = ''] = /^(.*?) \|(?: (.*)|$)/.exec(line) ?? [];
    const [name = '', ...options] = head.trim().split(' ');
    return {
      name: name.replace('<', ''),
      // An option with a question mark is one whose answer depends on the host, or that busybox lacks: it is left out.
      options: options.filter((option) => !option.endsWith('?')),
      rest: rest.trim(),
      reads: name.startsWith('<'),
    };
  })
  .filter(({ name }) => !name.endsWith('?'));

/** What the directory holds besides `a`, `f` and `d`. */
const setting = [
  "printf 'one 1:x\\ntwo 2:y\\n\\nThree 10:z\\nthree 3:x\\nthree 3:x\\n' > g; printf 'no newline' > h; : > e",
  "printf 'b 2\\na 10\\nc 1\\nB 3\\n' > k; printf 'x\\ty  z\\n\\ttab\\n' > t; ln -s f l; ln -s nowhere broken",
  "mkdir d/sub d2; printf 'deep\\nx\\n' > d/sub/q; cp f d2/f; echo other > d2/g; echo in > d/f",
].join('; ');

const files = ['f', 'a', 'g', 'h', 'e', 'k', 't', 'd/sub/q', 'l', 'broken', 'no', 'd', "'a b'"];
const dirs = ['d', 'd2', 'd/sub', '.', 'e', 'no', 'l'];
const regexes = [
  'x',
  'o',
  '^a',
  '[a-c]',
  'e$',
  '.',
  '',
  'thr*e',
  '[[:digit:]]\\+',
  '\\(t\\).*\\1',
  'a|b',
  'x\\|y',
  '[0-9]{2}',
  '^$',
  '\\.',
  'T',
  'two',
  '(o)(n)e',
  '\\bone',
  '[^ ]*',
  'l\\{2\\}',
  '.*',
  '\\w\\+',
  'o.*o',
  '\\<t',
  'e\\>',
];
const seds = [
  's/o/0/',
  's/o/0/g',
  's/\\(.\\)\\(.\\)/\\2\\1/',
  's/[a-z]*/<&>/',
  '2d',
  '$d',
  '2q',
  '1!d',
  '/two/d',
  '/one/,/three/p',
  '2,3s/^/> /',
  'y/abc/xyz/',
  '$!N;P;D',
  'G',
  'x;p;x',
  '=',
  'n;d',
  's/x/a\\nb/',
  'a\\after',
  'i\\before',
  'c\\changed',
  '/t/!s/$/;/',
  '1~2p',
  '2,+1d',
  's/e/E/2',
  's/E/q/Ig',
  'h;$!d;x',
  ':a;s/^.\\{1,6\\}$/ &/;ta',
  'w out',
  '/o/w out',
  'r a',
  's/o/0/w out',
  's/o/0/p',
  'N;s/\\n/+/',
  '/x/{s//y/;q}',
  'b;d',
  '/two/b end;s/$/ no/;:end',
  'l',
  's,/,|,g',
  '0~3d',
  '2,/x/d',
  '/a/,2p',
  '$=',
  'bad',
  's/a',
  'y/a/',
  '3r no',
  's/\\bt/T/',
  's/.*/\\U&/',
  'q5',
  'tx;s/^/-/;:x',
  'D',
  's/o*/x/g',
  'z',
  's/(o)/[\\1]/',
  's/[0-9]+/N/',
  '/^$/d',
  '2{h;d};$G',
  'a foo',
  '2i foo',
  '1c\\',
  's/a\\|o/_/g',
  '}',
];
const awks = [
  '{ print NF, $1 }',
  '{ s += $2 } END { print s }',
  'NR == 2',
  '/x/ { print NR ": " $0 }',
  'BEGIN { print 1/3, 2^10, 7%3 }',
  '{ $2 = "new"; print }',
  'END { print NR, FNR, FILENAME }',
  '{ print length($0), substr($0, 2, 3) }',
  '{ gsub(/o/, "0"); print }',
  '{ print toupper($1) tolower($0) }',
  '{ a[$1]++ } END { for (k in a) n++; print n }',
  'BEGIN { printf "%5.2f|%-5s|%05d|%x|%c|%e\\n", 3.14159, "ab", 42, 255, 65, 12345 }',
  '{ n = split($0, p, /[: ]/); print n, p[1], p[n] }',
  'BEGIN { while (i < 3) print i++; do j++; while (j < 2); print j }',
  'function f(x) { return x < 2 ? 1 : x * f(x - 1) } BEGIN { print f(10) }',
  '$2 > 2',
  '!seen[$0]++',
  'BEGIN { x = "a" "b"; print x, index(x, "b"), match("foobar", /o+/), RSTART, RLENGTH }',
  '{ print $NF; $0 = "p q"; print NF }',
  'BEGIN { print substr("hello", 0, 2), substr("hello", -1), substr("hello", 4, 99) }',
  'BEGIN { OFS = "-"; $0 = "a b c"; $1 = $1; print; NF = 2; print }',
  'NR==1, /two/',
  'BEGIN { print -3 % 2, int(-3.7), 1e6, 1e17, 0.1 + 0.2, 100000 * 100000 }',
  'BEGIN { print "a" < "b", 10 < 9, "10" < "9", 1 == 1.0, "x" ~ /X/ }',
  '{ sub(/^./, "[&]"); print } ',
  'BEGIN { getline; print "got " $0; getline x; print x, NR }',
  'BEGIN { "echo cmd" | getline v; print v; print "to" | "cat"; close("cat"); print "z" > "out" }',
  'BEGIN { exit 3 } END { print "end" }',
  '{ next } END { print "e" }',
  'BEGIN { a["x"]; if ("x" in a) print "in"; delete a["x"]; print length(a) }',
  'BEGIN { printf "%s %d %i %5c|%-3c|%.3s\\n", "s", "12abc", 3.9, "xyz", "q", "abcdef" }',
  'BEGIN { printf "%d %s\\n" }',
  'BEGIN { print substr("x", 1.5), sprintf("%3d", 5) }',
  'BEGIN { print length() }',
  'BEGIN { RS = ":" } { print NR, $1 }',
  'BEGIN { FS = "" } { print NF }',
  'BEGIN { RS = "" } { print NR ":" $0 }',
  '{ print > "out" } END { close("out"); while ((getline l < "out") > 0) print "<" l ">" }',
  'BEGIN { print 1,2 > "/dev/stderr" }',
  'BEGIN { print ENVIRON["HOME"], ARGC, ARGV[1], x }',
  '{ print $1',
  'BEGIN { print 010, 0x10, "0x10" + 0, +"3x" }',
  'BEGIN { print 1 " " -1, 2 -1, 1 - -1, !0, !"a", - -1 }',
  'BEGIN { print (1,2) in a; print 2 ^ 3 ^ 2, -2 ^ 2 }',
  'BEGIN { printf "%5s|%-5d|%+d|% d|%#o|%#x|%G\\n", "a", 1, 2, 3, 8, 255, 1e-10 }',
  'BEGIN { CONVFMT = "%.2g"; a = 3.14159; b = a ""; print b; OFMT = "%.3f"; print a }',
  '$1 ~ "^t" { print; exit }',
  'BEGIN { print index("abc", ""), substr("", 1), tolower("ÀB"), length("é") }',
  'BEGIN { print log(1), exp(0), sqrt(16), sin(0), atan2(0, 1), int("3abc") }',
  '{ $5 = "z" } 1',
  '{ $3 = ""; print NF; $0 = $0; print NF }',
  'END { print $0 }',
];
const finds = [
  '-name "*"',
  '-name "?"',
  '-type f',
  '-type d',
  '-type l',
  '-maxdepth 1',
  '-mindepth 1',
  '! -name f',
  '-name f -o -name g',
  '\\( -name f -o -name g \\) -print',
  '-size +0',
  '-size 0',
  '-empty',
  '-path "*sub*"',
  '-iname "F"',
  '-perm 644',
  '-perm -u=x',
  '-exec echo {} \\;',
  // With all names in one line, their order is the directory's.
  '-name q -exec echo {} +',
  '-print0 | tr "\\0" " "',
  '-prune',
  '-name sub -prune -o -print',
  '-depth',
  '-delete -false -o -true',
  '-regex ".*/f"',
  '-links 1',
  '-newer no',
  '-user root',
  '-uid 0',
  '-group nosuch',
  '-exec test -f {} \\; -print',
  '-name',
  '-nosuch',
  '-type x',
  '-quit',
  '-size -2c',
  '-exec false {} \\; -o -print',
  '-follow',
  '-xdev',
  '-true',
  '-not -type d',
  '-a',
  '-exec echo {}',
].filter((each) => !each.includes('delete'));
const dates = [
  '+%F',
  '+%T',
  '+%Y-%m-%dT%H:%M:%S',
  '+%s',
  '+%a_%A_%b_%B',
  '+%j_%U_%u_%w',
  '+%y_%C_%e',
  '+%I_%l_%k_%p',
  '+%D_%R_%r',
  '+%c',
  '+%x_%X',
  '+%%_%n_%t',
  '+%Z_%z',
  '+%q',
  '',
  '+',
  '+%G_%V_%g',
  '+%h_%W',
];
const modes = [
  '644',
  '755',
  'u+x',
  'go-r',
  'a=rx',
  '+x',
  '0',
  '1777',
  'u=rwx,g=rx,o=',
  '4755',
  'X',
  '+X',
  'g=u',
  'o+t',
  'u+s',
  '999',
  'bad',
  '-w',
  'a-x,u+w',
];
const sets = [
  'a-z',
  'A-Z',
  'aeiou',
  '0-9',
  "'[:lower:]'",
  "'[:upper:]'",
  "'[:space:]'",
  "'\\n'",
  'x',
  'abc',
  "'[a-c]'",
  "'[:digit:]'",
  "'\\t '",
  'z-a',
  "''",
  "'a\\-z'",
  "'[x*3]'",
  "'[=e=]'",
  "'[:alpha:]'",
  "'\\101'",
];
const texts = ['abc', "'a b'", "''", "'x:y'", '-', '--', '1', "'\\n'", "'*'", 'hello', "'%d'"];
const news = ['n', 'd/n', 'd', 'f', 'no/n', 'd2', '.', 'l'];
const inputs = [
  '< f',
  '< g',
  '< h',
  '< e',
  '< k',
  '< t',
  "<< 'END'\nx:1 two\n\nthree  3:3\nx:1 two\nEND",
  '< d',
  '< /dev/null',
];

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function operands(chance: Chance, rest: string): string {
  const number = (): string => String(chance.of([0, 1, 1, 2, 3, 5, 7]));
  return rest
    .replace(/FILE\*|DIR\*/g, (word) => (chance.once(2) ? '' : word.slice(0, -1)))
    .replace(/(?<![A-Z])(FILE|LINK|DIR|NEW|TEXT|NN|MODE|RE|SED|AWK|FIND|DATEFMT|TRSET|N)\b/g, (word) => {
      switch (word) {
        case 'FILE':
          return chance.of(files);
        case 'LINK':
          return chance.of(['l', 'broken']);
        case 'DIR':
          return chance.of(dirs);
        case 'NEW':
          return chance.of(news);
        case 'TEXT':
          return chance.of(texts);
        case 'NN':
          return String(chance.between(8, 40));
        case 'MODE':
          return chance.of(modes);
        case 'RE':
          return quoted(chance.of(regexes));
        case 'SED':
          return quoted(chance.of(seds));
        case 'AWK':
          return quoted(chance.of(awks));
        case 'FIND':
          return chance.of(finds);
        case 'DATEFMT':
          return quoted(chance.of(dates));
        case 'TRSET':
          return chance.of(sets);
        default:
          return number();
      }
    });
}

function call(chance: Chance): string {
  const { name, options, rest, reads } = chance.of(tools);
  const taken = chance.some(options, 4).map((option) => operands(chance, option).replaceAll('_', ' '));
  const shown = taken.map((option) => (/^[\w./:=+-]*$/.test(option) ? option : quoted(option)));
  const [own = '', after = ''] = rest.split('@', 2);
  const input = reads ? ` ${chance.of(inputs)}` : '';
  const [first = '', body] = input.split(/(?=\n)([\s\S]*)/);
  const words = operands(chance, own.trim());
  // What must be given comes right after: `--` before it would make a file's name of it.
  const odd =
    chance.once(25) && !/^'?-c/.test(own) ? ` ${chance.of(['-Z', '--nosuch', '-', '--', '--help', 'extra'])}` : '';
  const line =
    `${[name, ...shown].join(' ')}${odd} ${/^tar|^find|^sh/.test(name) ? words : shellWords(words)}`.trimEnd();
  const tail = after.startsWith('|') || after === '' ? `${first} ${after}` : `${after}`;
  if (after !== '' && !after.startsWith('|')) return `${name} ${operands(chance, after)}`;
  return `${line}${tail.trimEnd()}${body ?? ''}`;
}

/** Operands that the shell would take for something else. */
const shellWords = (words: string): string =>
  words
    .replace(/(^| )([*<>])(?= |$)/g, "$1'$2'")
    .replace(/\[%s\]/g, "'[%s]'")
    .replace(/%s-%5d\\n/, "'%s-%5d\\n'")
    .replace(/,;/g, "',;'");

export function tool(chance: Chance): string {
  return `${setting}\n${call(chance)}\necho "= $?"`;
}
