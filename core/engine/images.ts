/**
 * The images that the engine knows: configs by image ID, names by what they point at. An immutable value and pure functions.
 *
 * Kept true: an image's ID is the sha256 of its config's bytes, so `json` is kept as it came (image-spec config.md); a name is
 * always `repository:tag`.
 */
import type { ImageConfig } from '../image/config.ts';
import { chainIds, digestOf } from '../image/digest.ts';
import { type Named, parseNamed } from '../image/reference.ts';
import type { MachineState } from '../machines/advance.ts';
import type { Digest } from '../op.ts';

export interface Image {
  readonly id: Digest;
  readonly json: string;
  readonly config: ImageConfig;
  /** chainIDs of its layers, bottom first. */
  readonly chain: readonly Digest[];
  /** The image it was committed from. */
  readonly parent?: Digest;
  /** Milliseconds since the epoch; when a name was last given. */
  readonly lastTagged?: number;
}

export interface ImageStore {
  readonly images: Readonly<Record<Digest, Image>>;
  /** `repository:tag` to image ID. */
  readonly tags: Readonly<Record<string, Digest>>;
}

export const emptyImageStore: ImageStore = { images: {}, tags: {} };

export function imageFromJson(json: string, more: Pick<Image, 'parent' | 'lastTagged'> = {}): Image {
  const config = JSON.parse(json) as ImageConfig;
  return { id: digestOf(json), json, config, chain: chainIds(config.rootfs.diff_ids), ...more };
}

/**
 * `repository:tag` names of an image in the order in which Docker tells and removes them: that of the whole names, with host and
 * `library/` (moby/reference store.go, lexicalRefs).
 */
export function tagsOf(store: ImageStore, id: Digest): readonly string[] {
  const names = Object.keys(store.tags).filter((name) => store.tags[name] === id);
  if (names.length < 2) return names;
  const whole = new Map(names.map((name) => [name, wholeName(parseNamed(name))]));
  return names.sort((a, b) => (whole.get(a)! < whole.get(b)! ? -1 : 1));
}

const wholeName = ({ domain, path, tag = '' }: Named): string => `${domain}/${path}:${tag}`;

export function childrenOf(store: ImageStore, id: Digest): readonly Image[] {
  return Object.values(store.images).filter((image) => image.parent === id);
}

/** The image machine's state for an image of the store; it follows from names and children. */
export function imageState(store: ImageStore, id: Digest): MachineState {
  const face = tagsOf(store, id).length > 0 ? 'tagged' : childrenOf(store, id).length > 0 ? 'intermediate' : 'dangling';
  return { value: store.images[id] === undefined ? 'absent' : { present: face }, context: {} };
}

export function withImage(store: ImageStore, image: Image): ImageStore {
  return { ...store, images: { ...store.images, [image.id]: image } };
}

/** A name that came with the image: no time is kept of it. */
export function withName(store: ImageStore, name: string, id: Digest): ImageStore {
  return { ...store, tags: { ...store.tags, [name]: id } };
}

export function withTag(store: ImageStore, name: string, id: Digest, now: number): ImageStore {
  const image = store.images[id]!;
  return withImage({ ...store, tags: { ...store.tags, [name]: id } }, { ...image, lastTagged: now });
}
