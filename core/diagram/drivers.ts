/**
 * The storage drivers that are explained and not modelled (L9): what btrfs, zfs and devicemapper would make of the layers and
 * containers that are there. None has a union mount: each layer is a whole file system, a snapshot of the one below it.
 *
 * Kept true: layers, containers and what was written come from the scene; only how a driver makes a snapshot is told by the
 * table here (docs.docker.com/storage/storagedriver; moby 20.10, daemon/graphdriver/{btrfs,zfs,devmapper}).
 */
import { type Block, fit, frame, type Line, line, type PrintOptions, printBlock, span } from './layout.ts';
import { label } from './mermaid.ts';
import { fileName, gutter, sizeText } from './parts.ts';
import type { Mark, Scene, SceneContainer, SceneLayer } from './scene.ts';

interface SnapshotDriver {
  readonly name: string;
  readonly what: string;
  /** What everything stands on, where that is not the first layer. */
  readonly ground?: string;
  /** The first layer, and each that comes on another. */
  first(name: string): string;
  next(name: string, parent: string): string;
  readonly change: string;
}

export const snapshotDrivers: readonly SnapshotDriver[] = [
  {
    name: 'btrfs',
    what: 'a subvolume for each layer, below btrfs/subvolumes',
    first: (name) => `btrfs subvolume create ${name}`,
    next: (name, parent) => `btrfs subvolume snapshot ${parent} ${name}`,
    change: 'a changed file shares the blocks that stay as they were',
  },
  {
    name: 'zfs',
    what: 'a file system for each layer: a clone of a snapshot of the one below',
    first: (name) => `zfs create -o mountpoint=legacy POOL/${name}`,
    next: (name, parent) =>
      `zfs snapshot POOL/${parent}@N; zfs clone -o mountpoint=legacy POOL/${parent}@N POOL/${name}`,
    change: 'a changed file shares the records that stay as they were',
  },
  {
    name: 'devicemapper',
    what: 'a thin block device for each layer, with a file system of its own on it',
    ground: 'base device: an empty file system, made once',
    first: (name) => `dmsetup message POOL 0 'create_snap ${name} BASE'`,
    next: (name, parent) => `dmsetup message POOL 0 'create_snap ${name} ${parent}'`,
    change: 'below the file system: a block is copied when it is first written',
  },
];

/** One snapshot: whose it is, what it was taken of, and what was done in it since. */
interface Snapshot {
  readonly key: string;
  readonly name: string;
  readonly parent?: string;
  readonly done: string;
  readonly writable: boolean;
  readonly mark: Mark | undefined;
}

/** The same for each driver: layers in order of appearance, then each container's two. */
function snapshotsOf(scene: Scene): readonly Snapshot[] {
  const names = new Map(scene.layers.map((layer, i) => [layer.chainId, `layer${layer.depth}${twin(scene.layers, i)}`]));
  const layers = scene.layers.map((layer): Snapshot => {
    const parent = layer.parent === undefined ? undefined : names.get(layer.parent);
    const done = `its tar unpacked in it: ${sizeText(layer.size)}`;
    const name = names.get(layer.chainId)!;
    return {
      key: layer.chainId,
      name,
      ...(parent === undefined ? {} : { parent }),
      done,
      writable: false,
      mark: layer.mark,
    };
  });
  return [...layers, ...scene.containers.flatMap((container) => ownOf(container, names))];
}

/** Two stacks may both have a layer 2: the second is called layer2b. */
function twin(layers: readonly SceneLayer[], i: number): string {
  const before = layers.slice(0, i).filter((other) => other.depth === layers[i]!.depth).length;
  return before === 0 ? '' : before < 26 ? String.fromCharCode(97 + before) : `-${before}`;
}

function ownOf(container: SceneContainer, names: ReadonlyMap<string, string>): Snapshot[] {
  const { name, mark } = container;
  const below = container.standsOn === undefined ? undefined : names.get(container.standsOn);
  const init = `${name}-init`;
  return [
    {
      key: init,
      name: init,
      ...(below === undefined ? {} : { parent: below }),
      done: 'mount points of the engine',
      writable: false,
      mark,
    },
    {
      key: name,
      name,
      parent: init,
      done: written(container),
      writable: true,
      mark: mark ?? container.upper.find((file) => file.mark)?.mark,
    },
  ];
}

function written({ upper }: SceneContainer): string {
  const files = upper.filter((file) => file.type !== 'dir');
  const gone = files.filter((file) => file.type === 'whiteout').map((file) => file.path);
  const there = files.filter((file) => file.type !== 'whiteout').map((file) => fileName(file.path, file.type));
  const most = 4;
  const list = (paths: readonly string[]): string =>
    paths.length <= most
      ? paths.join(' ')
      : `${paths.slice(0, most - 1).join(' ')} and ${paths.length - most + 1} more`;
  const parts = [
    there.length === 0 ? '' : `written: ${list(there)}`,
    gone.length === 0 ? '' : `deleted here, no whiteout: ${list(gone)}`,
  ];
  return parts.filter((part) => part !== '').join(' · ') || 'nothing written: it takes hardly any room';
}

/** The drivers one below the other, as text. */
export function drawDrivers(scene: Scene, options: PrintOptions & { readonly width?: number } = {}): string {
  const width = Math.max(60, Math.min(200, options.width ?? 100));
  return printBlock(
    snapshotDrivers.flatMap((driver, i) => [...(i === 0 ? [] : [line()]), ...driverBlock(driver, scene, width)]),
    options,
  );
}

function driverBlock(driver: SnapshotDriver, scene: Scene, width: number): Block {
  const title = line(span(driver.name, 'bold'), ` · ${driver.what}`);
  const ground = driver.ground === undefined ? [] : [line(span(driver.ground, 'dim'))];
  const rows = snapshotsOf(scene).flatMap((item): Line[] => {
    const made = item.parent === undefined ? driver.first(item.name) : driver.next(item.name, item.parent);
    const of = item.parent === undefined ? '' : ` ◀ ${item.parent}`;
    const head = line(
      gutter(item.mark),
      span(item.name, item.writable ? 'read-write' : 'read-only'),
      span(of, 'dim'),
      `  ${item.done}`,
    );
    return [fit(head, width - 4), fit(line(span(`      ${made}`, 'dim')), width - 4)];
  });
  return frame(
    { border: 'light', style: 'plain', title, width },
    [...ground, ...rows],
    [line(span(driver.change, 'dim'))],
  );
}

/** The same as one Mermaid flowchart, a box for each driver. */
export function driversMermaid(scene: Scene): string {
  const items = snapshotsOf(scene);
  const at = new Map(items.map((item, i) => [item.name, i]));
  const lines = snapshotDrivers.flatMap((driver, d) => [
    `  subgraph d${d}["${label(`${driver.name} · ${driver.what}`)}"]`,
    ...items.map((item, i) => `    d${d}s${i}["${label(item.name)}<br/>${label(item.done)}"]`),
    ...items.flatMap((item, i) => {
      const parent = item.parent === undefined ? undefined : at.get(item.parent);
      return parent === undefined ? [] : [`    d${d}s${i} -- "snapshot of" --> d${d}s${parent}`];
    }),
    '  end',
  ]);
  return ['flowchart BT', ...lines, ''].join('\n');
}
