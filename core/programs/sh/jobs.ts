/**
 * Children of a shell: waiting for them, their statuses, messages about those that a signal ended or stopped, traps that run in
 * between (POSIX.1-2017 XCU 2.11), and the table of jobs as busybox ash keeps it.
 *
 * Kept true: `shell.current` holds the jobs of `shell.jobs`, the current one first; stopped ones come before those that run.
 */
import { SysError } from '../../errors.ts';
import type { Call, WaitResult } from '../../kernel/sys.ts';
import type { Signal } from '../../op.ts';
import { signalNumber, signalText } from '../lib/signals.ts';
import { toForeground } from './monitor.ts';
import type { Job, Shell } from './shell.ts';

export function statusOf(result: WaitResult): number {
  const signal = result.signal ?? result.stopped;
  return signal !== undefined ? 128 + signalNumber(signal) : (result.code ?? 0);
}

/** Books a child that belongs to a background job and has ended or was stopped. */
function record(shell: Shell, result: WaitResult): void {
  const job = shell.jobOf.get(result.pid);
  if (job !== undefined) book(shell, job, result);
}

function book(shell: Shell, job: Job, result: WaitResult): void {
  const before = stateOf(job);
  if (result.stopped !== undefined) job.stopped.set(result.pid, result.stopped);
  else {
    job.stopped.delete(result.pid);
    job.ended.set(result.pid, statusOf(result));
    if (result.pid === job.pids.at(-1)) job.signal = result.signal;
  }
  const now = stateOf(job);
  if (now === before) return;
  job.changed = true;
  if (now === 'stopped' && shell.jobs.includes(job)) makeCurrent(shell, job, true);
}

export type JobState = 'running' | 'stopped' | 'done';

export function stateOf({ pids, ended, stopped }: Job): JobState {
  if (pids.every((pid) => ended.has(pid))) return 'done';
  return pids.every((pid) => ended.has(pid) || stopped.has(pid)) ? 'stopped' : 'running';
}

export const isDone = (job: Job): boolean => job.pids.every((pid) => job.ended.has(pid));

/** Waits for processes of the foreground; with job control they may be stopped, and become a job of the table then. */
export function* waitForeground(shell: Shell, pids: readonly number[], text = ''): Call<number[]> {
  const job: Job = { ...newJob(0, pids, text), controlled: shell.monitor !== undefined };
  return yield* waitForJob(shell, job);
}

/** Waits until a job has ended or was stopped; background ones (and orphans given to PID 1) that end meanwhile are booked. */
export function* waitForJob(shell: Shell, job: Job): Call<number[]> {
  const untraced = shell.monitor !== undefined;
  let last: WaitResult | undefined;
  while (stateOf(job) === 'running') {
    const result = yield* shell.sys.wait(-1, { interruptible: false, untraced });
    if (result === undefined) continue;
    if (!job.pids.includes(result.pid)) {
      record(shell, result);
      continue;
    }
    book(shell, job, result);
    if (result.pid === job.pids.at(-1)) last = result;
  }
  if (untraced && job.controlled) yield* toForeground(shell, shell.monitor!.group);
  if (stateOf(job) === 'stopped') yield* stopped(shell, job);
  else if (last?.signal !== undefined) yield* announce(shell, last.signal);
  // With a group of its own the shell has not heard the keyboard: it takes it as if it had.
  if (last?.signal === 'INT' && job.controlled && shell.interactive) shell.sys.kill(shell.sys.pid, 'INT');
  return job.pids.map((pid) => job.ended.get(pid) ?? 128 + signalNumber(job.stopped.get(pid)!));
}

function* stopped(shell: Shell, job: Job): Call<void> {
  let kept = job;
  if (!shell.jobs.includes(job)) {
    kept = { ...job, id: freeId(shell) };
    enter(shell, kept);
  }
  makeCurrent(shell, kept, true);
  kept.changed = false;
  yield* shell.sys.write(2, describe(shell, kept));
}

/** `Killed`: the shell says so of a process that it waited for. */
export function* announce(shell: Shell, signal: Signal): Call<void> {
  if (signal !== 'INT' && signal !== 'PIPE') yield* shell.complain(`${signalText[signal]}\n`);
}

/** Takes in the children that have ended or were stopped, without waiting. */
export function* collect(shell: Shell): Call<void> {
  for (;;) {
    try {
      const result = yield* shell.sys.wait(-1, { nohang: true, untraced: shell.monitor !== undefined });
      if (result === undefined) return;
      record(shell, result);
    } catch (error) {
      if (error instanceof SysError) return;
      throw error;
    }
  }
}

/** Before each prompt: what has become of the jobs since. */
export function* reportChanges(shell: Shell): Call<void> {
  yield* collect(shell);
  if (shell.monitor === undefined) return;
  for (const job of [...shell.current]) {
    if (!job.changed) continue;
    yield* shell.sys.write(2, describe(shell, job));
    job.changed = false;
    if (isDone(job)) forget(shell, job);
  }
}

/** `[1]+  Stopped                    sleep 100`, a line of `jobs`. */
export function describe(shell: Shell, job: Job, withPid = false): string {
  const mark = shell.current[0] === job ? '+' : shell.current[1] === job ? '-' : ' ';
  const lead = `[${job.id}]${mark}  ${withPid ? `${job.pids[0]} ` : ''}${stateText(job)}`;
  return `${lead.padEnd(33)}${job.text}\n`;
}

function stateText(job: Job): string {
  const state = stateOf(job);
  if (state === 'running') return 'Running';
  if (state === 'stopped') return signalText[[...job.stopped.values()].at(-1)!];
  if (job.signal !== undefined) return signalText[job.signal];
  const status = jobStatus(job);
  return status === 0 ? 'Done' : `Done(${status})`;
}

export function forget(shell: Shell, job: Job): void {
  shell.jobs = shell.jobs.filter((each) => each !== job);
  shell.current = shell.current.filter((each) => each !== job);
}

/** ash's set_curjob: a stopped one goes before all others, one that runs behind the stopped ones. */
export function makeCurrent(shell: Shell, job: Job, first: boolean): void {
  const others = shell.current.filter((each) => each !== job);
  const at = first ? 0 : others.findIndex((each) => stateOf(each) !== 'stopped');
  shell.current = others.toSpliced(at < 0 ? others.length : at, 0, job);
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
      const result = yield* shell.sys.wait(-1, { interruptible: true, untraced: shell.monitor !== undefined });
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
    while (at < jobs.length && stateOf(jobs[at]!) !== 'running') at++;
    return at >= jobs.length;
  };
}

/** Its number may be used again. */
export function setWaited(shell: Shell, job: Job): void {
  job.waited = true;
  job.changed = false;
  shell.jobsWaited = true;
}

export function jobStatus(job: Job): number {
  return job.ended.get(job.pids.at(-1)!) ?? 127;
}

function newJob(id: number, pids: readonly number[], text: string): Job {
  return { id, pids, text, controlled: false, ended: new Map(), stopped: new Map(), waited: false, changed: false };
}

export function addJob(shell: Shell, pids: readonly number[], text: string): void {
  if (shell.jobsWaited) for (const job of shell.jobs) if (job.waited && isDone(job)) forget(shell, job);
  shell.jobsWaited = false;
  const controlled = shell.monitor !== undefined;
  const job: Job = { ...newJob(freeId(shell), pids, controlled ? text : ''), controlled };
  enter(shell, job);
  makeCurrent(shell, job, false);
  shell.lastBackground = pids.at(-1);
}

/** In the order of their numbers. */
const freeId = (shell: Shell): number => (shell.jobs.at(-1)?.id ?? 0) + 1;

function enter(shell: Shell, job: Job): void {
  shell.jobs.push(job);
  for (const pid of job.pids) shell.jobOf.set(pid, job);
}

/** `%1`, `%%`, `%+`, `%-`, `%name`, `%?text`. */
export function jobNamed(shell: Shell, name: string): Job | undefined {
  if (/^%\d+$/.test(name)) return shell.jobs.find((job) => job.id === Number(name.slice(1)));
  if (name === '%-') return shell.current[1];
  if (name === '%' || name === '%%' || name === '%+') return shell.current[0];
  const part = name.slice(1);
  const fits = (job: Job): boolean =>
    part.startsWith('?') ? job.text.includes(part.slice(1)) : job.text.startsWith(part);
  return shell.current.find(fits);
}

export const stoppedJob = (shell: Shell): boolean =>
  shell.current[0] !== undefined && stateOf(shell.current[0]) === 'stopped';
