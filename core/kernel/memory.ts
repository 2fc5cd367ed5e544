/**
 * Memory and numbers of processes against the limits of control groups: who is over, who is killed.
 * Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst, cgroup-v1/pids.rst.
 *
 * Kept true: what a process holds is charged to its group and all above it, and comes back when it ends. Over a limit the
 * process that holds most in that group is killed by SIGKILL and counted, unless the group has the killer switched off: then
 * who asked waits until there is room. Without any limit the machine's memory is the limit.
 */
import { type Cgroup, tallyOf } from './cgroup.ts';
import type { Kernel } from './kernel.ts';
import { MEMORY } from './limits.ts';
import { reclaim } from './pagecache.ts';
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
      if (!killOne(kernel, group)) return;
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

/** mm/oom_kill.c oom_badness: what it holds, and thousandths of what there is. Of equals the last one found. */
export function badness(process: Process, all: number): number {
  return heldBy(process) + (process.oomScoreAdj * all) / 1000;
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
  let of = victim.cgroups.find(({ hierarchy }) => hierarchy.controllers.includes('memory'));
  tallyOf(group).ooms += 1;
  for (; of !== undefined; of = of.hierarchy.version === 'v2' ? of.parent : undefined) tallyOf(of).oomKills += 1;
  kernel.terminate(victim, { signal: 'KILL' });
  return true;
}

/** Does pids.max of all these groups and of those above allow one process more? Counts the refusal. */
export function mayFork(groups: readonly Cgroup[]): boolean {
  for (const group of groups) {
    for (let at: Cgroup | undefined = group; at !== undefined; at = at.parent) {
      const max = at.values.get('pids.max');
      if (max === undefined || max === 'max' || at.count() < Number(max)) continue;
      tallyOf(at).forksRefused += 1;
      return false;
    }
  }
  return true;
}
