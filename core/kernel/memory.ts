/**
 * Memory and numbers of processes against the limits of control groups: who is over, who is killed.
 * Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst, cgroup-v1/pids.rst.
 *
 * Kept true: what a process holds is charged to its group and all above it, and comes back when it ends. Over a limit the
 * process that holds most in that group is killed by SIGKILL and counted, unless the group has the killer switched off: then
 * who asked waits until there is room. Without any limit the machine's memory is the limit.
 */
import { SysError } from '../errors.ts';
import { type Cgroup, tallyOf } from './cgroup.ts';
import type { Kernel } from './kernel.ts';
import { MEMORY } from './limits.ts';
import { reclaim } from './pagecache.ts';
import { stalled } from './pressure.ts';
import type { Process } from './process.ts';
import type { Call } from './sys.ts';

const PAGE = 4096;
/** What every process has before it asks for anything: page tables, stack, data of its program. */
const BASE = 53 * PAGE;

/** Only who holds more than this is asked whether it is too much for the machine. */
const MUCH = 2 ** 26;

/** Bytes that a process holds. */
export const heldBy = ({ data }: Process): number => BASE + Math.ceil(data / PAGE) * PAGE;

/** Bytes that are charged to a group. */
export function memoryUsage(group: Cgroup): number {
  let bytes = 0;
  for (const process of group.members()) bytes += heldBy(process);
  return bytes + shmemOf(group) + cacheOf(group);
}

/** Bytes over its limit; below 0: under it. */
export const excess = (group: Cgroup): number => memoryUsage(group) - memoryLimit(group);

/** Bytes of cached pages of files that are charged to a group and those below it. */
export function cacheOf(group: Cgroup): number {
  let bytes = group.tally?.cache ?? 0;
  for (const child of group.children.values()) bytes += cacheOf(child);
  return bytes;
}

/** Bytes of files in memory that are charged to a group and those below it. */
export function shmemOf(group: Cgroup): number {
  let bytes = group.tally?.shmem ?? 0;
  for (const child of group.children.values()) bytes += shmemOf(child);
  return bytes;
}

/** The limit of a group in bytes. */
export function memoryLimit(group: Cgroup): number {
  const text = group.values.get('memory.limit_in_bytes') ?? group.values.get('memory.max');
  return text === undefined || text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
}

/** The next group up whose limit so many bytes more would exceed; counts the failure. */
function exceeded(process: Process, more = 0): Cgroup | undefined {
  let found: Cgroup | undefined;
  let group = process.cgroups.find(({ hierarchy }) => hierarchy.controllers.includes('memory'));
  for (; group !== undefined; group = group.parent) {
    const limit = group.parent === undefined && process.data > MUCH ? MEMORY : memoryLimit(group);
    if (limit === Number.POSITIVE_INFINITY) continue;
    const used = memoryUsage(group) + more;
    const tally = tallyOf(group);
    tally.peak = Math.max(tally.peak, Math.min(limit, used));
    if (used > limit) {
      tally.refused += 1;
      found ??= group;
    }
  }
  return found;
}

/** Lets a process hold so many bytes more, or (below 0) fewer. Gets no further when that is its end. */
export function* hold(kernel: Kernel, process: Process, bytes: number): Call<void> {
  process.data = Math.max(0, process.data + bytes);
  if (bytes <= 0) return;
  yield* within(kernel, process, 0);
  if (kernel.cgroups.version === 'v2') yield* slowed(kernel, process, bytes);
}

const HZ = 250;
/** Longest time that one system call is held up for, ms. */
const LONGEST = 2000;
const HIGH = 'memory.high';

/**
 * Over `memory.high` of v2: pages of files are given up, and who holds more than that is kept waiting, the longer the more it is
 * over and the more it asked for. mm/memcontrol.c, calculate_high_delay.
 */
function* slowed(kernel: Kernel, process: Process, bytes: number): Call<void> {
  let wait = 0;
  for (let at = process.cgroups[kernel.cgroups.memoryAt]; at !== undefined; at = at.parent) {
    const text = at.values.get(HIGH);
    if (text === undefined || text === 'max') continue;
    const mark = Number(text);
    if (memoryUsage(at) <= mark) continue;
    tallyOf(at).high += 1;
    reclaim(kernel, at, memoryUsage(at) - mark);
    const over = Math.max(0, memoryUsage(at) - mark) / Math.max(PAGE, mark);
    wait = Math.max(wait, (over * over * HZ * 2 ** 40) / 2 ** 34);
  }
  const ms = Math.min(LONGEST, (((wait * bytes) / PAGE / 64) * 1000) / HZ);
  // Less than a hundredth of a second is let pass.
  if (ms <= 10) return;
  const until = kernel.now() + ms;
  stalled(kernel, process, 'memory', until, process.cgroups[kernel.cgroups.memoryAt]);
  while (kernel.now() < until) {
    yield { why: 'disk', until };
    process.checkAlive();
  }
}

/** Comes back when a process may write so many bytes of a file in memory. Gets no further when that is its end. */
export function* chargeFile(kernel: Kernel, process: Process, bytes: number): Call<void> {
  yield* within(kernel, process, bytes);
}

/** Bytes that a process may still have before a group of its own has none left. */
export function memoryRoom(process: Process): number {
  let room = Number.POSITIVE_INFINITY;
  let group = process.cgroups.find(({ hierarchy }) => hierarchy.controllers.includes('memory'));
  for (; group !== undefined; group = group.parent) {
    const limit = memoryLimit(group);
    if (limit !== Number.POSITIVE_INFINITY) room = Math.min(room, limit - memoryUsage(group) + cacheOf(group));
  }
  return Math.max(0, room);
}

function* within(kernel: Kernel, process: Process, more: number): Call<void> {
  for (let over = exceeded(process, more); over !== undefined; over = exceeded(process, more)) {
    const group = over;
    // Cached pages go first.
    if (reclaim(kernel, group, excess(group) + more)) continue;
    if (group.values.get('memory.oom_control') !== '1') {
      // In v2 what nobody can be killed for is not to be had.
      if (!killOne(kernel, group)) {
        if (group.hierarchy.version === 'v1') return;
        process.data = Math.max(0, process.data - Math.max(0, excess(group)));
        throw new SysError('EFAULT');
      }
      process.checkAlive();
      continue;
    }
    tallyOf(group).waiting += 1;
    try {
      yield { why: 'cpu', ready: () => memoryUsage(group) + more <= memoryLimit(group) || killerIsOn(group) };
    } finally {
      tallyOf(group).waiting -= 1;
    }
    process.checkAlive();
  }
}

const killerIsOn = (group: Cgroup): boolean => group.values.get('memory.oom_control') !== '1';

/** mm/oom_kill.c oom_badness: what it holds, and whole thousandths of the pages there are. Of equals the last one found. */
export function badness(process: Process, all: number): number {
  return heldBy(process) + process.oomScoreAdj * Math.floor(all / PAGE / 1000) * PAGE;
}

/** False when there is nobody left to kill. */
function killOne(kernel: Kernel, group: Cgroup): boolean {
  let victim: Process | undefined;
  const all = Math.min(MEMORY, memoryLimit(group));
  for (const process of group.members()) {
    if (process.program === undefined) continue;
    if (process.oomScoreAdj === -1000) continue;
    if (victim === undefined || badness(process, all) >= badness(victim, all)) victim = process;
  }
  if (victim === undefined) return false;
  tallyOf(group).ooms += 1;
  const of = victim.cgroups.find(({ hierarchy }) => hierarchy.controllers.includes('memory'))!;
  tallyOf(of).oomKills += 1;
  const together = groupToKill(of, group);
  if (together !== undefined) killAll(kernel, together);
  kernel.terminate(victim, { signal: 'KILL' });
  return true;
}

/** v2: the greatest group, from that of the victim up to the one that is over, that dies as one (`memory.oom.group`). */
function groupToKill(of: Cgroup, over: Cgroup): Cgroup | undefined {
  let found: Cgroup | undefined;
  for (let at: Cgroup | undefined = of; at !== undefined; at = at === over ? undefined : at.parent)
    if (at.values.get('memory.oom.group') === '1') found = at;
  return found;
}

/** The victim is counted once more among all. */
function killAll(kernel: Kernel, group: Cgroup): void {
  tallyOf(group).groupKills += 1;
  for (const process of [...group.members()]) {
    if (process.oomScoreAdj === -1000) continue;
    const own = process.cgroups[group.hierarchy.index]!;
    tallyOf(own).oomKills += 1;
    kernel.terminate(process, { signal: 'KILL' });
  }
}

/** Does pids.max of all these groups and of those above allow one process more? Counts the refusal. */
export function mayFork(groups: readonly Cgroup[]): boolean {
  for (const group of groups) {
    for (let at: Cgroup | undefined = group; at !== undefined; at = at.parent) {
      const max = at.values.get('pids.max');
      if (max === undefined || max === 'max' || at.count() < Number(max)) continue;
      tallyOf(group).forksRefused += 1;
      return false;
    }
  }
  return true;
}
