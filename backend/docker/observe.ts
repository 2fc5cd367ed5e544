/**
 * Facts of a real Docker Engine: what its HTTP interface says (`inspect`, `diff`, image list), what lies in its layer
 * directories, and what the kernel says of the containers' processes, namespaces and control groups.
 *
 * Kept true: nothing is computed that can be read. The union view is the kernel's own: the engine's mount while a container
 * runs, else a read-only overlay of the very same directories for the moment of looking. What has not changed since the
 * last look is not read again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  CgroupFacts,
  Change,
  ContainerFacts,
  ContainerStatus,
  Digest,
  NsKind,
  Observation,
  StoreFacts,
  TreeEntry,
} from '../../core/index.ts';
import { joinListings, nsKinds, storeListings } from '../../core/index.ts';
import type { DockerEngine } from '../dockerd.ts';
import { listBelow } from '../list.ts';
import { Trees } from '../tree.ts';
import { groupPids, isFrozen, memoryLimit } from './cgroups.ts';
import type { InspectedChange, InspectedContainer, ListedContainer, ListedImage } from './inspect.ts';
import { mountsOf, volumesOf } from './mounts.ts';
import { type HostProcess, innerProcesses, namespacesOf, processesAround } from './processes.ts';
import { imageStore } from './store.ts';
import { withView } from './view.ts';

export interface Observer {
  observe(): Promise<Observation>;
}

/** One container at one moment. */
interface Look {
  readonly inspected: InspectedContainer;
  readonly upper: readonly TreeEntry[];
  /** Container and content of its read-write layer: as long as both stay, so does the union view. */
  readonly key: string;
  /** PID 1's PID on this host; absent unless running or paused, and while the kernel and the engine do not agree yet. */
  readonly init?: number;
  /** PIDs in the container's control group. */
  readonly members: readonly number[];
}

interface Moment {
  readonly looks: readonly Look[];
  readonly processes: readonly HostProcess[];
}

const pauseMs = 12;
/** A container that is busy for ever never comes to rest: after so many looks only contradictions are waited for. */
const patience = { restless: 12, contradictory: 150 };

export function dockerObserver(engine: DockerEngine): Observer {
  const dataRoot = engine.inside(`${engine.directory}/data`);
  const trees = new Trees();
  const store = imageStore(dataRoot, trees);
  const unions = new Map<string, readonly TreeEntry[]>();

  const look = async (): Promise<Moment> => {
    const listed = (await engine.api.get<ListedContainer[]>('/containers/json?all=1')) ?? [];
    const inspected = await Promise.all(
      listed.map(({ Id }) => engine.api.get<InspectedContainer>(`/containers/${Id}/json`)),
    );
    const processes = inspected.some((one) => one !== undefined && isUp(one)) ? innerProcesses() : [];
    const there = inspected.filter((one) => one !== undefined);
    const looks = await Promise.all(there.map((one) => lookAt(one, processes)));
    return { looks: looks.sort(byCreation), processes };
  };

  const lookAt = async (inspected: InspectedContainer, processes: readonly HostProcess[]): Promise<Look> => {
    const upper = await trees.read(engine.inside(inspected.GraphDriver.Data.UpperDir));
    const key = `${inspected.Id} ${JSON.stringify(upper)}`;
    if (!isUp(inspected)) return { inspected, upper, key, members: [] };
    const members = groupPids(groupOf(inspected));
    // The engine counts PIDs in its own namespace, one below ours.
    const init = processes.find(({ pid, nspid }) => nspid[1] === inspected.State.Pid && members.includes(pid));
    return { inspected, upper, key, members, ...(init === undefined ? {} : { init: init.pid }) };
  };

  const groupOf = ({ Id }: InspectedContainer): string => `${engine.group}/docker/${Id}`;

  const unionOf = async ({ inspected, key }: Look): Promise<readonly TreeEntry[]> => {
    let entries = unions.get(key);
    if (entries === undefined) {
      const { MergedDir, LowerDir, UpperDir } = inspected.GraphDriver.Data;
      entries = isUp(inspected)
        ? await trees.read(engine.inside(MergedDir))
        : await withView(engine, [UpperDir, ...LowerDir.split(':')], (dir) => trees.read(dir));
      unions.set(key, entries);
    }
    return entries;
  };

  /** Asked each time: `docker diff` also depends on modification times, which the key does not hold. */
  const changesOf = async ({ inspected }: Look): Promise<readonly Change[]> => {
    const answer = await engine.api.get<InspectedChange[] | null>(`/containers/${inspected.Id}/changes`);
    return (answer ?? []).map(({ Path, Kind }) => ({ kind: kinds[Kind], path: Path })).sort(byPath);
  };

  const factsOf = async (one: Look, moment: Moment): Promise<ContainerFacts> => {
    const { inspected, upper } = one;
    const [initDir = '', ...layerDirs] = inspected.GraphDriver.Data.LowerDir.split(':');
    const { State } = inspected;
    const facts: ContainerFacts = {
      id: inspected.Id,
      name: inspected.Name.slice(1),
      image: inspected.Config.Image,
      imageId: inspected.Image as Digest,
      status: State.Status as ContainerStatus,
      exitCode: State.ExitCode,
      oomKilled: State.OOMKilled,
      command: [inspected.Path, ...inspected.Args],
      processes: one.init === undefined ? [] : processesOf(one, one.init, moment),
      lower: store.chainsOf(layerDirs.map(folderOf)).reverse(),
      init: await trees.read(engine.inside(initDir), initDir),
      upper,
      union: await unionOf(one),
      changes: await changesOf(one),
      ...mountsOf(inspected, one.init),
    };
    if (one.init === undefined) return facts;
    const namespaces = ownership(one.init, one, moment, engine.pid);
    return { ...facts, namespaces, cgroup: cgroupFacts(groupOf(inspected), one.members.length) };
  };

  return {
    async observe() {
      const moment = await settled(look);
      const listed = (await engine.api.get<ListedImage[]>('/images/json?all=1')) ?? [];
      const images = listed.sort((a, b) => a.Created - b.Created).map((image) => store.image(image));
      const containers: ContainerFacts[] = [];
      for (const one of moment.looks) containers.push(await factsOf(one, moment));
      const chains = new Set([
        ...images.flatMap((image) => image.layers.map((layer) => layer.chainId)),
        ...containers.flatMap((container) => container.lower),
      ]);
      const layers: Record<Digest, readonly TreeEntry[]> = {};
      for (const chain of chains) layers[chain] = await store.content(chain);
      return { images, containers, layers, ...(await volumesOf(engine, trees)), store: storeOf(engine) };
    },
  };
}

/** What lies below its data root, which it calls by another name than we do. */
function storeOf(engine: DockerEngine): StoreFacts {
  const [plain, image] = storeListings(`${engine.directory}/data`).map((list) =>
    listBelow(engine.inside(list.path), list),
  );
  return joinListings('/var/lib/docker', plain ?? [], image ?? []);
}

const kinds = ['C', 'A', 'D'] as const;

function isUp({ State }: InspectedContainer): boolean {
  return State.Status === 'running' || State.Status === 'paused';
}

function byCreation(a: Look, b: Look): number {
  return a.inspected.Created < b.inspected.Created ? -1 : 1;
}

function byPath(a: Change, b: Change): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** `…/overlay2/<folder>/diff` */
function folderOf(dir: string): string {
  return dir.split('/').at(-2) ?? '';
}

/** Looks until two looks agree and nothing is on the way to something else. */
async function settled(look: () => Promise<Moment>): Promise<Moment> {
  let before = '';
  for (let n = 0; ; n++) {
    const moment = await look();
    const stamp = stampOf(moment);
    const restless = n < patience.restless && moment.processes.some(isBusy(moment));
    if (stamp === before && !restless && !isContradictory(moment)) return moment;
    if (n >= patience.contradictory) return moment;
    before = stamp;
    await sleep(pauseMs);
  }
}

function stampOf({ looks, processes }: Moment): string {
  const mine = new Set(looks.flatMap((one) => one.members));
  const living = processes.filter(({ pid }) => mine.has(pid)).map(({ pid, ppid, args }) => [pid, ppid, args]);
  return JSON.stringify([looks.map((one) => [one.inspected.Id, one.inspected.State, one.key]), living]);
}

/** A process that runs or waits for a disk may end or fork before the next blink. A frozen one (state D as well) will not. */
function isBusy({ looks }: Moment): (one: HostProcess) => boolean {
  const moving = looks.filter((one) => one.inspected.State.Status === 'running');
  const mine = new Set(moving.flatMap((one) => one.members));
  return ({ pid, state }) => mine.has(pid) && (state === 'R' || state === 'D');
}

/** The engine says "running" while PID 1 is gone already, or is still the runtime that will become the command. */
function isContradictory({ looks, processes }: Moment): boolean {
  return looks.some((one) => {
    const { Status } = one.inspected.State;
    if (Status === 'restarting' || Status === 'removing') return true;
    if (!isUp(one.inspected)) return false;
    const init = processes.find(({ pid }) => pid === one.init);
    const members = processes.filter(({ pid }) => one.members.includes(pid));
    return init === undefined || init.state === 'Z' || members.some(isRuntime);
  });
}

/** `runc init`, before it executes the container's command. */
function isRuntime({ args }: HostProcess): boolean {
  return args[0] === 'runc' || (args[0] === '/proc/self/exe' && args[1] === 'init');
}

/**
 * A PID namespace of its own shows all that lives in it, but what is in the control group of another container; in one that is
 * not, only what is in the container's control group counts.
 */
function processesOf(one: Look, init: number, { processes, looks }: Moment) {
  const own = processes.find(({ pid }) => pid === init)?.nspid.at(-1) === 1;
  const others = new Set(looks.flatMap((other) => (other === one ? [] : other.members)));
  const counts = (pid: number): boolean => (own ? !others.has(pid) : one.members.includes(pid));
  return processesAround(
    init,
    processes.filter(({ pid }) => counts(pid)),
  );
}

/** Compared with the engine's own namespaces, which stand for the host's here, and with those of older containers. */
function ownership(
  init: number,
  one: Look,
  { looks }: Moment,
  host: number,
): NonNullable<ContainerFacts['namespaces']> {
  const mine = namespacesOf(init);
  const hosts = namespacesOf(host);
  const older = looks.filter(
    (other) => other.init !== undefined && other.inspected.State.StartedAt < one.inspected.State.StartedAt,
  );
  const others = older.map((other) => ({ name: other.inspected.Name.slice(1), links: namespacesOf(other.init ?? 0) }));
  const judge = (kind: NsKind): 'own' | 'host' | `container:${string}` => {
    if (mine[kind] === hosts[kind]) return 'host';
    const sharer = others.find(({ links }) => links[kind] === mine[kind]);
    return sharer === undefined ? 'own' : `container:${sharer.name}`;
  };
  return Object.fromEntries(nsKinds.map((kind) => [kind, judge(kind)])) as NonNullable<ContainerFacts['namespaces']>;
}

function cgroupFacts(group: string, pids: number): CgroupFacts {
  const limit = memoryLimit(group);
  const facts = { frozen: isFrozen(group), pids };
  return limit === undefined ? facts : { ...facts, memoryLimit: limit };
}
