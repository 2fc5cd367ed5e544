/**
 * A container's layers and records on disk: made when it is created, removed with it. Read-only layers that nobody needs any
 * more go with the last one that used them.
 */

import { type Digest, type Flow, perform, type TreeEntry } from '../../op.ts';
import type { Layer } from '../../snapshot/snapshotter.ts';
import { merge } from '../../vfs/diff.ts';
import { containerDir, makeContainerDir, writeRecords } from '../records.ts';
import { snapshotterOf } from '../storage.ts';
import { type Engine, without } from '../world.ts';

export function* makeContainerLayer(engine: Engine, id: string): Flow<void> {
  const { layer } = engine.world.containers[id]!;
  yield* snapshotterOf(engine).prepare(id, layer, engine.world.layers, yield* committedTree(engine, layer.lower));
  yield* makeContainerDir(engine, id);
  yield* writeRecords(engine, id);
}

/**
 * What containers changed before they were committed. The lowest layer came in an archive, and its directories are as the
 * engine makes them.
 */
function* committedTree(engine: Engine, chain: readonly Digest[]): Flow<readonly TreeEntry[]> {
  let tree: readonly TreeEntry[] = [];
  for (const chainId of chain.slice(1)) {
    const place = snapshotterOf(engine).placeOf(engine.world.layers[chainId]!, engine.world.layers);
    const layer = yield* perform('look into a layer', { op: 'tree', ...place, immutable: true }, { quiet: true });
    tree = tree.length === 0 ? layer : merge(layer, tree);
  }
  return tree;
}

export function* removeLayers(engine: Engine, id: string): Flow<void> {
  const { layer } = engine.world.containers[id]!;
  yield* snapshotterOf(engine).discard(id, layer);
  yield* perform('remove the container’s records', { op: 'remove', path: containerDir(engine, id) });
}

/**
 * Drops those of these layers that neither an image nor a container needs, topmost first; and, unsaid, those that an earlier
 * removal could not take away.
 */
export function* dropUnusedLayers(engine: Engine, chain: readonly Digest[]): Flow<readonly Digest[]> {
  const dropped: Digest[] = [];
  const needed = neededLayers(engine);
  const left = Object.keys(engine.world.layers).filter((id) => !chain.includes(id as Digest)) as Digest[];
  for (const chainId of [...left, ...chain].toReversed()) {
    const layer: Layer | undefined = engine.world.layers[chainId];
    if (layer === undefined || needed.has(chainId)) continue;
    yield* snapshotterOf(engine).drop(layer);
    engine.world = { ...engine.world, layers: without(engine.world.layers, chainId) };
    if (chain.includes(chainId)) dropped.push(chainId);
  }
  return dropped;
}

/** Layers that an image or a container stands on. */
export function neededLayers(engine: Engine): Set<Digest> {
  const { images, containers } = engine.world;
  const needed = new Set<Digest>();
  for (const image of Object.values(images.images)) for (const chainId of image.chain) needed.add(chainId);
  for (const container of Object.values(containers)) for (const chainId of container.layer.lower) needed.add(chainId);
  return needed;
}
