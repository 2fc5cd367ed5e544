/**
 * `docker container prune` and `docker image prune`: what nobody uses is removed, one after the other; what cannot be removed
 * stays and is not told of (moby daemon/prune.go, daemon/images/image_prune.go). Images go oldest first; the engine takes them in
 * the order of a Go map, which is none.
 */
import { type Digest, type Flow, StepError } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { childrenOf, type Image, tagsOf } from '../images.ts';
import { createdAt, listContainers } from '../list.ts';
import { type Container, type Engine, statusOf } from '../world.ts';
import { deleteContainer } from './remove.ts';
import { type Removed, removeImage } from './rmi.ts';
import { writtenSize } from './size.ts';

/** What may go: neither made after `until` (milliseconds since the epoch) nor kept by its labels. */
export interface Prunable {
  readonly until?: number;
  readonly labels: (present: Readonly<Record<string, string>>) => boolean;
}

export interface Pruned<T> {
  readonly removed: readonly T[];
  /** Bytes. */
  readonly reclaimed: number;
}

/** All that do not run, newest first; the ids of those that are gone. */
export function* pruneContainers(engine: Engine, { until, labels }: Prunable): Flow<Pruned<string>> {
  const removed: string[] = [];
  let reclaimed = 0;
  for (const container of listContainers(engine)) {
    if (runs(container) || (until !== undefined && container.created > until)) continue;
    if (!labels(container.config.Labels ?? {})) continue;
    const size = yield* writtenSize(engine, container);
    if (!(yield* done(deleteContainer(engine, container.id)))) continue;
    removed.push(container.id);
    reclaimed += size;
  }
  return { removed, reclaimed };
}

/** As State.Running has it: paused ones run, and so do those that are about to be started again. */
const runs = (container: Container): boolean => ['running', 'paused', 'restarting'].includes(statusOf(container));

/** Those without a name and, with `all`, those that no container was made from. */
export function* pruneImages(engine: Engine, all: boolean, prunable: Prunable): Flow<Pruned<Removed>> {
  const { layers } = engine.world;
  const removed: Removed[] = [];
  for (const image of topImages(engine, all, prunable)) {
    const names = tagsOf(engine.world.images, image.id);
    if (names.length > 0 && !all) continue;
    for (const name of names.length > 0 ? names : [image.id]) {
      yield* done(removeImage(engine, name), (parts) => removed.push(...parts));
    }
  }
  const gone = removed.flatMap((part) => ('deleted' in part ? [part.deleted] : []));
  return { removed, reclaimed: gone.reduce((sum, id: Digest) => sum + (layers[id]?.size ?? 0), 0) };
}

/** Not the nameless parents of others: they go with their children. */
function topImages(engine: Engine, all: boolean, { until, labels }: Prunable): readonly Image[] {
  const { images } = engine.world;
  return Object.values(images.images).filter((image) => {
    const parent = childrenOf(images, image.id).length > 0;
    if (parent && (!all || tagsOf(images, image.id).length === 0)) return false;
    if (until !== undefined && createdAt(image) > until) return false;
    return labels(image.config.config?.Labels ?? {});
  });
}

/** True when it was done; a refusal, the engine's or the kernel's, is only noted in dockerd's log. */
function* done<T>(flow: Flow<T>, then: (value: T) => void = () => {}): Flow<boolean> {
  try {
    then(yield* flow);
    return true;
  } catch (error) {
    if (error instanceof DockerError || error instanceof StepError) return false;
    throw error;
  }
}
