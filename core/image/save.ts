/**
 * What lies in the archive of `docker save`: image configs and layer tars, tied together by manifest.json, and beside them,
 * for engines before 1.10, each layer as an image of the v1 format with `repositories` to name the topmost. Source: moby
 * image/tarexport/save.go, image/v1, image/spec/v1.2.md.
 *
 * Kept true: the one description that all of Cutaway's archives are made from; names, texts and times are those of 20.10.
 */
import type { Digest } from '../op.ts';
import { emptyRunConfig, type ImageConfig, imageId, runConfigJson } from './config.ts';
import { chainIds, digestHex, digestOf } from './digest.ts';
import { goJson } from './json.ts';
import { parseNamed } from './reference.ts';

export interface SavedImage {
  /** The config's text. */
  readonly json: string;
  /** `repository:tag`, as Docker shows them. */
  readonly tags: readonly string[];
  /** The image it was committed from; named in the archive when that one is in it, too. */
  readonly parent?: Digest;
}

/** One member. `mtime`, in milliseconds since the epoch: when it says it was made; absent: when the archive was. */
export type SavedMember = { readonly path: string; readonly mtime?: number } & (
  | { readonly type: 'dir' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'layer'; readonly layer: SavedLayer }
  | { readonly type: 'link'; readonly target: string }
);

export interface SavedLayer {
  readonly chainId: Digest;
  readonly diffId: Digest;
}

const EPOCH = '1970-01-01T00:00:00Z';

/** The members in the order in which they are made; an archive has them in the order of their names. */
export function savedMembers(images: readonly SavedImage[]): SavedMember[] {
  const members: SavedMember[] = [];
  /** Where the tar of a layer lies, by diffID. */
  const tars = new Map<Digest, string>();
  const written = new Set<string>();
  const repositories = new Map<string, Map<string, string>>();
  const ids = new Set(images.map(({ json }) => imageId(json)));
  const manifest: object[] = [];
  for (const image of images) {
    const config = JSON.parse(image.json) as ImageConfig;
    const mtime = timeOf(config.created);
    const dirs = layerDirs(config);
    for (const dir of dirs.filter(({ id }) => !written.has(id))) {
      written.add(dir.id);
      members.push(...layerMembers(dir, tars, mtime));
    }
    const path = `${digestHex(imageId(image.json))}.json`;
    members.push({ path, mtime, type: 'text', text: image.json });
    for (const tag of image.tags) nameTop(repositories, tag, dirs.at(-1)!.id);
    manifest.push(manifestItem(image, path, dirs, ids));
  }
  if (repositories.size > 0) {
    const text = `${goJson(byKey(repositories, (tags) => byKey(tags, (id) => id)))}\n`;
    members.push({ path: 'repositories', mtime: 0, type: 'text', text });
  }
  members.push({ path: 'manifest.json', mtime: 0, type: 'text', text: `${goJson(manifest)}\n` });
  return members;
}

const timeOf = (created: string | undefined): number => Date.parse(created ?? EPOCH);

function manifestItem(image: SavedImage, config: string, dirs: readonly LayerDir[], ids: ReadonlySet<Digest>): object {
  return {
    Config: config,
    RepoTags: image.tags.length > 0 ? image.tags : null,
    Layers: dirs.map(({ id }) => `${id}/layer.tar`),
    ...(image.parent !== undefined && ids.has(image.parent) ? { Parent: image.parent } : {}),
  };
}

/** A layer that the archive has already is a link to it; such a directory keeps the time at which it was made. */
function layerMembers(dir: LayerDir, tars: Map<Digest, string>, created: number): SavedMember[] {
  const tar = `${dir.id}/layer.tar`;
  const known = tars.get(dir.layer.diffId);
  const mtime = known === undefined ? { mtime: created } : {};
  if (known === undefined) tars.set(dir.layer.diffId, tar);
  return [
    { path: dir.id, ...mtime, type: 'dir' },
    { path: `${dir.id}/VERSION`, ...mtime, type: 'text', text: '1.0' },
    { path: `${dir.id}/json`, ...mtime, type: 'text', text: dir.json },
    known === undefined
      ? { path: tar, ...mtime, type: 'layer', layer: dir.layer }
      : { path: tar, type: 'link', target: `../${known}` },
  ];
}

function nameTop(repositories: Map<string, Map<string, string>>, reference: string, top: string): void {
  const { familiar, tag = 'latest' } = parseNamed(reference);
  repositories.set(familiar, (repositories.get(familiar) ?? new Map()).set(tag, top));
}

function byKey<T, U>(map: ReadonlyMap<string, T>, value: (one: T) => U): Record<string, U> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, value(one)]));
}

/** A layer's directory in the archive. */
interface LayerDir {
  readonly id: string;
  readonly layer: SavedLayer;
  /** What lies in its file `json`: the layer as an image of the v1 format. */
  readonly json: string;
}

/** v1 images, one a layer; the topmost carries the config. Their ID hashes what they are and their parent's ID. */
function layerDirs(config: ImageConfig): LayerDir[] {
  const chains = chainIds(config.rootfs.diff_ids);
  const dirs: LayerDir[] = [];
  for (const [n, chainId] of chains.entries()) {
    const v1 =
      n === chains.length - 1 ? topImage(config) : { created: EPOCH, container_config: runConfigJson(emptyRunConfig) };
    const parent = dirs.at(-1)?.id;
    const hashed = { ...v1, layer_id: chainId, ...(parent === undefined ? {} : { parent: `sha256:${parent}` }) };
    const sorted = Object.fromEntries(Object.entries(hashed).sort(([a], [b]) => (a < b ? -1 : 1)));
    const id = digestHex(digestOf(goJson(sorted)));
    const layer = { chainId, diffId: config.rootfs.diff_ids[n]! };
    dirs.push({ id, layer, json: goJson({ id, parent, ...v1, os: config.os }) });
  }
  return dirs;
}

/** Fields of moby's V1Image in their order. */
function topImage(config: ImageConfig): Record<string, unknown> {
  const fields = {
    comment: config.comment,
    created: config.created,
    container: config.container,
    container_config: runConfigJson(config.container_config ?? emptyRunConfig),
    docker_version: config.docker_version,
    author: config.author,
    config: config.config === undefined ? undefined : runConfigJson(config.config),
    architecture: config.architecture,
    os: config.os,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));
}
