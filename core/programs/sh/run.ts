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
import { AliasReader } from './aliases.ts';
import type { AndOr, Command, Pipeline, Script, Simple } from './ast.ts';
import { ScriptError } from './ast.ts';
import { evaluateSimple } from './command.ts';
import { type Compound, compound } from './compound.ts';
import { addJob, waitForeground } from './jobs.ts';
import { endMonitor, joinJob, leaveJobs } from './monitor.ts';
import { type Reader, sourceOf } from './parser.ts';
import { RedirectError, redirect, type Saved, undo } from './redirect.ts';
import { Leave, type Shell, ShellError } from './shell.ts';
import { later, type Soon } from './soon.ts';

export interface Mode {
  /** Nothing comes after this command in this process. */
  readonly exit: boolean;
  /** Its failure is tested (`if`, `&&`, `!` …): `-e` does not apply. */
  readonly tested: boolean;
}

export const plain: Mode = { exit: false, tested: false };
const testedMode: Mode = { exit: false, tested: true };
const lastMode: Mode = { exit: true, tested: false };
const lastTested: Mode = { exit: true, tested: true };

export function modeOf(exit: boolean, tested: boolean): Mode {
  if (exit) return tested ? lastTested : lastMode;
  return tested ? testedMode : plain;
}

/** Its status is the shell's then. */
export function runScript(shell: Shell, script: Script, mode: Mode): Soon {
  const { items } = script;
  for (let i = 0; i < items.length; i++) {
    const waits = runItem(shell, items[i]!, modeOf(mode.exit && i === items.length - 1, mode.tested));
    if (waits !== undefined) return restOfScript(shell, items, mode, i, waits);
  }
  return shell.status;
}

function* restOfScript(shell: Shell, items: Script['items'], mode: Mode, at: number, first: Call<void>): Call<number> {
  yield* first;
  for (let i = at + 1; i < items.length; i++) {
    const waits = runItem(shell, items[i]!, modeOf(mode.exit && i === items.length - 1, mode.tested));
    if (waits !== undefined) yield* waits;
  }
  return shell.status;
}

/** A text as `sh -c`, `eval` and `.` run it: line by line, so that an error further down does not stop what is above. */
export function* runText(shell: Shell, text: string, mode: Mode, line = 1): Call<number> {
  const reader = new AliasReader(text, 0, line, shell.aliases);
  shell.status = text.trim() === '' ? 0 : shell.status;
  for (;;) {
    const part = readPart(shell, reader);
    if (part === undefined) return shell.status;
    if (shell.options.has('n')) continue;
    yield* later(runScript(shell, part, modeOf(mode.exit && reader.ended, mode.tested)));
  }
}

export function readPart(shell: Shell, reader: Reader): Script | undefined {
  try {
    return reader.next();
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    shell.errorLine = error.line;
    throw new ShellError(error.message);
  }
}

/** Undefined: it is done. */
function runItem(shell: Shell, item: AndOr, mode: Mode): Call<void> | undefined {
  if (shell.options.noexec) return undefined;
  if (item.background) return background(shell, item);
  const { pipelines } = item;
  for (let i = 0; i < pipelines.length; i++) {
    if (isSkipped(shell, item, i)) continue;
    const status = runPipeline(shell, pipelines[i]!, pipelineMode(item, mode, i));
    if (typeof status !== 'number') return restOfItem(shell, item, mode, i, status);
    shell.status = status;
    if (trapsAreDue(shell)) return restOfItem(shell, item, mode, i, status);
  }
  return undefined;
}

function isSkipped({ status }: Shell, { ops }: AndOr, i: number): boolean {
  if (i === 0) return false;
  const op = ops[i - 1];
  return (op === '&&' && status !== 0) || (op === '||' && status === 0);
}

function pipelineMode({ pipelines }: AndOr, { exit, tested }: Mode, i: number): Mode {
  const last = i === pipelines.length - 1;
  return modeOf(exit && last, tested || !last);
}

function* restOfItem(shell: Shell, item: AndOr, mode: Mode, at: number, first: Soon): Call<void> {
  let soon = first;
  for (let i = at; ; ) {
    shell.status = typeof soon === 'number' ? soon : yield* soon;
    yield* runTraps(shell);
    for (i++; i < item.pipelines.length && isSkipped(shell, item, i); ) i++;
    if (i >= item.pipelines.length) return;
    soon = runPipeline(shell, item.pipelines[i]!, pipelineMode(item, mode, i));
  }
}

function runPipeline(shell: Shell, pipeline: Pipeline, mode: Mode): Soon {
  const { commands, negated } = pipeline;
  const inner = negated ? testedMode : mode;
  const status =
    commands.length === 1 ? runCommand(shell, commands[0]!, inner) : severalCommands(shell, commands, inner);
  if (!negated) return status;
  return typeof status === 'number' ? inverted(status) : laterInverted(status);
}

const inverted = (status: number): number => (status === 0 ? 1 : 0);

function* laterInverted(status: Call<number>): Call<number> {
  return inverted(yield* status);
}

function* severalCommands(shell: Shell, commands: readonly Command[], mode: Mode): Call<number> {
  const text = shell.monitor === undefined ? '' : commands.map((command) => sourceOf(command)).join(' | ');
  const codes = yield* waitForeground(shell, startPipeline(shell, commands), text);
  const status = shell.options.has('P') ? (codes.findLast((code) => code !== 0) ?? 0) : codes.at(-1)!;
  failIfAsked(shell, status, mode);
  return status;
}

/** `set -e`. */
export function failIfAsked(shell: Shell, status: number, mode: Mode): void {
  if (status === 0 || mode.tested || !shell.options.has('e')) return;
  shell.status = status;
  throw new Leave('exit', status);
}

/** ash closes the pipe before this one first, and names the last error: with no such pipe, that of the closing. */
function pipeAfter(shell: Shell, before: number | undefined): [read: number, write: number] {
  try {
    return shell.sys.pipe();
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (before !== undefined) shell.sys.close(before);
    throw new ShellError(`can't create pipe: ${reason(before === undefined ? new SysError('EBADF') : error)}`);
  }
}

function startPipeline(shell: Shell, commands: readonly Command[], inBackground = false): number[] {
  const pids: number[] = [];
  let input: number | undefined;
  commands.forEach((command, i) => {
    const last = i === commands.length - 1;
    const [read, write] = last ? [undefined, undefined] : pipeAfter(shell, input);
    const from = input;
    pids.push(
      forkJob(shell, { leader: pids[0], inFront: !inBackground }, function* part(child) {
        const { sys } = child;
        if (inBackground && shell.monitor === undefined) detach(sys, i === 0);
        if (read !== undefined) sys.close(read);
        if (from !== undefined) move(sys, from, 0);
        if (write !== undefined) move(sys, write, 1);
        return yield* later(runCommand(child, command, lastMode));
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
          forkJob(shell, { leader: undefined, inFront: false }, function* list(child) {
            if (shell.monitor === undefined) detach(child.sys, true);
            yield* later(runScript(child, { items: [{ ...item, background: false }] }, lastMode));
            return child.status;
          }),
        ];
  addJob(shell, pids, sourceOf(item.pipelines[0]!, item));
  shell.status = 0;
  // The child goes first, but where somebody waits for a prompt.
  if (!shell.interactive) yield* shell.sys.burn(0);
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

/** Where a child of a job belongs: the group of its `leader`, or one of its own; and whether the terminal is its. */
interface Place {
  readonly leader: number | undefined;
  readonly inFront: boolean;
}

/** As `fork`, for a process of a job: with job control it gets a process group. */
export function forkJob(shell: Shell, place: Place, body: (child: Shell) => Call<number>): number {
  const { monitor } = shell;
  if (monitor === undefined) return fork(shell, body);
  const pid = forked(shell, function* inJob(child) {
    yield* joinJob(child, monitor, place.leader, place.inFront);
    return yield* body(child);
  });
  shell.sys.setpgid(pid, place.leader ?? pid);
  return pid;
}

/** A child process running `body` with a copy of the shell. A shell that gets none ends. */
export function fork(shell: Shell, body: (child: Shell) => Call<number>): number {
  if (shell.monitor === undefined) return forked(shell, body);
  return forked(shell, (child) => {
    leaveJobs(child);
    return body(child);
  });
}

function forked(shell: Shell, body: (child: Shell) => Call<number>): number {
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
      yield* runText(shell, action, plain, shell.line);
      return status;
    });
    status = after;
  }
  yield* endMonitor(shell);
  return status & 0xff;
}

function* guarded(shell: Shell, body: () => Call<number>): Call<number> {
  try {
    return yield* body();
  } catch (error) {
    if (error instanceof Leave) return error.kind === 'exit' || error.kind === 'return' ? error.value : shell.status;
    if (error instanceof ShellError || error instanceof RedirectError) {
      if (!(error instanceof ShellError && error.said)) yield* shell.complain(`${shell.prefix()}${error.message}\n`);
      return error instanceof ShellError ? error.code : 2;
    }
    if (error instanceof WriteError || error instanceof SysError) {
      yield* shell.complain(`${shell.prefix()}${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

function trapsAreDue(shell: Shell): boolean {
  const came = shell.sys.takeSignals();
  if (came.length > 0) shell.pendingTraps.push(...came);
  return shell.pendingTraps.length > 0;
}

/** A signal that came several times is one. Ctrl-C at a terminal ends the line first; the other traps are run with the next one. */
export function* runTraps(shell: Shell): Call<void> {
  if (!trapsAreDue(shell)) return;
  const due = new Set(shell.pendingTraps);
  const isLineOver = shell.interactive && shell.traps.get('INT') === undefined && due.delete('INT');
  shell.pendingTraps = [...due];
  if (isLineOver) throw new Leave('interrupt', 130);
  while (shell.pendingTraps.length > 0) {
    const signal = shell.pendingTraps.shift()!;
    const action = shell.traps.get(signal);
    if (action === undefined || action === '') continue;
    const status = shell.status;
    yield* runText(shell, action, plain, shell.line);
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
    if (isTrapAlone(script)) child.shownTraps = shell.traps;
    // As busybox does (and bash, when it is not POSIX' sh): what fails inside of a substitution does not end it.
    child.options.delete('e');
    return yield* later(runScript(child, script, lastMode));
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

/** `$(trap)` shows the traps of the shell that it stands in, which are none of the subshell's. */
function isTrapAlone({ items }: Script): boolean {
  const commands = items.length === 1 ? items[0]!.pipelines.flatMap((each) => each.commands) : [];
  const [only] = commands;
  if (commands.length !== 1 || only?.kind !== 'simple' || only.words.length !== 1) return false;
  const [part] = only.words[0]!.parts;
  return only.words[0]!.parts.length === 1 && part?.kind === 'text' && part.text === 'trap';
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

export function runCommand(shell: Shell, command: Command, mode: Mode): Soon {
  shell.line = command.line;
  shell.errorLine = command.line;
  switch (command.kind) {
    case 'simple':
      return simple(shell, command, mode);
    case 'function':
      shell.functions.set(command.name, command.body);
      return 0;
    case 'subshell':
      return subshell(shell, command, mode);
    default:
      return command.redirs.length === 0 ? compound(shell, command, mode) : redirected(shell, command, mode);
  }
}

/** What is wrong is said while the redirections around it are still there. */
export function* told(shell: Shell, error: unknown): Call<unknown> {
  if (!(error instanceof ShellError) || error.said) return error;
  yield* shell.complain(`${shell.prefix()}${error.message}\n`);
  return new ShellError(error.message, error.code, true);
}

function* redirected(shell: Shell, command: Compound, mode: Mode): Call<number> {
  let saved: Saved[];
  try {
    saved = yield* redirect(shell, command.redirs, substitute);
  } catch (error) {
    return yield* refusedRedirect(shell, error);
  }
  try {
    return yield* later(compound(shell, command, modeOf(false, mode.tested)));
  } catch (error) {
    throw yield* told(shell, error);
  } finally {
    undo(shell, saved);
  }
}

/** CPU time of a simple command that the shell carries out by itself, milliseconds. */
const COMMAND = 0.0005;

function simple(shell: Shell, command: Simple, mode: Mode): Soon {
  if (shell.sys.use(COMMAND)) return givenWay(shell, command, mode);
  const status = evaluateSimple(shell, command, mode);
  if (typeof status !== 'number') return restOfSimple(shell, status, mode);
  if (shell.grown !== 0) return tellKernel(shell, status, mode);
  failIfAsked(shell, status, mode);
  return status;
}

/** Others get their turn first. */
function* givenWay(shell: Shell, command: Simple, mode: Mode): Call<number> {
  yield* shell.sys.burn(0);
  return yield* restOfSimple(shell, evaluateSimple(shell, command, mode), mode);
}

function* restOfSimple(shell: Shell, soon: Soon, mode: Mode): Call<number> {
  const status = typeof soon === 'number' ? soon : yield* soon;
  return yield* tellKernel(shell, status, mode);
}

/** Of the memory that large variables take. */
function* tellKernel(shell: Shell, status: number, mode: Mode): Call<number> {
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
  yield* shell.complain(`${shell.prefix()}${error.message}\n`);
  return 1;
}

function* subshell(shell: Shell, command: Extract<Command, { kind: 'subshell' }>, mode: Mode): Call<number> {
  const body = function* inside(child: Shell): Call<number> {
    yield* redirect(child, command.redirs, substitute);
    return yield* later(runScript(child, command.body, modeOf(true, mode.tested)));
  };
  if (mode.exit && !shell.hasTraps) {
    throw new Leave('exit', yield* asProcess(shell, () => body(shell)));
  }
  const pid = forkJob(shell, { leader: undefined, inFront: true }, body);
  const [status] = yield* waitForeground(shell, [pid], shell.monitor === undefined ? '' : sourceOf(command));
  failIfAsked(shell, status!, mode);
  return status!;
}
