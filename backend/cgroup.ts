/**
 * cgroups of the lab: directories below `<hierarchy>/cutaway-…/` in every hierarchy, v1 (cgroup-v1/cgroups.rst) and v2
 * (cgroup-v2.rst). Groups are named as the engine names them, `docker/<id>`; the lab's own directory is their root.
 *
 * Kept true: writing to the freezer answers only when all processes of the group have stopped, or go on.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno, Refused } from './errno.ts';
import { type Hierarchy, hierarchyFor } from './hierarchies.ts';
import type { Lab } from './lab.ts';

export class Cgroups {
  /** Without control groups: the first process of what would be one. */
  private readonly firsts = new Map<string, number>();

  constructor(private readonly lab: Lab) {}

  /** Nothing can be limited, frozen or counted here; groups are but names of containers. */
  get none(): boolean {
    return this.lab.hierarchies.length === 0;
  }

  /** mkdir in every hierarchy; groups above it are made as needed. */
  create(group: string): undefined {
    const levels = group.split('/').filter((name) => name !== '' && name !== '.' && name !== '..');
    if (this.exists(levels.join('/'))) throw new Refused('EEXIST');
    for (const hierarchy of this.lab.hierarchies) {
      let dir = this.top(hierarchy);
      for (const level of levels) {
        if (this.lab.cgroupVersion === 'v2') handDown(dir);
        dir = `${dir}/${level}`;
        if (!existsSync(dir)) mkdirSync(dir);
      }
    }
  }

  async write(group: string, controller: string, file: string, value: string): Promise<undefined> {
    const path = this.file(group, controller, file);
    if (!existsSync(path)) throw new Refused('ENOENT');
    writeFileSync(path, value);
    if (file === 'freezer.state') await until(() => readFileSync(path, 'utf8').trim() === value.trim());
    if (file === 'cgroup.freeze') {
      const events = this.file(group, controller, 'cgroup.events');
      await until(() => readFileSync(events, 'utf8').includes(`frozen ${value.trim()}`));
    }
  }

  read(group: string, controller: string, file: string): string {
    return readFileSync(this.file(group, controller, file), 'utf8');
  }

  /** rmdir, groups below included; a process that is just dying is waited for. */
  async remove(group: string): Promise<undefined> {
    if (!this.exists(group)) throw new Refused('ENOENT');
    for (const hierarchy of this.lab.hierarchies) await removeTree(`${this.top(hierarchy)}/${group}`);
  }

  /** Host PIDs of the processes in a group; those of groups below as well. */
  pids(group: string): readonly number[] {
    if (this.none) return pidsBeside(this.firsts.get(group));
    const hierarchy = this.counted();
    return hierarchy === undefined ? [] : pidsBelow(`${this.top(hierarchy)}/${group}`);
  }

  exists(group: string): boolean {
    if (this.none) return this.firsts.has(group);
    const hierarchy = this.counted();
    return hierarchy !== undefined && existsSync(`${this.top(hierarchy)}/${group}`);
  }

  /** Puts a process into a group, in every hierarchy. The first write after a pause can take the kernel 50 ms (an RCU grace period). */
  async join(group: string, hostPid: number): Promise<void> {
    if (this.none && pidsBeside(this.firsts.get(group)).length === 0) this.firsts.set(group, hostPid);
    for (const hierarchy of this.lab.hierarchies) {
      const own = group === '' && this.lab.cgroupVersion === 'v2' ? 'lab' : group;
      await writeFile(`${this.top(hierarchy)}/${own}/cgroup.procs`, String(hostPid));
    }
  }

  /** Lets a group use these devices and no others (v1; v2 would need a BPF program). */
  restrictDevices(group: string, rules: readonly string[]): void {
    const hierarchy = hierarchyFor(this.lab.hierarchies, 'devices');
    if (hierarchy === undefined || hierarchy.type !== 'cgroup') return;
    const dir = `${this.top(hierarchy)}/${group}`;
    writeFileSync(`${dir}/devices.deny`, 'a');
    for (const rule of rules) writeFileSync(`${dir}/devices.allow`, rule);
  }

  /** How often the kernel killed a process of this group for want of memory. */
  oomKills(group: string): number {
    const [controller, file] =
      this.lab.cgroupVersion === 'v2' ? ['', 'memory.events'] : ['memory', 'memory.oom_control'];
    try {
      return Number(/^oom_kill (\d+)$/m.exec(this.read(group, controller, file))?.[1] ?? 0);
    } catch (error) {
      if (error instanceof Refused || isErrno(error, 'ENOENT') || isErrno(error, 'ENODEV')) return 0;
      throw error;
    }
  }

  private file(group: string, controller: string, file: string): string {
    const hierarchy = hierarchyFor(this.lab.hierarchies, controller);
    if (hierarchy === undefined) throw new Refused('ENOENT', `no cgroup hierarchy with controller "${controller}"`);
    return `${this.top(hierarchy)}/${group}/${file}`;
  }

  private top(hierarchy: Hierarchy): string {
    return `${hierarchy.dir}/${this.lab.name}`;
  }

  /** The hierarchy whose cgroup.procs is looked at: any would do. */
  private counted(): Hierarchy | undefined {
    return hierarchyFor(this.lab.hierarchies, 'freezer') ?? this.lab.hierarchies[0];
  }
}

/** Processes of the same PID namespace as this one: where it is a container's own, all of the container's. */
function pidsBeside(first: number | undefined): readonly number[] {
  const link = (pid: number | string): string | undefined => {
    try {
      return readlinkSync(`/proc/${pid}/ns/pid`);
    } catch {
      return undefined;
    }
  };
  const wanted = first === undefined ? undefined : link(first);
  if (wanted === undefined) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && link(name) === wanted)
    .map(Number);
}

/** Lets the groups below `dir` have the controllers that `dir` has (cgroup-v2.rst, "Enabling and Disabling"). */
function handDown(dir: string): void {
  for (const controller of readFileSync(`${dir}/cgroup.controllers`, 'utf8').split(/\s+/).filter(Boolean)) {
    try {
      writeFileSync(`${dir}/cgroup.subtree_control`, `+${controller}`);
    } catch {
      // A controller that this kernel will not hand down (cpu beside real-time processes) is then not to be had.
    }
  }
}

function pidsBelow(dir: string): readonly number[] {
  try {
    const own = readFileSync(`${dir}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number);
    const below = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...below.flatMap((entry) => pidsBelow(`${dir}/${entry.name}`))];
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENODEV')) return [];
    throw error;
  }
}

async function removeTree(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(`${dir}/${entry.name}`);
  }
  for (let tries = 0; ; tries++) {
    try {
      rmdirSync(dir);
      return;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return;
      if (!isErrno(error, 'EBUSY') || tries >= 100) throw error;
      if (tries >= 3 && pidsBelow(dir).length > 0 && tries > 20) throw error;
      await sleep(tries < 3 ? 1 : 10);
    }
  }
}

/** Looks every millisecond, for twenty seconds at most: a process in the middle of a disk access freezes after it. */
async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > end) throw new Refused('ETIMEDOUT');
    await sleep(1);
  }
}
