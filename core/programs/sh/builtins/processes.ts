/** Builtins about processes: `wait kill jobs fg bg trap times umask`. */
import type { Call } from '../../../kernel/sys.ts';
import type { Signal } from '../../../op.ts';
import { killMain } from '../../applets/kill.ts';
import { parseMode } from '../../lib/mode.ts';
import { shownName, signalNamed, signalNumber } from '../../lib/signals.ts';
import {
  allDone,
  announce,
  collect,
  describe,
  forget,
  isDone,
  jobNamed,
  jobStatus,
  makeCurrent,
  setWaited,
  stateOf,
  waitForJob,
  waitUntil,
} from '../jobs.ts';
import { interactiveSignals, toForeground } from '../monitor.ts';
import { runTraps } from '../run.ts';
import { type Job, type Shell, ShellError } from '../shell.ts';

export function* wait(shell: Shell, args: readonly string[]): Call<number> {
  if (args.length === 0) {
    const signal = yield* waitUntil(shell, allDone(shell.jobs));
    if (signal !== undefined) return yield* interrupted(shell, signal);
    for (const job of shell.jobs) setWaited(shell, job);
    return 0;
  }
  let status = 127;
  for (const arg of args) {
    const job = arg.startsWith('%') ? jobNamed(shell, arg) : shell.jobs.find((each) => each.pids.includes(Number(arg)));
    if (job === undefined && arg.startsWith('%')) throw new ShellError(`${arg}: no such job`);
    if (job === undefined) {
      if (!/^\d+$/.test(arg)) throw new ShellError(`Illegal number: ${arg}`);
      status = 127;
      continue;
    }
    // What was reaped while the shell waited for something else has no message any more.
    const reaped = isDone(job);
    const signal = yield* waitUntil(shell, () => stateOf(job) !== 'running');
    if (signal !== undefined) return yield* interrupted(shell, signal);
    status = jobStatus(job);
    setWaited(shell, job);
    if (!reaped && job.signal !== undefined) yield* announce(shell, job.signal);
    job.signal = undefined;
  }
  return status;
}

function* interrupted(shell: Shell, signal: Signal): Call<number> {
  shell.status = 128 + signalNumber(signal);
  yield* runTraps(shell);
  return 128 + signalNumber(signal);
}

export function* kill(shell: Shell, args: readonly string[]): Call<number> {
  const resolved: string[] = [];
  for (const arg of args) {
    if (!arg.startsWith('%')) {
      resolved.push(arg);
      continue;
    }
    const job = jobNamed(shell, arg);
    if (job === undefined) throw new ShellError(`${arg}: no such job`);
    resolved.push(...(job.controlled ? [String(-job.pids[0]!)] : job.pids.map(String)));
  }
  // A group's number is no signal's name.
  const bare = args[0]?.startsWith('%') === true ? ['-TERM', ...resolved] : resolved;
  return yield* killMain(shell.sys, 'sh', bare);
}

export function* jobs(shell: Shell, args: readonly string[]): Call<number> {
  yield* collect(shell);
  const out: string[] = [];
  for (const job of [...shell.current]) {
    out.push(args.includes('-p') ? `${job.pids[0]}\n` : describe(shell, job, args.includes('-l')));
    job.changed = false;
    if (isDone(job)) forget(shell, job);
  }
  if (out.length > 0) yield* shell.sys.write(1, out.join(''));
  return 0;
}

/** ash's fgcmd and restartjob: the job goes on, in the foreground or the background. */
export function* restart(shell: Shell, name: 'fg' | 'bg', args: readonly string[]): Call<number> {
  let status = 0;
  for (const arg of args.length === 0 ? ['%%'] : name === 'fg' ? args.slice(0, 1) : args) {
    const job = jobNamed(shell, arg.startsWith('%') ? arg : `%${arg}`);
    if (job === undefined) throw new ShellError(arg === '%%' ? 'No current job' : `${arg}: no such job`);
    if (!job.controlled || shell.monitor === undefined)
      throw new ShellError(`job ${args[0] ?? name} not created under job control`);
    if (name === 'bg') makeCurrent(shell, job, false);
    yield* shell.sys.write(1, name === 'bg' ? `[${job.id}] ${job.text}\n` : `${job.text}\n`);
    status = yield* goOn(shell, job, name === 'fg');
  }
  return status;
}

function* goOn(shell: Shell, job: Job, inFront: boolean): Call<number> {
  if (isDone(job)) return 0;
  const group = job.pids[0]!;
  if (inFront) yield* toForeground(shell, group);
  job.stopped.clear();
  job.changed = false;
  shell.sys.kill(-group, 'CONT');
  if (!inFront) return 0;
  const codes = yield* waitForJob(shell, job);
  if (isDone(job)) forget(shell, job);
  return codes.at(-1)!;
}

/** POSIX.1-2017 XCU trap. */
export function* trap(shell: Shell, args: readonly string[]): Call<number> {
  const words = args[0] === '--' ? args.slice(1) : args;
  if (words.length === 0) {
    const rows = [...(shell.shownTraps ?? shell.traps)].sort(([a], [b]) => order(a) - order(b));
    for (const [signal, action] of rows)
      yield* shell.sys.write(1, `trap -- ${singleQuoted(action)} ${signal === 'EXIT' ? signal : shownName(signal)}\n`);
    return 0;
  }
  const [first, ...rest] = words as [string, ...string[]];
  const resets = rest.length === 0 || /^\d+$/.test(first);
  const action = resets || first === '-' ? undefined : first;
  let status = 0;
  for (const name of resets ? words : rest) {
    const signal = signalNamed(name);
    if (signal === undefined) {
      yield* shell.complain(`${shell.prefix()}${name}: invalid signal specification\n`);
      status = 1;
    } else setTrap(shell, signal === 0 ? 'EXIT' : signal, action);
  }
  return status;
}

function order(signal: Signal | 'EXIT'): number {
  return signal === 'EXIT' ? 0 : signalNumber(signal);
}

function setTrap(shell: Shell, signal: Signal | 'EXIT', action: string | undefined): void {
  if (action === undefined) shell.traps.delete(signal);
  else shell.traps.set(signal, action);
  if (signal === 'EXIT' || signal === 'KILL' || signal === 'STOP') return;
  const usual = shell.interactive ? interactiveSignals.find(([name]) => name === signal)?.[1] : undefined;
  shell.sys.sigaction(signal, action === undefined ? (usual ?? 'default') : action === '' ? 'ignore' : 'handler');
}

/** As ash quotes: single quotes stand in double ones, with something in single ones before them. */
export function singleQuoted(text: string): string {
  if (text === '') return "''";
  return [...text.matchAll(/([^']*)('*)/g)]
    .filter(([whole]) => whole !== '')
    .map(([, plain, quotes]) => `'${plain}'${quotes === '' ? '' : `"${quotes}"`}`)
    .join('');
}

/** CPU time of the shell and of its children. What the kernel does for a process is not told apart: it is all the user's. */
export function* times(shell: Shell): Call<number> {
  const { own, children } = shell.sys.times();
  yield* shell.sys.write(1, `${minutes(own)} ${minutes(0)}\n${minutes(children)} ${minutes(0)}\n`);
  return 0;
}

/** The kernel counts in ticks of 10 ms. */
function minutes(ms: number): string {
  const ticks = Math.floor(ms / 10);
  return `${Math.floor(ticks / 6000)}m${((ticks % 6000) / 100).toFixed(3)}s`;
}

export function* umask(shell: Shell, args: readonly string[]): Call<number> {
  const { sys } = shell;
  const value = args.find((arg) => !arg.startsWith('-'));
  if (value === undefined) {
    const mask = sys.umask();
    const rights = (bits: number): string => `${bits & 4 ? '' : 'r'}${bits & 2 ? '' : 'w'}${bits & 1 ? '' : 'x'}`;
    const text = args.includes('-S')
      ? `u=${rights(mask >> 6)},g=${rights(mask >> 3)},o=${rights(mask)}`
      : mask.toString(8).padStart(4, '0');
    yield* sys.write(1, `${text}\n`);
    return 0;
  }
  const mode = /^[0-7]+$/.test(value) ? Number.parseInt(value, 8) : symbolic(sys.umask(), value);
  if (mode === undefined) throw new ShellError(`illegal mode: ${value}`);
  sys.umask(mode & 0o777);
  return 0;
}

function symbolic(mask: number, text: string): number | undefined {
  const allowed = parseMode(text, 0o777 & ~mask, false, 0);
  return allowed === undefined ? undefined : 0o777 & ~allowed;
}
