/**
 * The files of cgroups v2, Documentation/admin-guide/cgroup-v2.rst: those of every group, and those of the controllers.
 *
 * Kept true: a group has the files of a controller only when its parent hands that controller down (`cgroup.subtree_control`);
 * a group that hands one down has no processes of its own, the root excepted.
 */
import { SysError } from '../errors.ts';
import { io } from './blkio.ts';
import { type Cgroup, type Tally, tallyOf } from './cgroup.ts';
import { noted } from './cgroupv1.ts';
import {
  type Accept,
  cpuMs,
  cpuSet,
  type FileTable,
  inherited,
  integer,
  maxOrPids,
  named,
  notInRoot,
  numberSet,
  PAGE,
  parseBytes,
  setting,
  shows,
  takes,
} from './cgroupvalues.ts';
import { freezeGroup } from './freezer.ts';
import type { Kernel } from './kernel.ts';
import { CPUS } from './limits.ts';
import { cacheOf, memoryUsage, shmemOf } from './memory.ts';
import { cachedBytes, reclaim } from './pagecache.ts';

const SUBTREE = 'cgroup.subtree_control';

/** Controllers that a group hands down to its children. */
export function handedDown(group: Cgroup): readonly string[] {
  const own = group.values.get(SUBTREE);
  if (own !== undefined) return own.split(' ').filter((name) => name !== '');
  return group.parent === undefined ? group.hierarchy.controllers : [];
}

/** Controllers whose files a group has. */
export function controllersOf(group: Cgroup): readonly string[] {
  return group.parent === undefined ? group.hierarchy.controllers : handedDown(group.parent);
}

const KNOWN = new Set('cpuset cpu io memory hugetlb pids rdma misc perf_event'.split(' '));

function changeSubtree(group: Cgroup, value: string): void {
  const on = new Set(handedDown(group));
  for (const word of value.split(/\s+/).filter((each) => each !== '')) {
    const name = word.slice(1);
    if (!/^[+-]/.test(word) || !KNOWN.has(name)) throw new SysError('EINVAL');
    if (word.startsWith('+')) {
      if (!controllersOf(group).includes(name)) throw new SysError('ENOENT');
      on.add(name);
    } else {
      if ([...group.children.values()].some((child) => handedDown(child).includes(name))) throw new SysError('EBUSY');
      on.delete(name);
    }
  }
  if (on.size > 0 && group.parent !== undefined && group.procs.size > 0) throw new SysError('EBUSY');
  group.set(SUBTREE, group.hierarchy.controllers.filter((name) => on.has(name)).join(' '));
}

const words = (list: readonly string[]): string => (list.length === 0 ? '' : `${list.join(' ')}\n`);

export const v2Core: FileTable = named({
  'cgroup.controllers': shows((_kernel, group) => words(controllersOf(group))),
  [SUBTREE]: {
    mode: 0o644,
    read: (_kernel, group) => words(handedDown(group)),
    write: (_kernel, group, value) => changeSubtree(group, value),
  },
  'cgroup.type': notInRoot({
    mode: 0o644,
    read: (_kernel, group) => `${group.values.get('cgroup.type') ?? 'domain'}\n`,
    write: (_kernel, group, value) => {
      if (value !== 'threaded') throw new SysError('EINVAL');
      if (group.hierarchy.controllers.length > 0) throw new SysError('EOPNOTSUPP');
      group.set('cgroup.type', value);
    },
  }),
  'cgroup.max.depth': setting('max', (value) => (value === 'max' ? value : integer(0, 2 ** 31 - 1, 'ERANGE')(value))),
  'cgroup.max.descendants': setting('max', (value) =>
    value === 'max' ? value : integer(0, 2 ** 31 - 1, 'ERANGE')(value),
  ),
  'cgroup.stat': shows((_kernel, group) => `nr_descendants ${descendants(group)}\nnr_dying_descendants 0\n`),
  'cpu.stat': shows((_kernel, group) => (controllersOf(group).includes('cpu') ? cpuStat(group) : plainStat(group))),
  'cgroup.events': notInRoot(
    shows((_kernel, group) => `populated ${group.count() > 0 ? 1 : 0}\nfrozen ${group.frozen ? 1 : 0}\n`),
  ),
  'cgroup.freeze': notInRoot({
    mode: 0o644,
    read: (_kernel, group) => `${group.selfFrozen ? 1 : 0}\n`,
    write: (kernel, group, value) => freezeGroup(kernel, group, integer(0, 1, 'ERANGE')(value) === '1'),
  }),
  'cgroup.kill': notInRoot(
    takes((kernel, group, value) => {
      integer(1, 1, 'ERANGE')(value);
      for (const process of [...group.members()]) kernel.kill(process, 'KILL');
    }),
  ),
});

function descendants(group: Cgroup): number {
  let count = 0;
  for (const child of group.children.values()) count += 1 + descendants(child);
  return count;
}

/** `max` or a quota, and a period that stays when it is left out. */
function cpuMax(value: string, group: Cgroup): string {
  const [quota, period = (group.values.get('cpu.max') ?? 'max 100000').split(' ')[1]!, ...rest] = value.split(/\s+/);
  if (quota === undefined || rest.length > 0) throw new SysError('EINVAL');
  return `${quota === 'max' ? quota : integer(1000)(quota)} ${integer(1000, 1_000_000)(period)}`;
}

function limit(value: string): string {
  const bytes = parseBytes(value, 'max');
  return bytes === undefined ? 'max' : String(BigInt(bytes));
}

const count = (group: Cgroup, what: keyof Tally): number => Number(group.tally?.[what] ?? 0);
const micro = (ms: number): number => Math.round(ms * 1000);
const ALL_CPUS = `0-${CPUS - 1}`;

const plainStat = (group: Cgroup): string =>
  `usage_usec ${micro(cpuMs(group))}\nuser_usec ${micro(cpuMs(group))}\nsystem_usec 0\n`;

const cpuStat = (group: Cgroup): string =>
  plainStat(group) +
  (group.parent === undefined
    ? ''
    : `nr_periods ${count(group, 'periods')}\nnr_throttled ${count(group, 'throttled')}\n` +
      `throttled_usec ${micro(count(group, 'throttledMs'))}\nnr_bursts 0\nburst_usec 0\n`);

/** sched(7): the weights of nice values, include/linux/sched/prio.h, scaled so that nice 0 is 100. */
const niceWeight = (nice: number): number =>
  Math.max(1, Math.min(10000, Math.round((100 * NICE_0 * 1.25 ** -nice) / NICE_0)));
const NICE_0 = 1024;

const cpu: FileTable = named({
  'cpu.idle': notInRoot(
    setting('0', (value, group) => {
      const idle = integer(0, 1, 'ERANGE')(value);
      if (idle === '1') group.set('cpu.weight', '1');
      else if (group.values.get('cpu.idle') === '1') group.set('cpu.weight', '100');
      return idle;
    }),
  ),
  'cpu.max.burst': notInRoot(
    setting('0', (value, group) => {
      const quota = Number((group.values.get('cpu.max') ?? 'max').split(' ')[0]);
      return integer(0, quota > 0 ? quota : 2 ** 43)(value);
    }),
  ),
  'cpu.weight.nice': notInRoot({
    mode: 0o644,
    read: (_kernel, group) => {
      const weight = Number(group.values.get('cpu.weight') ?? 100);
      const nices = Array.from({ length: 40 }, (_, i) => i - 20);
      const off = (nice: number): number => Math.abs(niceWeight(nice) - weight);
      return `${nices.reduce((best, nice) => (off(nice) < off(best) ? nice : best), 0)}\n`;
    },
    write: (_kernel, group, value) =>
      group.set('cpu.weight', String(niceWeight(Number(integer(-20, 19, 'ERANGE')(value))))),
  }),
  'cpu.max': notInRoot(setting('max 100000', cpuMax)),
  'cpu.weight': notInRoot(
    setting('100', (value, group) => {
      if (group.values.get('cpu.idle') === '1') throw new SysError('EINVAL');
      return integer(1, 10000, 'ERANGE')(value);
    }),
  ),
});

const cpuset: FileTable = named({
  'cpuset.cpus': notInRoot(setting('', cpuSet)),
  'cpuset.mems': notInRoot(
    setting('', (value) => {
      const nodes = numberSet(value, 1024);
      if (nodes !== '' && nodes !== '0') throw new SysError('EINVAL');
      return nodes;
    }),
  ),
  'cpuset.mems.effective': shows(() => '0\n'),
  'cpuset.cpus.partition': notInRoot(
    setting('member', (value) => {
      if (value !== 'member' && value !== 'root' && value !== 'isolated') throw new SysError('EINVAL');
      return value;
    }),
  ),
  'cpuset.cpus.effective': shows(
    (_kernel, group) => `${group.values.get('cpuset.cpus') || inherited('cpuset.cpus', ALL_CPUS)(group)}\n`,
  ),
});

/** Pages over a mark are given up at once; who is still over is slowed down elsewhere, and it is counted. */
const marks: Accept = (value, group) => {
  const text = limit(value);
  const over = text === 'max' ? 0 : memoryUsage(group) - Number(text);
  if (over > 0) tallyOf(group).high += 1;
  return text;
};

/** memory.stat of v2, in the order of cgroup-v2.rst; what nothing here counts is 0. */
function memoryStat(kernel: Kernel, group: Cgroup): string {
  cachedBytes(kernel, group);
  const shmem = shmemOf(group);
  const cached = cacheOf(group);
  const mapped = group.count() * PAGE;
  const file = mapped + shmem + cached;
  const anon = memoryUsage(group) - file;
  const values: Readonly<Record<string, number>> = {
    ...{ anon, file, kernel: 0, kernel_stack: 0, pagetables: 0, sec_pagetables: 0, percpu: 0, sock: 0, vmalloc: 0 },
    ...{ shmem, zswap: 0, zswapped: 0, file_mapped: mapped, file_dirty: 0, file_writeback: 0, swapcached: 0 },
    ...{ anon_thp: 0, file_thp: 0, shmem_thp: 0 },
    ...{ inactive_anon: anon + shmem, active_anon: 0, inactive_file: cached, active_file: mapped, unevictable: 0 },
    ...{ slab_reclaimable: 0, slab_unreclaimable: 0, slab: 0 },
    ...{ workingset_refault_anon: 0, workingset_refault_file: 0, workingset_activate_anon: 0 },
    ...{ workingset_activate_file: 0, workingset_restore_anon: 0, workingset_restore_file: 0 },
    ...{ workingset_nodereclaim: 0, pgscan: 0, pgsteal: 0, pgscan_kswapd: 0, pgscan_direct: 0, pgsteal_kswapd: 0 },
    ...{ pgsteal_direct: 0, pgfault: 0, pgmajfault: 0, pgrefill: 0, pgactivate: 0, pgdeactivate: 0, pglazyfree: 0 },
    ...{ pglazyfreed: 0, thp_fault_alloc: 0, thp_collapse_alloc: 0 },
  };
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

const eventsOf = (group: Cgroup): string =>
  `low 0\nhigh ${count(group, 'high')}\nmax ${count(group, 'refused')}\noom ${count(group, 'ooms')}\n` +
  `oom_kill ${count(group, 'oomKills')}\noom_group_kill 0\n`;

const usageNow = (kernel: Kernel, group: Cgroup): string => {
  cachedBytes(kernel, group);
  return `${memoryUsage(group)}\n`;
};

/** EAGAIN: there was not so much to give up. */
function reclaimNow(kernel: Kernel, group: Cgroup, value: string): void {
  const bytes = parseBytes(value, 'max');
  if (bytes === undefined) throw new SysError('EINVAL');
  const before = cachedBytes(kernel, group);
  reclaim(kernel, group, bytes);
  if (before < bytes) throw new SysError('EAGAIN');
}

const memory: FileTable = named({
  'memory.max': notInRoot(setting('max', limit)),
  'memory.high': notInRoot(setting('max', marks)),
  'memory.low': notInRoot(setting('0', limit)),
  'memory.min': notInRoot(setting('0', limit)),
  'memory.oom.group': notInRoot(setting('0', integer(0, 1))),
  'memory.reclaim': takes(reclaimNow),
  'memory.swap.current': notInRoot(shows(() => '0\n')),
  'memory.swap.events': notInRoot(shows(() => 'high 0\nmax 0\nfail 0\n')),
  'memory.swap.high': notInRoot(setting('max', limit)),
  'memory.swap.max': notInRoot(setting('max', limit)),
  'memory.current': notInRoot(shows(usageNow)),
  'memory.stat': shows(memoryStat),
  'memory.numa_stat': shows((kernel, group) =>
    memoryStat(kernel, group)
      .split('\n')
      .filter((row) => /^(anon|file|shmem|file_mapped|(in)?active_(anon|file)|unevictable) /.test(row))
      .map((row) => `${row.replace(' ', ' N0=')}\n`)
      .join(''),
  ),
  'memory.peak': notInRoot(shows((_kernel, group) => `${Math.max(count(group, 'peak'), memoryUsage(group))}\n`)),
  'memory.events': notInRoot(shows((_kernel, group) => eventsOf(group))),
  'memory.events.local': notInRoot(shows((_kernel, group) => eventsOf(group))),
});

export const v2: Readonly<Record<string, FileTable>> = {
  cpu: noted(cpu, ['cpu.max'], 'cpuLimited'),
  cpuset: noted(cpuset, ['cpuset.cpus'], 'cpuLimited'),
  io,
  memory: noted(memory, ['memory.max'], 'memoryLimited'),
  pids: noted(
    named({
      'pids.max': notInRoot(setting('max', maxOrPids)),
      'pids.current': notInRoot(shows((_kernel, group) => `${group.count()}\n`)),
      'pids.events': notInRoot(shows((_kernel, group) => `max ${count(group, 'forksRefused')}\n`)),
    }),
    ['pids.max'],
    'pidsLimited',
  ),
};

/** ENOENT… when a process may not come in: EBUSY for a group that hands controllers down. */
export function checkEntry(group: Cgroup): void {
  if (group.parent !== undefined && handedDown(group).length > 0) throw new SysError('EBUSY');
}

/** May a group be made below this one? EAGAIN. */
export function checkBirth(parent: Cgroup): void {
  for (let [at, depth] = [parent as Cgroup | undefined, 1]; at !== undefined; at = at.parent, depth += 1) {
    const most = at.values.get('cgroup.max.descendants') ?? 'max';
    if (most !== 'max' && descendants(at) >= Number(most)) throw new SysError('EAGAIN');
    const deepest = at.values.get('cgroup.max.depth') ?? 'max';
    if (deepest !== 'max' && depth > Number(deepest)) throw new SysError('EAGAIN');
  }
}
