/**
 * Job control (`set -m`, on by itself where somebody sits at a terminal): each job is a process group of its own, and the one in
 * the foreground has the terminal (busybox ash, setjobctl; POSIX.1-2017 XCU 2.11, XBD 11.1.4).
 *
 * Kept true: whenever the shell itself goes on, it is in the foreground; children begin with the keyboard's signals as they
 * were before.
 */
import type { Call } from '../../kernel/sys.ts';
import type { Signal } from '../../op.ts';
import { attempt } from '../lib/applet.ts';
import type { Shell } from './shell.ts';

export interface Monitor {
  /** The terminal, kept open whatever becomes of standard input. */
  readonly fd: number;
  readonly group: number;
  /** The group that was in the foreground before. */
  readonly initial: number;
}

/** Signals that stop; a shell that controls jobs ignores them. */
const stops: readonly Signal[] = ['TSTP', 'TTOU', 'TTIN'];

/** What a shell at a terminal does not die of. */
export const interactiveSignals: readonly (readonly [Signal, 'handler' | 'ignore'])[] = [
  ['INT', 'handler'],
  ['QUIT', 'ignore'],
  ['TERM', 'ignore'],
];

/** Makes job control what `set -m` and `set +m` say it is to be; only the first shell has any. */
export function* settleMonitor(shell: Shell): Call<void> {
  if (shell.subshell) return;
  const wanted = shell.options.has('m');
  if (wanted && shell.monitor === undefined) yield* begin(shell);
  else if (!wanted && shell.monitor !== undefined) yield* endMonitor(shell);
}

function* begin(shell: Shell): Call<void> {
  const { sys } = shell;
  const fd = terminalOf(shell);
  for (;;) {
    const initial = fd === undefined ? undefined : attempt(() => sys.tty.foreground(fd));
    if (fd === undefined || initial === undefined) {
      shell.options.delete('m');
      if (fd !== undefined) sys.close(fd);
      yield* sys.write(2, `${shell.prefix()}can't access tty; job control turned off\n`);
      return;
    }
    if (initial === sys.pgrp) {
      for (const signal of stops) sys.sigaction(signal, 'ignore');
      attempt(() => sys.setpgid(0, shell.rootPid));
      shell.monitor = { fd, group: sys.pgrp, initial };
      yield* toForeground(shell, shell.monitor.group);
      return;
    }
    sys.kill(0, 'TTIN');
    yield* sys.burn(0);
  }
}

/** The terminal at a descriptor that scripts do not use. */
function terminalOf(shell: Shell): number | undefined {
  const { sys } = shell;
  const opened = attempt(() => sys.open('/dev/tty', { read: true, write: true }));
  const from = opened ?? [2, 1, 0].find((fd) => sys.isatty(fd));
  if (from === undefined) return undefined;
  const fd = sys.dup(from, 10);
  sys.fdCloexec(fd, true);
  if (opened !== undefined) sys.close(opened);
  return fd;
}

export function* endMonitor(shell: Shell): Call<void> {
  const { monitor, sys } = shell;
  if (monitor === undefined) return;
  shell.monitor = undefined;
  yield* setForeground(shell, monitor.fd, monitor.initial);
  attempt(() => sys.setpgid(0, monitor.initial));
  for (const signal of stops) sys.sigaction(signal, 'default');
  attempt(() => sys.close(monitor.fd));
}

export function* toForeground(shell: Shell, group: number): Call<void> {
  if (shell.monitor !== undefined) yield* setForeground(shell, shell.monitor.fd, group);
}

function* setForeground(shell: Shell, fd: number, group: number): Call<void> {
  try {
    yield* shell.sys.tty.setForeground(fd, group);
  } catch (error) {
    // The terminal has gone, or the group: there is nothing to be in front of.
    if (attempt(() => shell.sys.tty.foreground(fd)) === group) throw error;
  }
}

/** What a child of a job does first. `leader` undefined: it is the first of its group. */
export function* joinJob(child: Shell, monitor: Monitor, leader: number | undefined, inFront: boolean): Call<void> {
  const { sys } = child;
  attempt(() => sys.setpgid(0, leader ?? sys.pid));
  if (inFront) yield* setForeground(child, monitor.fd, leader ?? sys.pid);
  for (const signal of stops) sys.sigaction(signal, 'default');
}

/** A child that is no job: what the keyboard stops it stops too. */
export function leaveJobs(child: Shell): void {
  for (const signal of stops) child.sys.sigaction(signal, 'default');
}
