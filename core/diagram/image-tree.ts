/**
 * The image tree (P3) as a list of rows, which every form of the picture draws: layers from the bottom of each stack on, on each
 * the images that end there and the containers that stand on those.
 *
 * Kept true: every layer, image and container of the scene is in one row. The child with the most above it goes straight on,
 * only the others are a level deeper: a stack of any height has one level, and n images have at most log2(n) + 3.
 */
import type { Digest } from '../op.ts';
import type { Scene, SceneContainer, SceneImage, SceneLayer } from './scene.ts';

interface Placed {
  /** 0 is the trunk of a stack. */
  readonly level: number;
  /** Index of the row that it hangs on or goes on from; absent for the bottom of a stack. */
  readonly on?: number;
  /** It goes straight on from the layer below it; else it hangs at the side. */
  readonly straight: boolean;
}

/** Layers that nothing ends or branches on, in one row. */
export interface LayerRow extends Placed {
  readonly kind: 'layer';
  /** One, or a run of them that is told in short; bottom first. */
  readonly layers: readonly SceneLayer[];
  /** How many images and containers need them. */
  readonly images: number;
  readonly containers: number;
}

export interface ImageRow extends Placed {
  readonly kind: 'image';
  readonly image: SceneImage;
  /** How many containers stand on it. */
  readonly containers: number;
}

export interface ContainersRow extends Placed {
  readonly kind: 'containers';
  /** All those of one image; without an image, those whose image is gone. */
  readonly image?: SceneImage;
  readonly containers: readonly SceneContainer[];
}

export type ImageTreeRow = LayerRow | ImageRow | ContainersRow;

/** So many plain layers in a row are told in one. */
const foldFrom = 4;

export function imageTree(scene: Scene): readonly ImageTreeRow[] {
  const tree = new Tree(scene);
  const known = new Set(scene.layers.map((layer) => layer.chainId));
  for (const layer of scene.layers) {
    if (layer.parent === undefined || !known.has(layer.parent)) tree.grow(layer);
  }
  for (const image of scene.images.filter((item) => item.layers.length === 0)) tree.image(image, 0, undefined);
  const images = new Set(scene.images.map((image) => image.id));
  const astray = scene.containers.filter((container) => !images.has(container.imageId));
  if (astray.length > 0) tree.rows.push({ kind: 'containers', containers: astray, level: 0, straight: false });
  return tree.rows;
}

class Tree {
  readonly rows: ImageTreeRow[] = [];
  readonly #children = new Map<Digest, SceneLayer[]>();
  readonly #images = new Map<Digest, SceneImage[]>();
  readonly #containers = new Map<Digest, SceneContainer[]>();
  readonly #users = new Map<Digest, { images: number; containers: number }>();
  readonly #weights = new Map<Digest, number>();

  constructor(scene: Scene) {
    const push = <T>(map: Map<Digest, T[]>, key: Digest | undefined, item: T): void => {
      if (key !== undefined) map.set(key, [...(map.get(key) ?? []), item]);
    };
    for (const layer of scene.layers) push(this.#children, layer.parent, layer);
    for (const image of scene.images) push(this.#images, image.layers.at(-1), image);
    for (const container of scene.containers) push(this.#containers, container.imageId, container);
    for (const image of scene.images) {
      const containers = this.#containers.get(image.id)?.length ?? 0;
      for (const layer of image.layers) {
        const { images, containers: others } = this.#users.get(layer) ?? { images: 0, containers: 0 };
        this.#users.set(layer, { images: images + 1, containers: others + containers });
      }
    }
    // Layers come in order of appearance, parents first: so from behind, what is above is weighed before what is below.
    for (const layer of [...scene.layers].reverse()) {
      const above = this.#above(layer).reduce((sum, child) => sum + (this.#weights.get(child.chainId) ?? 0), 0);
      this.#weights.set(layer.chainId, above + Math.max(1, this.#images.get(layer.chainId)?.length ?? 0));
    }
  }

  #above(layer: SceneLayer): readonly SceneLayer[] {
    return this.#children.get(layer.chainId) ?? [];
  }

  /** A trunk from this layer to its top, with all that hangs on it. */
  grow(bottom: SceneLayer, level = 0, on?: number): void {
    let layer: SceneLayer | undefined = bottom;
    let below = on;
    let straight = false;
    while (layer !== undefined) {
      const run = this.#run(layer);
      const last: SceneLayer = run.at(-1)!;
      const at = this.rows.length;
      const users = this.#users.get(last.chainId) ?? { images: 0, containers: 0 };
      const place = { level, straight, ...(below === undefined ? {} : { on: below }) };
      this.rows.push({ kind: 'layer', layers: run, ...users, ...place });
      const images = this.#images.get(last.chainId) ?? [];
      for (const image of images) this.image(image, level + 1, at);
      const children = this.#above(last);
      const main = this.#heaviest(children);
      for (const child of children) if (child !== main) this.grow(child, level + 1, at);
      [layer, below, straight] = [main, at, true];
    }
  }

  image(image: SceneImage, level: number, on: number | undefined): void {
    const containers = this.#containers.get(image.id) ?? [];
    const at = this.rows.length;
    const place = { level, straight: false, ...(on === undefined ? {} : { on }) };
    this.rows.push({ kind: 'image', image, containers: containers.length, ...place });
    if (containers.length > 0)
      this.rows.push({ kind: 'containers', image, containers, level: level + 1, on: at, straight: false });
  }

  /** This layer, or a run of plain ones that begins with it. */
  #run(first: SceneLayer): readonly SceneLayer[] {
    const run: SceneLayer[] = [];
    for (let layer: SceneLayer | undefined = first; layer !== undefined && this.#isPlain(layer); ) {
      run.push(layer);
      layer = this.#above(layer)[0];
    }
    return run.length >= foldFrom ? run : [first];
  }

  #isPlain(layer: SceneLayer): boolean {
    const inside = layer.parent !== undefined && this.#above(layer).length === 1;
    return inside && layer.mark === undefined && !this.#images.has(layer.chainId);
  }

  #heaviest(layers: readonly SceneLayer[]): SceneLayer | undefined {
    const weight = (layer: SceneLayer): number => this.#weights.get(layer.chainId) ?? 0;
    return layers.reduce<SceneLayer | undefined>(
      (best, layer) => (best === undefined || weight(layer) > weight(best) ? layer : best),
      undefined,
    );
  }
}

/** `2 images, 1 container`: whose a layer is. Nobody's: in use by a container whose image is gone. */
export function usersText({ images, containers }: Pick<LayerRow, 'images' | 'containers'>): string {
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return containers === 0 ? count(images, 'image') : `${count(images, 'image')}, ${count(containers, 'container')}`;
}

/** Does the trunk of this level go on below a row? */
export function goesOn(rows: readonly ImageTreeRow[], after: number, level: number): boolean {
  for (const row of rows.slice(after + 1)) {
    if (row.level < level) return false;
    if (row.level === level) return row.straight;
    if (row.level === level + 1 && !row.straight) return true;
  }
  return false;
}
