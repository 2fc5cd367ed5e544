/**
 * `docker commit`: the read-write layer is packed, becomes a read-only layer, and a config that ends in it becomes an image.
 * Here the container machine (COMMIT) and the image machine (COMMITTED) meet.
 */
import { changedConfig } from '../../image/change.ts';
import { ChangeError } from '../../image/change-error.ts';
import { commitConfig, EMPTY_LAYER, type ImageConfig, imageJson } from '../../image/config.ts';
import { chainIds } from '../../image/digest.ts';
import { archiveLimits } from '../../image/limits.ts';
import { advance } from '../../machines/advance.ts';
import { imageMachine } from '../../machines/image.ts';
import { type Digest, type Flow, perform } from '../../op.ts';
import type { ContainerConfig } from '../config.ts';
import { DockerError } from '../errors.ts';
import { newId, newLink } from '../ids.ts';
import { type Image, imageFromJson, imageState, withImage, withTag } from '../images.ts';
import { goTime } from '../json.ts';
import { findContainer } from '../lookup.ts';
import { familiarName } from '../reference.ts';
import { snapshotterOf } from '../storage.ts';
import { ask, transit } from '../transit.ts';
import { atomically } from '../undo.ts';
import { type Container, type Engine, statusOf } from '../world.ts';
import { writeImage, writeNames } from './imagefiles.ts';

export interface CommitOptions {
  /** `repository[:tag]` */
  readonly name?: string;
  readonly message?: string;
  readonly author?: string;
  /** Instructions of a Dockerfile that change the config. */
  readonly changes?: readonly string[];
  /** Freeze the container meanwhile; default true. */
  readonly pause?: boolean;
}

export function* commitContainer(engine: Engine, container: string, options: CommitOptions = {}): Flow<Digest> {
  const name = options.name === undefined || options.name === '' ? undefined : familiarName(options.name);
  const found = findContainer(engine, container);
  ask(found, { type: 'COMMIT' }, container);
  const config = changed(found, options.changes ?? []);
  return yield* atomically(engine, function* () {
    const pause = options.pause !== false && statusOf(found) === 'running';
    if (pause) yield* transit(engine, found.id, { type: 'PAUSE' });
    yield* transit(engine, found.id, { type: 'COMMIT' }, container);
    const diffId = yield* takeLayer(engine, found);
    if (pause) yield* transit(engine, found.id, { type: 'UNPAUSE' });
    return yield* takeImage(engine, found, { ...options, diffId, config }, name);
  });
}

/** What the image says of how a container of it is run. */
function changed({ config }: Container, changes: readonly string[]): ContainerConfig {
  try {
    return changedConfig(config, changes);
  } catch (error) {
    if (error instanceof ChangeError) throw new DockerError(error.message, 'invalid');
    throw error;
  }
}

/** Packs the read-write layer and unpacks it as a read-only one. */
function* takeLayer(engine: Engine, container: Container): Flow<Digest> {
  // Also for a layer with nothing in it, as the engine does.
  if (container.layer.lower.length >= archiveLimits.layers) throw new DockerError('max depth exceeded', 'system');
  const snapshotter = snapshotterOf(engine);
  const { path: from, ...how } = snapshotter.placesOf(container.layer, engine.world.layers).upper;
  const to = `${engine.facts.dataRoot}/tmp/commit-${container.id.slice(0, 12)}.tar`;
  const { diffId } = yield* perform(
    'pack the read-write layer',
    { op: 'archive', from, to, ...how },
    { why: 'The sha256 of this tar is the diffID of the new layer.', undo: { op: 'remove', path: to } },
  );
  const { lower } = container.layer;
  const parent = lower.at(-1);
  const chainId = chainIds([...lower.map((below) => engine.world.layers[below]!.diffId), diffId]).at(-1)!;
  if (diffId !== EMPTY_LAYER && engine.world.layers[chainId] === undefined) {
    const wanted = { chainId, diffId, cacheId: newId(engine.host), link: newLink(engine.host) };
    const layer = yield* snapshotter.unpack(
      parent === undefined ? wanted : { ...wanted, parent },
      { file: to },
      engine.world.layers,
    );
    engine.world = { ...engine.world, layers: { ...engine.world.layers, [chainId]: layer } };
  }
  yield* perform('remove the tar', { op: 'remove', path: to }, { quiet: true });
  return diffId;
}

/** What the new image is made of. */
interface Taken extends CommitOptions {
  readonly diffId: Digest;
  readonly config: ContainerConfig;
}

function* takeImage(engine: Engine, container: Container, taken: Taken, name: string | undefined): Flow<Digest> {
  const now = engine.host.now();
  const json = imageJson(configOf(engine, container, taken, now));
  const image = imageFromJson(json, { parent: container.imageId });
  const before = engine.world.images;
  const born = advance(imageMachine, imageState(before, image.id), { type: 'COMMITTED', tagged: name !== undefined });
  if (born === undefined) throw new Error(`the image ${image.id} exists already`);
  yield* keepImage(engine, image, name, now);
  if (name !== undefined) yield* writeNames(engine, before.tags);
  return image.id;
}

function* keepImage(engine: Engine, image: Image, name: string | undefined, now: number): Flow<void> {
  const images = withImage(engine.world.images, image);
  engine.world = { ...engine.world, images: name === undefined ? images : withTag(images, name, image.id, now) };
  yield* writeImage(engine, engine.world.images.images[image.id]!);
}

/** The new image's config: the container's, and one more line of history. */
function configOf(
  engine: Engine,
  container: Container,
  { diffId, config, message, author }: Taken,
  now: number,
): ImageConfig {
  const { lower } = container.layer;
  const base = engine.world.images.images[container.imageId]?.config;
  const diffIds = lower.map((chainId) => engine.world.layers[chainId]!.diffId);
  return commitConfig({
    // An image that was removed by force is still there as layers.
    parent: base ?? { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: diffIds } },
    containerId: container.id,
    containerConfig: container.config,
    config,
    diffId,
    ...(author === undefined ? {} : { author }),
    ...(message === undefined ? {} : { comment: message }),
    created: goTime(now),
    dockerVersion: '20.10.24+dfsg1',
  });
}
