/**
 * Children of a shell: waiting for them, their statuses, messages about those that a signal ended, traps that run in
 * between (POSIX.1-2017 XCU 2.11).
 */
import { SysError } from '../../errors.ts';
import type { Call, WaitResult } from '../../kernel/sys.ts';
import type { Signal } from '../../op.ts';
import { signalNumber, signalText } from '../lib/signals.ts';
import type { Job, Shell } from './shell.ts';

export function statusOf(result: WaitResult): number {
  return result.signal !== undefined ? 128 + signalNumber(result.signal) : (result.code ?? 0);
}

/** Books an ended child that belongs to a background job. */
function record(shell: Shell, result: WaitResult): void {
  const job = shell.jobOf.get(result.pid);
  if (job === undefined) return;
  job.ended.set(result.pid, statusOf(result));
  if (result.pid === job.pids.at(-1)) job.signal = result.signal;
}

/** Waits for children of the foreground; background ones (and orphans given to PID 1) that end meanwhile are booked. */
export function* waitForeground(shell: Shell, pids: readonly number[]): Call<number[]> {
  const codes = new Map<number, number>();
  let last: WaitResult | undefined;
  while (codes.size < pids.length) {
    const result = yield* shell.sys.wait(-1, { interruptible: false });
    if (result === undefined) continue;
    if (!pids.includes(result.pid)) {
      record(shell, result);
      continue;
    }
    codes.set(result.pid, statusOf(result));
    if (result.pid === pids.at(-1)) last = result;
  }
  if (last?.signal !== undefined) yield* announce(shell, last.signal);
  return pids.map((pid) => codes.get(pid)!);
}

/** `Killed`: the shell says so of a process that it waited for. */
export function* announce(shell: Shell, signal: Signal): Call<void> {
  if (signal !== 'INT' && signal !== 'PIPE') yield* shell.complain(`${signalText[signal]}\n`);
}

/** Takes in the children that have ended, without waiting. */
export function* collect(shell: Shell): Call<void> {
  for (;;) {
    try {
      const result = yield* shell.sys.wait(-1, { nohang: true });
      if (result === undefined) return;
      record(shell, result);
    } catch (error) {
      if (error instanceof SysError) return;
      throw error;
    }
  }
}

/**
 * Waits until `done` holds or a signal comes that has a trap; then its number plus 128, the trap is left for the caller to
 * run. Undefined: `done`, or no child is left.
 */
export function* waitUntil(shell: Shell, done: () => boolean): Call<Signal | undefined> {
  for (;;) {
    const early = shell.sys.takeSignals();
    shell.pendingTraps.push(...early);
    if (early.length > 0) return early[0];
    if (done()) return undefined;
    try {
      const result = yield* shell.sys.wait(-1, { interruptible: true });
      if (result !== undefined) record(shell, result);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      if (error.errno === 'ECHILD') return undefined;
    }
  }
}

/** Are all of these done? To be asked again and again: those that were are not looked at again. */
export function allDone(jobs: readonly Job[]): () => boolean {
  let at = 0;
  return () => {
    while (at < jobs.length && isDone(jobs[at]!)) at++;
    return at >= jobs.length;
  };
}

/** Its number may be used again. */
export function setWaited(shell: Shell, job: Job): void {
  job.waited = true;
  shell.jobsWaited = true;
}

export function isDone(job: Job): boolean {
  return job.pids.every((pid) => job.ended.has(pid));
}

export function jobStatus(job: Job): number {
  return job.ended.get(job.pids.at(-1)!) ?? 127;
}

export function addJob(shell: Shell, pids: readonly number[]): void {
  if (shell.jobsWaited) shell.jobs = shell.jobs.filter((job) => !(job.waited && isDone(job)));
  shell.jobsWaited = false;
  // In the order of their numbers.
  const id = (shell.jobs.at(-1)?.id ?? 0) + 1;
  const job: Job = { id, pids, text: '', ended: new Map(), waited: false };
  shell.jobs.push(job);
  for (const pid of pids) shell.jobOf.set(pid, job);
  shell.lastBackground = pids.at(-1);
}

/** `%1`, `%%`, `%+`, `%-`. */
export function jobNamed(shell: Shell, name: string): Job | undefined {
  if (/^%\d+$/.test(name)) return shell.jobs.find((job) => job.id === Number(name.slice(1)));
  return name === '%-' ? shell.jobs.at(-2) : shell.jobs.at(-1);
}
