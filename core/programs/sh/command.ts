/**
 * Simple commands (POSIX.1-2017 XCU 2.9.1): assignments, expansion, redirections, and the search: special builtin,
 * function, builtin, busybox applet, file in PATH.
 */

import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { reason } from '../lib/applet.ts';
import { fromUtf8 } from '../lib/bytes.ts';
import { readAll, WriteError } from '../lib/io.ts';
import { known } from '../lib/registry.ts';
import { becomeHere, findCommand } from '../lib/start.ts';
import type { Simple, Word } from './ast.ts';
import { type Builtin, builtins, special } from './builtins/index.ts';
import { keywords } from './builtins/inform.ts';
import { singleQuoted } from './builtins/processes.ts';
import { expandText, expandWords } from './expand.ts';
import { waitForeground } from './jobs.ts';
import { assignment } from './parser.ts';
import { type Plan, planOf } from './quick.ts';
import { redirect, type Saved, settle, undo } from './redirect.ts';
import {
  asProcess,
  forkJob,
  type Mode,
  modeOf,
  refusedRedirect,
  runCommand,
  runText,
  substitute,
  told,
} from './run.ts';
import { Leave, Shell, ShellError, type Variable } from './shell.ts';
import { later, type Soon } from './soon.ts';

type Assigns = readonly (readonly [name: string, value: string])[];

export function evaluateSimple(shell: Shell, command: Simple, mode: Mode): Soon {
  shell.substituted = undefined;
  const plan = planOf(command);
  if (plan === undefined || command.redirs.length > 0 || shell.options.xtrace)
    return evaluateSlowly(shell, command, mode);
  const { assigns, words, builtin, name } = plan;
  for (let i = 0; i < assigns.length; i++) shell.set(assigns[i]!.name, assigns[i]!.value(shell));
  if (words.length === 0) return 0;
  const args: string[] = [];
  if (builtin === undefined || (shell.functions.size > 0 && shell.functions.has(name))) {
    for (let i = 0; i < words.length; i++) words[i]!(shell, args);
    return invoke(shell, args, none, mode, true);
  }
  for (let i = 1; i < words.length; i++) words[i]!(shell, args);
  return runBuiltin(shell, name, builtin, args, mode);
}

const none: Assigns = [];

function* evaluateSlowly(shell: Shell, command: Simple, mode: Mode): Call<number> {
  const plan = planOf(command);
  const args = plan === undefined ? yield* argumentsOf(shell, command.words) : plannedArguments(shell, plan);
  const name = args[0];
  let saved: Saved[];
  try {
    saved = command.redirs.length === 0 ? [] : yield* redirect(shell, command.redirs, substitute);
  } catch (error) {
    const status = yield* refusedRedirect(shell, error);
    if (name !== undefined && special.has(name)) throw new Leave('exit', status);
    return status;
  }
  let keep = false;
  try {
    const assigns = yield* assignments(shell, command, name === undefined);
    yield* trace(shell, assigns, args, saved.find(({ fd }) => fd === 2)?.kept ?? 2);
    if (name === undefined) return shell.substituted ?? 0;
    keep = isBareExec(args);
    return yield* later(invoke(shell, args, assigns, mode, true));
  } catch (error) {
    throw yield* told(shell, error);
  } finally {
    if (keep) settle(shell, saved);
    else undo(shell, saved);
  }
}

function plannedArguments(shell: Shell, { words }: Plan): string[] {
  const args: string[] = [];
  for (const word of words) word(shell, args);
  return args;
}

/** What `command` runs; all of it when there is none, or only a question (-v, -V). */
function behindCommand(args: readonly string[]): readonly string[] {
  if (args[0] !== 'command') return args;
  const rest = args.slice(args[1] === '-p' || args[1] === '--' ? 2 : 1);
  return rest.length === 0 || /^-./.test(rest[0]!) ? args : behindCommand(rest);
}

/** `exec` without a command, also as `command exec`: its redirections stay. */
function isBareExec(words: readonly string[]): boolean {
  const args = behindCommand(words);
  return args[0] === 'exec' && (args.length === 1 || (args.length === 2 && args[1] === '--'));
}

/** `export a=$b` and its like take `a=$b` as an assignment: not split. */
const assigning = new Set(['export', 'readonly', 'local', 'alias']);

function* argumentsOf(shell: Shell, words: readonly Word[]): Call<string[]> {
  const first = words[0]?.parts[0];
  const name = first?.kind === 'text' ? first.text : '';
  if (!assigning.has(name)) return yield* expandWords(shell, words, substitute);
  const args: string[] = [];
  for (const word of words) {
    const assign = assignment(word);
    if (assign !== undefined) {
      args.push(`${assign.name}=${yield* expandText(shell, assign.value, substitute, true)}`);
    } else args.push(...(yield* expandWords(shell, [word], substitute)));
  }
  return args;
}

/** Without a command the variables are the shell's; otherwise they are only worked out. */
function* assignments(shell: Shell, command: Simple, set: boolean): Call<Assigns> {
  const list: [string, string][] = [];
  for (const { name, value } of command.assigns) {
    const text = yield* expandText(shell, value, substitute, true);
    list.push([name, text]);
    if (set) shell.set(name, text);
  }
  return list;
}

/** `set -x` tells on the standard error that was there before the command's own redirections. */
function* trace(shell: Shell, assigns: Assigns, words: readonly string[], fd: number): Call<void> {
  if (!shell.options.has('x')) return;
  const args = behindCommand(words);
  const shown = [
    ...assigns.map(([name, value]) => `${name}=${value === '' ? '' : quoted(value)}`),
    ...args.map((arg) => (keywords.has(arg) ? singleQuoted(arg) : quoted(arg))),
  ];
  yield* shell.complain(`${shell.get('PS4') ?? '+ '}${shown.join(' ')}\n`, fd);
}

/** As ash quotes in `set -x`. */
export function quoted(text: string): string {
  return /^[+,\-./0-9:@A-Z\]^_a-z]*$/.test(text) ? text : singleQuoted(text);
}

/** Runs `args`; `functions` false is `command name`. */
export function invoke(shell: Shell, args: readonly string[], assigns: Assigns, mode: Mode, functions: boolean): Soon {
  const name = args[0]!;
  const builtin = builtins.get(name);
  if (builtin !== undefined && special.has(name)) {
    for (const [variable, value] of assigns) shell.set(variable, value);
    return runBuiltin(shell, name, builtin, args.slice(1), mode, functions);
  }
  if (functions && shell.functions.has(name)) {
    return temporarily(shell, assigns, () => callFunction(shell, name, args.slice(1), mode));
  }
  if (builtin !== undefined)
    return temporarily(shell, assigns, () => runBuiltin(shell, name, builtin, args.slice(1), mode));
  return external(shell, args, assigns, mode);
}

function temporarily(shell: Shell, assigns: Assigns, body: () => Soon): Soon {
  return assigns.length === 0 ? body() : assigned(shell, assigns, body);
}

function* assigned(shell: Shell, assigns: Assigns, body: () => Soon): Call<number> {
  const before = assigns.map(([name]) => [name, shell.variables.get(name)] as const);
  for (const [name, value] of assigns) {
    const found = shell.variables.get(name);
    if (found?.readonly === true) throw new ShellError(`${name}: is read only`);
    shell.variables.set(name, { value, exported: true, readonly: false });
  }
  try {
    return yield* later(body());
  } finally {
    for (const [name, variable] of before) restore(shell, name, variable);
  }
}

function restore(shell: Shell, name: string, variable: Variable | undefined): void {
  if (variable === undefined) shell.variables.delete(name);
  else shell.variables.set(name, variable);
}

/** `args` without the name. `ends`: an error of a special builtin ends the shell; not when `command` runs it. */
function runBuiltin(
  shell: Shell,
  name: string,
  builtin: Builtin,
  args: readonly string[],
  mode: Mode,
  ends = true,
): Soon {
  const outer = shell.command;
  shell.caller = outer;
  shell.command = name;
  let soon: Soon;
  try {
    soon = builtin(shell, args, mode);
  } catch (error) {
    if (error instanceof Leave) {
      shell.command = outer;
      throw error;
    }
    soon = failing(error);
  }
  if (typeof soon !== 'number') return restOfBuiltin(shell, ends && special.has(name), soon, outer);
  shell.command = outer;
  return soon;
}

/** Errors are written where the rest is carried out. */
function failing(error: unknown): Call<number> {
  return (function* fails(): Call<number> {
    throw error;
  })();
}

function* restOfBuiltin(shell: Shell, ends: boolean, soon: Call<number>, outer: string | undefined): Call<number> {
  try {
    return yield* soon;
  } catch (error) {
    if (error instanceof WriteError || error instanceof SysError) {
      yield* shell.complain(`${shell.arg0}: ${error.message}\n`);
      return 1;
    }
    // The message names the builtin, so it is written while that is known.
    if (!(error instanceof ShellError) || error.said) throw error;
    yield* shell.complain(`${shell.prefix()}${error.message}\n`);
    if (ends) throw new Leave('exit', error.code);
    return error.code;
  } finally {
    shell.command = outer;
  }
}

/** So many functions within each other are carried out on one stack. */
const ON_ONE_STACK = 40;
/** Functions within each other that the 8 MiB of the real one's stack have room for (`ulimit -s`); then it is SIGSEGV. */
const DEEPEST = 7000;

function callFunction(shell: Shell, name: string, args: readonly string[], mode: Mode): Soon {
  const outer: Outer = { args: shell.args, getopts: shell.getopts, line: shell.line };
  shell.args = args;
  shell.getopts = { index: 1, at: -1, told: shell.get('OPTIND') ?? '' };
  shell.functionDepth++;
  shell.locals.push(new Map());
  if (shell.functionDepth > DEEPEST) throw new RangeError('the stack is full');
  const body = (): Soon => runCommand(shell, shell.functions.get(name)!, modeOf(false, mode.tested));
  let soon: Soon;
  try {
    soon = shell.functionDepth % ON_ONE_STACK === 0 ? shell.sys.within(() => later(body())) : body();
  } catch (error) {
    leaveFunction(shell, outer);
    return returned(error);
  }
  if (typeof soon !== 'number') return restOfFunction(shell, soon, outer);
  leaveFunction(shell, outer);
  return soon;
}

/** What a function has of its own. `break` in it is for the loops around it, as in ash. */
type Outer = Pick<Shell, 'args' | 'getopts' | 'line'>;

function* restOfFunction(shell: Shell, soon: Call<number>, outer: Outer): Call<number> {
  try {
    return yield* soon;
  } catch (error) {
    return returned(error);
  } finally {
    leaveFunction(shell, outer);
  }
}

function returned(error: unknown): number {
  if (error instanceof Leave && error.kind === 'return') return error.value;
  throw error;
}

function leaveFunction(shell: Shell, outer: Outer): void {
  const locals = shell.locals.pop()!;
  shell.functionDepth--;
  Object.assign(shell, outer);
  for (const [variable, before] of locals) restore(shell, variable, before);
}

function* external(shell: Shell, args: readonly string[], assigns: Assigns, mode: Mode): Call<number> {
  const name = args[0]!;
  const path = assigns.find(([variable]) => variable === 'PATH')?.[1] ?? shell.path;
  const found = name.includes('/') || known.has(name) ? name : findCommand(shell.sys, name, path);
  if (found === undefined || found === 'denied') {
    const why = found === undefined ? 'not found' : 'Permission denied';
    yield* shell.complain(`${shell.prefix()}${name}: ${why}\n`);
    return 127;
  }
  const env = environment(shell, assigns);
  if (mode.exit && !shell.hasTraps) throw new Leave('exit', yield* execute(shell, args, env, path));
  const pid = forkJob(shell, { leader: undefined, inFront: true }, (child) => execute(child, args, env, path));
  return (yield* waitForeground(shell, [pid], shell.monitor === undefined ? '' : args.join(' ')))[0]!;
}

function environment(shell: Shell, assigns: Assigns): string[] {
  const env = shell.environ();
  for (const [name, value] of assigns) {
    const at = env.findIndex((each) => each.startsWith(`${name}=`));
    if (at >= 0) env[at] = `${name}=${value}`;
    else env.push(`${name}=${value}`);
  }
  return env;
}

/** Becomes the command; says what is wrong when it cannot and gives 126 or 127 (XCU 2.8.2). */
export function* execute(
  shell: Shell,
  args: readonly string[],
  env: readonly string[],
  path: string,
  program = args[0]!,
): Call<number> {
  try {
    return yield* becomeHere(shell.sys, args, env, path, program);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (error.errno === 'ENOEXEC')
      return yield* runFile(shell, error.detail === '' ? program : error.detail, args, env);
    const missing = error.errno === 'ENOENT' || error.errno === 'ENOTDIR';
    yield* shell.complain(`${shell.prefix()}${program}: ${missing ? 'not found' : reason(error)}\n`);
    return missing ? 127 : 126;
  }
}

/** A file that the kernel does not know how to start is taken as a script. */
function* runFile(shell: Shell, file: string, args: readonly string[], env: readonly string[]): Call<number> {
  const fd = shell.sys.open(file, { read: true });
  const text = fromUtf8(yield* readAll(shell.sys, fd));
  shell.sys.close(fd);
  const script = new Shell(shell.sys);
  for (const each of env) {
    const at = each.indexOf('=');
    script.variables.set(each.slice(0, at), { value: each.slice(at + 1), exported: true, readonly: false });
  }
  script.arg0 = args[0]!;
  script.command = script.arg0;
  script.args = args.slice(1);
  return yield* asProcess(script, () => runText(script, text, { exit: true, tested: false }));
}
