/**
 * Simple commands (POSIX.1-2017 XCU 2.9.1): assignments, expansion, redirections, and the search: special builtin,
 * function, builtin, busybox applet, file in PATH.
 */

import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { reason } from '../lib/applet.ts';
import { fromUtf8 } from '../lib/bytes.ts';
import { readAll, WriteError } from '../lib/io.ts';
import { become, findCommand, known } from '../lib/registry.ts';
import type { Simple, Word } from './ast.ts';
import { type Builtin, builtins, special } from './builtins/index.ts';
import { expandText, expandWords } from './expand.ts';
import { waitForeground } from './jobs.ts';
import { type Plan, planOf } from './quick.ts';
import { redirect, type Saved, settle, undo } from './redirect.ts';
import { asProcess, fork, type Mode, modeOf, refusedRedirect, runCommand, runText, substitute } from './run.ts';
import { Leave, Shell, ShellError, type Variable } from './shell.ts';
import { later, type Soon } from './soon.ts';

type Assigns = readonly (readonly [name: string, value: string])[];

export function evaluateSimple(shell: Shell, command: Simple, mode: Mode): Soon {
  shell.substituted = undefined;
  const plan = planOf(command);
  if (plan === undefined || command.redirs.length > 0 || shell.aliases.size > 0 || shell.options.xtrace)
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
  const plan = shell.aliases.size > 0 ? undefined : planOf(command);
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
    yield* trace(shell, assigns, args);
    if (name === undefined) return shell.substituted ?? 0;
    keep = name === 'exec' && args.length === 1;
    return yield* later(invoke(shell, args, assigns, mode, true));
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

/** `export a=$b` and its like take `a=$b` as an assignment: not split. */
const assigning = new Set(['export', 'readonly', 'local', 'alias']);

function* argumentsOf(shell: Shell, words: readonly Word[]): Call<string[]> {
  const first = words[0]?.parts[0];
  const name = first?.kind === 'text' ? first.text : '';
  const alias = first?.kind === 'text' && !first.quoted ? shell.aliases.get(name) : undefined;
  if (alias !== undefined && words[0]!.parts.length === 1) {
    return [
      ...alias.split(/\s+/).filter((each) => each !== ''),
      ...(yield* expandWords(shell, words.slice(1), substitute)),
    ];
  }
  if (!assigning.has(name)) return yield* expandWords(shell, words, substitute);
  const args: string[] = [];
  for (const word of words) {
    const lead = word.parts[0];
    if (lead?.kind === 'text' && !lead.quoted && /^\w+=/.test(lead.text)) {
      args.push(yield* expandText(shell, word, substitute, true));
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

function* trace(shell: Shell, assigns: Assigns, args: readonly string[]): Call<void> {
  if (!shell.options.has('x')) return;
  const words = [
    ...assigns.map(([name, value]) => `${name}=${value === '' ? '' : quoted(value)}`),
    ...args.map(quoted),
  ];
  if (words.length > 0) yield* shell.sys.write(2, `${shell.get('PS4') ?? '+ '}${words.join(' ')}\n`);
}

/** As ash quotes in `set -x`. */
export function quoted(text: string): string {
  if (/^[\w.,/:@%^+\-!\]{}]*$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\"'\"'")}'`;
}

/** Runs `args`; `functions` false is `command name`. */
export function invoke(shell: Shell, args: readonly string[], assigns: Assigns, mode: Mode, functions: boolean): Soon {
  const name = args[0]!;
  const builtin = builtins.get(name);
  if (builtin !== undefined && special.has(name)) {
    for (const [variable, value] of assigns) shell.set(variable, value);
    return runBuiltin(shell, name, builtin, args.slice(1), mode);
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

/** `args` without the name. */
function runBuiltin(shell: Shell, name: string, builtin: Builtin, args: readonly string[], mode: Mode): Soon {
  const outer = shell.command;
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
  if (typeof soon !== 'number') return restOfBuiltin(shell, name, soon, outer);
  shell.command = outer;
  return soon;
}

/** Errors are written where the rest is carried out. */
function failing(error: unknown): Call<number> {
  return (function* fails(): Call<number> {
    throw error;
  })();
}

function* restOfBuiltin(shell: Shell, name: string, soon: Call<number>, outer: string | undefined): Call<number> {
  try {
    return yield* soon;
  } catch (error) {
    if (error instanceof WriteError || error instanceof SysError) {
      yield* shell.sys.write(2, `${shell.arg0}: ${error.message}\n`);
      return 1;
    }
    // The message names the builtin, so it is written while that is known.
    if (!(error instanceof ShellError) || error.said) throw error;
    yield* shell.sys.write(2, `${shell.prefix()}${error.message}\n`);
    if (special.has(name)) throw new Leave('exit', error.code);
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
  const outer = { args: shell.args, loops: shell.loops };
  shell.args = args;
  shell.loops = 0;
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

function* restOfFunction(shell: Shell, soon: Call<number>, outer: Pick<Shell, 'args' | 'loops'>): Call<number> {
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

function leaveFunction(shell: Shell, { args, loops }: Pick<Shell, 'args' | 'loops'>): void {
  const locals = shell.locals.pop()!;
  shell.functionDepth--;
  shell.args = args;
  shell.loops = loops;
  for (const [variable, before] of locals) restore(shell, variable, before);
}

function* external(shell: Shell, args: readonly string[], assigns: Assigns, mode: Mode): Call<number> {
  const name = args[0]!;
  const path = assigns.find(([variable]) => variable === 'PATH')?.[1] ?? shell.path;
  const found = name.includes('/') || known.has(name) ? name : findCommand(shell.sys, name, path);
  if (found === undefined || found === 'denied') {
    const why = found === undefined ? 'not found' : 'Permission denied';
    yield* shell.sys.write(2, `${shell.prefix()}${name}: ${why}\n`);
    return 127;
  }
  const env = environment(shell, assigns);
  if (mode.exit && !shell.hasTraps) throw new Leave('exit', yield* execute(shell, args, env, path));
  const pid = fork(shell, (child) => execute(child, args, env, path));
  return (yield* waitForeground(shell, [pid]))[0]!;
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
export function* execute(shell: Shell, args: readonly string[], env: readonly string[], path: string): Call<number> {
  try {
    return yield* become(shell.sys, args, env, path);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (error.errno === 'ENOEXEC')
      return yield* runFile(shell, error.detail === '' ? args[0]! : error.detail, args, env);
    const missing = error.errno === 'ENOENT' || error.errno === 'ENOTDIR';
    yield* shell.sys.write(2, `${shell.prefix()}${args[0]}: ${missing ? 'not found' : reason(error)}\n`);
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
