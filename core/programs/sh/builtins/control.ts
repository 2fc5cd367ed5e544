/** Builtins that decide what runs next: `. : break continue return exit eval exec command`. */

import { SysError } from '../../../errors.ts';
import type { Call } from '../../../kernel/sys.ts';
import { reason } from '../../lib/applet.ts';
import { fromUtf8 } from '../../lib/bytes.ts';
import { readAll } from '../../lib/io.ts';
import { findCommand } from '../../lib/registry.ts';
import { execute, invoke } from '../command.ts';
import { type Mode, plain, runText } from '../run.ts';
import { Leave, type Shell, ShellError } from '../shell.ts';
import { later, type Soon } from '../soon.ts';
import { describeCommand } from './inform.ts';

export function succeed(): Soon {
  return 0;
}

export function fail(): Soon {
  return 1;
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new ShellError(`Illegal number: ${text}`);
  return Number(text);
}

export function leaveLoop(shell: Shell, kind: 'break' | 'continue', args: readonly string[]): Soon {
  const levels = args[0] === undefined ? 1 : count(args[0]);
  if (levels < 1) throw new ShellError(`Illegal number: ${args[0]}`);
  if (shell.loops === 0) return 0;
  throw new Leave(kind, Math.min(levels, shell.loops));
}

export function returnFrom(shell: Shell, args: readonly string[]): Soon {
  throw new Leave('return', args[0] === undefined ? shell.status : count(args[0]) & 0xff);
}

export function exit(shell: Shell, args: readonly string[]): Soon {
  throw new Leave('exit', args[0] === undefined ? shell.status : count(args[0]) & 0xff);
}

export function* evaluate(shell: Shell, args: readonly string[], mode: Mode): Call<number> {
  const { lineBase } = shell;
  shell.lineBase = 1;
  try {
    return yield* runText(shell, args.join(' '), { exit: false, tested: mode.tested });
  } finally {
    shell.lineBase = lineBase;
  }
}

/** Reads a script into this shell. */
export function* dot(shell: Shell, args: readonly string[]): Call<number> {
  const name = args[0];
  if (name === undefined) throw new ShellError('filename argument required');
  const text = yield* source(shell, name);
  const { args: outer, lineBase, command, line } = shell;
  if (args.length > 1) shell.args = args.slice(1);
  Object.assign(shell, { lineBase: 0, command: name });
  shell.sourceDepth++;
  try {
    shell.status = 0;
    return yield* runText(shell, text, plain);
  } catch (error) {
    if (error instanceof Leave && error.kind === 'return') return error.value;
    if (!(error instanceof ShellError) || error.said) throw error;
    yield* shell.sys.write(2, `${shell.prefix()}${error.message}\n`);
    throw new Leave('exit', error.code);
  } finally {
    shell.sourceDepth--;
    Object.assign(shell, { args: outer, lineBase, command, line });
  }
}

function* source(shell: Shell, name: string): Call<string> {
  const { sys } = shell;
  const path = name.includes('/') ? name : findCommand(sys, name, shell.path);
  if (path === undefined || path === 'denied') throw new ShellError(`${name}: not found`);
  let fd: number;
  try {
    fd = sys.open(path, { read: true });
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new ShellError(`can't open '${name}': ${reason(error)}`);
  }
  const text = fromUtf8(yield* readAll(sys, fd));
  sys.close(fd);
  return text;
}

/** Without a command its redirections stay; command.ts sees to that. */
export function* exec(shell: Shell, args: readonly string[]): Call<number> {
  if (args[0] === '--') return yield* exec(shell, args.slice(1));
  if (args.length === 0) return 0;
  const status = yield* execute(shell, args, shell.environ(), shell.path);
  throw new Leave('exit', status);
}

export function* command(shell: Shell, args: readonly string[], mode: Mode): Call<number> {
  const [first, ...rest] = args;
  if (first === undefined) return 0;
  if (first === '-p' || first === '--') return yield* command(shell, rest, mode);
  if (first !== '-v' && first !== '-V') {
    // Messages are those of the command itself.
    shell.command = shell.arg0 === shell.scriptName ? shell.scriptName : undefined;
    return yield* later(invoke(shell, args, [], mode, false));
  }
  if (rest.length === 0) return 0;
  return yield* describeCommand(shell, rest[0]!, first === '-V');
}
