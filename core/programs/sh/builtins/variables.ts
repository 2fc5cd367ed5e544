/** Builtins about variables, options and positional parameters: `export readonly unset local set shift getopts let`. */
import type { Call } from '../../../kernel/sys.ts';
import { evaluate } from '../expand.ts';
import { settleMonitor } from '../monitor.ts';
import { type Shell, ShellError, shellOptions } from '../shell.ts';
import type { Soon } from '../soon.ts';
import { shellOptionsOf } from './options.ts';
import { singleQuoted } from './processes.ts';

function isName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

/** `export` and `readonly`. */
export function* mark(shell: Shell, name: 'export' | 'readonly', args: readonly string[]): Call<number> {
  const flag = name === 'export' ? 'exported' : 'readonly';
  const { letters, operands: words } = shellOptionsOf(args, 'np');
  if (words.length === 0) {
    for (const [each, variable] of sorted(shell)) {
      if (!variable[flag]) continue;
      const value = variable.value === undefined ? '' : `=${singleQuoted(variable.value)}`;
      yield* shell.sys.write(1, `${name} ${each}${value}\n`);
    }
    return 0;
  }
  for (const word of words) {
    const at = word.indexOf('=');
    const variable = at < 0 ? word : word.slice(0, at);
    if (!isName(variable)) throw new ShellError(`${variable}: bad variable name`);
    if (at >= 0) shell.set(variable, word.slice(at + 1));
    else if (!shell.variables.has(variable)) {
      shell.variables.set(variable, { value: undefined, exported: false, readonly: false });
    }
    shell.variables.get(variable)![flag] = !(name === 'export' && letters.includes('n'));
  }
  return 0;
}

function sorted(shell: Shell): [string, { value: string | undefined; exported: boolean; readonly: boolean }][] {
  return [...shell.variables].sort(([a], [b]) => (a < b ? -1 : 1));
}

export function unset(shell: Shell, args: readonly string[]): Soon {
  const { letters, operands } = shellOptionsOf(args, 'vf');
  for (const name of operands) {
    if (letters.at(-1) === 'f') shell.functions.delete(name);
    else {
      if (!isName(name)) throw new ShellError(`${name}: bad variable name`);
      if (shell.variables.get(name)?.readonly === true) throw new ShellError(`${name}: is read only`);
      shell.variables.delete(name);
    }
  }
  return 0;
}

export function local(shell: Shell, args: readonly string[]): Soon {
  const frame = shell.locals.at(-1);
  if (frame === undefined) throw new ShellError('not in a function');
  for (const arg of args) {
    const at = arg.indexOf('=');
    const name = at < 0 ? arg : arg.slice(0, at);
    if (!isName(name)) throw new ShellError(`${name}: bad variable name`);
    const before = shell.variables.get(name);
    if (!frame.has(name)) frame.set(name, before === undefined ? undefined : { ...before });
    if (at >= 0) shell.set(name, arg.slice(at + 1));
    else shell.variables.delete(name);
  }
  return 0;
}

export function* set(shell: Shell, args: readonly string[]): Call<number> {
  if (args.length === 0) {
    for (const [name, variable] of sorted(shell)) {
      if (variable.value !== undefined) yield* shell.sys.write(1, `${name}=${singleQuoted(variable.value)}\n`);
    }
    return 0;
  }
  const rest = yield* setAll(shell, args);
  if (rest === undefined) return 1;
  yield* settleMonitor(shell);
  if (rest.length > 0 || args.includes('--')) shell.args = rest;
  if (rest.length > 0) resetGetopts(shell);
  return 0;
}

/** What is left over; undefined: a long name was none. Letters that are none are an error that ends the shell. */
function* setAll(shell: Shell, args: readonly string[]): Call<readonly string[] | undefined> {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-') for (const letter of 'xv') shell.options.delete(letter);
    if (arg === '--' || arg === '-') return args.slice(i + 1);
    if (!/^[-+]/.test(arg)) return args.slice(i);
    for (const letter of arg.slice(1)) {
      if (letter !== 'o') setOption(shell, arg[0]!, letter);
      else if (i + 1 >= args.length) yield* listOptions(shell, arg.startsWith('+'));
      else if (!isLong(args[++i]!)) {
        yield* shell.complain(`${shell.prefix()}illegal option ${arg[0]}o ${args[i]}\n`);
        return undefined;
      } else setLong(shell, args[i]!, arg.startsWith('-'));
    }
  }
  return [];
}

const isLong = (name: string): boolean => Object.hasOwn(shellOptions, name);

/** `sign` is `-` or `+`. */
export function setOption(shell: Shell, sign: string, letter: string): void {
  const known = Object.values(shellOptions).includes(letter) && !'PV'.includes(letter);
  if (!known) throw new ShellError(`illegal option ${sign}${letter}`);
  if (sign === '-') shell.options.add(letter);
  else shell.options.delete(letter);
}

export function setLong(shell: Shell, name: string, on: boolean): void {
  const letter = shellOptions[name];
  if (letter === undefined) throw new ShellError(`illegal option ${on ? '-' : '+'}o ${name}`);
  if (on) shell.options.add(letter);
  else shell.options.delete(letter);
}

function* listOptions(shell: Shell, asCommands: boolean): Call<void> {
  for (const [name, letter] of Object.entries(shellOptions)) {
    const on = shell.options.has(letter);
    yield* shell.sys.write(
      1,
      asCommands ? `set ${on ? '-' : '+'}o ${name}\n` : `${name.padEnd(16)}${on ? 'on' : 'off'}\n`,
    );
  }
}

export function shift(shell: Shell, args: readonly string[]): Soon {
  const by = args[0] ?? '1';
  if (!/^\d+$/.test(by)) throw new ShellError(`Illegal number: ${by}`);
  if (Number(by) > shell.args.length) return 1;
  shell.args = shell.args.slice(Number(by));
  resetGetopts(shell);
  return 0;
}

/** The next `getopts` begins anew, whatever OPTIND says. */
function resetGetopts(shell: Shell): void {
  shell.getopts = { index: 1, at: -1, told: shell.get('OPTIND') ?? '' };
}

/** POSIX.1-2017 XCU getopts, as ash has it: what is not an option ends it, OPTARG is unset then; OPTERR=0 is heard. */
export function* getopts(shell: Shell, args: readonly string[]): Call<number> {
  const [spec, variable] = args;
  if (spec === undefined || variable === undefined) throw new ShellError('usage: getopts optstring var [arg]');
  const words = args.length > 2 ? args.slice(2) : shell.args;
  const said = shell.get('OPTIND') ?? '';
  const before = said === shell.getopts.told ? shell.getopts : { index: Number(said) || 1, at: -1 };
  const scan = new OptionScan(words, before.index > words.length + 1 ? { index: 1, at: -1 } : before);
  const letter = scan.letter();
  const quiet = spec.startsWith(':') || shell.get('OPTERR') === '0';
  const result = letter === undefined ? end : scan.meaning(spec, letter, quiet);
  if (result.message !== undefined) yield* shell.complain(`${result.message}\n`);
  if (result.arg === undefined) shell.variables.delete('OPTARG');
  else shell.set('OPTARG', result.arg);
  shell.set('OPTIND', String(scan.index));
  shell.getopts = { index: scan.index, at: scan.at, told: String(scan.index) };
  if (!isName(variable)) throw new ShellError(`${variable}: bad variable name`);
  shell.set(variable, result.letter);
  return letter === undefined ? 1 : 0;
}

interface Meaning {
  readonly letter: string;
  readonly arg: string | undefined;
  readonly message?: string;
}

const end: Meaning = { letter: '?', arg: undefined };

/** Where getopts is in its words. */
class OptionScan {
  /** Of the next word, from 1. */
  index: number;
  /** In the word before that; -1: it is done. */
  at: number;

  constructor(
    private readonly words: readonly string[],
    from: { index: number; at: number },
  ) {
    this.index = from.index;
    this.at = from.at;
  }

  /** The next letter; undefined: there is none. */
  letter(): string | undefined {
    const under = this.index > 1 && this.at >= 0 ? this.words[this.index - 2] : undefined;
    if (under === undefined || this.at >= under.length) {
      const word = this.words[this.index - 1];
      this.at = -1;
      if (word === undefined || !/^-./.test(word)) return undefined;
      this.index++;
      if (word === '--') return undefined;
      this.at = 1;
    }
    return this.words[this.index - 2]![this.at++];
  }

  meaning(spec: string, letter: string, quiet: boolean): Meaning {
    const known = knownAt(spec, letter);
    if (known < 0) {
      if (quiet) return { letter: '?', arg: letter };
      return { letter: '?', arg: undefined, message: `Illegal option -${letter}` };
    }
    if (spec[known + 1] !== ':') return { letter, arg: '' };
    const word = this.words[this.index - 2]!;
    const attached = this.at < word.length ? word.slice(this.at) : undefined;
    const arg = attached ?? this.words[this.index - 1];
    if (arg === undefined) {
      if (quiet) return { letter: ':', arg: letter };
      return { letter: '?', arg: undefined, message: `No arg for -${letter} option` };
    }
    if (attached === undefined) this.index++;
    this.at = -1;
    return { letter, arg };
  }
}

/** Where a letter stands in an option string; -1: nowhere. A leading colon is looked at as a letter, as ash does. */
function knownAt(spec: string, letter: string): number {
  for (let at = 0; at < spec.length; ) {
    if (spec[at] === letter) return at;
    at++;
    if (spec[at] === ':') at++;
  }
  return -1;
}

/** `let`: the status says whether the last expression is other than 0. */
export function arithmetic(shell: Shell, args: readonly string[]): Soon {
  if (args.length === 0) throw new ShellError('expression expected');
  let value = 0n;
  for (const arg of args) value = evaluate(shell, arg);
  return value === 0n ? 1 : 0;
}
