/** `--size`: what a container's read-write layer holds, and that together with its image (docker CLI reference, `ps --size`). */

import { type Container, type Engine, writtenSize } from '../../engine/index.ts';
import { imageSize } from '../../engine/list.ts';
import type { Flow } from '../../op.ts';

export interface Sizes {
  readonly rw: number;
  readonly rootFs: number;
}

export function* sizesOf(engine: Engine, container: Container): Flow<Sizes> {
  const rw = yield* writtenSize(engine, container);
  const image = engine.world.images.images[container.imageId];
  return { rw, rootFs: rw + (image === undefined ? 0 : imageSize(engine, image)) };
}
