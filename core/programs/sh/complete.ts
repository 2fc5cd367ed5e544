/**
 * What Tab completes at a shell's prompt: commands where one begins, else files, after `cd` directories, users after `~` (busybox
 * libbb/lineedit.c, build_match_prefix and complete_cmd_dir_file).
 *
 * Kept true: nothing is run and nothing but directories is read; what cannot be read completes nothing.
 */

import type { Sys } from '../../kernel/sys.ts';
import type { Dirent } from '../../vfs/fs.ts';
import { attempt } from '../lib/applet.ts';
import { known } from '../lib/registry.ts';

export interface Completion {
  /** Sorted, each once; directories with a slash. */
  readonly matches: readonly string[];
  /** The part of the word that they begin with. */
  readonly typed: string;
}

/** What the shell knows beside the files. */
export interface ShellNames {
  /** Builtins and functions. */
  readonly commands: readonly string[];
  readonly path: string;
  readonly home: string;
  /** /etc/passwd, by name: home directories. */
  readonly users: ReadonlyMap<string, string>;
}

const special = ' `"#$&*(){[;\'|\\<>?~';

export const quoted = (name: string): string =>
  [...name].map((char) => (special.includes(char) ? `\\${char}` : char)).join('');

/** How many backslashes quoting puts in. */
export const specials = (text: string): number => [...text].filter((char) => special.includes(char)).length;

type Kind = 'command' | 'directory' | 'file';

/** A character as typed, and whether it is quoted. */
interface Char {
  readonly char: string;
  readonly quoted: boolean;
}

export function completionOf(sys: Sys, names: ShellNames, before: string): Completion {
  const { kind, word } = lastWord(before);
  const matches = /^~[^/]*$/.test(word) ? usersLike(names, word) : [];
  const typed = matches.length > 0 ? word : word.slice(word.lastIndexOf('/') + 1);
  const found = matches.length > 0 ? matches : namesLike(sys, names, word, kind);
  return { matches: [...new Set(found)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)), typed };
}

const usersLike = ({ users }: ShellNames, word: string): string[] =>
  [...users.keys()].map((name) => `~${name}/`).filter((name) => name.startsWith(word));

/** The word before the cursor, without its quotes, and what it is. */
function lastWord(before: string): { readonly kind: Kind; readonly word: string } {
  let chars = withoutCommandsBefore(unquoted(before));
  chars = chars.slice(chars.findIndex((each) => !is(each, ' ')) < 0 ? chars.length : firstWord(chars));
  const kind = kindOf(chars);
  const from = chars.findLastIndex(({ char, quoted }) => !quoted && ' <>|&='.includes(char));
  return { kind, word: textOf(chars.slice(from + 1)) };
}

const is = ({ char, quoted }: Char, which: string): boolean => !quoted && char === which;
const textOf = (chars: readonly Char[]): string => chars.map(({ char }) => char).join('');
const firstWord = (chars: readonly Char[]): number => chars.findIndex((each) => !is(each, ' '));

function unquoted(text: string): Char[] {
  const chars: Char[] = [];
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\' && i + 1 < text.length) chars.push({ char: text[++i]!, quoted: true });
    else if ((char === "'" || char === '"') && (quote === '' || quote === char)) quote = quote === '' ? char : '';
    else if (char !== '\\') chars.push({ char, quoted: quote !== '' });
  }
  return chars;
}

/** From the last place on at which a command begins; `a >& b` and `a >| b` have none within. */
function withoutCommandsBefore(all: readonly Char[]): readonly Char[] {
  let chars = all;
  for (let i = 0; i < chars.length; i++) {
    const each = chars[i]!;
    const before = chars[i - 1];
    const joins = is(each, ';') || is(each, '&') || is(each, '|');
    const redirects =
      before !== undefined &&
      ((is(each, '&') && (is(before, '>') || is(before, '<'))) || (is(each, '|') && is(before, '>')));
    if (!joins || redirects) continue;
    const twice = chars[i + 1] !== undefined && is(chars[i + 1]!, each.char);
    chars = chars.slice(i + (twice ? 2 : 1));
    i = -1;
  }
  // A closed `command` counts as one word.
  for (let i = 0; i < chars.length; i++) {
    if (!is(chars[i]!, '`')) continue;
    const end = chars.findIndex((each, n) => n > i && is(each, '`'));
    if (end < 0) {
      chars = chars.slice(i + 1);
      break;
    }
    chars = [...chars.slice(0, i), ...chars.slice(end)];
  }
  return chars.slice(chars.findLastIndex((each) => is(each, '(') || is(each, '{')) + 1);
}

function kindOf(chars: readonly Char[]): Kind {
  const first = chars.findIndex(({ char, quoted }) => !quoted && ' <>'.includes(char));
  if (first < 0) return 'command';
  const more = chars.findIndex(({ char, quoted }, n) => n > first && !quoted && ' <>'.includes(char));
  return first === 2 && is(chars[2]!, ' ') && textOf(chars.slice(0, 2)) === 'cd' && more < 0 ? 'directory' : 'file';
}

function namesLike(sys: Sys, names: ShellNames, word: string, kind: Kind): string[] {
  const slash = word.lastIndexOf('/') + 1;
  const start = word.slice(slash);
  const begins = (name: string): boolean => name.startsWith(start);
  if (slash > 0) return filesIn(sys, homed(names, word.slice(0, slash)), start, kind === 'directory' ? kind : 'file');
  if (kind !== 'command') return filesIn(sys, '.', start, kind);
  return [
    ...names.commands.filter(begins),
    ...[...known].filter(begins),
    ...names.path.split(':').flatMap((dir) => filesIn(sys, dir, start, kind)),
  ];
}

/** `~/…` and `~user/…`. */
function homed({ home, users }: ShellNames, directory: string): string {
  if (!directory.startsWith('~')) return directory;
  const slash = directory.indexOf('/');
  const name = directory.slice(1, slash);
  const place = name === '' ? home : users.get(name);
  return place === undefined ? directory : place + directory.slice(slash);
}

function filesIn(sys: Sys, directory: string, start: string, kind: Kind): string[] {
  const there = attempt(() => sys.readdir(directory));
  if (there === undefined) return [];
  const dots = start === '' ? [] : ['.', '..'].map((name): Pick<Dirent, 'name'> => ({ name }));
  return [...dots, ...there].flatMap(({ name }) => {
    if (!name.startsWith(start)) return [];
    const path = `${directory}${directory.endsWith('/') ? '' : '/'}${name}`;
    const stat = attempt(() => sys.stat(path)) ?? attempt(() => sys.lstat(path));
    if (stat === undefined) return [];
    if (stat.type === 'dir') return kind === 'command' ? [] : [`${name}/`];
    return kind === 'directory' ? [] : [name];
  });
}
