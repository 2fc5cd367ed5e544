/** Builtins that tell or change where one is and what names mean: `cd pwd type command -v alias help`. */
import { SysError } from '../../../errors.ts';
import type { Call } from '../../../kernel/sys.ts';
import { attempt, reason } from '../../lib/applet.ts';
import { known } from '../../lib/registry.ts';
import { findCommand } from '../../lib/start.ts';
import { type Shell, ShellError } from '../shell.ts';
import { builtins, special } from './index.ts';
import { shellOptionsOf } from './options.ts';

export function* cd(shell: Shell, args: readonly string[]): Call<number> {
  const { letters, operands } = shellOptionsOf(args, 'LP');
  const isPhysical = letters.at(-1) === 'P';
  const back = operands[0] === '-';
  const target = (back ? shell.get('OLDPWD') : (operands[0] ?? shell.get('HOME'))) ?? '';
  const found = alongPath(shell, target === '' ? '.' : target);
  const wanted = found ?? (target === '' ? '.' : target);
  const from = where(shell);
  const path = normal(wanted.startsWith('/') ? wanted : `${from}/${wanted}`);
  try {
    shell.sys.chdir(isPhysical ? wanted : path);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new ShellError(`can't cd to ${target}: ${reason(error)}`);
  }
  setExported(shell, 'OLDPWD', from);
  const here = isPhysical ? shell.sys.cwd() : path;
  setExported(shell, 'PWD', here);
  if (back || found !== undefined) yield* shell.sys.write(1, `${here}\n`);
  return 0;
}

/** Where CDPATH has a directory of that name; undefined when it is none of CDPATH's, or found where one is. */
function alongPath(shell: Shell, target: string): string | undefined {
  const path = shell.get('CDPATH');
  if (path === undefined || /^\/|^\.\.?(\/|$)/.test(target)) return undefined;
  for (const dir of path.split(':')) {
    const there = dir === '' ? target : `${dir}/${target}`;
    if (attempt(() => shell.sys.stat(there))?.type === 'dir') return dir === '' ? undefined : there;
  }
  return undefined;
}

function setExported(shell: Shell, name: string, value: string): void {
  shell.set(name, value);
  shell.variables.get(name)!.exported = true;
}

/** The logical directory: what PWD says, as long as that is true. */
function where(shell: Shell): string {
  const said = shell.get('PWD');
  const here = attempt(() => shell.sys.cwd()) ?? '/';
  if (said === undefined || !said.startsWith('/')) return here;
  const a = attempt(() => shell.sys.stat(said));
  const b = attempt(() => shell.sys.stat('.'));
  return a !== undefined && a.ino === b?.ino ? said : here;
}

/** Takes out `.`, `..` and doubled slashes by the letter (`cd -L`). */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `${/^\/\/(?!\/)/.test(path) ? '/' : ''}/${parts.join('/')}`;
}

export function* pwd(shell: Shell, args: readonly string[]): Call<number> {
  const isPhysical = shellOptionsOf(args, 'LP').letters.at(-1) === 'P';
  yield* shell.sys.write(1, `${isPhysical ? shell.sys.cwd() : where(shell)}\n`);
  return 0;
}

export const keywords: ReadonlySet<string> = new Set(
  '! case do done elif else esac fi for function if in then until while { }'.split(' '),
);

export function* type(shell: Shell, args: readonly string[]): Call<number> {
  let status = 0;
  const brief = args[0]?.startsWith('-') === true;
  for (const arg of brief ? args.slice(1) : args) if ((yield* describeCommand(shell, arg, !brief)) !== 0) status = 127;
  return status;
}

/** One line of `type` (`verbose`) or `command -v`. */
export function* describeCommand(shell: Shell, name: string, verbose: boolean): Call<number> {
  const meaning = meaningOf(shell, name);
  if (meaning === undefined) {
    if (verbose) yield* shell.sys.write(1, `${name}: not found\n`);
    return 127;
  }
  const text = verbose ? `${name} is ${meaning[0]}` : meaning[1];
  yield* shell.sys.write(1, `${text}\n`);
  return 0;
}

function meaningOf(shell: Shell, name: string): readonly [verbose: string, brief: string] | undefined {
  if (keywords.has(name)) return ['a shell keyword', name];
  const alias = shell.aliases.get(name);
  if (alias !== undefined) return [`an alias for ${alias}`, `alias ${name}='${alias}'`];
  if (special.has(name)) return ['a special shell builtin', name];
  if (shell.functions.has(name)) return ['a function', name];
  if (builtins.has(name)) return ['a shell builtin', name];
  if (name.includes('/')) {
    return attempt(() => shell.sys.stat(name)) !== undefined ? [name, name] : undefined;
  }
  if (known.has(name)) return [name, name];
  const file = findCommand(shell.sys, name, shell.path);
  return file === undefined || file === 'denied' ? undefined : [file, file];
}

export function* alias(shell: Shell, args: readonly string[]): Call<number> {
  let status = 0;
  const show = (name: string, value: string): string => `${name}='${value}'\n`;
  if (args.length === 0) for (const [name, value] of shell.aliases) yield* shell.sys.write(1, show(name, value));
  for (const arg of args) {
    const at = arg.indexOf('=', 1);
    const found = shell.aliases.get(arg);
    if (at > 0) shell.aliases.set(arg.slice(0, at), arg.slice(at + 1));
    else if (found !== undefined) yield* shell.sys.write(1, show(arg, found));
    else {
      yield* shell.complain(`alias: ${arg} not found\n`);
      status = 1;
    }
  }
  return status;
}

export function* unalias(shell: Shell, args: readonly string[]): Call<number> {
  let status = 0;
  for (const arg of args) {
    if (arg === '-a') shell.aliases.clear();
    else if (!shell.aliases.delete(arg)) {
      yield* shell.complain(`unalias: ${arg} not found\n`);
      status = 1;
    }
  }
  return status;
}

export function* help(shell: Shell): Call<number> {
  yield* shell.sys.write(1, `Built-in commands:\n------------------\n\t${[...builtins.keys()].sort().join(' ')}\n`);
  return 0;
}

/** `history`: what was typed at this shell's prompt. */
export function* history(shell: Shell): Call<number> {
  yield* shell.sys.write(1, shell.history.map((line, n) => `${String(n).padStart(4)} ${line}\n`).join(''));
  return 0;
}
