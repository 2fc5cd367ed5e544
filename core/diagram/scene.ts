/**
 * What a picture shows, as plain data: Observation (and the one before it) → Scene. Every renderer (text, Mermaid, later
 * SVG) draws from this, so that pictures of different targets and formats say the same.
 *
 * Kept true: nothing is invented, all is taken from the Observation; a `mark` is set on exactly what differs from the
 * observation before; without one nothing is marked. Layers and images are in order of appearance, layers bottom first.
 */
import { shortId } from '../image/digest.ts';
import type {
  ContainerFacts,
  ContainerStatus,
  Hand,
  HandFacts,
  ImageFacts,
  Observation,
  ProcessFacts,
} from '../observation.ts';
import type { Digest, NsKind, TreeEntry } from '../op.ts';
import { type SceneMount, sceneMounts } from './mounts.ts';
import type { SceneNet } from './network.ts';
import { type SceneStore, sceneStore } from './store.ts';
import { foldUnion, type UnionColumn, type UnionRow, type UnionTable, unionTable } from './union.ts';

/** What the last command did to a thing; `apart`: it is not so in the scene that this one is shown beside. */
export type Mark = 'new' | 'changed' | 'apart';

interface Markable {
  readonly mark?: Mark;
}

/** One read-only layer; every layer but the lowest points to its parent. */
export interface SceneLayer extends Markable {
  readonly chainId: Digest;
  readonly parent?: Digest;
  /** 1 is the lowest. */
  readonly depth: number;
  readonly size: number;
  readonly createdBy: string;
  /** What its tree holds, without the root. */
  readonly entries: number;
}

export interface SceneImage extends Markable {
  readonly id: Digest;
  readonly tags: readonly string[];
  /** chainIDs, bottom first. */
  readonly layers: readonly Digest[];
  readonly parent?: Digest;
  readonly command: readonly string[];
}

export interface SceneProcess extends Markable {
  readonly pid: number;
  readonly ppid: number;
  readonly hostPid: number;
  readonly args: readonly string[];
}

/** A path of the init or read-write layer. `kind` is the letter of `docker diff`, where it lists the path. */
export interface SceneFile extends Markable {
  readonly path: string;
  readonly type: TreeEntry['type'];
  readonly kind?: 'A' | 'C' | 'D';
  readonly opaque: boolean;
  /** Digest of what stands in a file. */
  readonly content?: Digest;
}

export interface SceneUnionRow extends UnionRow, Markable {}

export interface SceneUnion {
  readonly columns: readonly UnionColumn[];
  readonly rows: readonly SceneUnionRow[];
}

export interface SceneContainer extends Markable {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: Digest;
  readonly status: ContainerStatus;
  readonly statusMark?: Mark;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly command: readonly string[];
  /** It has a process space: it runs, or is paused. */
  readonly alive: boolean;
  readonly frozen: boolean;
  readonly processes: readonly SceneProcess[];
  readonly namespaces?: Readonly<Record<NsKind, string>>;
  readonly cgroup?: { readonly frozen: boolean; readonly pids: number; readonly memoryLimit?: number };
  /** chainID of the layer that it stands on; absent for an image without layers. */
  readonly standsOn?: Digest;
  readonly init: readonly SceneFile[];
  readonly upper: readonly SceneFile[];
  /** The layer that a commit made of the read-write layer as it is now: same parent, same content. */
  readonly sameAs?: { readonly image: string; readonly depth: number };
  readonly union: SceneUnion;
  /** What lies over paths of the union in its processes' view; absent: nothing but what every container has. */
  readonly mounts?: readonly SceneMount[];
  /** It was made by hand, and how; the engine knows nothing of it. */
  readonly hand?: Hand;
}

/** Something that the last command took away. */
export interface Gone {
  /** `network`: something in the picture of networks; its name says what. */
  readonly kind: 'image' | 'container' | 'layer' | 'process' | 'file' | 'tag' | 'network';
  readonly name: string;
}

export interface Scene {
  readonly layers: readonly SceneLayer[];
  readonly images: readonly SceneImage[];
  readonly containers: readonly SceneContainer[];
  /** What was made by hand like containers; pictures of who stands where show it beside those (`withHand`). */
  readonly byHand?: readonly SceneContainer[];
  readonly gone: readonly Gone[];
  /** What lies on the host; absent where the target could not look. */
  readonly store?: SceneStore;
  /** What the picture of networks is made of (network.ts), and the same of the moment before. */
  readonly net?: SceneNet;
}

export interface SceneOptions {
  /** Every path of the union views, not only those that matter. */
  readonly all?: boolean;
}

/** The scene after a command; `previous` is what was observed before it. */
export function toScene(observation: Observation, previous?: Observation, options: SceneOptions = {}): Scene {
  const before = previous === undefined ? undefined : indexOf(previous);
  return {
    layers: sceneLayers(observation, before),
    images: observation.images.map((image) => sceneImage(image, before)),
    containers: observation.containers.map((container) =>
      before?.containers.get(container.id) === container && options.all !== true
        ? calmContainer(observation, container, before)
        : sceneContainer(observation, container, before, options),
    ),
    gone: previous === undefined ? [] : goneSince(previous, observation),
    ...(observation.byHand === undefined
      ? {}
      : { byHand: observation.byHand.map((made) => sceneContainer(observation, made, before, options)) }),
    ...(observation.store === undefined ? {} : { store: sceneStore(observation.store, previous) }),
    net: { now: observation, before: previous },
  };
}

/** A scene in which what was made by hand stands among the containers. */
export function withHand(scene: Scene): Scene {
  const { byHand, ...rest } = scene;
  return byHand === undefined ? scene : { ...rest, containers: [...scene.containers, ...byHand] };
}

/** Does it have layers of its own, and a view of them? Else its processes see the root of somebody else. */
export const hasUnion = ({ hand }: Pick<SceneContainer, 'hand'>): boolean =>
  hand === undefined || hand.where !== undefined;

/** Docker's containers, and what was made by hand. */
const everything = ({ containers, byHand = [] }: Observation): readonly (ContainerFacts | HandFacts)[] => [
  ...containers,
  ...byHand,
];

interface Before {
  readonly images: ReadonlyMap<string, ImageFacts>;
  readonly containers: ReadonlyMap<string, ContainerFacts>;
  readonly layers: ReadonlySet<string>;
}

function indexOf(observation: Observation): Before {
  return {
    images: new Map(observation.images.map((image) => [image.id, image])),
    containers: new Map(everything(observation).map((container) => [container.id, container])),
    layers: new Set(observation.images.flatMap((image) => image.layers.map((layer) => layer.chainId))),
  };
}

/** `{ mark }` when the thing is new or changed, nothing otherwise (and nothing without a moment before). */
function marked(before: Before | undefined, isNew: boolean, isChanged: boolean): Markable {
  if (before === undefined) return {};
  if (isNew) return { mark: 'new' };
  return isChanged ? { mark: 'changed' } : {};
}

function sceneLayers(observation: Observation, before: Before | undefined): SceneLayer[] {
  const layers = new Map<Digest, SceneLayer>();
  for (const image of observation.images) {
    for (const [i, layer] of image.layers.entries()) {
      if (layers.has(layer.chainId)) continue;
      const parent = image.layers[i - 1]?.chainId;
      layers.set(layer.chainId, {
        chainId: layer.chainId,
        ...(parent === undefined ? {} : { parent }),
        depth: i + 1,
        size: layer.size,
        createdBy: layer.createdBy,
        entries: (observation.layers[layer.chainId] ?? []).filter((entry) => entry.path !== '/').length,
        ...marked(before, before?.layers.has(layer.chainId) === false, false),
      });
    }
  }
  return [...layers.values()];
}

function sceneImage(image: ImageFacts, before: Before | undefined): SceneImage {
  const old = before?.images.get(image.id);
  return {
    id: image.id,
    tags: image.tags,
    layers: image.layers.map((layer) => layer.chainId),
    ...(image.parent === undefined ? {} : { parent: image.parent }),
    command: image.cmd,
    ...marked(before, old === undefined, old?.tags.join() !== image.tags.join()),
  };
}

/** Containers that nothing happened to, as they were drawn last: there may be hundreds of them. */
const calm = new WeakMap<ContainerFacts, Pick<Observation, 'images' | 'layers'> & { readonly scene: SceneContainer }>();

function calmContainer(observation: Observation, container: ContainerFacts, before: Before): SceneContainer {
  const { images, layers } = observation;
  const known = calm.get(container);
  if (known?.images === images && known.layers === layers) return known.scene;
  const scene = sceneContainer(observation, container, before, {});
  calm.set(container, { images, layers, scene });
  return scene;
}

function sceneContainer(
  observation: Observation,
  container: ContainerFacts | HandFacts,
  before: Before | undefined,
  options: SceneOptions,
): SceneContainer {
  const old = before?.containers.get(container.id);
  const alive = container.status === 'running' || container.status === 'paused';
  const sameAs = committedLayer(observation, container);
  const statusChanged = old !== undefined && statusText(old) !== statusText(container);
  return {
    id: container.id,
    name: container.name,
    image: container.image,
    imageId: container.imageId,
    status: container.status,
    ...(statusChanged ? { statusMark: 'changed' as const } : {}),
    exitCode: container.exitCode,
    oomKilled: container.oomKilled,
    command: container.command,
    alive,
    frozen: container.status === 'paused' || container.cgroup?.frozen === true,
    processes: container.processes.map((process) => sceneProcess(process, old, before)),
    ...(container.namespaces === undefined ? {} : { namespaces: container.namespaces }),
    ...(container.cgroup === undefined ? {} : { cgroup: container.cgroup }),
    ...(container.lower.at(-1) === undefined ? {} : { standsOn: container.lower.at(-1)! }),
    init: sceneFiles(container.init, [], old?.init, old === undefined ? undefined : before),
    upper: sceneFiles(container.upper, container.changes, old?.upper ?? [], before),
    ...(sameAs === undefined ? {} : { sameAs }),
    union: sceneUnion(unionTable(observation, container), container, old, before, options),
    ...(container.mounts === undefined ? {} : { mounts: sceneMounts(container, old) }),
    ...('hand' in container ? { hand: container.hand } : {}),
    ...marked(before, old === undefined, old !== undefined && (old.name !== container.name || statusChanged)),
  };
}

/** Looks for the image whose top layer stands on this container's image and holds just what its read-write layer holds. */
function committedLayer(observation: Observation, container: ContainerFacts): SceneContainer['sameAs'] {
  const own = container.upper.filter((entry) => entry.path !== '/');
  if (own.length === 0) return undefined;
  const depth = container.lower.length + 1;
  for (const image of observation.images) {
    const layer = image.layers[depth - 1];
    if (layer === undefined || image.layers[depth - 2]?.chainId !== container.lower.at(-1)) continue;
    const content = (observation.layers[layer.chainId] ?? []).filter((entry) => entry.path !== '/');
    if (sameTrees(own, content)) return { image: imageName(image), depth };
  }
  return undefined;
}

function sameTrees(a: readonly TreeEntry[], b: readonly TreeEntry[]): boolean {
  const others = new Map(b.map((entry) => [entry.path, entry]));
  return (
    a.length === b.length && a.every((entry) => others.has(entry.path) && sameFacts(entry, others.get(entry.path)!))
  );
}

function sceneProcess(
  process: ProcessFacts,
  old: ContainerFacts | undefined,
  before: Before | undefined,
): SceneProcess {
  const same = old?.processes.find((other) => other.hostPid === process.hostPid);
  const changed =
    same !== undefined && (same.ppid !== process.ppid || same.args.join('\0') !== process.args.join('\0'));
  return { ...process, ...marked(before, same === undefined, changed) };
}

/** The paths of a layer worth a line: `docker diff`'s, or else all but the root. */
function sceneFiles(
  entries: readonly TreeEntry[],
  changes: readonly { readonly kind: 'A' | 'C' | 'D'; readonly path: string }[],
  old: readonly TreeEntry[] | undefined,
  before: Before | undefined,
): SceneFile[] {
  const kinds = new Map(changes.map((change) => [change.path, change.kind]));
  const olds = new Map((old ?? []).map((entry) => [entry.path, entry]));
  return entries
    .filter((entry) => entry.path !== '/')
    .map((entry) => {
      const kind = kinds.get(entry.path);
      const was = olds.get(entry.path);
      return {
        path: entry.path,
        type: entry.type,
        ...(kind === undefined ? {} : { kind }),
        opaque: entry.opaque === true,
        ...(entry.digest === undefined ? {} : { content: entry.digest }),
        ...marked(before, was === undefined, was !== undefined && !sameFacts(was, entry)),
      };
    });
}

function sceneUnion(
  table: UnionTable,
  container: ContainerFacts,
  old: ContainerFacts | undefined,
  before: Before | undefined,
  options: SceneOptions,
): SceneUnion {
  // A container that was not there before is new as a whole: only what its own layer brought is marked in it.
  const was = new Map((old?.union ?? []).map((entry) => [entry.path, entry]));
  const is = new Map(container.union.map((entry) => [entry.path, entry]));
  const own = table.columns.length - 1;
  const isChanged = (path: string): boolean => {
    const [then, now] = [was.get(path), is.get(path)];
    return old !== undefined && (then === undefined || now === undefined ? then !== now : !sameFacts(then, now));
  };
  const rows = (options.all === true ? table : foldUnion(table, isChanged)).rows.map((row): SceneUnionRow => {
    const [then, now] = [was.get(row.path), is.get(row.path)];
    if (old === undefined)
      return { ...row, ...marked(before, row.cells[own] === 'visible', row.cells[own] === 'whiteout') };
    return { ...row, ...marked(before, then === undefined && now !== undefined, isChanged(row.path)) };
  });
  return { columns: table.columns, rows };
}

function sameFacts(a: TreeEntry, b: TreeEntry): boolean {
  const facts = (entry: TreeEntry): string =>
    [
      entry.type,
      entry.mode,
      entry.uid,
      entry.gid,
      entry.size,
      entry.digest,
      entry.target,
      entry.opaque === true,
    ].join();
  return facts(a) === facts(b);
}

function goneSince(previous: Observation, now: Observation): Gone[] {
  const after = indexOf(now);
  const gone: Gone[] = [];
  for (const container of everything(previous)) {
    const is = after.containers.get(container.id);
    if (is === undefined) gone.push({ kind: 'container', name: container.name });
    else gone.push(...goneInside(container, is));
  }
  for (const image of previous.images) {
    const is = after.images.get(image.id);
    const tags = is === undefined ? image.tags : image.tags.filter((tag) => !is.tags.includes(tag));
    for (const name of tags) gone.push({ kind: 'tag', name });
    if (is === undefined) gone.push({ kind: 'image', name: shortId(image.id) });
  }
  for (const chainId of indexOf(previous).layers) {
    if (!after.layers.has(chainId)) gone.push({ kind: 'layer', name: shortId(chainId) });
  }
  return gone;
}

function goneInside(was: ContainerFacts, is: ContainerFacts): Gone[] {
  const pids = new Set(is.processes.map((process) => process.hostPid));
  const paths = new Set(is.upper.map((entry) => entry.path));
  const processes = was.processes.filter((process) => !pids.has(process.hostPid));
  const files = was.upper.filter((entry) => !paths.has(entry.path));
  return [
    ...processes.map((p): Gone => ({ kind: 'process', name: `${p.args.join(' ')} (PID ${p.pid} of ${was.name})` })),
    ...files.map((entry): Gone => ({ kind: 'file', name: `${entry.path} (read-write layer of ${was.name})` })),
  ];
}

/** `running`, `paused`, `exited (137)`, `created` … */
export function statusText(container: {
  readonly status: ContainerStatus;
  readonly exitCode: number;
  readonly oomKilled: boolean;
}): string {
  if (container.status !== 'exited' && container.status !== 'dead') return container.status;
  return `${container.status} (${container.exitCode})${container.oomKilled ? ', out of memory' : ''}`;
}

/** The name people use: its first tag, or `<none>` with the id. */
export function imageName(image: { readonly id: Digest; readonly tags: readonly string[] }): string {
  return image.tags[0] ?? `<none> ${shortId(image.id)}`;
}

/** The state of the image machine that an image is in, as `docker images` tells them apart. */
export function imageState(
  scene: Pick<Scene, 'images'>,
  image: Pick<SceneImage, 'id' | 'tags'>,
): 'tagged' | 'intermediate' | 'dangling' {
  if (image.tags.length > 0) return 'tagged';
  return scene.images.some((other) => other.parent === image.id) ? 'intermediate' : 'dangling';
}
