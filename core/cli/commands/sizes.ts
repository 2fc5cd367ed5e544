/** `--size`: what a container's read-write layer holds, and that together with its image (docker CLI reference, `ps --size`). */

import { snapshotterOf } from '../../engine/flows/layers.ts';
import type { Container, Engine } from '../../engine/index.ts';
import { imageSize } from '../../engine/list.ts';
import { type Flow, perform } from '../../op.ts';

export interface Sizes {
  readonly rw: number;
  readonly rootFs: number;
}

export function* sizesOf(engine: Engine, container: Container): Flow<Sizes> {
  const { upper } = snapshotterOf(engine).placesOf(container.layer, engine.world.layers);
  const entries = yield* perform('add up the read-write layer', { op: 'tree', ...upper }, { quiet: true });
  const rw = entries.reduce((sum, { size, target }) => sum + size + (target?.length ?? 0), 0);
  const image = engine.world.images.images[container.imageId];
  return { rw, rootFs: rw + (image === undefined ? 0 : imageSize(engine, image)) };
}
