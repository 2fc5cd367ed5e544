/**
 * Carries out parsed scripts (POSIX.1-2017 XCU 2.9), the way busybox ash does.
 *
 * Kept true: a command in "exit position" (the last thing the process has to do, no trap set) takes the shell's place
 * instead of being forked, so that `sh -c 'sleep 9'` is a process called `sleep 9`; every simple command costs a little
 * CPU time, so that an endless loop can be bounded; traps run between commands.
 */
import { SysError } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import { reason } from '../lib/applet.ts';
import { WriteError } from '../lib/io.ts';
import type { AndOr, Command, Pipeline, Script, Simple } from './ast.ts';
import { ScriptError } from './ast.ts';
import { evaluateSimple } from './command.ts';
import { expandText, expandWords, matches } from './expand.ts';
import { addJob, waitForeground } from './jobs.ts';
import { Reader } from './parser.ts';
import { RedirectError, redirect, type Saved, undo } from './redirect.ts';
import { Leave, type Shell, ShellError } from './shell.ts';

export interface Mode {
  /** Nothing comes after this command in this process. */
  readonly exit: boolean;
  /** Its failure is tested (`if`, `&&`, `!` …): `-e` does not apply. */
  readonly tested: boolean;
}

export const plain: Mode = { exit: false, tested: false };

export function* runScript(shell: Shell, script: Script, mode: Mode): Call<number> {
  for (const [i, item] of script.items.entries()) {
    const last = i === script.items.length - 1;
    yield* runItem(shell, item, { exit: mode.exit && last, tested: mode.tested });
  }
  return shell.status;
}

/** A text as `sh -c`, `eval` and `.` run it: line by line, so that an error further down does not stop what is above. */
export function* runText(shell: Shell, text: string, mode: Mode): Call<number> {
  const reader = new Reader(text);
  shell.status = text.trim() === '' ? 0 : shell.status;
  for (;;) {
    const part = readPart(shell, reader);
    if (part === undefined) return shell.status;
    if (shell.options.has('n')) continue;
    yield* runScript(shell, part, { exit: mode.exit && reader.ended, tested: mode.tested });
  }
}

export function readPart(shell: Shell, reader: Reader): Script | undefined {
  try {
    return reader.next();
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    shell.line = Math.max(0, error.at.line - shell.lineBase);
    throw new ShellError(error.message);
  }
}

function* runItem(shell: Shell, item: AndOr, mode: Mode): Call<void> {
  if (shell.options.has('n')) return;
  if (item.background) {
    yield* background(shell, item);
    return;
  }
  for (const [i, pipeline] of item.pipelines.entries()) {
    const op = item.ops[i - 1];
    if ((op === '&&' && shell.status !== 0) || (op === '||' && shell.status === 0)) continue;
    const last = i === item.pipelines.length - 1;
    shell.status = yield* runPipeline(shell, pipeline, { exit: mode.exit && last, tested: mode.tested || !last });
    yield* runTraps(shell);
  }
}

function* runPipeline(shell: Shell, pipeline: Pipeline, mode: Mode): Call<number> {
  const { commands, negated } = pipeline;
  const inner = negated ? { exit: false, tested: true } : mode;
  let status: number;
  if (commands.length === 1) status = yield* runCommand(shell, commands[0]!, inner);
  else {
    const codes = yield* waitForeground(shell, startPipeline(shell, commands));
    status = shell.options.has('P') ? (codes.findLast((code) => code !== 0) ?? 0) : codes.at(-1)!;
    failIfAsked(shell, status, inner);
  }
  return negated ? (status === 0 ? 1 : 0) : status;
}

/** `set -e`. */
export function failIfAsked(shell: Shell, status: number, mode: Mode): void {
  if (status === 0 || mode.tested || !shell.options.has('e')) return;
  shell.status = status;
  throw new Leave('exit', status);
}

function startPipeline(shell: Shell, commands: readonly Command[], inBackground = false): number[] {
  const pids: number[] = [];
  let input: number | undefined;
  commands.forEach((command, i) => {
    const last = i === commands.length - 1;
    const [read, write] = last ? [undefined, undefined] : shell.sys.pipe();
    const from = input;
    pids.push(
      fork(shell, function* part(child) {
        const { sys } = child;
        if (inBackground) detach(sys, i === 0);
        if (read !== undefined) sys.close(read);
        if (from !== undefined) move(sys, from, 0);
        if (write !== undefined) move(sys, write, 1);
        return yield* runCommand(child, command, { exit: true, tested: false });
      }),
    );
    if (from !== undefined) shell.sys.close(from);
    if (write !== undefined) shell.sys.close(write);
    input = read;
  });
  return pids;
}

function move(sys: Sys, from: number, to: number): void {
  if (from === to) return;
  sys.dup2(from, to);
  sys.close(from);
}

function* background(shell: Shell, item: AndOr): Call<void> {
  const only = item.pipelines.length === 1 && !item.pipelines[0]!.negated ? item.pipelines[0]!.commands : undefined;
  const pids =
    only !== undefined
      ? startPipeline(shell, only, true)
      : [
          fork(shell, function* list(child) {
            detach(child.sys, true);
            yield* runItem(child, { ...item, background: false }, { exit: true, tested: false });
            return child.status;
          }),
        ];
  addJob(shell, pids);
  shell.status = 0;
  yield* shell.sys.burn(0.05);
}

/** What runs in the background without job control does not hear the keyboard and reads nothing. */
function detach(sys: Sys, first: boolean): void {
  sys.sigaction('INT', 'ignore');
  sys.sigaction('QUIT', 'ignore');
  if (!first) return;
  try {
    move(sys, sys.open('/dev/null', { read: true }), 0);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}

/** A child process running `body` with a copy of the shell. A shell that gets none ends. */
export function fork(shell: Shell, body: (child: Shell) => Call<number>): number {
  try {
    return shell.sys.fork((sys) => {
      const child = shell.fork(sys);
      return asProcess(child, () => body(child));
    });
  } catch (error) {
    throw new ShellError(`can't fork: ${reason(error)}`);
  }
}

/** Runs a shell to its end: `exit`, errors and the EXIT trap make its status. */
export function* asProcess(shell: Shell, body: () => Call<number>): Call<number> {
  let status = yield* guarded(shell, body);
  const action = shell.traps.get('EXIT');
  if (action !== undefined && action !== '') {
    shell.traps.delete('EXIT');
    shell.status = status;
    const after = yield* guarded(shell, function* exitTrap() {
      yield* runText(shell, action, plain);
      return status;
    });
    status = after;
  }
  return status & 0xff;
}

function* guarded(shell: Shell, body: () => Call<number>): Call<number> {
  try {
    return yield* body();
  } catch (error) {
    if (error instanceof Leave) return error.kind === 'exit' || error.kind === 'return' ? error.value : shell.status;
    if (error instanceof ShellError || error instanceof RedirectError) {
      yield* shell.sys.write(2, `${shell.prefix()}${error.message}\n`);
      return error instanceof ShellError ? error.code : 2;
    }
    if (error instanceof WriteError || error instanceof SysError) {
      yield* shell.sys.write(2, `${shell.prefix()}${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

export function* runTraps(shell: Shell): Call<void> {
  shell.pendingTraps.push(...shell.sys.takeSignals());
  while (shell.pendingTraps.length > 0) {
    const action = shell.traps.get(shell.pendingTraps.shift()!);
    if (action === undefined || action === '') continue;
    const status = shell.status;
    yield* runText(shell, action, plain);
    shell.status = status;
  }
}

/** Output of `$( )`; its status becomes the shell's. */
export function* substitute(shell: Shell, script: Script): Call<string> {
  shell.substituted = 0;
  if (script.items.length === 0) return '';
  const [read, write] = shell.sys.pipe();
  const pid = fork(shell, function* inner(child) {
    child.sys.close(read);
    move(child.sys, write, 1);
    // As busybox does (and bash, when it is not POSIX' sh): what fails inside of a substitution does not end it.
    child.options.delete('e');
    return yield* runScript(child, script, { exit: true, tested: false });
  });
  shell.sys.close(write);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const chunks: Uint8Array[] = [];
  for (;;) {
    const bytes = yield* readThrough(shell.sys, read);
    if (bytes.length === 0) break;
    chunks.push(bytes);
  }
  shell.sys.close(read);
  shell.substituted = (yield* waitForeground(shell, [pid]))[0]!;
  return chunks
    .map((chunk) => decoder.decode(chunk))
    .join('')
    .replaceAll('\0', '');
}

/** read(2) that goes on after a signal; the signal's trap runs later. */
export function* readThrough(sys: Sys, fd: number, max?: number): Call<Uint8Array> {
  for (;;) {
    try {
      return yield* sys.read(fd, max);
    } catch (error) {
      if (!(error instanceof SysError && error.errno === 'EINTR')) throw error;
    }
  }
}

export function* runCommand(shell: Shell, command: Command, mode: Mode): Call<number> {
  shell.line = Math.max(0, command.line - shell.lineBase);
  if (command.kind === 'simple') return yield* simple(shell, command, mode);
  if (command.kind === 'function') {
    shell.functions.set(command.name, command.body);
    return 0;
  }
  if (command.kind === 'subshell') return yield* subshell(shell, command, mode);
  if (command.redirs.length === 0) return yield* compound(shell, command, mode);
  let saved: Saved[];
  try {
    saved = yield* redirect(shell, command.redirs, substitute);
  } catch (error) {
    return yield* refusedRedirect(shell, error);
  }
  try {
    return yield* compound(shell, command, { exit: false, tested: mode.tested });
  } finally {
    undo(shell, saved);
  }
}

function* simple(shell: Shell, command: Simple, mode: Mode): Call<number> {
  yield* shell.sys.burn(0.05);
  const status = yield* evaluateSimple(shell, command, mode);
  const { grown } = shell;
  if (grown !== 0) {
    shell.grown = 0;
    if (shell.sys.hold !== undefined) yield* shell.sys.hold(grown);
  }
  failIfAsked(shell, status, mode);
  return status;
}

export function* refusedRedirect(shell: Shell, error: unknown): Call<number> {
  if (!(error instanceof RedirectError)) throw error;
  yield* shell.sys.write(2, `${shell.prefix()}${error.message}\n`);
  return 1;
}

function* subshell(shell: Shell, command: Extract<Command, { kind: 'subshell' }>, mode: Mode): Call<number> {
  const body = function* inside(child: Shell): Call<number> {
    yield* redirect(child, command.redirs, substitute);
    return yield* runScript(child, command.body, { exit: true, tested: mode.tested });
  };
  if (mode.exit && !shell.hasTraps) {
    throw new Leave('exit', yield* asProcess(shell, () => body(shell)));
  }
  const [status] = yield* waitForeground(shell, [fork(shell, body)]);
  failIfAsked(shell, status!, mode);
  return status!;
}

type Compound = Exclude<Command, { kind: 'simple' | 'function' | 'subshell' }>;

function* compound(shell: Shell, command: Compound, mode: Mode): Call<number> {
  switch (command.kind) {
    case 'group':
      return yield* runScript(shell, command.body, mode);
    case 'if': {
      const test = yield* runScript(shell, command.test, { exit: false, tested: true });
      const branch = test === 0 ? command.then : command.else;
      if (branch === undefined) return 0;
      return yield* runScript(shell, branch, mode);
    }
    case 'case':
      return yield* caseCommand(shell, command, mode);
    case 'for': {
      const words = command.words === undefined ? shell.args : yield* expandWords(shell, command.words, substitute);
      let at = 0;
      const next = (): boolean => {
        const word = words[at++];
        if (word !== undefined) shell.set(command.name, word);
        return word !== undefined;
      };
      return yield* loop(shell, next, command.body, mode);
    }
    case 'loop':
      return yield* whileLoop(shell, command, mode);
  }
}

function* caseCommand(shell: Shell, command: Extract<Command, { kind: 'case' }>, mode: Mode): Call<number> {
  const subject = yield* expandText(shell, command.word, substitute);
  for (const item of command.items) {
    for (const pattern of item.patterns) {
      if (!(yield* matches(shell, subject, pattern, substitute))) continue;
      return item.body.items.length === 0 ? 0 : yield* runScript(shell, item.body, mode);
    }
  }
  return 0;
}

/** Runs a loop's body once; false when the loop is to end. */
function* round(shell: Shell, body: () => Call<void>): Call<boolean> {
  try {
    yield* body();
    return true;
  } catch (error) {
    if (!(error instanceof Leave) || (error.kind !== 'break' && error.kind !== 'continue')) throw error;
    if (error.value > 1 && shell.loops > 1) throw new Leave(error.kind, error.value - 1);
    shell.status = 0;
    return error.kind === 'continue';
  }
}

function* loop(shell: Shell, next: () => boolean, body: Script, mode: Mode): Call<number> {
  const inner = { exit: false, tested: mode.tested };
  let status = 0;
  shell.loops++;
  try {
    while (next()) {
      const more = yield* round(shell, function* once() {
        yield* runScript(shell, body, inner);
      });
      status = shell.status;
      if (!more) break;
    }
  } finally {
    shell.loops--;
  }
  return status;
}

function* whileLoop(shell: Shell, command: Extract<Command, { kind: 'loop' }>, mode: Mode): Call<number> {
  let status = 0;
  shell.loops++;
  try {
    for (;;) {
      let entered = false;
      const more = yield* round(shell, function* once() {
        const test = yield* runScript(shell, command.test, { exit: false, tested: true });
        if ((test === 0) === command.until) return;
        entered = true;
        status = yield* runScript(shell, command.body, { exit: false, tested: mode.tested });
      });
      if (!more) status = 0;
      if (!more || !entered) break;
    }
  } finally {
    shell.loops--;
  }
  return status;
}
