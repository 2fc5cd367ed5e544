/**
 * CPU time: how fast a process that uses a CPU gets on. sched(7), Documentation/scheduler/sched-bwc.rst.
 *
 * Kept true: what the CPUs give out at one moment is never more than there are; groups share by weight at every level, and what
 * one cannot use goes to the others (water filling); a process on a cpuset competes for the CPUs of that alone. A group with a
 * quota uses no more than that in any period, however many processes and CPUs it has; who is over waits for the next period.
 */

import { type Cgroup, type Hierarchy, type Tally, tallyOf } from './cgroup.ts';
import { cpuList, effectiveCpus } from './cpusets.ts';
import type { Kernel } from './kernel.ts';
import { CPUS } from './limits.ts';
import { stalled } from './pressure.ts';
import type { Process } from './process.ts';
import { checkCpu } from './rlimits.ts';

/** So many that share get equal parts: with more it is no longer worth while to look at their groups. */
const MANY = 64;
/** Milliseconds that are nothing: sums of fractions are off by less. */
const NOTHING = 1e-9;

/** Lets a process use what it owes (`process.owes`, ms of CPU time) as far as it gets now, and says by `busyUntil` when it goes on. */
export function spend(kernel: Kernel, process: Process, busy: Set<Process>): void {
  const now = kernel.now();
  for (const other of busy.size > MANY ? [] : busy) {
    const gone =
      other.state !== 'running' || (other !== process && other.busyUntil < now) || kernel.cgroups.frozen(other);
    if (gone && other !== process) {
      busy.delete(other);
      other.busy = false;
    }
  }
  const windows = windowsOf(kernel, process, now);
  let room = process.owes;
  for (const { quota, tally } of windows) room = Math.min(room, quota - tally.used);
  if (room <= NOTHING) {
    process.busyUntil = throttle(windows, now);
    stalled(kernel, process, 'cpu', process.busyUntil, process.cgroups[0]);
    return;
  }
  for (const { tally } of windows) tally.used += room;
  process.owes -= room;
  if (process.owes <= NOTHING) process.owes = 0;
  process.cpuMs += room;
  if (process.rlimits !== undefined) checkCpu(process, process.cpuMs - room);
  process.busyUntil = now + room / speedOf(kernel, process, busy);
  const waits = process.busyUntil - now - room;
  if (waits > NOTHING) stalled(kernel, process, 'cpu', now + waits, alone(process, busy));
}

/** The greatest group of v2 in which nobody else uses a CPU. */
function alone(process: Process, busy: ReadonlySet<Process>): Cgroup | undefined {
  let found: Cgroup | undefined;
  for (let at = process.cgroups[0]; at !== undefined; at = at.parent) {
    const group = at;
    const others = [...busy].some((other) => other !== process && isIn(other, group));
    if (others) return found;
    found = group;
  }
  return found;
}

function isIn(process: Process, group: Cgroup): boolean {
  let at = process.cgroups[group.hierarchy.index];
  while (at !== undefined && at !== group) at = at.parent;
  return at !== undefined;
}

/** The quota of one group in the period that is running. */
interface Window {
  readonly quota: number;
  readonly period: number;
  readonly tally: Tally;
}

function hierarchyOf(kernel: Kernel, controller: string): Hierarchy {
  return kernel.cgroups.hierarchies.find(({ controllers }) => controllers.includes(controller))!;
}

function quotaOf(group: Cgroup): readonly [quota: number, period: number] | undefined {
  const { version } = group.hierarchy;
  const text =
    version === 'v2'
      ? group.values.get('cpu.max')
      : `${group.values.get('cpu.cfs_quota_us') ?? -1} ${group.values.get('cpu.cfs_period_us') ?? 100000}`;
  const [quota, period] = (text ?? 'max').split(' ').map(Number);
  return quota !== undefined && quota > 0 ? [quota / 1000, period! / 1000] : undefined;
}

/** Those of the group of a process and of the groups above, brought up to the present. */
function windowsOf(kernel: Kernel, process: Process, now: number): Window[] {
  const windows: Window[] = [];
  let group: Cgroup | undefined = process.cgroups[hierarchyOf(kernel, 'cpu').index];
  for (; group !== undefined; group = group.parent) {
    const limit = quotaOf(group);
    if (limit === undefined) continue;
    const [quota, period] = limit;
    const tally = tallyOf(group);
    const over = Math.floor((now - tally.since) / period + NOTHING);
    if (over > 0) {
      tally.since = tally.periods === 0 ? now : tally.since + over * period;
      tally.periods += 1;
      tally.used = 0;
      tally.held = false;
    }
    windows.push({ quota, period, tally });
  }
  return windows;
}

/** When the last of the used up quotas is filled again. */
function throttle(windows: readonly Window[], now: number): number {
  let until = now;
  for (const { quota, period, tally } of windows) {
    if (quota - tally.used > NOTHING) continue;
    const next = tally.since + period;
    if (!tally.held) {
      tally.held = true;
      tally.throttled += 1;
      tally.throttledMs += next - now;
    }
    until = Math.max(until, next);
  }
  return until;
}

/** The part of one CPU that a process has, more than 0 and at most 1. */
function speedOf(kernel: Kernel, process: Process, busy: ReadonlySet<Process>): number {
  if (busy.size <= 1) return 1;
  if (busy.size > MANY) return CPUS / busy.size;
  const all = [...busy];
  const sets = new Map(all.map((each) => [each, cpusOf(kernel, each)]));
  const most = new Map<Process, number>(all.map((each) => [each, 1]));
  for (const set of new Set(sets.values())) {
    if (set.split(',').length >= CPUS) continue;
    const there = all.filter((each) => sets.get(each) === set);
    const shares = shareOut(kernel, there, set.split(',').length, most);
    for (const [each, share] of shares) most.set(each, share);
  }
  return shareOut(kernel, all, CPUS, most).get(process) ?? 1;
}

/** The CPUs that a process may use, `0,1`. */
function cpusOf(kernel: Kernel, process: Process): string {
  let group: Cgroup | undefined = process.cgroups[hierarchyOf(kernel, 'cpuset').index];
  if (group?.hierarchy.version === 'v2') return cpuList(effectiveCpus(group)).join();
  for (; group !== undefined; group = group.parent) {
    const text = group.values.get('cpuset.cpus');
    if (text !== undefined && text !== '') return cpuList(text).join();
  }
  return cpuList(`0-${CPUS - 1}`).join();
}

/** What competes at one level: a process, or a group with all that is busy in it. */
interface Rival {
  readonly weight: number;
  readonly most: number;
  readonly processes: readonly Process[];
  readonly group: Cgroup | undefined;
}

type Parts = ReadonlyMap<Process, number>;

function shareOut(kernel: Kernel, processes: readonly Process[], cpus: number, most: Parts): Map<Process, number> {
  const { index, root } = hierarchyOf(kernel, 'cpu');
  const parts = new Map<Process, number>();
  const give = (group: Cgroup, inside: readonly Process[], amount: number): void => {
    const rivals = rivalsIn(group, inside, index, most);
    for (const [rival, share] of fill(rivals, amount)) {
      if (rival.group === undefined) parts.set(rival.processes[0]!, share);
      else give(rival.group, rival.processes, share);
    }
  };
  give(root, processes, cpus);
  return parts;
}

function rivalsIn(group: Cgroup, processes: readonly Process[], index: number, most: Parts): Rival[] {
  const below = new Map<Cgroup, Process[]>();
  const rivals: Rival[] = [];
  for (const process of processes) {
    let at = process.cgroups[index]!;
    if (at === group) {
      // Each step of nice is a quarter more or less, sched(7).
      const weight = (group.hierarchy.version === 'v1' ? 1024 : 100) * 1.25 ** -process.nice;
      rivals.push({ weight, most: most.get(process)!, processes: [process], group: undefined });
      continue;
    }
    while (at.parent !== group) at = at.parent!;
    below.set(at, [...(below.get(at) ?? []), process]);
  }
  for (const [child, inside] of below) {
    const weight = Number(child.values.get('cpu.shares') ?? child.values.get('cpu.weight') ?? defaultWeight(child));
    rivals.push({ weight, most: sum(inside.map((each) => most.get(each)!)), processes: inside, group: child });
  }
  return rivals;
}

const defaultWeight = ({ hierarchy }: Cgroup): number => (hierarchy.version === 'v1' ? 1024 : 100);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** By weight, none more than it can use; what that leaves over goes to the others. */
function fill(rivals: readonly Rival[], amount: number): Map<Rival, number> {
  const shares = new Map<Rival, number>();
  let open = [...rivals];
  let left = amount;
  for (;;) {
    const weights = sum(open.map(({ weight }) => weight));
    const sated = open.filter(({ weight, most }) => most <= (left * weight) / weights + NOTHING);
    if (sated.length === 0) {
      for (const rival of open) shares.set(rival, (left * rival.weight) / weights);
      return shares;
    }
    for (const rival of sated) {
      shares.set(rival, rival.most);
      left -= rival.most;
    }
    open = open.filter((rival) => !sated.includes(rival));
    if (open.length === 0) return shares;
  }
}
