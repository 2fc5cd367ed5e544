/**
 * A kept world and the disk below it, brought together again. The world is written down after each command, so when the
 * program was killed in the middle of one, the disk may hold more than the world knows of (something half made) or less
 * (something half removed).
 *
 * Kept true: afterwards all that the world names is whole, and nothing else lies in the directories of layers, images, volumes and
 * containers; the records on disk say what the world says. A half-removed container or image is removed, a half-made one never was.
 */
import { type Digest, type Flow, type OpResults, perform } from '../../op.ts';
import type { Names } from '../../snapshot/snapshotter.ts';
import { containerDir, writeRecords } from '../records.ts';
import { snapshotterOf } from '../storage.ts';
import { volumesDir } from '../volumes.ts';
import { type Container, dropContainer, type Engine, isAlive, without } from '../world.ts';
import { tasksDir } from './home.ts';
import { imageShelves, writeImage, writeNames } from './imagefiles.ts';
import { neededLayers } from './layers.ts';

/** What lies in each of the directories. */
type Found = ReadonlyMap<string, ReadonlySet<string>>;

export function* recover(engine: Engine): Flow<void> {
  const shelves = shelvesOf(engine);
  const found = yield* listed(Object.keys(shelves));
  forgetBroken(engine, found);
  yield* sweep(engine, shelves, found);
  yield* writeAll(engine);
}

/** The directories that are swept, with the names that always have a place there. */
function shelvesOf(engine: Engine): Names {
  const own = [containers(engine), tasksDir(engine), `${engine.facts.dataRoot}/tmp`, ...imageShelves(engine)];
  return {
    ...snapshotterOf(engine).shelves,
    ...Object.fromEntries(own.map((path) => [path, []])),
    // A real engine keeps books here.
    [volumesDir(engine)]: ['metadata.db', 'backingFsBlockDev'],
  };
}

const containers = (engine: Engine): string => containerDir(engine, '').replace(/\/$/, '');

function* listed(dirs: readonly string[]): Flow<Found> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const dir of dirs) {
    const op = { op: 'host', line: `ls -1A ${dir} 2>/dev/null` } as const;
    const { stdout } = (yield* perform(`look what is in ${dir}`, op, { quiet: true })) as OpResults['host'];
    found.set(dir, new Set(stdout.split('\n').filter((name) => name !== '')));
  }
  return found;
}

/** Drops from the world what lies only in part on the disk, and what stands on that. */
function forgetBroken(engine: Engine, found: Found): void {
  const { world } = engine;
  const there = (names: Names): boolean =>
    Object.entries(names).every(([dir, all]) => all.every((name) => found.get(dir)?.has(name)));
  const snapshotter = snapshotterOf(engine);
  const broken = new Set(
    Object.values(world.layers)
      .filter((layer) => !there(snapshotter.named(layer)))
      .map(({ chainId }) => chainId),
  );
  const stands = (chain: readonly Digest[]): boolean => !chain.some((id) => broken.has(id));
  for (const container of Object.values(world.containers)) {
    if (!stands(container.layer.lower) || !there(namesOf(engine, container))) dropContainer(engine, container.id);
  }
  for (const image of Object.values(world.images.images)) if (!stands(image.chain)) dropImage(engine, image.id);
  const needed = neededLayers(engine);
  const layers = Object.values(world.layers).filter(({ chainId }) => needed.has(chainId) && !broken.has(chainId));
  engine.world = { ...engine.world, layers: Object.fromEntries(layers.map((layer) => [layer.chainId, layer])) };
}

function dropImage(engine: Engine, id: Digest): void {
  const { images, tags } = engine.world.images;
  const kept = Object.entries(tags).filter(([, image]) => image !== id);
  engine.world = { ...engine.world, images: { images: without(images, id), tags: Object.fromEntries(kept) } };
}

function namesOf(engine: Engine, { id, layer }: Container): Names {
  return { ...snapshotterOf(engine).namedFor(id, layer), [containers(engine)]: [id] };
}

/** Removes what nothing in the world names. A view that was mounted for a container that does not run has no use either. */
function* sweep(engine: Engine, shelves: Names, found: Found): Flow<void> {
  const named = namesInWorld(engine, shelves);
  for (const [dir, names] of found) {
    for (const name of names) {
      if (named.has(`${dir}/${name}`)) continue;
      yield* perform('remove what was left half made', { op: 'remove', path: `${dir}/${name}` }, { quiet: true });
    }
  }
  for (const container of Object.values(engine.world.containers)) {
    if (isAlive(container)) continue;
    const { at, passing } = snapshotterOf(engine).view(container.layer, engine.world.layers);
    if (passing !== true) continue;
    yield* perform('remove the empty mount point', { op: 'remove', path: at }, { quiet: true });
  }
}

function namesInWorld(engine: Engine, shelves: Names): ReadonlySet<string> {
  const { world } = engine;
  const snapshotter = snapshotterOf(engine);
  const images = Object.keys(world.images.images).map((id) => id.slice('sha256:'.length));
  const all: readonly Names[] = [
    shelves,
    ...Object.values(world.layers).map((layer) => snapshotter.named(layer)),
    ...Object.values(world.containers).map((container) => namesOf(engine, container)),
    Object.fromEntries(imageShelves(engine).map((dir) => [dir, images])),
    { [volumesDir(engine)]: Object.keys(world.volumes ?? {}) },
  ];
  return new Set(
    all.flatMap((names) => Object.entries(names).flatMap(([dir, each]) => each.map((name) => `${dir}/${name}`))),
  );
}

/** A file that was being written may be cut off. */
function* writeAll(engine: Engine): Flow<void> {
  const { images, containers: all } = engine.world;
  for (const image of Object.values(images.images)) yield* writeImage(engine, image);
  yield* writeNames(engine, images.tags);
  for (const id of Object.keys(all)) yield* writeRecords(engine, id);
}
