/**
 * `docker load` of an archive from before Docker 1.10 (moby image/tarexport legacyLoad): each directory is a layer and an image
 * of the v1 format in one, `json` and `layer.tar`, with its parent by name; `repositories` says which of them have names. The
 * image's config is made of the v1 one (image/v1 MakeConfigFromV1Config).
 *
 * Kept true: parents come before their children, each once; a parent that is its own ancestor is refused (Docker goes round
 * until its stack is full).
 */
import { type ImageConfig, runConfigJson } from '../../image/config.ts';
import { parseGoJson } from '../../image/go-json.ts';
import { fit, shape } from '../../image/go-shape.ts';
import { goJson as goText } from '../../image/json.ts';
import { familiarString } from '../../image/reference.ts';
import { type Digest, type Flow, perform } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { type Image, withImage } from '../images.ts';
import type { Engine } from '../world.ts';
import { writeMetadata } from './imagefiles.ts';
import { goJson, imageOf, nameOf, renamed } from './loadarchive.ts';
import { keepImage, moveName, registerLayers } from './register.ts';
import { digestIn, layerIn, readText } from './unpacked.ts';

const repositories = shape.map(shape.map(shape.text), 'map[string]map[string]string');

export function* loadLegacy(engine: Engine, dir: string): Flow<string> {
  const loaded = new Map<string, Image>();
  for (const name of yield* directories(dir)) yield* loadOne(engine, dir, name, loaded, []);
  const text = yield* readText(dir, 'repositories', 'the names');
  const names = goJson(() => fit(parseGoJson(text, 'first'), repositories) ?? {}) as Record<
    string,
    Record<string, string>
  >;
  const said: string[] = [];
  for (const [repository, tags] of Object.entries(names)) {
    for (const [tag, oldId] of Object.entries(tags)) {
      const image = loaded.get(oldId);
      if (image === undefined) throw new DockerError(`invalid target ID: ${oldId}`, 'invalid');
      const name = familiarString(nameOf(`${repository}:${tag}`));
      said.push(...renamed(name, moveName(engine, name, image.id)));
    }
  }
  return said.map((line) => `${line}\n`).join('');
}

function* directories(dir: string): Flow<string[]> {
  const tree = yield* perform('look for layers', { op: 'tree', path: dir }, { quiet: true });
  return tree
    .filter(({ path, type }) => type === 'dir' && path.lastIndexOf('/') === 0)
    .map(({ path }) => path.slice(1));
}

function* loadOne(
  engine: Engine,
  dir: string,
  name: string,
  loaded: Map<string, Image>,
  below: readonly string[],
): Flow<Image> {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  if (below.includes(name)) throw new DockerError(`the image ${name} is its own parent`, 'invalid');
  const v1 = readV1(yield* readText(dir, `${name}/json`, 'an image of the old format'));
  const parentName = typeof v1.parent === 'string' ? v1.parent : '';
  const parent = parentName === '' ? undefined : yield* loadOne(engine, dir, parentName, loaded, [...below, name]);
  const image = imageOf(yield* configOf(dir, name, v1, parent?.config));
  const { diff_ids } = image.config.rootfs;
  yield* registerLayers(engine, diff_ids, () => layerIn(dir, `${name}/layer.tar`));
  yield* keepImage(engine, image, false);
  if (parent !== undefined) yield* setParent(engine, image.id, parent.id);
  loaded.set(name, image);
  return image;
}

function* setParent(engine: Engine, id: Digest, parent: Digest): Flow<void> {
  const { images } = engine.world;
  const image = images.images[id]!;
  if (image.parent === parent) return;
  engine.world = { ...engine.world, images: withImage(images, { ...image, parent }) };
  yield* writeMetadata(engine, { ...image, parent }, image);
}

type V1 = Readonly<Record<string, unknown>>;

function readV1(text: string): V1 {
  const checked = shape.struct('struct { OS string; Parent string }', { os: shape.text, parent: shape.text });
  goJson(() => fit(parseGoJson(text, 'document'), checked));
  return (goJson(() => fit(parseGoJson(text, 'document'), shape.any)) ?? {}) as V1;
}

/** Fields of the v1 image's own: the layer that it was, and whose. */
const dropped = ['id', 'parent', 'Size', 'parent_id', 'layer_id', 'throwaway'];

function* configOf(dir: string, name: string, v1: V1, parent: ImageConfig | undefined): Flow<string> {
  yield* layerIn(dir, `${name}/layer.tar`);
  const { diffId } = yield* digestIn(dir, `${name}/layer.tar`);
  const rest = Object.entries(isOld(v1) ? rewritten(v1) : v1).filter(([key]) => !dropped.includes(key));
  const config = {
    ...Object.fromEntries(rest),
    rootfs: { type: 'layers', diff_ids: [...(parent?.rootfs.diff_ids ?? []), diffId] },
    history: [...(parent?.history ?? []), lineOf(v1)],
  };
  return goText(Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** From before 1.8.3: put down anew, with all fields of today's structs. */
function isOld({ docker_version: version = '' }: V1): boolean {
  const [major = 0, minor = 0, patch = 0] = String(version).split('.').map(Number);
  return major < 1 || (major === 1 && (minor < 8 || (minor === 8 && patch < 3)));
}

function rewritten(v1: V1): V1 {
  const { created = '0001-01-01T00:00:00Z', container_config: container = {}, config, ...rest } = v1;
  return {
    ...rest,
    created,
    container_config: runConfigJson(container as object),
    ...(config === undefined || config === null ? {} : { config: runConfigJson(config as object) }),
  };
}

function lineOf({ author, created = '0001-01-01T00:00:00Z', comment, container_config: container }: V1): object {
  const { Cmd } = (container ?? {}) as { Cmd?: readonly string[] };
  return {
    created,
    ...(author ? { author } : {}),
    ...(Cmd?.length ? { created_by: Cmd.join(' ') } : {}),
    ...(comment ? { comment } : {}),
  };
}
