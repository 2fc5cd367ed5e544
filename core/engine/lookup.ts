/**
 * From what a person types to the thing meant: a name, an id, or the beginning of an id (daemon/container.go GetContainer,
 * daemon/images/image.go GetImage). Names win over the beginnings of ids.
 */
import type { Digest } from '../op.ts';
import { DockerError, noSuchContainer, noSuchImage } from './errors.ts';
import type { Image, ImageStore } from './images.ts';
import { familiarName } from './reference.ts';
import type { Container, Engine } from './world.ts';

export function findContainer(engine: Engine, given: string): Container {
  const { containers, names } = engine.world;
  if (given === '') throw new DockerError('invalid name or ID supplied: ', 'invalid');
  const whole = containers[given];
  if (whole !== undefined) return whole;
  const named = names[given.startsWith('/') ? given.slice(1) : given];
  if (named !== undefined) return containers[named]!;
  const matches = /^[0-9a-f]+$/.test(given) ? Object.keys(containers).filter((id) => id.startsWith(given)) : [];
  if (matches.length > 1) throw new DockerError(`Multiple IDs found with provided prefix: ${given}`, 'system');
  if (matches.length === 0) throw noSuchContainer(given);
  return containers[matches[0]!]!;
}

export function findImage(engine: Engine, given: string): Image {
  const name = familiarName(given);
  const image = lookUpImage(engine.world.images, given, name);
  if (image === undefined) throw noSuchImage(name ?? given);
  return image;
}

/** Undefined when it is not here. Also says whether it was found by its name. */
export function lookUpImage(store: ImageStore, given: string, name = familiarName(given)): Image | undefined {
  const tagged = name === undefined ? undefined : store.tags[name];
  if (tagged !== undefined) return store.images[tagged];
  const hex = given.startsWith('sha256:') ? given.slice('sha256:'.length) : given;
  if (!/^[0-9a-f]+$/.test(hex)) return undefined;
  const matches = (Object.keys(store.images) as Digest[]).filter((id) => id.startsWith(`sha256:${hex}`));
  return matches.length === 1 ? store.images[matches[0]!] : undefined;
}
