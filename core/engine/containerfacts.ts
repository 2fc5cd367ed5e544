/** What is observed of one container (observe.ts): what the engine knows, its trees, and what runs in it. */
import type { CgroupFacts, ContainerFacts, ContainerStatus, ProcessFacts } from '../observation.ts';
import { type Flow, type NsKind, nsKinds, type ProcessInfo, perform, type TreeEntry } from '../op.ts';
import type { Place } from '../snapshot/snapshotter.ts';
import { merge } from '../vfs/diff.ts';
import { changesOf, initTree } from './flows/look.ts';
import { withView } from './flows/process.ts';
import { groupOf, hasV1Freezer } from './flows/signals.ts';
import { readCounter } from './flows/stats.ts';
import type { LayerTrees } from './living.ts';
import { snapshotterOf } from './storage.ts';
import { hasMounts, mountWork } from './volumes.ts';
import { type Container, type Engine, isAlive, statusOf } from './world.ts';

const nothing: readonly TreeEntry[] = [];
const merged = new WeakMap<
  readonly TreeEntry[],
  { readonly lower: readonly TreeEntry[]; readonly all: readonly TreeEntry[] }
>();

/** `merge`, done once for layers that are read again as the same arrays: those that do not change any more. */
function over(upper: readonly TreeEntry[], lower: readonly TreeEntry[]): readonly TreeEntry[] {
  const known = merged.get(upper);
  if (known?.lower === lower) return known.all;
  const all = merge(upper, lower);
  merged.set(upper, { lower, all });
  return all;
}

export function* containerFacts(engine: Engine, container: Container, layers: LayerTrees): Flow<ContainerFacts> {
  const { id, name, config, imageId, state, path, args, layer } = container;
  const init = yield* initTree(engine, container);
  const places = snapshotterOf(engine).placesOf(layer, engine.world.layers);
  const upper = yield* treeAt('look into the read-write layer', places.upper);
  const union = yield* withView(engine, container, (path) => treeAt('look at the union view', { path }));
  let lower = nothing;
  for (const chainId of layer.lower) lower = over(layers[chainId]!, lower);
  return {
    id,
    name,
    image: config.Image,
    imageId,
    status: statusOf(container) as ContainerStatus,
    exitCode: state.context.exitCode,
    oomKilled: state.context.oomKilled,
    command: [path, ...args],
    ...(yield* runtimeFacts(engine, container)),
    lower: layer.lower,
    init,
    upper,
    union,
    changes: yield* changesOf(engine, container, upper, over(init, lower)),
    ...(hasMounts(container) ? { mounts: yield* mountWork().mountFacts(container) } : {}),
  };
}

const treeAt = (title: string, place: Place): Flow<readonly TreeEntry[]> =>
  perform(title, { op: 'tree', ...place }, { quiet: true });

type RuntimeFacts = Pick<ContainerFacts, 'processes' | 'namespaces' | 'cgroup'>;

function* runtimeFacts(engine: Engine, container: Container): Flow<RuntimeFacts> {
  if (!isAlive(container)) return { processes: [] };
  const group = groupOf(container.id);
  const found = yield* perform('list the processes of the cgroup', { op: 'processes', group }, { quiet: true });
  const living = found.filter(({ state }) => state !== 'Z');
  const processes = [...processFacts(living)].sort((a, b) => a.pid - b.pid);
  const namespaces = yield* namespacesOf(engine, container);
  return {
    processes,
    ...(namespaces === undefined ? {} : { namespaces }),
    ...(engine.facts.groupless === undefined ? { cgroup: yield* cgroupFacts(engine, container, living.length) } : {}),
  };
}

/** A parent that is not the container's (it has PIDs in common with others) is shown as one outside: 0. */
const processFacts = (living: readonly ProcessInfo[]): readonly ProcessFacts[] =>
  living.map(({ pid, ppid, inner, innerParent, args }) => ({
    pid: inner,
    ppid: living.some((other) => other.pid === ppid) ? innerParent : 0,
    args,
    hostPid: pid,
  }));

type Links = Readonly<Record<NsKind, string>>;

/**
 * Whose each namespace is, by comparing with those of the host's PID 1 and of containers that were started earlier. Undefined
 * when PID 1 of the container has just ended.
 */
function* namespacesOf(engine: Engine, container: Container): Flow<ContainerFacts['namespaces']> {
  const host = yield* perform('read the host’s namespaces', { op: 'namespaces', pid: 1 }, { quiet: true });
  const own = yield* linksOf(container);
  if (own === undefined) return undefined;
  const others: { name: string; links: Links }[] = [];
  for (const donor of donorsOf(engine, container)) {
    const links = yield* linksOf(donor);
    if (links !== undefined) others.push({ name: donor.name, links });
  }
  const whose = (kind: NsKind): 'own' | 'host' | `container:${string}` => {
    if (own[kind] === host[kind]) return 'host';
    const donor = others.find(({ links }) => links[kind] === own[kind]);
    return donor === undefined ? 'own' : `container:${donor.name}`;
  };
  return Object.fromEntries(nsKinds.map((kind) => [kind, whose(kind)])) as ContainerFacts['namespaces'];
}

function* linksOf({ pid }: Container): Flow<Links | undefined> {
  const outcome = yield { title: 'read the container’s namespaces', op: { op: 'namespaces', pid }, quiet: true };
  return outcome.ok ? (outcome.value as Links) : undefined;
}

/** Those that may share with it: only who asked for it can have a namespace of another container. */
function donorsOf(engine: Engine, { startedAt, hostConfig }: Container): readonly Container[] {
  const { NetworkMode, sharing } = hostConfig;
  const modes = [NetworkMode, sharing?.PidMode, sharing?.IpcMode];
  if (!modes.some((mode) => mode?.startsWith('container:') === true)) return [];
  return Object.values(engine.world.containers)
    .filter((other) => isAlive(other) && other.startedAt < startedAt)
    .sort((a, b) => a.startedAt - b.startedAt);
}

/** The kernel's "no limit" on v1 is a number of pages that no machine has. */
const NO_LIMIT = 2 ** 62;

function* cgroupFacts(engine: Engine, { id }: Container, pids: number): Flow<CgroupFacts> {
  const [controller, file, frozen] = hasV1Freezer(engine)
    ? (['freezer', 'freezer.state', 'FROZEN'] as const)
    : (['', 'cgroup.freeze', '1'] as const);
  const op = { op: 'cgroupRead', group: groupOf(id), controller, file } as const;
  const freezer = yield* perform('read the freezer', op, { quiet: true });
  const memoryFile = engine.facts.cgroup === 'v1' ? 'memory.limit_in_bytes' : 'memory.max';
  const limit = yield* readCounter(engine, id, 'memory', memoryFile);
  const memoryLimit = limit === undefined || limit >= NO_LIMIT ? {} : { memoryLimit: limit };
  return { frozen: freezer.trim() === frozen, pids, ...memoryLimit };
}
