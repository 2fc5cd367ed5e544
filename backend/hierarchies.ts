/**
 * Where this machine has its cgroup hierarchies, cgroups(7): one mount per v1 controller (or group of them), one for the
 * unified hierarchy, or, on a v2 machine, that one alone.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type MountLine, parseMountinfo } from './mountinfo.ts';
import { isRootless } from './userns.ts';

export interface Hierarchy {
  /** Directory on this machine: /sys/fs/cgroup/memory. */
  readonly dir: string;
  /** Its name below /sys/fs/cgroup in a lab; `.` when it is /sys/fs/cgroup itself. */
  readonly name: string;
  readonly type: 'cgroup' | 'cgroup2';
  /** v1: the controllers of this hierarchy (`name=systemd` included). v2: those that cgroups below the root can have. */
  readonly controllers: readonly string[];
}

const known = new Set([
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'devices',
  'freezer',
  'blkio',
  'pids',
  'net_cls',
  'net_prio',
  'perf_event',
  'hugetlb',
  'rdma',
  'misc',
]);

/** The hierarchies that are mounted, in the order of their mounts. */
export function hierarchies(mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')): readonly Hierarchy[] {
  const found = new Map<string, Hierarchy>();
  for (const line of parseMountinfo(mountinfo)) {
    const entry = hierarchyOf(line);
    if (entry !== undefined && !found.has(key(entry))) found.set(key(entry), entry);
  }
  return [...found.values()];
}

/**
 * Those in which we may make groups, `dir` being where. Root: all. An ordinary user: those of version 1 in which the group that we
 * are in was given to him (cgroups(7), "Cgroups delegation"); devices can be restricted by root alone.
 */
export function ownHierarchies(): readonly Hierarchy[] {
  const all = hierarchies();
  if (process.getuid?.() === 0 && !isRootless) return all;
  const own = all
    .filter(({ type, controllers }) => type === 'cgroup' && !controllers.includes('devices'))
    .map((entry) => ({ ...entry, dir: entry.dir + ownGroup(entry.controllers) }))
    .filter(({ dir }) => mayWrite(dir) && mayWrite(`${dir}/cgroup.procs`));
  return own.some(({ controllers }) => controllers.includes('freezer')) ? own : [];
}

/** Why `ownHierarchies` are none; undefined: there are some. */
export function whyGroupless(): string | undefined {
  return ownHierarchies().length > 0 ? undefined : 'those of this machine are not delegated to this user';
}

/** The group of version 1 that we are in, proc(5) `/proc/[pid]/cgroup`: `3:cpu,cpuacct:/user`. */
function ownGroup(controllers: readonly string[], text = readFileSync('/proc/self/cgroup', 'utf8')): string {
  for (const line of text.split('\n')) {
    const [, names = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (names.split(',').some((name) => controllers.includes(name))) return path === '/' ? '' : path;
  }
  return '';
}

function mayWrite(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const key = (entry: Hierarchy): string => (entry.type === 'cgroup2' ? 'unified' : entry.controllers.join());

function hierarchyOf(line: MountLine): Hierarchy | undefined {
  if (line.type === 'cgroup2') {
    const name = line.at === '/sys/fs/cgroup' ? '.' : basename(line.at);
    return { dir: line.at, name, type: 'cgroup2', controllers: words(`${line.at}/cgroup.subtree_control`) };
  }
  if (line.type !== 'cgroup') return undefined;
  const controllers = line.superOptions.filter((option) => known.has(option) || option.startsWith('name='));
  return { dir: line.at, name: basename(line.at), type: 'cgroup', controllers };
}

function words(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split(/\s+/).filter(Boolean) : [];
}

/** `v2` when the unified hierarchy is the only one. */
export function cgroupVersion(all: readonly Hierarchy[]): 'v1' | 'v2' {
  return all.some((entry) => entry.type === 'cgroup') ? 'v1' : 'v2';
}

/** The hierarchy that has a controller; `''` asks for the unified one. On v2 it has them all. */
export function hierarchyFor(all: readonly Hierarchy[], controller: string): Hierarchy | undefined {
  const unified = all.find((entry) => entry.type === 'cgroup2');
  if (controller === '' || cgroupVersion(all) === 'v2') return unified;
  return all.find((entry) => entry.type === 'cgroup' && entry.controllers.includes(controller));
}
