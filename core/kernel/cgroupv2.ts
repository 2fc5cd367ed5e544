/**
 * The tree of cgroups v2, Documentation/admin-guide/cgroup-v2.rst: which controllers a group has and hands down, who may be in
 * it, and the files that every group has. Those of the controllers are in cgroupv2files.ts. What is refused was seen on Linux 6.1.
 *
 * Kept true: a group has the files of a controller only when its parent hands that controller down (`cgroup.subtree_control`);
 * a group that hands down one that needs a domain (all but cpu, cpuset and pids) has no processes of its own, the root excepted.
 */
import { SysError } from '../errors.ts';
import type { Cgroup } from './cgroup.ts';
import { cpuStat, plainStat } from './cgroupv2files.ts';
import { type FileTable, integer, named, notInRoot, setting, shows, takes } from './cgroupvalues.ts';
import { freezeGroup } from './freezer.ts';

const SUBTREE = 'cgroup.subtree_control';
const TYPE = 'cgroup.type';

/** What systemd hands down from the root. */
const AT_FIRST = ['cpuset', 'cpu', 'io', 'memory', 'pids'];

/** Controllers that a group hands down to its children. */
export function handedDown(group: Cgroup): readonly string[] {
  const own = group.values.get(SUBTREE);
  if (own !== undefined) return own.split(' ').filter((name) => name !== '');
  if (group.parent !== undefined) return [];
  return group.hierarchy.controllers.filter((name) => AT_FIRST.includes(name));
}

/** Controllers that a threaded group can have: those that tell threads of one process apart. */
const THREADED = new Set(['cpuset', 'cpu', 'pids']);
const needsDomain = (names: readonly string[]): boolean => names.some((name) => !THREADED.has(name));

/** Controllers whose files a group has. */
export function controllersOf(group: Cgroup): readonly string[] {
  if (group.parent === undefined) return group.hierarchy.controllers;
  const all = handedDown(group.parent);
  return typeOf(group) === 'domain' || typeOf(group) === 'domain threaded'
    ? all
    : all.filter((name) => THREADED.has(name));
}

type GroupType = 'domain' | 'domain threaded' | 'domain invalid' | 'threaded';

const isThreaded = (group: Cgroup): boolean => group.values.get(TYPE) === 'threaded';
const hasThreaded = (group: Cgroup): boolean => [...group.children.values()].some(isThreaded);

/** What `cgroup.type` says, cgroup_type_show(). The root may have children of both kinds. */
export function typeOf(group: Cgroup): GroupType {
  if (isThreaded(group)) return 'threaded';
  const { parent } = group;
  if (parent?.parent !== undefined && typeOf(parent) !== 'domain') return 'domain invalid';
  return group.parent !== undefined && hasThreaded(group) ? 'domain threaded' : 'domain';
}

/** May threaded groups be below it? cgroup_can_be_thread_root(). */
function canHaveThreaded(group: Cgroup): boolean {
  if (group.parent === undefined) return true;
  if (isThreaded(group) || needsDomain(handedDown(group))) return false;
  return ![...group.children.values()].some((child) => !isThreaded(child) && child.count() > 0);
}

function makeThreaded(group: Cgroup): void {
  if (isThreaded(group)) return;
  const { parent } = group;
  const above = parent !== undefined && (isThreaded(parent) || canHaveThreaded(parent));
  if (group.count() > 0 || needsDomain(handedDown(group)) || !above) throw new SysError('EOPNOTSUPP');
  group.set(TYPE, 'threaded');
}

/** The group that a threaded one belongs to with all its neighbours; a domain is its own. */
export function domainOf(group: Cgroup): Cgroup {
  let at = group;
  while (isThreaded(at) && at.parent !== undefined) at = at.parent;
  return at;
}

const KNOWN = new Set('cpuset cpu io memory hugetlb pids rdma misc perf_event'.split(' '));

/** cgroup_vet_subtree_control_enable(): may a group with that in it hand these down? */
function vetEnable(group: Cgroup, fresh: readonly string[]): void {
  if (fresh.length === 0 || group.parent === undefined) return;
  const type = typeOf(group);
  if (type === 'domain invalid') throw new SysError('EOPNOTSUPP');
  if (!needsDomain(fresh)) return;
  if (type !== 'domain') throw new SysError('EOPNOTSUPP');
  if (group.procs.size > 0) throw new SysError('EBUSY');
}

function changeSubtree(group: Cgroup, value: string): void {
  const before = handedDown(group);
  const on = new Set(before);
  const words = value.split(/\s+/).filter((each) => each !== '');
  if (words.some((word) => !/^[+-]/.test(word) || !KNOWN.has(word.slice(1)))) throw new SysError('EINVAL');
  for (const word of words) {
    const name = word.slice(1);
    if (word.startsWith('+')) {
      if (!controllersOf(group).includes(name)) throw new SysError('ENOENT');
      on.add(name);
    } else {
      if ([...group.children.values()].some((child) => handedDown(child).includes(name))) throw new SysError('EBUSY');
      on.delete(name);
    }
  }
  vetEnable(
    group,
    [...on].filter((name) => !before.includes(name)),
  );
  group.set(SUBTREE, group.hierarchy.controllers.filter((name) => on.has(name)).join(' '));
}

const words = (list: readonly string[]): string => (list.length === 0 ? '' : `${list.join(' ')}\n`);

const MOST = 2 ** 31 - 1;
/** A number of groups; the greatest is none. */
const most = (value: string): string => {
  const number = value === 'max' ? value : integer(0, MOST, 'ERANGE')(value);
  return number === String(MOST) ? 'max' : number;
};

export const v2Core: FileTable = named({
  'cgroup.controllers': shows((_kernel, group) => words(controllersOf(group))),
  [SUBTREE]: {
    mode: 0o644,
    read: (_kernel, group) => words(handedDown(group)),
    write: (_kernel, group, value) => changeSubtree(group, value),
  },
  [TYPE]: notInRoot({
    mode: 0o644,
    read: (_kernel, group) => `${typeOf(group)}\n`,
    write: (_kernel, group, value) => {
      if (value !== 'threaded') throw new SysError('EINVAL');
      makeThreaded(group);
    },
  }),
  'cgroup.max.depth': setting('max', most),
  'cgroup.max.descendants': setting('max', most),
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

/** cgroup_migrate_vet_dst(): EOPNOTSUPP, or EBUSY for a group that hands down what needs a domain. */
export function checkEntry(group: Cgroup): void {
  if (group.parent === undefined) return;
  if (typeOf(group) === 'domain invalid') throw new SysError('EOPNOTSUPP');
  if (isThreaded(group) || canHaveThreaded(group)) return;
  if (handedDown(group).length > 0) throw new SysError('EBUSY');
}

/** May a group be made below this one? EAGAIN. */
export function checkBirth(parent: Cgroup): void {
  for (let [at, depth] = [parent as Cgroup | undefined, 1]; at !== undefined; at = at.parent, depth += 1) {
    const greatest = at.values.get('cgroup.max.descendants') ?? 'max';
    if (greatest !== 'max' && descendants(at) >= Number(greatest)) throw new SysError('EAGAIN');
    const deepest = at.values.get('cgroup.max.depth') ?? 'max';
    if (deepest !== 'max' && depth > Number(deepest)) throw new SysError('EAGAIN');
  }
}
