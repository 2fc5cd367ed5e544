/** Images that come in whole: a base image whose layer blobs the driver already holds. */
import type { BaseImage } from '../../image/base.ts';
import { advance } from '../../machines/advance.ts';
import { imageMachine } from '../../machines/image.ts';
import type { Digest, Flow } from '../../op.ts';
import { newId, newLink } from '../ids.ts';
import { type Image, imageFromJson, imageState, withImage, withName } from '../images.ts';
import { familiarName } from '../reference.ts';
import { snapshotterOf } from '../storage.ts';
import { atomically } from '../undo.ts';
import type { Engine } from '../world.ts';
import { makeHome } from './home.ts';
import { writeImage, writeNames } from './imagefiles.ts';

/** `config`: the exact text; its sha256 is the image ID. */
export type Loadable = Pick<BaseImage, 'reference' | 'config'>;

export function* loadBase(engine: Engine, base: Loadable): Flow<Digest> {
  const image = imageFromJson(base.config);
  const tags = [familiarName(base.reference)!];
  const { images } = engine.world;
  const absent = images.images[image.id] === undefined;
  if (
    absent &&
    advance(imageMachine, imageState(images, image.id), { type: 'LOAD', tagged: tags.length > 0 }) === undefined
  ) {
    throw new Error(`${image.id} cannot be loaded`);
  }
  return yield* atomically(engine, function* () {
    yield* makeHome(engine);
    yield* unpackLayers(engine, image);
    if (absent) engine.world = { ...engine.world, images: withImage(images, image) };
    for (const tag of tags) engine.world = { ...engine.world, images: withName(engine.world.images, tag, image.id) };
    yield* writeImage(engine, engine.world.images.images[image.id]!);
    yield* writeNames(engine, images.tags);
    return image.id;
  });
}

/** The layers that are not on the host yet, bottom first. */
function* unpackLayers(engine: Engine, image: Image): Flow<void> {
  for (const [index, chainId] of image.chain.entries()) {
    if (engine.world.layers[chainId] !== undefined) continue;
    const diffId = image.config.rootfs.diff_ids[index]!;
    const parent = image.chain[index - 1];
    const wanted = { chainId, diffId, cacheId: newId(engine.host), link: newLink(engine.host) };
    const layer = yield* snapshotterOf(engine).unpack(
      parent === undefined ? wanted : { ...wanted, parent },
      { blob: diffId },
      engine.world.layers,
    );
    engine.world = { ...engine.world, layers: { ...engine.world.layers, [chainId]: layer } };
  }
}
