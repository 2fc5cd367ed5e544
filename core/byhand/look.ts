/**
 * Containers that nobody but the learner made: overlay mounts outside the engine's data root, and processes in namespaces of
 * their own that are none of Docker's containers. Read from the simulated kernel, in the shape in which Docker's are observed.
 *
 * Kept true: nothing is asked of what was typed, only of what is there: mounts, namespaces, control groups, processes, trees. A
 * process space and an overlay mount are one container when the mount is what its first process sees as its root.
 */
import type { SimDriver } from '../kernel/driver.ts';
import { limits } from '../kernel/limits.ts';
import { type Mount, mountPoint, mountsOf } from '../kernel/mount.ts';
import { type Path, pathString, resolve, type Walker } from '../kernel/namei.ts';
import type { Process } from '../kernel/process.ts';
import type { CgroupFacts, ContainerFacts, Hand, HandFacts, Observation, ProcessFacts } from '../observation.ts';
import { type Digest, nsKinds, type TreeEntry } from '../op.ts';
import { changes, merge } from '../vfs/diff.ts';
import type { Fs } from '../vfs/fs.ts';
import { timedTree, tree } from '../vfs/walk.ts';

/** Processes that share a space: the first of them, and all of them in the order of their PIDs. */
interface Space {
  readonly first: Process;
  readonly all: readonly Process[];
}

/** An overlay mount, and by whose eyes its directories are found. */
interface Union {
  readonly mount: Mount;
  readonly by: Process;
  /** Where it is, as the host calls it or else as its own processes do. */
  readonly where: string;
}

export function handMade(driver: SimDriver, docker: readonly number[], seen: Observation): readonly HandFacts[] {
  const spaces = spacesOf(driver, docker);
  const unions = unionsOf(driver, spaces, docker);
  const used = new Set<Space>();
  const withUnion = [...unions].map(([fs, union]) => {
    const space = spaces.find(({ first }) => first.root.mount.fs === fs);
    if (space !== undefined) used.add(space);
    return facts(driver, seen, union, space);
  });
  const bare = spaces.filter((space) => !used.has(space)).map((space) => facts(driver, seen, undefined, space));
  return [...withUnion, ...bare];
}

/** Those in a PID or mount namespace that is neither the host's nor one of Docker's. */
function spacesOf({ kernel }: SimDriver, docker: readonly number[]): readonly Space[] {
  const known = new Set<unknown>([kernel.init.ns.mnt, kernel.init.ns.pid]);
  for (const pid of docker) {
    const { ns } = kernel.processes.get(pid) ?? {};
    known.add(ns?.mnt);
    known.add(ns?.pid);
  }
  const found = new Map<unknown, Process[]>();
  for (const process of kernel.processes.values()) {
    const { mnt, pid } = process.ns;
    if (!process.alive || (known.has(mnt) && known.has(pid)) || isDockers(process, docker)) continue;
    const key = known.has(mnt) ? pid : mnt;
    found.set(key, [...(found.get(key) ?? []), process]);
  }
  return [...found.values()].map((all) => {
    // unshare(1) itself stays in the PID namespace that it came from: it is not in the space, it holds its door.
    const inside = all.filter(({ ns }) => !known.has(ns.pid));
    const members = inside.length > 0 ? inside : all;
    const sorted = [...members].sort((a, b) => a.hostPid - b.hostPid);
    return { first: sorted.find(({ pid }) => pid === 1) ?? sorted[0]!, all: sorted };
  });
}

/** Docker's own, also where it left one namespace of its container for another. */
function isDockers(process: Process, docker: readonly number[]): boolean {
  for (let at: Process | undefined = process; at !== undefined; at = at.parent)
    if (docker.includes(at.hostPid)) return true;
  return false;
}

/** Overlay mounts by their file system: copies of one mount in several namespaces show the same. */
function unionsOf(
  { kernel, facts: { dataRoot } }: SimDriver,
  spaces: readonly Space[],
  docker: readonly number[],
): ReadonlyMap<Fs, Union> {
  const host = kernel.daemon;
  const found = new Map<Fs, Union>();
  const not = new Set<Fs>();
  for (const pid of docker) {
    const fs = kernel.processes.get(pid)?.root.mount.fs;
    if (fs !== undefined) not.add(fs);
  }
  for (const by of [host, ...spaces.map(({ first }) => first)]) {
    for (const mount of mountsOf(by.ns.mnt.root)) {
      if (mount.type !== 'overlay' || not.has(mount.fs) || found.has(mount.fs)) continue;
      const where = mountPoint(mount, by.root);
      if (by === host && where?.startsWith(`${dataRoot}/`) === true) not.add(mount.fs);
      else if (where !== undefined) found.set(mount.fs, { mount, by, where });
    }
  }
  return found;
}

/** A directory that a mount was made of. */
interface Directory {
  readonly path: string;
  /** Where it really is, on the host. */
  readonly real: string;
  readonly place: Path;
}

function facts(driver: SimDriver, seen: Observation, union: Union | undefined, space: Space | undefined): HandFacts {
  const made = union === undefined ? undefined : layersOf(driver, seen, union);
  const alive = space !== undefined;
  const frozen = alive && driver.kernel.cgroups.frozen(space.first);
  const name = nameOf(driver, union, space);
  const lower = made?.lower ?? [];
  const image = seen.images.find(({ layers }) => lower.length > 0 && lower.every((id, i) => layers[i]?.chainId === id));
  return {
    id: union === undefined ? `by hand ${space?.first.ns.pid.ino}` : `by hand ${union.mount.options.join()}`,
    name,
    image: image?.tags[0] ?? '',
    imageId: image?.id ?? ('' as Digest),
    status: frozen ? 'paused' : alive ? 'running' : 'created',
    exitCode: 0,
    oomKilled: false,
    command: space?.first.argv ?? [],
    processes: space?.all.map((process): ProcessFacts => processFacts(process, space)) ?? [],
    ...(space === undefined ? {} : spaceFacts(driver, space)),
    lower,
    init: made?.init ?? [],
    upper: made?.upper ?? [],
    union: union === undefined ? [] : tree(union.mount.fs, union.mount.root),
    changes: made?.changes ?? [],
    hand: {
      ...(union === undefined ? {} : { where: union.where }),
      lower: made?.others ?? [],
      ...(made?.upperPath === undefined ? {} : { upper: made.upperPath }),
      groups: space === undefined ? [] : groupsOf(space.first),
    },
  };
}

/** The name that it gave itself, or else where it is mounted. */
function nameOf({ kernel }: SimDriver, union: Union | undefined, space: Space | undefined): string {
  const uts = space?.first.ns.uts;
  if (uts !== undefined && uts !== kernel.init.ns.uts && uts.hostname !== kernel.init.ns.uts.hostname)
    return uts.hostname;
  return union?.where ?? `PID ${space?.first.hostPid}`;
}

interface Made extends Pick<ContainerFacts, 'lower' | 'init' | 'upper' | 'changes'> {
  /** Lower directories that are no image's layers, topmost first. */
  readonly others: Hand['lower'];
  readonly upperPath: string | undefined;
}

/** What a mount's directories are: layers of an image at the bottom, others above them, and the one that is written to. */
function layersOf(driver: SimDriver, seen: Observation, { mount, by }: Union): Made {
  const directories = (paths: readonly string[]): Directory[] =>
    paths.flatMap((path) => directory(driver, path, by) ?? []);
  const option = (name: string): string | undefined =>
    mount.options.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
  const lowers = directories(split(option('lowerdir') ?? ''));
  const bottomFirst = [...lowers].reverse();
  const chain = chainOf(driver, seen, bottomFirst);
  const others = bottomFirst.slice(chain.length);
  const upper = directories([option('upperdir') ?? ''])[0];
  const over = (directories: readonly Directory[]): readonly TreeEntry[] =>
    directories.reduce<readonly TreeEntry[]>((below, { place }) => merge(treeAt(place), below), []);
  const below = bottomFirst.reduce<ReturnType<typeof timedTree>>(
    (under, { place }) => merge(timedTree(place.mount.fs, place.ino), under) as ReturnType<typeof timedTree>,
    [],
  );
  return {
    lower: chain,
    init: over(others),
    others: others.map(({ path }) => path).reverse(),
    upper: upper === undefined ? [] : treeAt(upper.place),
    upperPath: upper?.path,
    changes: upper === undefined ? [] : changes(timedTree(upper.place.mount.fs, upper.place.ino), below),
  };
}

const treeAt = ({ mount, ino }: Path): readonly TreeEntry[] => tree(mount.fs, ino);

/** Colons part them; one behind a backslash belongs to a name. */
const split = (text: string): string[] => text.split(/(?<!\\):/).map((part) => part.replace(/\\(.)/g, '$1'));

/** Undefined when it is not there any more, or was named from a directory that is not known. */
function directory({ kernel }: SimDriver, path: string, by: Process): Directory | undefined {
  for (const walker of [kernel.daemon, by] as readonly Walker[]) {
    try {
      const place = resolve(walker, path);
      return { path, place, real: pathString(place, kernel.daemon.root) };
    } catch {
      // The next one may see it.
    }
  }
  return undefined;
}

/** The longest part of an image's chain of layers that the directories are, from the bottom. */
function chainOf({ facts: { dataRoot } }: SimDriver, seen: Observation, bottomFirst: readonly Directory[]): Digest[] {
  let longest: Digest[] = [];
  for (const { layers } of seen.images) {
    const chain = layers.map(({ chainId }) => chainId);
    const fits = bottomFirst.findIndex(
      ({ real, place }, i) => !real.startsWith(`${dataRoot}/`) || !isLayer(seen, chain[i], place),
    );
    const length = Math.min(chain.length, fits < 0 ? bottomFirst.length : fits);
    if (length > longest.length) longest = chain.slice(0, length);
  }
  return longest;
}

/** Below the data root lies each layer once; which it is, its content says. */
function isLayer({ layers }: Observation, chainId: Digest | undefined, place: Path): boolean {
  const known = chainId === undefined ? undefined : layers[chainId];
  if (known === undefined) return false;
  const found = new Map(treeAt(place).map((entry) => [entry.path, entry]));
  return (
    found.size === known.length &&
    known.every(({ path, type, size, digest, target }) => {
      const entry = found.get(path);
      return entry?.type === type && entry.size === size && entry.digest === digest && entry.target === target;
    })
  );
}

const processFacts = (process: Process, { first }: Space): ProcessFacts => ({
  pid: process.pidIn(first.ns.pid) ?? process.pid,
  ppid: process.parent?.pidIn(first.ns.pid) ?? 0,
  args: process.argv,
  hostPid: process.hostPid,
});

function spaceFacts({ kernel }: SimDriver, { first, all }: Space): Pick<ContainerFacts, 'namespaces' | 'cgroup'> {
  const host = kernel.init.ns;
  const whose = nsKinds.map((kind) => [kind, first.ns[kind] === host[kind] ? 'host' : 'own'] as const);
  const namespaces = Object.fromEntries(whose) as NonNullable<ContainerFacts['namespaces']>;
  if (groupsOf(first).length === 0) return { namespaces };
  const cgroup: CgroupFacts = {
    frozen: kernel.cgroups.frozen(first),
    pids: all.length,
    ...memoryLimitOf(kernel, first),
  };
  return { namespaces, cgroup };
}

/** Paths of the control groups that it is in, those of the root left out, each once. */
function groupsOf({ cgroups }: Process): readonly string[] {
  return [...new Set(cgroups.map(({ path }) => path))].filter((path) => path !== '/');
}

const NO_LIMIT = 2 ** 62;

function memoryLimitOf(kernel: SimDriver['kernel'], { cgroups }: Process): Pick<CgroupFacts, 'memoryLimit'> {
  const group = cgroups.find(({ hierarchy }) => hierarchy.controllers.includes('memory'));
  if (group === undefined || group.path === '/') return {};
  const file = group.hierarchy.version === 'v1' ? 'memory.limit_in_bytes' : 'memory.max';
  const limit = Number(limits().readCgroupFile(kernel, group, file));
  return Number.isNaN(limit) || limit >= NO_LIMIT ? {} : { memoryLimit: limit };
}
