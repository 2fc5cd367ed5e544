/**
 * The files of the controllers in cgroups v1. Documentation/admin-guide/cgroup-v1. Which files there are, their modes and what
 * they refuse were seen on Linux 6 (blkio with the scheduler bfq).
 */
import { SysError } from '../errors.ts';
import { blkio } from './blkio.ts';
import { type Cgroup, type Tally, tallyOf } from './cgroup.ts';
import {
  cpuMs,
  cpuSet,
  type FileTable,
  type FileType,
  flag,
  inherited,
  integer,
  kept,
  maxOrPids,
  named,
  notInRoot,
  numberSet,
  PAGE,
  parseBytes,
  setting,
  shows,
  takes,
  unreadable,
} from './cgroupvalues.ts';
import { deviceFiles } from './devicerules.ts';
import { freezeGroup } from './freezer.ts';
import type { Kernel } from './kernel.ts';
import { CPUS } from './limits.ts';
import { cacheOf, heldBy, memoryUsage, shmemOf } from './memory.ts';
import { cachedBytes, reclaim } from './pagecache.ts';

/** PAGE_COUNTER_MAX in bytes: what v1 shows for "no limit". */
const NO_LIMIT = '9223372036854771712';

const nano = (ms: number): number => Math.round(ms * 1e6);

/** A memory limit, not over (or under) the limit `other` of the same group, nor under what is used (EBUSY). */
function memoryLimit(other?: { readonly file: string; readonly mayNotExceed: boolean }): FileType {
  return setting(NO_LIMIT, (value, group) => {
    const bytes = parseBytes(value, '-1') ?? Number(NO_LIMIT);
    if (other !== undefined) {
      const bound = Number(group.values.get(other.file) ?? NO_LIMIT);
      if (other.mayNotExceed ? bytes > bound : bytes < bound) throw new SysError('EINVAL');
      if (bytes < memoryUsage(group) - cacheOf(group)) throw new SysError('EBUSY');
    }
    return bytes >= Number(NO_LIMIT) ? NO_LIMIT : String(BigInt(bytes));
  });
}

/** A counter that begins again when anything is written. */
function counter(what: 'refused' | 'peak', now: (group: Cgroup) => number): FileType {
  return {
    mode: 0o644,
    read: (_kernel, group) => `${Math.max(group.tally?.[what] ?? 0, now(group))}\n`,
    write: (_kernel, group) => {
      tallyOf(group)[what] = 0;
    },
  };
}

const count = (group: Cgroup, what: keyof Tally): number => Number(group.tally?.[what] ?? 0);

/** Time for real-time processes that a group may hand on. */
const rtRuntime = (group: Cgroup): string =>
  group.values.get('cpu.rt_runtime_us') ?? (group.parent === undefined ? '950000' : '0');

const cpu: FileTable = named({
  ...kept({
    'cpu.rt_period_us': ['1000000', 1, 2 ** 31],
  }),
  'cpu.rt_runtime_us': setting(rtRuntime, (value, group) => {
    const above = group.parent === undefined ? 2 ** 31 : Number(rtRuntime(group.parent));
    return integer(group.parent === undefined ? -1 : 0, above)(value);
  }),
  'cpu.cfs_burst_us': setting('0', (value, group) => {
    const quota = Number(group.values.get('cpu.cfs_quota_us') ?? -1);
    return integer(0, quota < 0 ? 2 ** 43 : quota)(value);
  }),
  'cpu.idle': notInRoot(
    setting('0', (value, group) => {
      const idle = integer(0, 1)(value);
      if (idle !== (group.values.get('cpu.idle') ?? '0')) group.set('cpu.shares', idle === '1' ? '3' : '1024');
      return idle;
    }),
  ),
  'cpu.shares': setting('1024', (value, group) => {
    if (value.startsWith('-')) throw new SysError('EINVAL');
    const shares = Number(integer(0, 2 ** 64)(value));
    if (group.values.get('cpu.idle') === '1') throw new SysError('EINVAL');
    return String(Math.min(262144, Math.max(2, shares)));
  }),
  'cpu.cfs_period_us': setting('100000', integer(1000, 1_000_000)),
  'cpu.cfs_quota_us': setting('-1', (value) => {
    const quota = integer(Number.NEGATIVE_INFINITY)(value);
    return Number(quota) < 0 ? '-1' : integer(1000)(quota);
  }),
  'cpu.stat': shows(
    (_kernel, group) =>
      `nr_periods ${count(group, 'periods')}\nnr_throttled ${count(group, 'throttled')}\n` +
      `throttled_time ${nano(count(group, 'throttledMs'))}\nnr_bursts 0\nburst_time 0\n`,
  ),
});

/** A limit of CPU or of processes, once given, has to be looked at. */
export function noted(
  table: FileTable,
  names: readonly string[],
  what: 'cpuLimited' | 'memoryLimited' | 'pidsLimited',
): FileTable {
  for (const name of names) {
    const { write } = table[name]!;
    Object.assign(table[name]!, {
      write: ((kernel, group, value) => {
        write!(kernel, group, value);
        kernel.cgroups[what] = true;
      }) satisfies FileType['write'],
    });
  }
  return table;
}

const usage = (_kernel: unknown, group: Cgroup): string => `${nano(cpuMs(group))}\n`;

/** Nobody stays on one of them: each has done its part. */
const perCpu = (group: Cgroup): number[] => Array.from({ length: CPUS }, () => Math.floor(nano(cpuMs(group)) / CPUS));

const cpuacct: FileTable = named({
  'cpuacct.usage': {
    mode: 0o644,
    read: usage,
    write: (_kernel, group, value) => {
      if (integer(0)(value) !== '0') throw new SysError('EINVAL');
      tallyOf(group).spentMs -= cpuMs(group);
    },
  },
  'cpuacct.usage_user': shows(usage),
  'cpuacct.usage_sys': shows(() => '0\n'),
  'cpuacct.usage_all': shows((_kernel, group) => {
    const rows = perCpu(group).map((ns, cpu) => `${cpu} ${ns} 0\n`);
    return `cpu user system\n${rows.join('')}`;
  }),
  'cpuacct.usage_percpu': shows((_kernel, group) => `${perCpu(group).join(' ')} \n`),
  'cpuacct.usage_percpu_user': shows((_kernel, group) => `${perCpu(group).join(' ')} \n`),
  'cpuacct.usage_percpu_sys': shows(() => `${'0 '.repeat(CPUS)}\n`),
  'cpuacct.stat': shows((_kernel, group) => `user ${Math.floor(cpuMs(group) / 10)}\nsystem 0\n`),
});

const ALL_CPUS = `0-${CPUS - 1}`;

/** EACCES: what the group above shares with others nobody below has alone. */
function exclusive(file: string): FileType {
  const of = (group: Cgroup): string => group.values.get(file) ?? (group.parent === undefined ? '1' : '0');
  return setting(of, (value, group) => {
    const wanted = flag(value);
    if (wanted === '1' && group.parent !== undefined && of(group.parent) === '0') throw new SysError('EACCES');
    return wanted;
  });
}

const cpuset: FileTable = named({
  ...kept({
    'cpuset.mem_hardwall': ['0', 0, 1],
    'cpuset.memory_migrate': ['0', 0, 1],
    'cpuset.memory_spread_page': ['0', 0, 1],
    'cpuset.memory_spread_slab': ['0', 0, 1],
    'cpuset.sched_load_balance': ['1', 0, 1],
    'cpuset.sched_relax_domain_level': ['-1', -1, 5],
  }),
  'cpuset.cpu_exclusive': exclusive('cpuset.cpu_exclusive'),
  'cpuset.mem_exclusive': exclusive('cpuset.mem_exclusive'),
  'cpuset.memory_pressure': shows(() => '0\n'),
  'cpuset.cpus': setting(inherited('cpuset.cpus', ALL_CPUS), (value, group) => {
    if (value === '' && group.procs.size > 0) throw new SysError('ENOSPC');
    return cpuSet(value);
  }),
  'cpuset.mems': setting(inherited('cpuset.mems', '0'), (value, group) => {
    if (value === '' && group.procs.size > 0) throw new SysError('ENOSPC');
    const nodes = numberSet(value, 1024);
    if (nodes !== '' && nodes !== '0') throw new SysError('EINVAL');
    return nodes;
  }),
  'cpuset.effective_cpus': shows(
    (_kernel, group) => `${group.values.get('cpuset.cpus') ?? inherited('cpuset.cpus', ALL_CPUS)(group)}\n`,
  ),
  'cpuset.effective_mems': shows(() => '0\n'),
});

/** Of a group alone, or of it with all below it, in bytes: cached pages (files in memory and mapped programs too), memory of processes. */
function pagesOf(group: Cgroup, deep: boolean) {
  const count = deep ? group.count() : group.procs.size;
  const shmem = deep ? shmemOf(group) : (group.tally?.shmem ?? 0);
  const cache = count * PAGE + shmem + (deep ? cacheOf(group) : (group.tally?.cache ?? 0));
  let held = 0;
  for (const process of deep ? group.members() : group.procs) held += heldBy(process);
  return { cache, rss: held - count * PAGE, shmem, mapped: count * PAGE };
}

/** memory.stat of v1, mm/memcontrol.c memcg1_stat_format. */
function statOf(kernel: Kernel, group: Cgroup): string {
  cachedBytes(kernel, group);
  const rows = (prefix: string, { cache, rss, shmem, mapped }: ReturnType<typeof pagesOf>): string => {
    const values: Readonly<Record<string, number>> = {
      ...{ cache, rss, rss_huge: 0, shmem, mapped_file: mapped, dirty: 0, writeback: 0 },
      ...{ workingset_refault_anon: 0, workingset_refault_file: 0, swap: 0 },
      ...{ pgpgin: 0, pgpgout: 0, pgfault: 0, pgmajfault: 0 },
      ...{ inactive_anon: shmem + rss, active_anon: 0, inactive_file: cache - shmem - mapped, active_file: mapped },
      unevictable: 0,
    };
    return Object.entries(values)
      .map(([name, value]) => `${prefix}${name} ${value}\n`)
      .join('');
  };
  const limit = (file: string): string => {
    let least = NO_LIMIT;
    for (let at: Cgroup | undefined = group; at !== undefined; at = at.parent) {
      const own = at.values.get(file) ?? NO_LIMIT;
      if (Number(own) < Number(least)) least = own;
    }
    return least;
  };
  const limits = `hierarchical_memory_limit ${limit('memory.limit_in_bytes')}\nhierarchical_memsw_limit ${limit('memory.memsw.limit_in_bytes')}\n`;
  return rows('', pagesOf(group, false)) + limits + rows('total_', pagesOf(group, true));
}

/** One node of memory has it all. */
function numaStat(kernel: Kernel, group: Cgroup): string {
  cachedBytes(kernel, group);
  const rows = (prefix: string, deep: boolean): string => {
    const { cache, rss, shmem } = pagesOf(group, deep);
    const [file, anon] = [(cache - shmem) / PAGE, (rss + shmem) / PAGE];
    const values = { total: file + anon, file, anon, unevictable: 0 };
    return Object.entries(values)
      .map(([name, pages]) => `${prefix}${name}=${pages} N0=${pages}\n`)
      .join('');
  };
  return rows('', false) + rows('hierarchical_', true);
}

const usageNow = (kernel: Kernel, group: Cgroup): string => {
  cachedBytes(kernel, group);
  return `${memoryUsage(group)}\n`;
};

/** Memory of the kernel is counted with all other: its own limit is not kept, and it shows nothing. */
const nothing = (): FileType => ({ mode: 0o644, read: () => '0\n', write: () => {} });
const ofKernel: FileTable = {
  'memory.kmem.limit_in_bytes': setting(NO_LIMIT, (value) => {
    parseBytes(value, '-1');
    return NO_LIMIT;
  }),
  'memory.kmem.failcnt': nothing(),
  'memory.kmem.max_usage_in_bytes': nothing(),
  'memory.kmem.usage_in_bytes': shows(() => '0\n'),
  'memory.kmem.slabinfo': shows(() => ''),
  'memory.kmem.tcp.limit_in_bytes': memoryLimit(),
  'memory.kmem.tcp.failcnt': nothing(),
  'memory.kmem.tcp.max_usage_in_bytes': nothing(),
  'memory.kmem.tcp.usage_in_bytes': shows(() => '0\n'),
};

const memory: FileTable = named({
  'memory.limit_in_bytes': memoryLimit({ file: 'memory.memsw.limit_in_bytes', mayNotExceed: true }),
  'memory.memsw.limit_in_bytes': memoryLimit({ file: 'memory.limit_in_bytes', mayNotExceed: false }),
  'memory.soft_limit_in_bytes': memoryLimit(),
  ...ofKernel,
  'memory.usage_in_bytes': shows(usageNow),
  'memory.memsw.usage_in_bytes': shows(usageNow),
  'memory.max_usage_in_bytes': counter('peak', memoryUsage),
  'memory.memsw.max_usage_in_bytes': counter('peak', memoryUsage),
  'memory.failcnt': counter('refused', () => 0),
  'memory.memsw.failcnt': nothing(),
  'memory.stat': shows(statOf),
  'memory.numa_stat': shows(numaStat),
  'memory.swappiness': setting('60', integer(0, 200)),
  'memory.use_hierarchy': setting('1', integer(1, 1)),
  'memory.move_charge_at_immigrate': setting('0', integer(0, 3)),
  'memory.force_empty': takes((kernel, group) => {
    reclaim(kernel, group, Number.POSITIVE_INFINITY);
  }),
  'memory.pressure_level': { mode: 0o444, read: unreadable },
  'cgroup.event_control': takes(() => {
    throw new SysError('EINVAL');
  }),
  'memory.oom_control': {
    mode: 0o644,
    read: (_kernel, group) =>
      `oom_kill_disable ${group.values.get('memory.oom_control') ?? 0}\n` +
      `under_oom ${count(group, 'waiting') > 0 ? 1 : 0}\noom_kill ${count(group, 'oomKills')}\n`,
    write: (_kernel, group, value) => {
      if (group.parent === undefined) throw new SysError('EINVAL');
      group.set('memory.oom_control', integer(0, 1)(value));
    },
  },
});

const freezer: FileTable = named({
  'freezer.state': notInRoot({
    mode: 0o644,
    read: (_kernel, group) => `${group.frozen ? 'FROZEN' : 'THAWED'}\n`,
    write: (kernel, group, value) => {
      if (value !== 'FROZEN' && value !== 'THAWED') throw new SysError('EINVAL');
      freezeGroup(kernel, group, value === 'FROZEN');
    },
  }),
  'freezer.self_freezing': notInRoot(shows((_kernel, group) => `${group.selfFrozen ? 1 : 0}\n`)),
  'freezer.parent_freezing': notInRoot(shows((_kernel, group) => `${group.parent?.frozen ? 1 : 0}\n`)),
});

const pids: FileTable = named({
  'pids.max': notInRoot(setting('max', maxOrPids)),
  'pids.current': notInRoot(shows((_kernel, group) => `${group.count()}\n`)),
  'pids.events': notInRoot(shows((_kernel, group) => `max ${count(group, 'forksRefused')}\n`)),
});

export const v1: Readonly<Record<string, FileTable>> = {
  cpu: noted(cpu, ['cpu.cfs_quota_us'], 'cpuLimited'),
  cpuacct,
  cpuset: noted(cpuset, ['cpuset.cpus'], 'cpuLimited'),
  memory: noted(memory, ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'], 'memoryLimited'),
  devices: deviceFiles,
  freezer,
  blkio,
  pids: noted(pids, ['pids.max'], 'pidsLimited'),
};
