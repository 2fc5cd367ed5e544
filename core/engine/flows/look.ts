/** Looking into a container from outside: `docker diff`, `export`. Stopped ones get their view mounted for it. */
import type { Change } from '../../observation.ts';
import { type Flow, perform, type TreeEntry } from '../../op.ts';
import type { Place } from '../../snapshot/snapshotter.ts';
import { changes, merge, undecided } from '../../vfs/diff.ts';
import { findContainer } from '../lookup.ts';
import { layerTree, snapshotterOf } from '../storage.ts';
import { transit } from '../transit.ts';
import type { Container, Engine } from '../world.ts';
import { withView } from './process.ts';

export function* containerDiff(engine: Engine, container: string): Flow<readonly Change[]> {
  const found = findContainer(engine, container);
  const lower = yield* lowerTree(engine, found);
  const { upper } = snapshotterOf(engine).placesOf(found.layer, engine.world.layers);
  const entries = yield* perform(
    'look into the read-write layer',
    { op: 'tree', ...upper },
    { why: 'All changes are in there, and nothing else is.' },
  );
  return yield* changesOf(engine, found, entries, lower);
}

/** A file that was copied up and is as it was counts by its time; only then are times asked for. */
export function* changesOf(
  engine: Engine,
  container: Container,
  upper: readonly TreeEntry[],
  lower: readonly TreeEntry[],
): Flow<readonly Change[]> {
  if (undecided(upper, lower).length === 0) return changes(upper, lower);
  const snapshotter = snapshotterOf(engine);
  const { layers } = engine.world;
  const own = snapshotter.placesOf(container.layer, layers);
  const image = container.layer.lower.map((chainId) => snapshotter.placeOf(layers[chainId]!, layers));
  let below: readonly TreeEntry[] = [];
  for (const place of [...image, own.init]) below = merge(yield* timedTree(place, true), below);
  return changes(yield* timedTree(own.upper, false), below);
}

const timedTree = (place: Place, immutable: boolean): Flow<readonly TreeEntry[]> =>
  perform('look when the files were changed', { op: 'tree', ...place, immutable, times: true }, { quiet: true });

/** What the container had before it changed anything: image and init layer. */
export function* lowerTree(engine: Engine, container: Container): Flow<readonly TreeEntry[]> {
  let tree: readonly TreeEntry[] = [];
  for (const chainId of container.layer.lower) tree = merge(yield* layerTree(engine, chainId), tree);
  return merge(yield* initTree(engine, container), tree);
}

export function* initTree(engine: Engine, container: Container): Flow<readonly TreeEntry[]> {
  const { init } = snapshotterOf(engine).placesOf(container.layer, engine.world.layers);
  return yield* perform('look into the init layer', { op: 'tree', ...init, immutable: true }, { quiet: true });
}

/** `to` is a path of the host. */
export function* exportContainer(engine: Engine, container: string, to: string): Flow<void> {
  const found = findContainer(engine, container);
  yield* transit(engine, found.id, { type: 'EXPORT' }, container);
  yield* withView(engine, found, (root) =>
    perform(
      'pack the union view',
      { op: 'exportTree', root, to },
      { why: 'One flat tree: layers and history are gone.' },
    ),
  );
}
