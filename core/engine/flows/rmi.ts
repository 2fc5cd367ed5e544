/**
 * `docker rmi`: a name is taken away; with the last name the image goes, with it the layers that nobody else needs, and its
 * nameless parents (daemon/images/image_delete.go).
 */
import { advance } from '../../machines/advance.ts';
import { imageMachine } from '../../machines/image.ts';
import type { Digest, Flow } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { childrenOf, type Image, imageState, tagsOf } from '../images.ts';
import { findImage } from '../lookup.ts';
import { familiarName } from '../reference.ts';
import { atomically } from '../undo.ts';
import { type Container, type Engine, isAlive, without } from '../world.ts';
import { forgetImage, writeNames } from './imagefiles.ts';
import { dropUnusedLayers } from './layers.ts';

export type Removed = { readonly untagged: string } | { readonly deleted: Digest };

export interface RemoveImageOptions {
  readonly force?: boolean;
  /** Keep nameless parents. */
  readonly noPrune?: boolean;
}

const short = (id: string): string => id.replace('sha256:', '').slice(0, 12);

export function* removeImage(
  engine: Engine,
  given: string,
  options: RemoveImageOptions = {},
): Flow<readonly Removed[]> {
  const image = findImage(engine, given);
  const name = familiarName(given);
  const names = tagsOf(engine.world.images, image.id);
  const removed: Removed[] = [];
  const force = options.force === true;
  if (name !== undefined && names.includes(name)) {
    if (!force && names.length <= 1) checkNameFree(engine, image, given);
    removed.push(yield* untag(engine, image, name));
    if (names.length > 1) return removed;
    yield* deleteImage(engine, image, { force, quiet: true, prune: options.noPrune !== true }, removed);
    return removed;
  }
  if (names.length <= 1) {
    refuse(engine, image, force, false);
    for (const one of names) removed.push(yield* untag(engine, image, one));
  }
  yield* deleteImage(engine, image, { force, quiet: false, prune: options.noPrune !== true }, removed);
  return removed;
}

/** The last name of an image that containers stand on is kept, unless forced. */
function checkNameFree(engine: Engine, image: Image, given: string): void {
  const user = usersOf(engine, image.id)[0];
  if (user === undefined) return;
  throw new DockerError(
    `conflict: unable to remove repository reference "${given}" (must force) - container ${short(user.id)} is using its referenced image ${short(image.id)}`,
    'conflict',
  );
}

function* untag(engine: Engine, image: Image, name: string): Flow<Removed> {
  yield* atomically(engine, function* () {
    const { images } = engine.world;
    const last = tagsOf(images, image.id).length === 1;
    const event = { type: 'UNTAG', last, child: childrenOf(images, image.id).length > 0 };
    if (advance(imageMachine, imageState(images, image.id), event) === undefined) throw new Error(`${name} is no name`);
    engine.world = { ...engine.world, images: { ...images, tags: without(images.tags, name) } };
    yield* writeNames(engine, images.tags);
  });
  return { untagged: name };
}

interface DeleteOptions {
  readonly force: boolean;
  /** A conflict is no error: the name is gone, the image stays. */
  readonly quiet: boolean;
  readonly prune: boolean;
}

function* deleteImage(engine: Engine, image: Image, options: DeleteOptions, removed: Removed[]): Flow<void> {
  const conflict = conflictOf(engine, image, options.force, true);
  if (conflict !== undefined) {
    if (options.quiet) return;
    throw conflict;
  }
  for (const name of tagsOf(engine.world.images, image.id)) removed.push(yield* untag(engine, image, name));
  const { images } = engine.world;
  engine.world = { ...engine.world, images: { ...images, images: without(images.images, image.id) } };
  yield* forgetImage(engine, image);
  removed.push({ deleted: image.id });
  for (const chainId of yield* dropUnusedLayers(engine, image.chain)) removed.push({ deleted: chainId });
  const parent = image.parent === undefined ? undefined : engine.world.images.images[image.parent];
  if (!options.prune || parent === undefined) return;
  yield* deleteImage(engine, parent, { force: false, quiet: true, prune: true }, removed);
}

function refuse(engine: Engine, image: Image, force: boolean, shared: boolean): void {
  const conflict = conflictOf(engine, image, force, shared);
  if (conflict !== undefined) throw conflict;
}

/** The image machine's refusal in Docker's words; undefined when it agrees. */
function conflictOf(engine: Engine, image: Image, force: boolean, shared: boolean): DockerError | undefined {
  const { images } = engine.world;
  const users = usersOf(engine, image.id);
  const running = users.find(isAlive);
  const child = childrenOf(images, image.id).length > 0;
  const inUse = users[0];
  const named = shared && tagsOf(images, image.id).length > 0;
  const event = {
    type: 'REMOVE',
    child,
    running: running !== undefined,
    used: inUse !== undefined,
    shared: named,
    force,
  };
  if (advance(imageMachine, imageState(images, image.id), event) !== undefined) return undefined;
  if (child) return conflict(image, 'cannot be forced', 'image has dependent child images');
  if (running !== undefined) {
    return conflict(image, 'cannot be forced', `image is being used by running container ${short(running.id)}`);
  }
  if (named) return conflict(image, 'must be forced', 'image is referenced in multiple repositories');
  return conflict(image, 'must be forced', `image is being used by stopped container ${short(inUse?.id ?? '')}`);
}

const conflict = (image: Image, force: string, why: string): DockerError =>
  new DockerError(`conflict: unable to delete ${short(image.id)} (${force}) - ${why}`, 'conflict');

const usersOf = (engine: Engine, id: Digest): readonly Container[] =>
  Object.values(engine.world.containers).filter(({ imageId }) => imageId === id);
