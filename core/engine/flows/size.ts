/** What a container's read-write layer holds, in bytes: the files, and the targets of symlinks (moby layer.RWLayer Size). */
import { type Flow, perform } from '../../op.ts';
import { snapshotterOf } from '../storage.ts';
import type { Container, Engine } from '../world.ts';

export function* writtenSize(engine: Engine, container: Container): Flow<number> {
  const { upper } = snapshotterOf(engine).placesOf(container.layer, engine.world.layers);
  const entries = yield* perform('add up the read-write layer', { op: 'tree', ...upper }, { quiet: true });
  return entries.reduce((sum, { size, target }) => sum + size + (target?.length ?? 0), 0);
}
