/** Builtins about variables, options and positional parameters: `export readonly unset local set shift getopts let`. */
import type { Call } from '../../../kernel/sys.ts';
import { evaluate } from '../expand.ts';
import { type Shell, ShellError, shellOptions } from '../shell.ts';
import type { Soon } from '../soon.ts';
import { singleQuoted } from './processes.ts';

function isName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

/** `export` and `readonly`. */
export function* mark(shell: Shell, name: 'export' | 'readonly', args: readonly string[]): Call<number> {
  const flag = name === 'export' ? 'exported' : 'readonly';
  const words = args.filter((arg) => arg !== '-p' && arg !== '-n' && arg !== '--');
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
    shell.variables.get(variable)![flag] = !(name === 'export' && args.includes('-n'));
  }
  return 0;
}

function sorted(shell: Shell): [string, { value: string | undefined; exported: boolean; readonly: boolean }][] {
  return [...shell.variables].sort(([a], [b]) => (a < b ? -1 : 1));
}

export function unset(shell: Shell, args: readonly string[]): Soon {
  const bad = args.find((arg) => arg.startsWith('-') && arg !== '-f' && arg !== '-v');
  if (bad !== undefined) throw new ShellError(`illegal option ${bad}`);
  for (const name of args.filter((arg) => !arg.startsWith('-'))) {
    if (args[0] === '-f') shell.functions.delete(name);
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
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      shell.args = args.slice(i + 1);
      return 0;
    }
    if (!/^[-+]/.test(arg) || arg === '-') {
      shell.args = args.slice(arg === '-' ? i + 1 : i);
      return 0;
    }
    if (arg === '-o' || arg === '+o') {
      const name = args[++i];
      if (name === undefined) yield* listOptions(shell, arg === '+o');
      else setLong(shell, name, arg === '-o');
    } else setOptions(shell, arg);
    yield* refuseMonitor(shell);
  }
  return 0;
}

/** `-eux`, `+e`. */
/** There is no job control: who asks for it is told, as where there is no terminal. */
export function* refuseMonitor(shell: Shell): Call<void> {
  if (shell.options.delete('m'))
    yield* shell.sys.write(2, `${shell.prefix()}can't access tty; job control turned off\n`);
}

export function setOptions(shell: Shell, arg: string): void {
  const letters = new Set(Object.values(shellOptions).filter((letter) => !'IPV'.includes(letter)));
  for (const letter of arg.slice(1)) {
    if (!letters.has(letter)) throw new ShellError(`illegal option ${arg[0]}${letter}`);
    if (arg.startsWith('-')) shell.options.add(letter);
    else shell.options.delete(letter);
  }
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
  return 0;
}

/** POSIX.1-2017 XCU getopts. `shell.getoptsAt` is the place inside a bundle such as `-ab`. */
export function* getopts(shell: Shell, args: readonly string[]): Call<number> {
  const [spec, variable] = args;
  if (spec === undefined || variable === undefined) throw new ShellError('usage: getopts optstring var [arg]');
  const words = args.length > 2 ? args.slice(2) : shell.args;
  let index = Number(shell.get('OPTIND') ?? '1');
  if (index === 1 && shell.getoptsIndex !== 1) shell.getoptsAt = 0;
  // As ash: OPTIND is past a word as soon as its first letter is taken.
  const fresh = shell.getoptsAt === 0;
  const word = words[fresh ? index - 1 : index - 2];
  const finish = (status: number): number => {
    shell.getoptsIndex = index;
    shell.set('OPTIND', String(index));
    return status;
  };
  if (shell.getoptsAt === 0 && (word === undefined || !/^-./.test(word) || word === '--')) {
    if (word === '--') index++;
    shell.set(variable, '?');
    shell.variables.delete('OPTARG');
    return finish(1);
  }
  const at = fresh ? 1 : shell.getoptsAt;
  if (fresh) index++;
  const letter = word![at]!;
  const known = spec.indexOf(letter, spec.startsWith(':') ? 1 : 0);
  const next = (): void => {
    shell.getoptsAt = at + 1 < word!.length ? at + 1 : 0;
  };
  if (known < 0 || letter === ':') {
    next();
    shell.set(variable, '?');
    if (spec.startsWith(':')) shell.set('OPTARG', letter);
    else {
      shell.variables.delete('OPTARG');
      yield* shell.sys.write(2, `Illegal option -${letter}\n`);
    }
    return finish(0);
  }
  if (spec[known + 1] !== ':') {
    next();
    shell.set('OPTARG', '');
    shell.set(variable, letter);
    return finish(0);
  }
  const attached = word!.slice(at + 1);
  const value = attached !== '' ? attached : words[index - 1];
  shell.getoptsAt = 0;
  if (attached === '' && value !== undefined) index++;
  if (value === undefined) {
    shell.set(variable, spec.startsWith(':') ? ':' : '?');
    if (spec.startsWith(':')) shell.set('OPTARG', letter);
    else yield* shell.sys.write(2, `No arg for -${letter} option\n`);
    return finish(0);
  }
  shell.set('OPTARG', value);
  shell.set(variable, letter);
  return finish(0);
}

/** `let`: the status says whether the last expression is other than 0. */
export function arithmetic(shell: Shell, args: readonly string[]): Soon {
  if (args.length === 0) throw new ShellError('expression expected');
  let value = 0n;
  for (const arg of args) value = evaluate(shell, arg);
  return value === 0n ? 1 : 0;
}
