/**
 * `docker load`: images from an archive (moby image/tarexport/load.go). It is unpacked into a temporary directory,
 * manifest.json is read, then for each image config, layers and names. Without manifest.json it is an OCI image layout
 * (loadoci.ts), or an archive of the time before Docker 1.10 (loadlegacy.ts).
 *
 * Kept true: all images of the archive come in, or none.
 */
import type { ImageConfig } from '../../image/config.ts';
import { readConfig, readManifest } from '../../image/config-read.ts';
import { chainIds, digestOf } from '../../image/digest.ts';
import { GoJsonError } from '../../image/go-json.ts';
import { familiarString, InvalidName, parseNamed } from '../../image/reference.ts';
import type { Digest, Flow } from '../../op.ts';
import { DockerError } from '../errors.ts';
import type { Image } from '../images.ts';
import { withImage } from '../images.ts';
import { atomically } from '../undo.ts';
import type { Engine } from '../world.ts';
import { writeMetadata, writeNames } from './imagefiles.ts';
import { loadLegacy } from './loadlegacy.ts';
import { isOciLayout, loadOci } from './loadoci.ts';
import { keepImage, moveName, registerLayers } from './register.ts';
import { layerIn, readText, readTextIfAny, unpacked } from './unpacked.ts';

export interface Loaded {
  /** What the engine says of it, a line each. */
  readonly said: string;
  /** It was an OCI image layout, which Docker 20.10 refuses with these words. */
  readonly beyondDocker?: string;
}

export function* loadArchive(engine: Engine, archive: string): Flow<Loaded> {
  return yield* unpacked(engine, archive, function* (dir) {
    return yield* atomically(engine, function* () {
      const before = engine.world.images.tags;
      const loaded = yield* loadFrom(engine, dir);
      if (engine.world.images.tags !== before) yield* writeNames(engine, before);
      return loaded;
    });
  });
}

function* loadFrom(engine: Engine, dir: string): Flow<Loaded> {
  const manifest = yield* readTextIfAny(dir, 'manifest.json', 'what images there are');
  if (manifest !== undefined) return { said: yield* loadItems(engine, dir, manifest) };
  if (yield* isOciLayout(dir)) return yield* loadOci(engine, dir);
  return { said: yield* loadLegacy(engine, dir) };
}

function* loadItems(engine: Engine, dir: string, manifest: string): Flow<string> {
  const [said, ids]: [string[], string[]] = [[], []];
  const parents: { readonly id: Digest; readonly parent: string }[] = [];
  // As Docker counts: what the last image has of them.
  let names = 0;
  for (const { Config = '', RepoTags = [], Layers = [], Parent = '' } of goJson(() => readManifest(manifest))) {
    const image = yield* readImage(dir, Config);
    const { diff_ids } = image.config.rootfs;
    if (diff_ids.length !== Layers.length) throw lengthMismatch(Layers.length, diff_ids.length);
    yield* registerLayers(engine, diff_ids, (index) => layerIn(dir, Layers[index]!));
    said.push(...(yield* keepNamed(engine, image, RepoTags.map(checkedTag))));
    names = RepoTags.length;
    ids.push(`Loaded image ID: ${image.id}`);
    parents.push({ id: image.id, parent: Parent });
  }
  yield* linkParents(engine, parents);
  if (names > 0) ids.length = 0;
  // Without a name to speak of the engine writes what IDs there are, be it nothing.
  return [...said, ...ids].map((line) => `${line}\n`).join('') || '\n';
}

const lengthMismatch = (expected: number, got: number): DockerError =>
  new DockerError(`invalid manifest, layers length mismatch: expected ${expected}, got ${got}`, 'invalid');

/** The image that a config file says it is. */
export function* readImage(dir: string, name: string): Flow<Image> {
  return imageOf(yield* readText(dir, name, 'the config of an image'));
}

export function imageOf(json: string): Image {
  // It was read as UTF-8; what was none has left its mark, and another ID would come of it.
  if (json.includes('\ufffd')) {
    throw new DockerError('the config of the image is not UTF-8, and its ID would not be that of its bytes', 'invalid');
  }
  const config: ImageConfig = goJson(() => readConfig(json));
  if (config.os !== '' && config.os !== 'linux') {
    throw new DockerError(`cannot load ${config.os} image on linux`, 'invalid');
  }
  return { id: digestOf(json), json, config, chain: chainIds(config.rootfs.diff_ids) };
}

/** Keeps an image and its names; what is said of them. */
export function* keepNamed(engine: Engine, image: Image, names: readonly string[]): Flow<string[]> {
  yield* keepImage(engine, image, names.length > 0);
  const said: string[] = [];
  for (const name of names) {
    said.push(...renamed(name, moveName(engine, name, image.id)), `Loaded image: ${name}`);
  }
  return said;
}

export const renamed = (name: string, before: Digest | undefined): string[] =>
  before === undefined
    ? []
    : [`The image ${name} already exists, renaming the old one with ID ${before} to empty string`];

function checkedTag(given: string): string {
  const named = nameOf(given);
  if (named.tag === undefined || named.digest !== undefined) throw new DockerError(`invalid tag "${given}"`, 'invalid');
  return familiarString(named);
}

export function nameOf(given: string) {
  try {
    return parseNamed(given);
  } catch (error) {
    if (error instanceof InvalidName) throw new DockerError(error.message, 'invalid');
    throw error;
  }
}

export function goJson<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof GoJsonError) throw new DockerError(error.message, 'invalid');
    throw error;
  }
}

/** Only parents that came in the same archive count. */
function* linkParents(engine: Engine, links: readonly { readonly id: Digest; readonly parent: string }[]): Flow<void> {
  for (const { id, parent } of links) {
    if (parent === '' || parent === id || !links.some((other) => other.id === parent)) continue;
    const { images } = engine.world;
    const [image, above] = [images.images[id]!, images.images[parent as Digest]!];
    if (!isValidParent(image.config, above.config)) {
      throw new DockerError(`image ${parent} is not a valid parent for ${id}`, 'invalid');
    }
    if (image.parent === above.id) continue;
    const child: Image = { ...image, parent: above.id };
    engine.world = { ...engine.world, images: withImage(images, child) };
    yield* writeMetadata(engine, child, image);
  }
}

/** The child's history is the parent's and one line more. */
function isValidParent({ history: own = [] }: ImageConfig, { history: above = [] }: ImageConfig): boolean {
  if (own.length === 0 && above.length === 0) return true;
  if (own.length !== above.length + 1) return false;
  return above.every((line, at) => sameLine(line, own[at]!));
}

function sameLine(a: object, b: object): boolean {
  const plain = (line: object): string =>
    JSON.stringify(
      Object.entries(line)
        .filter(([, value]) => value !== '' && value !== false)
        .sort(([x], [y]) => (x < y ? -1 : 1)),
    );
  return plain(a) === plain(b);
}
