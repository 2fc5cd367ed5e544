/**
 * Control groups, cgroups(7): hierarchies of groups with processes in them and files that set limits.
 *
 * `v1` is the hybrid layout that Debian's Docker meets here: one hierarchy for each controller, a named one for systemd, and
 * a unified one without controllers. `v2` is the unified one alone. What the files hold is in cgroupfiles.ts, how they
 * look as a file system in cgroupfs.ts.
 *
 * Kept true: a process is in exactly one group of each hierarchy (`process.cgroups[hierarchy.index]`); a group with processes
 * or children cannot be removed (EBUSY); freezing a group freezes all below it.
 */
import { SysError } from '../errors.ts';
import type { Kernel } from './kernel.ts';
import { waysChanged } from './namei.ts';
import type { Process } from './process.ts';
import { deliverPending } from './signal.ts';

export interface Hierarchy {
  readonly index: number;
  readonly version: 'v1' | 'v2';
  /** Directory under /sys/fs/cgroup: `memory`, `systemd`, `unified`; empty for v2 alone. */
  readonly directory: string;
  readonly controllers: readonly string[];
  /** Mount option besides rw: `memory`, `name=systemd`, none for v2. */
  readonly option: string;
  readonly root: Cgroup;
}

/** Most groups have nothing below them and nothing set: these stand for that. */
const noGroups: ReadonlyMap<string, Cgroup> = new Map();
const noValues: ReadonlyMap<string, string> = new Map();

/** What a group counts; only groups that have something to count have one. Times in milliseconds. */
export interface Tally {
  /** CPU quota: the period that is running began at `since`, so much of it is used, and it was used up. */
  since: number;
  used: number;
  held: boolean;
  periods: number;
  throttled: number;
  throttledMs: number;
  /** CPU time of processes that are gone. */
  spentMs: number;
  /** Memory: times over the limit, the most that was held, how often and how many were killed for it, who waits for room. */
  refused: number;
  peak: number;
  ooms: number;
  oomKills: number;
  /** v2: how often all of the group were killed at once. */
  groupKills: number;
  waiting: number;
  /** Bytes of files in memory that its processes wrote. */
  shmem: number;
  /** Bytes of cached pages of files that it used, and how often it was over the high mark. */
  cache: number;
  high: number;
  forksRefused: number;
  /** Most processes at one time. */
  mostProcesses: number;
  /** The disk: bytes and requests, and when the next request may go, ms. */
  diskRead: number;
  diskReads: number;
  diskWritten: number;
  diskWrites: number;
  readFree: number;
  writeFree: number;
  /** v2: what groups below counted that are gone. */
  goneEvents?: MemoryEvents;
}

/** What `memory.events` counts. */
export type MemoryEvents = Record<'high' | 'refused' | 'ooms' | 'oomKills' | 'groupKills', number>;

export function addEvents(to: MemoryEvents, more: MemoryEvents | undefined): void {
  if (more === undefined) return;
  for (const name of ['high', 'refused', 'ooms', 'oomKills', 'groupKills'] as const) to[name] += more[name];
}

export function tallyOf(group: Cgroup): Tally {
  group.tally ??= {
    since: Number.NEGATIVE_INFINITY,
    used: 0,
    held: false,
    periods: 0,
    throttled: 0,
    throttledMs: 0,
    spentMs: 0,
    refused: 0,
    peak: 0,
    ooms: 0,
    oomKills: 0,
    groupKills: 0,
    waiting: 0,
    shmem: 0,
    cache: 0,
    high: 0,
    forksRefused: 0,
    mostProcesses: 0,
    diskRead: 0,
    diskReads: 0,
    diskWritten: 0,
    diskWrites: 0,
    readFree: 0,
    writeFree: 0,
  };
  return group.tally;
}

export class Cgroup {
  /** Neither of the two is written to from outside: see `adopt`, `set`. */
  children: ReadonlyMap<string, Cgroup> = noGroups;
  /** What was written to its files and differs from the default. */
  values: ReadonlyMap<string, string> = noValues;
  readonly procs = new Set<Process>();
  selfFrozen = false;
  removed = false;
  tally: Tally | undefined;

  constructor(
    /** Different for all groups of all hierarchies; inode numbers are made from it. */
    readonly serial: number,
    public name: string,
    readonly parent: Cgroup | undefined,
    public hierarchy: Hierarchy,
    readonly createdAt: number,
  ) {}

  adopt(child: Cgroup): void {
    if (this.children === noGroups) this.children = new Map();
    (this.children as Map<string, Cgroup>).set(child.name, child);
  }

  disown(child: Cgroup): void {
    if (this.children.size === 1) this.children = noGroups;
    else (this.children as Map<string, Cgroup>).delete(child.name);
  }

  set(file: string, value: string): void {
    if (this.values === noValues) this.values = new Map();
    (this.values as Map<string, string>).set(file, value);
  }

  get frozen(): boolean {
    for (let at: Cgroup | undefined = this; at !== undefined; at = at.parent) if (at.selfFrozen) return true;
    return false;
  }

  /** `/docker/0123…`, as in /proc/<pid>/cgroup. */
  get path(): string {
    if (this.parent === undefined) return '/';
    return `${this.parent.parent === undefined ? '' : this.parent.path}/${this.name}`;
  }

  /** Processes in it and below. */
  count(): number {
    let count = this.procs.size;
    for (const child of this.children.values()) count += child.count();
    return count;
  }

  /** All processes in it and below. */
  *members(): Generator<Process> {
    yield* this.procs;
    for (const child of this.children.values()) yield* child.members();
  }
}

const V1_CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids'] as const;
const V2_CONTROLLERS = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc'] as const;

const namesIn = (path: string): string[] => path.split('/').filter((name) => name !== '');

function below(root: Cgroup, names: readonly string[]): Cgroup | undefined {
  let group: Cgroup | undefined = root;
  for (const name of names) group = group?.children.get(name);
  return group;
}

export class Cgroups {
  readonly hierarchies: readonly Hierarchy[];
  /** Groups that exist, by serial number. */
  readonly bySerial = new Map<number, Cgroup>();
  private nextSerial = 1;
  /** Groups that were frozen by name; nearly always none, which makes `frozen` free. */
  private frozenGroups = 0;
  /** A group was given a limit of CPU, of processes, or of devices: from then on it is asked about. */
  cpuLimited = false;
  pidsLimited = false;
  /** Some group was given a limit of memory. */
  memoryLimited = false;
  /** Some group may not use all devices. */
  devicesLimited = false;
  /** Some group may use a disk only so fast. */
  ioLimited = false;
  /** Places of the controllers of memory and of disks among the groups of a process; -1: there is none. */
  readonly memoryAt: number;
  readonly ioAt: number;

  constructor(
    readonly version: 'v1' | 'v2',
    private readonly now: () => number,
  ) {
    this.hierarchies = version === 'v1' ? this.hybrid() : [this.hierarchy(0, 'v2', '', V2_CONTROLLERS, '')];
    this.memoryAt = this.hierarchies.findIndex(({ controllers }) => controllers.includes('memory'));
    const io = version === 'v1' ? 'blkio' : 'io';
    this.ioAt = this.hierarchies.findIndex(({ controllers }) => controllers.includes(io));
  }

  private hybrid(): Hierarchy[] {
    const list = V1_CONTROLLERS.map((name, index) => this.hierarchy(index, 'v1', name, [name], name));
    list.push(this.hierarchy(list.length, 'v1', 'systemd', [], 'name=systemd'));
    list.push(this.hierarchy(list.length, 'v2', 'unified', [], ''));
    return list;
  }

  private hierarchy(
    index: number,
    version: 'v1' | 'v2',
    directory: string,
    controllers: readonly string[],
    option: string,
  ): Hierarchy {
    const hierarchy = { index, version, directory, controllers, option } as {
      -readonly [K in keyof Hierarchy]: Hierarchy[K];
    };
    hierarchy.root = this.admit(new Cgroup(this.nextSerial++, '', undefined, hierarchy, this.now()));
    return hierarchy;
  }

  private admit(group: Cgroup): Cgroup {
    this.bySerial.set(group.serial, group);
    return group;
  }

  /** The roots of all hierarchies: where the host's first process is. */
  roots(): Cgroup[] {
    return this.hierarchies.map(({ root }) => root);
  }

  /** mkdir in one hierarchy. */
  make(parent: Cgroup, name: string): Cgroup {
    if (parent.children.has(name)) throw new SysError('EEXIST');
    if (parent.removed) throw new SysError('ENOENT');
    const group = this.admit(new Cgroup(this.nextSerial++, name, parent, parent.hierarchy, this.now()));
    parent.adopt(group);
    return group;
  }

  /** rmdir in one hierarchy. */
  unmake(group: Cgroup): void {
    if (group.parent === undefined || group.procs.size > 0 || group.children.size > 0) throw new SysError('EBUSY');
    if (group.selfFrozen) this.freeze(group, false);
    group.removed = true;
    if (group.tally !== undefined) {
      tallyOf(group.parent).spentMs += group.tally.spentMs;
      tallyOf(group.parent).shmem += group.tally.shmem;
      const above = tallyOf(group.parent);
      const gone = above.goneEvents ?? { high: 0, refused: 0, ooms: 0, oomKills: 0, groupKills: 0 };
      above.goneEvents = gone;
      addEvents(gone, group.tally);
      addEvents(gone, group.tally.goneEvents);
    }
    this.bySerial.delete(group.serial);
    group.parent.disown(group);
    waysChanged();
  }

  /** rename(2) within one group; v1 only. */
  rename(group: Cgroup, name: string): void {
    group.parent?.disown(group);
    group.name = name;
    group.parent?.adopt(group);
    waysChanged();
  }

  /** The group of that path in one hierarchy. */
  find(hierarchy: Hierarchy, path: string): Cgroup | undefined {
    return below(hierarchy.root, namesIn(path));
  }

  /** The groups of that path in all hierarchies; ENOENT when one misses it. */
  findAll(path: string): Cgroup[] {
    const names = namesIn(path);
    return this.hierarchies.map(({ root }) => {
      const group = below(root, names);
      if (group === undefined) throw new SysError('ENOENT', path);
      return group;
    });
  }

  /** Makes a group in all hierarchies, with the groups above it. EEXIST when it is there in any. */
  create(path: string): void {
    const names = namesIn(path);
    if (this.hierarchies.some(({ root }) => below(root, names) !== undefined)) throw new SysError('EEXIST');
    const last = names.pop()!;
    for (const { root } of this.hierarchies) {
      let group = root;
      for (const name of names) group = group.children.get(name) ?? this.makeInner(group, name);
      this.make(group, last);
    }
  }

  /** A group for groups: it hands all controllers down, as runc makes it. */
  private makeInner(parent: Cgroup, name: string): Cgroup {
    const group = this.make(parent, name);
    const { version, controllers } = group.hierarchy;
    if (version === 'v2' && controllers.length > 0) group.set('cgroup.subtree_control', controllers.join(' '));
    return group;
  }

  /** Removes a group from all hierarchies: from all, or (EBUSY, ENOENT) from none. */
  remove(path: string): void {
    const groups = this.findAll(path);
    if (groups.some(({ procs, children, parent }) => parent === undefined || procs.size > 0 || children.size > 0)) {
      throw new SysError('EBUSY');
    }
    for (const group of groups) this.unmake(group);
  }

  /** Moves a process within one hierarchy. */
  move(process: Process, to: Cgroup): void {
    const before = this.frozen(process);
    const groups = [...process.cgroups];
    const from = groups[to.hierarchy.index]!;
    from.procs.delete(process);
    if (process.cpuMs > 0) {
      tallyOf(from).spentMs += process.cpuMs;
      tallyOf(to).spentMs -= process.cpuMs;
    }
    groups[to.hierarchy.index] = to;
    if (process.alive) to.procs.add(process);
    process.cgroups = groups;
    if (before !== this.frozen(process)) this.holdTime(process, !before);
    // It may have left a group that is frozen.
    process.kernel.scheduler.wake(process);
  }

  freeze(group: Cgroup, frozen: boolean): void {
    if (group.selfFrozen === frozen) return;
    group.selfFrozen = frozen;
    this.frozenGroups += frozen ? 1 : -1;
  }

  /** What is left of the use of a CPU is a length of time while a process is frozen. */
  holdTime(process: Process, frozen: boolean): void {
    process.busyUntil = Math.max(0, process.busyUntil + (frozen ? -this.now() : this.now()));
  }

  /** Is the process held by a freezer? */
  frozen(process: Process): boolean {
    return this.frozenGroups > 0 && process.cgroups.some((group) => group.frozen);
  }

  /** What waited for a thaw arrives now. */
  thawed(kernel: Kernel, group: Cgroup): void {
    for (const process of [...group.members()]) {
      deliverPending(kernel, process);
      kernel.scheduler.wake(process);
    }
  }
}
