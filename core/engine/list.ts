/** What `docker ps`, `docker images` and `docker history` list: the engine's knowledge as rows, newest first. */
import type { Digest } from '../op.ts';
import { childrenOf, type Image, tagsOf } from './images.ts';
import { findImage } from './lookup.ts';
import type { Container, Engine } from './world.ts';

export function listContainers(engine: Engine): readonly Container[] {
  return Object.values(engine.world.containers)
    .toReversed()
    .sort((a, b) => b.created - a.created);
}

export interface ImageRow {
  readonly image: Image;
  /** `repository:tag`; absent for an image without a name. */
  readonly name?: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly size: number;
}

/** Nameless parents of other images (intermediate ones) only with `all`. */
export function listImages(engine: Engine, options: { all?: boolean } = {}): readonly ImageRow[] {
  const { images } = engine.world;
  const rows = Object.values(images.images).flatMap((image): ImageRow[] => {
    const row = { image, created: createdAt(image), size: imageSize(engine, image) };
    const names = tagsOf(images, image.id);
    if (names.length > 0) return names.map((name) => ({ ...row, name }));
    return options.all === true || childrenOf(images, image.id).length === 0 ? [row] : [];
  });
  return rows.toReversed().sort((a, b) => b.created - a.created);
}

export const createdAt = (image: Image): number =>
  image.config.created === undefined ? 0 : Date.parse(image.config.created);

/** Bytes of the files in all its layers. */
export function imageSize(engine: Engine, image: Image): number {
  return image.chain.reduce((sum, chainId) => sum + (engine.world.layers[chainId]?.size ?? 0), 0);
}

export interface HistoryRow {
  /** `<missing>` when no image of this host ends there. */
  readonly id: Digest | '<missing>';
  readonly created: number;
  readonly createdBy: string;
  readonly size: number;
  readonly comment: string;
  readonly tags: readonly string[];
}

/** Newest first. Each line belongs to the image that ends with it, as far as parents are known here. */
export function imageHistory(engine: Engine, given: string): readonly HistoryRow[] {
  const { images } = engine.world;
  const start = findImage(engine, given);
  const sizes = start.chain.map((chainId) => engine.world.layers[chainId]?.size ?? 0);
  let at: Image | undefined = start;
  return (start.config.history ?? []).toReversed().map((entry) => {
    const row: HistoryRow = {
      id: at?.id ?? '<missing>',
      created: entry.created === undefined ? 0 : Date.parse(entry.created),
      createdBy: entry.created_by ?? '',
      size: entry.empty_layer === true ? 0 : (sizes.pop() ?? 0),
      comment: entry.comment ?? '',
      tags: at === undefined ? [] : tagsOf(images, at.id),
    };
    at = at?.parent === undefined ? undefined : images.images[at.parent];
    return row;
  });
}
