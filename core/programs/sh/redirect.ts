/**
 * Redirections (POSIX.1-2017 XCU 2.7) on the shell's own descriptors. What a redirection covers is kept above 9, closed on
 * exec, and put back by `undo`; `exec` simply never calls that.
 */
import { SysError } from '../../errors.ts';
import type { Call, OpenFlags } from '../../kernel/sys.ts';
import { attempt, reason } from '../lib/applet.ts';
import { utf8 } from '../lib/bytes.ts';
import type { Redir } from './ast.ts';
import { expandText, type Substitute } from './expand.ts';
import { isQuick, quickText } from './quick.ts';
import { type Shell, ShellError } from './shell.ts';

/** A redirection could not be made; the message is without the shell's name. */
export class RedirectError extends Error {}

/** Descriptors below are for scripts. */
const FIRST_KEPT = 10;

export interface Saved {
  readonly fd: number;
  /** Where it is kept; undefined: it was closed. */
  readonly kept: number | undefined;
}

export function* redirect(shell: Shell, redirs: readonly Redir[], run: Substitute): Call<Saved[]> {
  const targets: string[] = [];
  for (const redir of redirs) {
    const text =
      redir.op === '<<'
        ? ''
        : isQuick(redir.target)
          ? quickText(shell, redir.target)
          : yield* expandText(shell, redir.target, run);
    if (redir.op === '>&' || redir.op === '<&') checkCopy(redir, text);
    targets.push(text);
  }
  const saved: Saved[] = [];
  try {
    for (const [i, redir] of redirs.entries()) {
      const target = redir.op === '<<' ? yield* hereText(shell, redir, run) : targets[i]!;
      yield* apply(shell, redir, target, saved);
    }
  } catch (error) {
    undo(shell, saved);
    throw error;
  }
  return saved;
}

/** A descriptor, `-`, or (of standard output only) a file: anything else ends the shell before a file is opened. */
function checkCopy({ fd, target }: Redir, text: string): void {
  if (isClose(target, text) || /^\d{1,9}$/.test(text)) return;
  if (text === '') throw new ShellError('syntax error: bad fd number');
  if (fd !== 1) throw new ShellError('redir error');
}

/** `>&-`; a `-` that comes out of an expansion is the name of a file. */
const isClose = (target: Redir['target'], text: string): boolean => text === '-' && target.parts[0]?.kind === 'text';

/** ash expands a here-document when the redirection is made: what is wrong in it is an error of the redirection. */
function* hereText(shell: Shell, redir: Redir, run: Substitute): Call<string> {
  try {
    return yield* expandText(shell, redir.target, run);
  } catch (error) {
    if (error instanceof ShellError) throw new RedirectError(error.message);
    throw error;
  }
}

/** Forgets what was kept: the redirections stay (`exec >file`). */
export function settle(shell: Shell, saved: readonly Saved[]): void {
  for (const { kept } of saved) if (kept !== undefined) shell.sys.close(kept);
}

export function undo(shell: Shell, saved: readonly Saved[]): void {
  for (const { fd, kept } of [...saved].reverse()) {
    if (kept === undefined) attempt(() => shell.sys.close(fd));
    else {
      shell.sys.dup2(kept, fd);
      shell.sys.close(kept);
    }
  }
}

function keep(shell: Shell, fd: number, saved: Saved[]): void {
  if (saved.some((each) => each.fd === fd)) return;
  const inWay = saved.findIndex((each) => each.kept === fd);
  const kept = attempt(() => shell.sys.dup(fd, FIRST_KEPT));
  if (kept !== undefined) shell.sys.fdCloexec(kept, true);
  // What was kept there itself moves out of the way.
  if (inWay >= 0) saved[inWay] = { fd: saved[inWay]!.fd, kept };
  else saved.push({ fd, kept });
}

function* apply(shell: Shell, redir: Redir, target: string, saved: Saved[]): Call<void> {
  const { sys } = shell;
  if (redir.op === '<&' || redir.op === '>&') {
    const closes = isClose(redir.target, target);
    if (closes || /^\d{1,9}$/.test(target)) {
      duplicate(shell, redir.fd, closes ? undefined : Number(target), saved);
      return;
    }
  }
  const opened = redir.op === '<<' ? yield* here(shell, target) : open(shell, redir, target);
  const fds = redir.op === '&>' || redir.op === '>&' || redir.op === '<&' ? [1, 2] : [redir.fd];
  for (const fd of fds) {
    if (fd !== opened) keep(shell, fd, saved);
    else saved.push({ fd, kept: undefined });
    if (fd !== opened) sys.dup2(opened, fd);
  }
  if (!fds.includes(opened)) sys.close(opened);
}

/** `from` undefined: closes. */
function duplicate(shell: Shell, fd: number, from: number | undefined, saved: Saved[]): void {
  if (from === undefined) {
    keep(shell, fd, saved);
    attempt(() => shell.sys.close(fd));
    return;
  }
  if (attempt(() => shell.sys.fstat(from)) === undefined || saved.some(({ kept }) => kept === from))
    throw new RedirectError(`${from}: Bad file descriptor`);
  keep(shell, fd, saved);
  shell.sys.dup2(from, fd);
}

function open(shell: Shell, redir: Redir, path: string): number {
  const reading = redir.op === '<';
  try {
    return shell.sys.open(path, flagsOf(shell, redir, path), 0o666);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new RedirectError(`can't ${reading ? 'open' : 'create'} ${path}: ${explain(error, reading)}`);
  }
}

function flagsOf(shell: Shell, redir: Redir, path: string): OpenFlags {
  switch (redir.op) {
    case '<':
      return { read: true };
    case '<>':
      return { read: true, write: true, create: true };
    case '>>':
      return { write: true, create: true, append: true };
    default: {
      const guarded =
        redir.op === '>' && shell.options.has('C') && attempt(() => shell.sys.stat(path))?.type === 'file';
      return { write: true, create: true, truncate: true, ...(guarded ? { excl: true } : {}) };
    }
  }
}

/** ash has words of its own for a missing file. */
function explain(error: SysError, reading: boolean): string {
  if (error.errno === 'ENOENT' || error.errno === 'ENOTDIR') return reading ? 'no such file' : 'nonexistent directory';
  return reason(error);
}

/** A here-document: the text waits in a pipe; a process of its own feeds it when it is too long for one. */
function* here(shell: Shell, text: string): Call<number> {
  const [read, write] = shell.sys.pipe();
  const bytes = utf8(text);
  if (bytes.length <= 4096) yield* shell.sys.write(write, bytes);
  else {
    shell.sys.fork(function* feed(sys) {
      sys.close(read);
      yield* sys.write(write, bytes);
      return 0;
    });
  }
  shell.sys.close(write);
  return read;
}
