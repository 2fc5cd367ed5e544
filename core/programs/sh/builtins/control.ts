/** Builtins that decide what runs next: `. : break continue return exit eval exec command`. */

import { SysError } from '../../../errors.ts';
import type { Call } from '../../../kernel/sys.ts';
import { reason } from '../../lib/applet.ts';
import { fromUtf8 } from '../../lib/bytes.ts';
import { readAll } from '../../lib/io.ts';
import { findCommand } from '../../lib/start.ts';
import { execute, invoke } from '../command.ts';
import { stoppedJob } from '../jobs.ts';
import { type Mode, plain, runText } from '../run.ts';
import { Leave, type Shell, ShellError } from '../shell.ts';
import { later, type Soon } from '../soon.ts';
import { describeCommand } from './inform.ts';
import { shellOptionsOf } from './options.ts';

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
  if (shell.monitor !== undefined && stoppedJob(shell) && shell.warned === 0) return warnOfStopped(shell);
  throw new Leave('exit', args[0] === undefined ? shell.status : count(args[0]) & 0xff);
}

/** Leaving would hang them up: said once, and once more after another command. */
export function* warnOfStopped(shell: Shell): Call<number> {
  yield* shell.sys.write(1, 'You have stopped jobs.\n');
  shell.warned = 2;
  return 0;
}

export function* evaluate(shell: Shell, args: readonly string[], mode: Mode): Call<number> {
  return yield* runText(shell, args.join(' '), { exit: false, tested: mode.tested }, shell.line);
}

/** Reads a script into this shell. */
export function* dot(shell: Shell, given: readonly string[]): Call<number> {
  const option = /^-([^-]|-.)/.exec(given[0] ?? '')?.[1]?.[0];
  if (option !== undefined) throw new ShellError(`illegal option -${option}`);
  const args = given[0] === '--' ? given.slice(1) : given;
  const name = args[0];
  if (name === undefined) return 2;
  const text = yield* source(shell, name);
  const { args: outer, command, line } = shell;
  if (args.length > 1) shell.args = args.slice(1);
  shell.command = name;
  shell.sourceDepth++;
  try {
    shell.status = 0;
    return yield* runText(shell, text, plain);
  } catch (error) {
    if (error instanceof Leave && error.kind === 'return') return error.value;
    if (!(error instanceof ShellError) || error.said) throw error;
    yield* shell.complain(`${shell.prefix()}${error.message}\n`);
    throw new Leave('exit', error.code);
  } finally {
    shell.sourceDepth--;
    Object.assign(shell, { args: outer, command, line });
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
  const { operands, values } = shellOptionsOf(args, 'a:');
  const [program] = operands;
  if (program === undefined) return 0;
  const shown = values.get('a') ?? program;
  const status = yield* execute(shell, [shown, ...operands.slice(1)], shell.environ(), shell.path, program);
  throw new Leave('exit', status);
}

export function* command(shell: Shell, args: readonly string[], mode: Mode): Call<number> {
  const [first, ...rest] = args;
  if (first === undefined) return 0;
  if (first === '-p' || first === '--') return yield* command(shell, rest, mode);
  if (first !== '-v' && first !== '-V') {
    // Messages are those of the command itself.
    shell.command = shell.caller;
    return yield* later(invoke(shell, args, [], mode, false));
  }
  if (rest.length === 0) return 0;
  return yield* describeCommand(shell, rest[0]!, first === '-V');
}
