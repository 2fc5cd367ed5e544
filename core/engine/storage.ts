/** The storage driver of an engine's host, and what its layers hold. */
import { type Digest, type Flow, perform, type TreeEntry } from '../op.ts';
import { makeSnapshotter } from '../snapshot/index.ts';
import type { Snapshotter } from '../snapshot/snapshotter.ts';
import type { Engine } from './world.ts';

const snapshotters = new Map<string, Snapshotter>();

/** The storage driver of this engine's host. */
export function snapshotterOf(engine: Engine): Snapshotter {
  const { dataRoot, storageDriver = 'overlay2' } = engine.facts;
  const key = `${storageDriver} ${dataRoot}`;
  let snapshotter = snapshotters.get(key);
  if (snapshotter === undefined) {
    snapshotter = makeSnapshotter(storageDriver, dataRoot);
    snapshotters.set(key, snapshotter);
  }
  return snapshotter;
}

export function* layerTree(engine: Engine, chainId: Digest): Flow<readonly TreeEntry[]> {
  const place = snapshotterOf(engine).placeOf(engine.world.layers[chainId]!, engine.world.layers);
  return yield* perform('look into a layer', { op: 'tree', ...place, immutable: true }, { quiet: true });
}
