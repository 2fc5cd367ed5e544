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
  const processes = living.map(processFacts).sort((a, b) => a.pid - b.pid);
  const namespaces = yield* namespacesOf(container.pid);
  return {
    processes,
    ...(namespaces === undefined ? {} : { namespaces }),
    cgroup: yield* cgroupFacts(engine, container, living.length),
  };
}

const processFacts = ({ pid, inner, innerParent, args }: ProcessInfo): ProcessFacts => ({
  pid: inner,
  ppid: innerParent,
  args,
  hostPid: pid,
});

/** Own or the host's, by comparing with those of the host's PID 1. Undefined when PID 1 of the container has just ended. */
function* namespacesOf(pid: number): Flow<Readonly<Record<NsKind, 'own' | 'host'>> | undefined> {
  const host = yield* perform('read the host’s namespaces', { op: 'namespaces', pid: 1 }, { quiet: true });
  const outcome = yield { title: 'read the container’s namespaces', op: { op: 'namespaces', pid }, quiet: true };
  if (!outcome.ok) return undefined;
  const own = outcome.value as Readonly<Record<NsKind, string>>;
  const entries = nsKinds.map((kind) => [kind, own[kind] === host[kind] ? 'host' : 'own'] as const);
  return Object.fromEntries(entries) as Record<NsKind, 'own' | 'host'>;
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
