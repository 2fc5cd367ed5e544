/**
 * The files of cgroups v2, Documentation/admin-guide/cgroup-v2.rst: those of every group, and those of the controllers.
 *
 * Kept true: a group has the files of a controller only when its parent hands that controller down (`cgroup.subtree_control`);
 * a group that hands one down has no processes of its own, the root excepted.
 */
import { SysError } from '../errors.ts';
import { io } from './blkio.ts';
import type { Cgroup, Tally } from './cgroup.ts';
import { noted } from './cgroupv1.ts';
import {
  cpuMs,
  cpuSet,
  type FileTable,
  inherited,
  integer,
  maxOrPids,
  named,
  notInRoot,
  PAGE,
  parseBytes,
  setting,
  shows,
  takes,
} from './cgroupvalues.ts';
import { freezeGroup } from './freezer.ts';
import { CPUS } from './limits.ts';
import { memoryUsage, shmemOf } from './memory.ts';

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
  return bytes === undefined ? 'max' : String(bytes);
}

const count = (group: Cgroup, what: keyof Tally): number => Number(group.tally?.[what] ?? 0);
const micro = (ms: number): number => Math.round(ms * 1000);
const ALL_CPUS = `0-${CPUS - 1}`;

const cpuStat = (group: Cgroup): string =>
  `usage_usec ${micro(cpuMs(group))}\nuser_usec ${micro(cpuMs(group))}\nsystem_usec 0\n` +
  (group.parent === undefined
    ? ''
    : `nr_periods ${count(group, 'periods')}\nnr_throttled ${count(group, 'throttled')}\n` +
      `throttled_usec ${micro(count(group, 'throttledMs'))}\nnr_bursts 0\nburst_usec 0\n`);

const cpu: FileTable = named({
  'cpu.max': notInRoot(setting('max 100000', cpuMax)),
  'cpu.weight': notInRoot(setting('100', integer(1, 10000, 'ERANGE'))),
  'cpu.stat': shows((_kernel, group) => cpuStat(group)),
});

const cpuset: FileTable = named({
  'cpuset.cpus': notInRoot(setting('', cpuSet)),
  'cpuset.mems': notInRoot(
    setting('', (value) => {
      if (value !== '' && value !== '0') throw new SysError('EINVAL');
      return value;
    }),
  ),
  'cpuset.cpus.effective': shows(
    (_kernel, group) => `${group.values.get('cpuset.cpus') || inherited('cpuset.cpus', ALL_CPUS)(group)}\n`,
  ),
});

const memory: FileTable = named({
  'memory.max': notInRoot(setting('max', limit)),
  'memory.high': notInRoot(setting('max', limit)),
  'memory.low': notInRoot(setting('0', limit)),
  'memory.min': notInRoot(setting('0', limit)),
  'memory.swap.max': notInRoot(setting('max', limit)),
  'memory.current': notInRoot(shows((_kernel, group) => `${memoryUsage(group)}\n`)),
  'memory.stat': notInRoot(
    shows((_kernel, group) => {
      const shmem = shmemOf(group);
      const file = group.count() * PAGE + shmem;
      return `anon ${memoryUsage(group) - file}\nfile ${file}\nkernel 0\nshmem ${shmem}\n`;
    }),
  ),
  'memory.peak': notInRoot(shows((_kernel, group) => `${Math.max(count(group, 'peak'), memoryUsage(group))}\n`)),
  'memory.events': notInRoot(
    shows(
      (_kernel, group) =>
        `low 0\nhigh 0\nmax ${count(group, 'refused')}\noom ${count(group, 'ooms')}\n` +
        `oom_kill ${count(group, 'oomKills')}\noom_group_kill 0\n`,
    ),
  ),
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
