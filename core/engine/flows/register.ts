/**
 * Images that come in from outside (load, import): their layers are unpacked, bottom first, and compared with what the config
 * says (moby layer.Register), then config and names are written down.
 *
 * Kept true: each step that makes something says how to undo it, so that a refusal at any point leaves the store and the host
 * as they were. (Docker keeps what it had done until then.)
 */
import { chainIds } from '../../image/digest.ts';
import { archiveLimits } from '../../image/limits.ts';
import { advance } from '../../machines/advance.ts';
import { imageMachine } from '../../machines/image.ts';
import { type Digest, type Flow, type LayerSource, StepError } from '../../op.ts';
import { WrongDiffId } from '../../snapshot/layerdb.ts';
import { DockerError } from '../errors.ts';
import { newId, newLink } from '../ids.ts';
import { type Image, imageState, withImage, withName } from '../images.ts';
import { snapshotterOf } from '../storage.ts';
import type { Engine } from '../world.ts';
import { writeImage } from './imagefiles.ts';

/** What the daemon says of an archive that the unpacking process did not like. */
export const unpackError = (message: string): DockerError =>
  new DockerError(
    // Two errors come from the daemon's own side of the pipe, before the other process has ended.
    /^(duplicates of file paths|gzip: invalid checksum)/.test(message)
      ? `Error processing tar file(${message}): `
      : `Error processing tar file(exit status 1): ${message}`,
    'system',
  );

/** Unpacks those layers that are not on the host yet. `sourceOf` is asked for a layer's tar only then. */
export function* registerLayers(
  engine: Engine,
  diffIds: readonly Digest[],
  sourceOf: (index: number) => Flow<LayerSource>,
): Flow<void> {
  const chain = chainIds(diffIds);
  for (const [index, chainId] of chain.entries()) {
    if (engine.world.layers[chainId] !== undefined) continue;
    if (index >= archiveLimits.layers) throw new DockerError('max depth exceeded', 'system');
    const parent = chain[index - 1];
    const wanted = { chainId, diffId: diffIds[index]!, cacheId: newId(engine.host), link: newLink(engine.host) };
    const source = yield* sourceOf(index);
    const layer = yield* unpackAt(engine, parent === undefined ? wanted : { ...wanted, parent }, source, index);
    engine.world = { ...engine.world, layers: { ...engine.world.layers, [chainId]: layer } };
  }
}

type Wanted = Parameters<ReturnType<typeof snapshotterOf>['unpack']>[0];

function* unpackAt(engine: Engine, wanted: Wanted, source: LayerSource, index: number) {
  try {
    return yield* snapshotterOf(engine).unpack(wanted, source, engine.world.layers);
  } catch (error) {
    if (error instanceof WrongDiffId) {
      throw new DockerError(`invalid diffID for layer ${index}: ${error.message}`, 'system');
    }
    if (error instanceof StepError && error.step.op.op === 'unpack' && isAboutTheArchive(error)) {
      throw unpackError(error.message);
    }
    throw error;
  }
}

const isAboutTheArchive = ({ errno }: StepError): boolean => errno === 'EINVAL' || errno === 'EFBIG';

/** Keeps an image whose layers are there. */
export function* keepImage(engine: Engine, image: Image, tagged: boolean): Flow<void> {
  const { images } = engine.world;
  if (images.images[image.id] !== undefined) return;
  const { history = [], rootfs } = image.config;
  if (history.filter((line) => line.empty_layer !== true).length > rootfs.diff_ids.length) {
    throw new DockerError('too many non-empty layers in History section', 'invalid');
  }
  const born = advance(imageMachine, imageState(images, image.id), { type: 'LOAD', tagged });
  if (born === undefined) throw new Error(`${image.id} cannot be loaded`);
  engine.world = { ...engine.world, images: withImage(images, image) };
  yield* writeImage(engine, image);
}

/** Points a name at an image; the ID of the image that had it before, if another had. */
export function moveName(engine: Engine, name: string, id: Digest): Digest | undefined {
  const { images } = engine.world;
  const before = Object.hasOwn(images.tags, name) ? images.tags[name] : undefined;
  engine.world = { ...engine.world, images: withName(images, name, id) };
  return before === id ? undefined : before;
}
