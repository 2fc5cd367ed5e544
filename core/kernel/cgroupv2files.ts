/**
 * The files of the controllers of cgroups v2, Documentation/admin-guide/cgroup-v2.rst: their names, modes, first values and what
 * they take and refuse were seen on Linux 6.1 (test/fixtures/cgroup-v2.json).
 *
 * Kept true: `memory.events`, and the counts of it, are of a group and all below it, `memory.events.local` of it alone.
 */
import { SysError } from '../errors.ts';
import { io } from './blkio.ts';
import { addEvents, type Cgroup, type MemoryEvents, tallyOf } from './cgroup.ts';
import { noted } from './cgroupv1.ts';
import {
  type Accept,
  cpuMs,
  cpuSet,
  type FileTable,
  inRootAlone,
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
import { effectiveCpus, partitionOf } from './cpusets.ts';
import type { Kernel } from './kernel.ts';
import { cacheOf, memoryUsage, shmemOf } from './memory.ts';
import { cachedBytes, reclaim } from './pagecache.ts';

/** tg_set of kernel/sched/core.c, which reads as sscanf does: `max` or a quota, and a period that stays when it is left out. */
function cpuMax(value: string, group: Cgroup): string {
  const [quota = '', period = ''] = value.split(/\s+/);
  const before = (group.values.get('cpu.max') ?? 'max 100000').split(' ')[1]!;
  const every = integer(1000, 1_000_000)(/^\d+/.exec(period)?.[0] ?? before);
  if (quota === 'max') return `max ${every}`;
  const number = BigInt(/^\d+/.exec(quota)?.[0] ?? 0);
  if (number < 1000n || number >= 2n ** 54n) throw new SysError('EINVAL');
  return `${number} ${every}`;
}

function limit(value: string): string {
  const bytes = parseBytes(value, 'max');
  return bytes === undefined ? 'max' : String(BigInt(bytes));
}

const count = (group: Cgroup, what: 'periods' | 'throttled' | 'throttledMs' | 'peak' | 'forksRefused'): number =>
  Number(group.tally?.[what] ?? 0);
const micro = (ms: number): number => Math.round(ms * 1000);

export const plainStat = (group: Cgroup): string =>
  `usage_usec ${micro(cpuMs(group))}\nuser_usec ${micro(cpuMs(group))}\nsystem_usec 0\n`;

export const cpuStat = (group: Cgroup): string =>
  `${plainStat(group)}nr_periods ${count(group, 'periods')}\nnr_throttled ${count(group, 'throttled')}\n` +
  `throttled_usec ${micro(count(group, 'throttledMs'))}\nnr_bursts 0\nburst_usec 0\n`;

/** sched(7): the weights of nice values, include/linux/sched/prio.h, scaled so that nice 0 is 100. */
const niceWeight = (nice: number): number =>
  Math.max(1, Math.min(10000, Math.round((100 * NICE_0 * 1.25 ** -nice) / NICE_0)));
const NICE_0 = 1024;

const IDLE = 'cpu.idle';

const cpu: FileTable = named({
  // While it is idle a group shows no weight, and has the usual one afterwards.
  [IDLE]: notInRoot(
    setting('0', (value, group) => {
      const idle = integer(0, 1)(value);
      if (idle === '1') group.set('cpu.weight', '0');
      else if (group.values.get(IDLE) === '1') group.set('cpu.weight', '100');
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
      if (group.values.get(IDLE) === '1' || value.startsWith('-')) throw new SysError('EINVAL');
      return integer(1, 10000, 'ERANGE')(value);
    }),
  ),
});

const PARTITION = 'cpuset.cpus.partition';

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
  [PARTITION]: notInRoot({
    mode: 0o644,
    read: (_kernel, group) => `${partitionOf(group)}\n`,
    write: (_kernel, group, value) => {
      if (value !== 'member' && value !== 'root' && value !== 'isolated') throw new SysError('EINVAL');
      group.set(PARTITION, value);
    },
  }),
  'cpuset.cpus.effective': shows((_kernel, group) => `${effectiveCpus(group)}\n`),
});

/** Pages over a mark are given up at once; who is still over is slowed down (memory.ts). */
const marks: Accept = (value, group) => {
  const text = limit(value);
  const over = text === 'max' ? 0 : memoryUsage(group) - Number(text);
  if (over > 0) tallyOf(group).high += 1;
  return text;
};

type Row = readonly [name: string, bytes: number];

/** memory.stat of v2, in the order of 6.1; what nothing here counts is 0. */
function memoryRows(kernel: Kernel, group: Cgroup): readonly Row[] {
  cachedBytes(kernel, group);
  const shmem = shmemOf(group);
  const cached = cacheOf(group);
  const mapped = group.count() * PAGE;
  const file = mapped + shmem + cached;
  const anon = memoryUsage(group) - file;
  const counted: Readonly<Record<string, number>> = {
    ...{ anon, file, shmem, file_mapped: mapped, inactive_anon: anon + shmem, inactive_file: cached },
    active_file: mapped,
  };
  return STATS.map((name) => [name, counted[name] ?? 0]);
}

const STATS = (
  'anon file kernel kernel_stack pagetables sec_pagetables percpu sock vmalloc shmem zswap zswapped file_mapped file_dirty ' +
  'file_writeback swapcached anon_thp file_thp shmem_thp inactive_anon active_anon inactive_file active_file unevictable ' +
  'slab_reclaimable slab_unreclaimable slab workingset_refault_anon workingset_refault_file workingset_activate_anon ' +
  'workingset_activate_file workingset_restore_anon workingset_restore_file workingset_nodereclaim pgscan pgsteal ' +
  'pgscan_kswapd pgscan_direct pgsteal_kswapd pgsteal_direct pgfault pgmajfault pgrefill pgactivate pgdeactivate pglazyfree ' +
  'pglazyfreed zswpin zswpout thp_fault_alloc thp_collapse_alloc'
).split(' ');
/** Those that belong to no node of memory. */
const EVERYWHERE = /^(kernel|percpu|sock|vmalloc|zswap|zswapped|slab)$|^(pg|zswp|thp_)/;

const memoryStat = (kernel: Kernel, group: Cgroup): string =>
  memoryRows(kernel, group)
    .map(([name, bytes]) => `${name} ${bytes}\n`)
    .join('');

const numaStat = (kernel: Kernel, group: Cgroup): string =>
  memoryRows(kernel, group)
    .filter(([name]) => !EVERYWHERE.test(name))
    .map(([name, bytes]) => `${name} N0=${bytes}\n`)
    .join('');

const noEvents: MemoryEvents = { high: 0, refused: 0, ooms: 0, oomKills: 0, groupKills: 0 };

const eventsOf = (group: Cgroup): MemoryEvents => group.tally ?? noEvents;

const eventsText = ({ high, refused, ooms, oomKills, groupKills }: MemoryEvents): string =>
  `low 0\nhigh ${high}\nmax ${refused}\noom ${ooms}\noom_kill ${oomKills}\noom_group_kill ${groupKills}\n`;

/** Of a group and all below it, and of those that are gone. */
function allEvents(group: Cgroup): MemoryEvents {
  const all = { ...noEvents };
  addEvents(all, eventsOf(group));
  addEvents(all, group.tally?.goneEvents);
  for (const child of group.children.values()) addEvents(all, allEvents(child));
  return all;
}

const usageNow = (kernel: Kernel, group: Cgroup): string => {
  cachedBytes(kernel, group);
  return `${memoryUsage(group)}\n`;
};

/** EAGAIN: there was not so much to give up. Nothing stands for all there is. */
function reclaimNow(kernel: Kernel, group: Cgroup, value: string): void {
  const bytes = parseBytes(value, '') ?? Number.POSITIVE_INFINITY;
  const before = cachedBytes(kernel, group);
  reclaim(kernel, group, bytes);
  if (before < bytes) throw new SysError('EAGAIN');
}

const zero = (): string => '0\n';

const memory: FileTable = named({
  'memory.max': notInRoot(setting('max', limit)),
  'memory.high': notInRoot(setting('max', marks)),
  'memory.low': notInRoot(setting('0', limit)),
  'memory.min': notInRoot(setting('0', limit)),
  'memory.oom.group': notInRoot(setting('0', integer(0, 1))),
  'memory.reclaim': takes(reclaimNow),
  'memory.swap.current': notInRoot(shows(zero)),
  'memory.swap.events': notInRoot(shows(() => 'high 0\nmax 0\nfail 0\n')),
  'memory.swap.high': notInRoot(setting('max', limit)),
  'memory.swap.max': notInRoot(setting('max', limit)),
  'memory.zswap.current': notInRoot(shows(zero)),
  'memory.zswap.max': notInRoot(setting('max', limit)),
  'memory.current': notInRoot(shows(usageNow)),
  'memory.stat': shows(memoryStat),
  'memory.numa_stat': shows(numaStat),
  'memory.peak': notInRoot(shows((_kernel, group) => `${Math.max(count(group, 'peak'), memoryUsage(group))}\n`)),
  'memory.events': notInRoot(shows((_kernel, group) => eventsText(allEvents(group)))),
  'memory.events.local': notInRoot(shows((_kernel, group) => eventsText(eventsOf(group)))),
});

const pids: FileTable = named({
  'pids.max': notInRoot(setting('max', maxOrPids)),
  'pids.current': notInRoot(shows((_kernel, group) => `${group.count()}\n`)),
  'pids.peak': notInRoot(shows((_kernel, group) => `${Math.max(group.tally?.mostProcesses ?? 0, group.count())}\n`)),
  'pids.events': notInRoot(shows((_kernel, group) => `max ${count(group, 'forksRefused')}\n`)),
});

/** Pages of 2 MiB and 1 GiB, which nothing here uses. */
const hugetlb: FileTable = named(
  Object.fromEntries(
    ['1GB', '2MB'].flatMap((size) => [
      ...['current', 'rsvd.current'].map((name) => [`hugetlb.${size}.${name}`, notInRoot(shows(zero))]),
      ...['max', 'rsvd.max'].map((name) => [`hugetlb.${size}.${name}`, notInRoot(setting('max', limit))]),
      ...['events', 'events.local'].map((name) => [`hugetlb.${size}.${name}`, notInRoot(shows(() => 'max 0\n'))]),
      [`hugetlb.${size}.numa_stat`, notInRoot(shows(() => 'total=0 N0=0\n'))],
    ]),
  ),
);

const nothing = (): string => '';
/** For devices that the host has none of: whatever is written names one that is not there. */
const noDevice = notInRoot({
  mode: 0o644,
  read: nothing,
  write: () => {
    throw new SysError('EINVAL');
  },
});

export const v2: Readonly<Record<string, FileTable>> = {
  cpu: noted(cpu, ['cpu.max'], 'cpuLimited'),
  cpuset: noted(cpuset, ['cpuset.cpus', PARTITION], 'cpuLimited'),
  io,
  memory: noted(memory, ['memory.max', 'memory.high'], 'memoryLimited'),
  hugetlb,
  pids: noted(pids, ['pids.max'], 'pidsLimited'),
  rdma: { 'rdma.current': notInRoot(shows(nothing)), 'rdma.max': noDevice },
  misc: {
    'misc.capacity': inRootAlone(shows(nothing)),
    'misc.current': notInRoot(shows(nothing)),
    'misc.events': notInRoot(shows(nothing)),
    'misc.max': noDevice,
  },
};
