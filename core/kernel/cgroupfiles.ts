/**
 * The files of control groups: what they show and what writing them does. cgroups(7), Documentation/admin-guide/cgroup-v1/
 * and cgroup-v2.rst.
 *
 * Kept true: a file exists only in hierarchies that have its controller, and some not in the root group; a value that the
 * kernel would not take is EINVAL and changes nothing; what is read back is what the kernel shows, `memory.limit_in_bytes`
 * rounded down to pages, `-1` as the greatest number.
 */
import { SysError } from '../errors.ts';
import type { Cgroup } from './cgroup.ts';
import type { Kernel } from './kernel.ts';
import type { PidNamespace } from './namespace.ts';

interface FileType {
  /** Absent in the root group. */
  readonly notInRoot?: true;
  readonly mode?: number;
  read(kernel: Kernel, group: Cgroup): string;
  write?(kernel: Kernel, group: Cgroup, value: string): void;
}

type FileTable = Readonly<Record<string, FileType>>;

const PAGE = 4096;
/** PAGE_COUNTER_MAX in bytes: what v1 shows for "no limit". */
const NO_LIMIT = '9223372036854771712';

/** The PID namespace in whose numbers PIDs are read and written: that of whoever does it. */
function viewer(kernel: Kernel): PidNamespace {
  return (kernel.current ?? kernel.init).ns.pid;
}

function listPids(kernel: Kernel, group: Cgroup): string {
  const pids = [...group.procs].map((process) => process.pidIn(viewer(kernel))).sort((a, b) => a - b);
  return pids.map((pid) => `${pid}\n`).join('');
}

/** Writing a PID moves that process here; 0 means the writer. */
function movePid(kernel: Kernel, group: Cgroup, value: string): void {
  if (!/^\d+$/.test(value)) throw new SysError('EINVAL');
  const ns = viewer(kernel);
  const process = value === '0' ? (kernel.current ?? kernel.init) : ns.table.get(Number(value));
  if (process === undefined) throw new SysError('ESRCH');
  kernel.cgroups.move(process, group);
}

const procs: FileType = { mode: 0o644, read: listPids, write: movePid };

/** A file that only shows. */
function shows(read: FileType['read']): FileType {
  return { mode: 0o444, read };
}

/** A value that is kept as `accept` gives it back. */
function setting(initial: string, accept: (value: string, group: Cgroup) => string, notInRoot = false): FileType {
  const file: FileType & { name?: string } = {
    mode: 0o644,
    read: (_kernel, group) => `${group.values.get(file.name!) ?? initial}\n`,
    write: (_kernel, group, value) => {
      group.set(file.name!, accept(value, group));
    },
    ...(notInRoot ? { notInRoot: true as const } : {}),
  };
  return file;
}

/** Settings are kept under the name of their file. */
function named(table: FileTable): FileTable {
  for (const [name, file] of Object.entries(table)) Object.assign(file, { name });
  return table;
}

function integer(min: number, max = Number.MAX_SAFE_INTEGER): (value: string) => string {
  return (value) => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || number < min || number > max) throw new SysError('EINVAL');
    return String(number);
  };
}

/** memparse() of the kernel: a number with k, m, g; undefined for "no limit". */
function parseBytes(value: string, unlimited: string): number | undefined {
  if (value === unlimited) return undefined;
  const match = /^(\d+)([kmgKMG]?)$/.exec(value);
  if (match === null) throw new SysError('EINVAL');
  const factor = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[match[2]!.toLowerCase()] ?? 1;
  const bytes = Number(match[1]) * factor;
  return bytes >= 2 ** 62 ? undefined : Math.floor(bytes / PAGE) * PAGE;
}

/** A memory limit of v1, not over (or under) the limit `other` of the same group. */
function limitV1(other?: {
  readonly file: string;
  readonly mayNotExceed: boolean;
}): (value: string, group: Cgroup) => string {
  return (value, group) => {
    const bytes = parseBytes(value, '-1') ?? Number(NO_LIMIT);
    if (other !== undefined) {
      const bound = Number(group.values.get(other.file) ?? NO_LIMIT);
      if (other.mayNotExceed ? bytes > bound : bytes < bound) throw new SysError('EINVAL');
    }
    return bytes >= Number(NO_LIMIT) ? NO_LIMIT : String(bytes);
  };
}

function limitV2(value: string): string {
  const bytes = parseBytes(value, 'max');
  return bytes === undefined ? 'max' : String(bytes);
}

function maxOrCount(value: string): string {
  return value === 'max' ? value : integer(0)(value);
}

/** cpu.max: `max` or a quota, and a period that stays when it is left out. */
function cpuMax(value: string, group: Cgroup): string {
  const [quota, period = (group.values.get('cpu.max') ?? 'max 100000').split(' ')[1]!, ...rest] = value.split(/\s+/);
  if (quota === undefined || rest.length > 0) throw new SysError('EINVAL');
  return `${quota === 'max' ? quota : integer(1000)(quota)} ${integer(1000, 1_000_000)(period)}`;
}

function cpuUsageNs(group: Cgroup): number {
  let ms = 0;
  for (const process of group.members()) ms += process.cpuMs;
  return ms * 1_000_000;
}

const text = (value: string): string => value;

const common: FileTable = named({
  'cgroup.procs': procs,
  tasks: procs,
  notify_on_release: setting('0', integer(0, 1)),
  'cgroup.clone_children': setting('0', integer(0, 1)),
});

const freezer: FileType = {
  notInRoot: true,
  mode: 0o644,
  read: (_kernel, group) => `${group.frozen ? 'FROZEN' : 'THAWED'}\n`,
  write: (kernel, group, value) => {
    if (value !== 'FROZEN' && value !== 'THAWED') throw new SysError('EINVAL');
    setFrozen(kernel, group, value === 'FROZEN');
  },
};

function setFrozen(kernel: Kernel, group: Cgroup, frozen: boolean): void {
  kernel.cgroups.freeze(group, frozen);
  if (!frozen) kernel.cgroups.thawed(kernel, group);
}

const v1: Readonly<Record<string, FileTable>> = {
  cpu: named({
    'cpu.shares': setting('1024', integer(2, 262144)),
    'cpu.cfs_period_us': setting('100000', integer(1000, 1_000_000)),
    'cpu.cfs_quota_us': setting('-1', (value) => (Number(value) < 0 ? '-1' : integer(1000)(value))),
    'cpu.stat': shows(() => 'nr_periods 0\nnr_throttled 0\nthrottled_time 0\n'),
  }),
  cpuacct: named({ 'cpuacct.usage': shows((_kernel, group) => `${cpuUsageNs(group)}\n`) }),
  cpuset: named({
    'cpuset.cpus': setting('0-1', text),
    'cpuset.mems': setting('0', text),
  }),
  memory: named({
    'memory.limit_in_bytes': setting(NO_LIMIT, limitV1({ file: 'memory.memsw.limit_in_bytes', mayNotExceed: true })),
    'memory.memsw.limit_in_bytes': setting(NO_LIMIT, limitV1({ file: 'memory.limit_in_bytes', mayNotExceed: false })),
    'memory.soft_limit_in_bytes': setting(NO_LIMIT, limitV1()),
    'memory.kmem.limit_in_bytes': setting(NO_LIMIT, limitV1()),
    'memory.usage_in_bytes': shows((_kernel, group) => `${memoryUsage(group)}\n`),
    'memory.max_usage_in_bytes': shows((_kernel, group) => `${memoryUsage(group)}\n`),
    'memory.failcnt': shows(() => '0\n'),
    'memory.swappiness': setting('60', integer(0, 200)),
    'memory.oom_control': {
      mode: 0o644,
      read: (_kernel, group) => `oom_kill_disable ${group.values.get('oom') ?? 0}\nunder_oom 0\noom_kill 0\n`,
      write: (_kernel, group, value) => {
        group.set('oom', integer(0, 1)(value));
      },
    },
  }),
  devices: named({
    'devices.list': shows(() => 'a *:* rwm\n'),
    'devices.allow': { mode: 0o200, read: unreadable, write: () => {} },
    'devices.deny': { mode: 0o200, read: unreadable, write: () => {} },
  }),
  freezer: named({
    'freezer.state': freezer,
    'freezer.self_freezing': { ...shows((_kernel, group) => `${group.selfFrozen ? 1 : 0}\n`), notInRoot: true },
    'freezer.parent_freezing': { ...shows((_kernel, group) => `${group.parent?.frozen ? 1 : 0}\n`), notInRoot: true },
  }),
  blkio: named({ 'blkio.weight': setting('500', integer(10, 1000), true) }),
  pids: named({
    'pids.max': setting('max', maxOrCount, true),
    'pids.current': { ...shows((_kernel, group) => `${group.count()}\n`), notInRoot: true },
  }),
};

function unreadable(): never {
  throw new SysError('EINVAL');
}

/** A guess that a picture can show: a page table and a stack for each process. */
function memoryUsage(group: Cgroup): number {
  return group.count() * 53 * PAGE;
}

const v2Core: FileTable = named({
  'cgroup.procs': procs,
  'cgroup.threads': procs,
  'cgroup.controllers': shows((_kernel, group) => `${group.hierarchy.controllers.join(' ')}\n`),
  'cgroup.subtree_control': {
    mode: 0o644,
    read: (_kernel, group) => `${group.values.get('subtree') ?? group.hierarchy.controllers.join(' ')}\n`,
    write: (_kernel, group, value) => {
      for (const word of value.split(/\s+/)) {
        if (!/^[+-]/.test(word) || !group.hierarchy.controllers.includes(word.slice(1))) throw new SysError('EINVAL');
      }
    },
  },
  'cgroup.type': { ...shows(() => 'domain\n'), notInRoot: true },
  'cgroup.stat': shows((_kernel, group) => `nr_descendants ${descendants(group)}\nnr_dying_descendants 0\n`),
  'cgroup.events': {
    ...shows((_kernel, group) => `populated ${group.count() > 0 ? 1 : 0}\nfrozen ${group.frozen ? 1 : 0}\n`),
    notInRoot: true,
  },
  'cgroup.freeze': {
    notInRoot: true,
    mode: 0o644,
    read: (_kernel, group) => `${group.selfFrozen ? 1 : 0}\n`,
    write: (kernel, group, value) => setFrozen(kernel, group, integer(0, 1)(value) === '1'),
  },
  'cgroup.kill': {
    notInRoot: true,
    mode: 0o200,
    read: unreadable,
    write: (kernel, group, value) => {
      if (value !== '1') throw new SysError('ERANGE');
      for (const process of [...group.members()]) kernel.kill(process, 'KILL');
    },
  },
});

function descendants(group: Cgroup): number {
  let count = 0;
  for (const child of group.children.values()) count += 1 + descendants(child);
  return count;
}

const v2: Readonly<Record<string, FileTable>> = {
  cpu: named({
    'cpu.max': setting('max 100000', cpuMax, true),
    'cpu.weight': setting('100', integer(1, 10000), true),
    'cpu.stat': shows((_kernel, group) => `usage_usec ${cpuUsageNs(group) / 1000}\n`),
  }),
  cpuset: named({ 'cpuset.cpus': setting('', text, true), 'cpuset.mems': setting('', text, true) }),
  io: named({ 'io.weight': setting('default 100', text, true) }),
  memory: named({
    'memory.max': setting('max', limitV2, true),
    'memory.high': setting('max', limitV2, true),
    'memory.low': setting('0', limitV2, true),
    'memory.min': setting('0', limitV2, true),
    'memory.swap.max': setting('max', limitV2, true),
    'memory.current': { ...shows((_kernel, group) => `${memoryUsage(group)}\n`), notInRoot: true },
    'memory.events': { ...shows(() => 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n'), notInRoot: true },
  }),
  pids: named({
    'pids.max': setting('max', maxOrCount, true),
    'pids.current': { ...shows((_kernel, group) => `${group.count()}\n`), notInRoot: true },
  }),
};

function tablesOf(group: Cgroup): FileTable[] {
  const { version, controllers } = group.hierarchy;
  const own = version === 'v1' ? v1 : v2;
  return [version === 'v1' ? common : v2Core, ...controllers.map((name) => own[name] ?? {})];
}

/** Names of the files of a group. */
export function filesOf(group: Cgroup): string[] {
  const isRoot = group.parent === undefined;
  const names = tablesOf(group).flatMap((table) =>
    Object.keys(table).filter((name) => !isRoot || !table[name]!.notInRoot),
  );
  return names.sort();
}

/** The file of that name; undefined when this group has none. */
export function fileOf(group: Cgroup, name: string): FileType | undefined {
  for (const table of tablesOf(group)) {
    if (!Object.hasOwn(table, name)) continue;
    const file = table[name]!;
    return file.notInRoot === true && group.parent === undefined ? undefined : file;
  }
  return undefined;
}

/** Reads a file of a group. ENOENT. */
export function readCgroupFile(kernel: Kernel, group: Cgroup, name: string): string {
  const file = fileOf(group, name);
  if (file === undefined) throw new SysError('ENOENT');
  return file.read(kernel, group);
}

/** Writes a file of a group, surrounding white space not counted. ENOENT, EINVAL, EACCES for what cannot be written. */
export function writeCgroupFile(kernel: Kernel, group: Cgroup, name: string, value: string): void {
  const file = fileOf(group, name);
  if (file === undefined) throw new SysError('ENOENT');
  if (file.write === undefined) throw new SysError('EACCES');
  file.write(kernel, group, value.trim());
}
