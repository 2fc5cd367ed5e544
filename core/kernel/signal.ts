/**
 * Signals, signal(7): numbers, default actions, and who may be hit. Delivery is immediate: a simulated process is never in
 * the middle of a system call that may not be left, so a signal either acts at once or stays pending because the target
 * is stopped or frozen.
 *
 * Kept true: PID 1 of a PID namespace gets from inside only signals it has a handler for, and from an ancestor namespace
 * those plus SIGKILL and SIGSTOP (pid_namespaces(7), "The namespace init process"). A task frozen by the cgroup v1 freezer
 * keeps even SIGKILL pending until it is thawed; one frozen by v2 can be killed, by any signal that ends it at once.
 */
import { SysError } from '../errors.ts';
import type { Signal } from '../op.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';
import type { Disposition } from './sys.ts';
import { terminals } from './terminals.ts';

export { signalNumbers as signalNumber } from '../op.ts';

type Action = 'terminate' | 'ignore' | 'stop' | 'continue';

/** What a signal does to a process that has not said otherwise. */
export function defaultAction(signal: Signal): Action {
  switch (signal) {
    case 'CHLD':
    case 'URG':
    case 'WINCH':
      return 'ignore';
    case 'CONT':
      return 'continue';
    case 'STOP':
    case 'TSTP':
    case 'TTIN':
    case 'TTOU':
      return 'stop';
    default:
      return 'terminate';
  }
}

export function dispositionOf(target: Process, signal: Signal): Disposition {
  return target.dispositions.get(signal) ?? 'default';
}

/** Sets a disposition and returns the one before. KILL and STOP cannot be changed: EINVAL, sigaction(2). */
export function setDisposition(target: Process, signal: Signal, disposition: Disposition): Disposition {
  if ((signal === 'KILL' || signal === 'STOP') && disposition !== 'default') throw new SysError('EINVAL');
  const before = dispositionOf(target, signal);
  if (disposition === 'default') target.dispositions.delete(signal);
  else target.dispositions.set(signal, disposition);
  return before;
}

/** execve(2): handlers are gone after it, what is ignored stays ignored. */
export function resetHandlers(target: Process): void {
  for (const [signal, disposition] of target.dispositions) {
    if (disposition === 'handler') target.dispositions.delete(signal);
  }
  target.caught.length = 0;
}

/** Is `signal` dropped because the target is the init of its PID namespace? `from` undefined: the kernel of the host. */
function initIsImmune(target: Process, signal: Signal, from: Process | undefined): boolean {
  const ns = target.ns.pid;
  if (ns.init !== target || dispositionOf(target, signal) === 'handler') return false;
  const fromAncestor = ns.level > 0 && (from === undefined || from.ns.pid.level < ns.level);
  return !(fromAncestor && (signal === 'KILL' || signal === 'STOP'));
}

/** Is the target in a frozen cgroup that holds this signal back? */
function heldByFreezer(kernel: Kernel, target: Process, signal: Signal): boolean {
  if (!kernel.cgroups.frozen(target)) return false;
  if (target.cgroups.some((group) => group.hierarchy.version === 'v1' && group.frozen)) return true;
  return !isFatal(target, signal);
}

/** Would it end the process at once? kernel/signal.c complete_signal. */
const isFatal = (target: Process, signal: Signal): boolean =>
  signal === 'KILL' || (dispositionOf(target, signal) === 'default' && defaultAction(signal) === 'terminate');

/** kill(2) without the look at permissions: sends one signal to one process. */
export function sendSignal(kernel: Kernel, target: Process, signal: Signal, from?: Process): void {
  if (target.state === 'zombie' || target.state === 'dead') return;
  if (signal === 'CONT') {
    for (const other of target.pending) if (defaultAction(other) === 'stop') target.pending.delete(other);
    if (target.state === 'stopped') target.state = 'running';
    target.stoppedBy = undefined;
    kernel.scheduler.wake(target);
  }
  if (initIsImmune(target, signal, from) && signal !== 'CONT') return;
  // signal(7): of standard signals one is pending, real-time signals queue up.
  if (target.pending.has(signal) && signal.startsWith('RT')) target.queuedSignals.push(signal);
  target.pending.add(signal);
  deliverPending(kernel, target);
}

/** Acts on pending signals as far as the target can take them now. Called after sending, thawing and continuing. */
export function deliverPending(kernel: Kernel, target: Process): void {
  // SIGKILL goes before all others, as in the kernel.
  if (target.pending.has('KILL') && !heldByFreezer(kernel, target, 'KILL')) {
    kernel.terminate(target, { signal: 'KILL' });
    return;
  }
  for (const signal of [...target.pending]) {
    if (target.state === 'zombie' || target.state === 'dead' || target.state === 'exiting') return;
    if (heldByFreezer(kernel, target, signal)) continue;
    if (target.state === 'stopped') continue;
    target.pending.delete(signal);
    for (let more = takeQueued(target, signal); more >= 0 && target.alive; more--) act(kernel, target, signal);
  }
}

/** How often a signal was queued beside the one that is pending. */
function takeQueued({ queuedSignals }: Process, signal: Signal): number {
  if (queuedSignals.length === 0) return 0;
  const others = queuedSignals.filter((each) => each !== signal);
  const count = queuedSignals.length - others.length;
  queuedSignals.splice(0, queuedSignals.length, ...others);
  return count;
}

function act(kernel: Kernel, target: Process, signal: Signal): void {
  const disposition = dispositionOf(target, signal);
  if (disposition === 'ignore') return;
  if (disposition === 'handler') {
    target.caught.push(signal);
    // A handler runs at once, whatever the program is busy with.
    target.busyUntil = Math.min(target.busyUntil, kernel.now());
    target.owes = 0;
    kernel.scheduler.wake(target);
    return;
  }
  switch (defaultAction(signal)) {
    case 'terminate':
      kernel.terminate(target, { signal });
      break;
    case 'stop':
      // The keyboard stops nobody whom nobody could continue.
      if (signal !== 'STOP' && target.terminal !== undefined && terminals().isOrphaned(kernel, target.group)) break;
      target.state = 'stopped';
      target.stoppedBy = signal;
      kernel.scheduler.rest(target);
      if (target.parent?.alive === true) {
        kernel.scheduler.wake(target.parent);
        sendSignal(kernel, target.parent, 'CHLD', target);
      }
      break;
    case 'ignore':
    case 'continue':
      break;
  }
}
