/** `docker tag`: one more name for an image; the name leaves the image that it pointed at before. */
import { advance } from '../../machines/advance.ts';
import { imageMachine } from '../../machines/image.ts';
import type { Flow } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { imageState, withTag } from '../images.ts';
import { findImage } from '../lookup.ts';
import { familiarName } from '../reference.ts';
import { atomically } from '../undo.ts';
import type { Engine } from '../world.ts';
import { writeMetadata, writeNames } from './imagefiles.ts';

export function* tagImage(engine: Engine, image: string, name: string): Flow<void> {
  const target = familiarName(name);
  const found = findImage(engine, image);
  const { images } = engine.world;
  const legal = advance(imageMachine, imageState(images, found.id), { type: 'TAG' });
  if (target === undefined || legal === undefined)
    throw new DockerError('refusing to create a tag with a digest reference', 'invalid');
  yield* atomically(engine, function* () {
    engine.world = { ...engine.world, images: withTag(images, target, found.id, engine.host.now()) };
    yield* writeMetadata(engine, engine.world.images.images[found.id]!, found);
    yield* writeNames(engine, images.tags);
  });
}
