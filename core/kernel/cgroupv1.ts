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
  inherited,
  integer,
  kept,
  maxOrPids,
  named,
  notInRoot,
  PAGE,
  parseBytes,
  setting,
  shows,
  takes,
} from './cgroupvalues.ts';
import { deviceFiles } from './devicerules.ts';
import { freezeGroup } from './freezer.ts';
import { CPUS } from './limits.ts';
import { memoryUsage, shmemOf } from './memory.ts';

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
      if (bytes < memoryUsage(group)) throw new SysError('EBUSY');
    }
    return bytes >= Number(NO_LIMIT) ? NO_LIMIT : String(bytes);
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

const cpu: FileTable = named({
  ...kept({
    'cpu.cfs_burst_us': ['0', 0, 0],
    'cpu.idle': ['0', 0, 1],
    'cpu.rt_period_us': ['1000000', 1, 2 ** 31],
    'cpu.rt_runtime_us': ['0', -1, 2 ** 31],
  }),
  'cpu.shares': setting('1024', (value) => {
    if (value.startsWith('-')) throw new SysError('EINVAL');
    return String(Math.min(262144, Math.max(2, Number(integer(0, 2 ** 64)(value)))));
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
  'cpuacct.stat': shows((_kernel, group) => `user ${Math.floor(cpuMs(group) / 10)}\nsystem 0\n`),
});

const ALL_CPUS = `0-${CPUS - 1}`;

const cpuset: FileTable = named({
  ...kept({
    'cpuset.cpu_exclusive': ['0', 0, 1],
    'cpuset.mem_exclusive': ['0', 0, 1],
    'cpuset.mem_hardwall': ['0', 0, 1],
    'cpuset.memory_migrate': ['0', 0, 1],
    'cpuset.memory_spread_page': ['0', 0, 1],
    'cpuset.memory_spread_slab': ['0', 0, 1],
    'cpuset.sched_load_balance': ['1', 0, 1],
    'cpuset.sched_relax_domain_level': ['-1', -1, 5],
  }),
  'cpuset.memory_pressure': shows(() => '0\n'),
  'cpuset.cpus': setting(inherited('cpuset.cpus', ALL_CPUS), (value, group) => {
    if (value === '' && group.procs.size > 0) throw new SysError('ENOSPC');
    return cpuSet(value);
  }),
  'cpuset.mems': setting(inherited('cpuset.mems', '0'), (value, group) => {
    if (value === '' && group.procs.size > 0) throw new SysError('ENOSPC');
    if (value !== '' && value !== '0') throw new SysError('EINVAL');
    return value;
  }),
  'cpuset.effective_cpus': shows(
    (_kernel, group) => `${group.values.get('cpuset.cpus') || inherited('cpuset.cpus', ALL_CPUS)(group)}\n`,
  ),
  'cpuset.effective_mems': shows(() => '0\n'),
});

const statOf = (group: Cgroup): string => {
  const used = memoryUsage(group);
  const shmem = shmemOf(group);
  const [file, anon] = [group.count() * PAGE + shmem, used - group.count() * PAGE - shmem];
  const limit = group.values.get('memory.limit_in_bytes') ?? NO_LIMIT;
  return `cache ${file}\nrss ${anon}\nrss_huge 0\nshmem ${shmem}\nmapped_file 0\ndirty 0\nwriteback 0\nhierarchical_memory_limit ${limit}\n`;
};

const memory: FileTable = named({
  'memory.limit_in_bytes': memoryLimit({ file: 'memory.memsw.limit_in_bytes', mayNotExceed: true }),
  'memory.memsw.limit_in_bytes': memoryLimit({ file: 'memory.limit_in_bytes', mayNotExceed: false }),
  'memory.soft_limit_in_bytes': memoryLimit(),
  'memory.kmem.limit_in_bytes': memoryLimit(),
  'memory.usage_in_bytes': shows((_kernel, group) => `${memoryUsage(group)}\n`),
  'memory.memsw.usage_in_bytes': shows((_kernel, group) => `${memoryUsage(group)}\n`),
  'memory.max_usage_in_bytes': counter('peak', memoryUsage),
  'memory.failcnt': counter('refused', () => 0),
  'memory.stat': shows((_kernel, group) => statOf(group)),
  'memory.swappiness': setting('60', integer(0, 200)),
  'memory.use_hierarchy': setting('1', integer(1, 1)),
  'memory.move_charge_at_immigrate': setting('0', integer(0, 3)),
  'memory.force_empty': takes(() => {}),
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
