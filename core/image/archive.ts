/**
 * The archive of `docker save` and `docker load`: a tar of image configs and layer tars, tied together by manifest.json.
 * Source: moby image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format"; moby image/tarexport.
 *
 * Kept true: deterministic, and the same names inside as Docker gives (the v1 IDs of layers are the hashes that it computes).
 */
import { UsageError } from '../errors.ts';
import type { Digest } from '../op.ts';
import { contentText, textContent } from '../vfs/content.ts';
import type { Content } from '../vfs/fs.ts';
import { emptyRunConfig, type ImageConfig, imageId, runConfigJson } from './config.ts';
import { chainIds, digestHex, digestOf } from './digest.ts';
import { goJson } from './json.ts';
import { parseNamed } from './reference.ts';
import type { TarEntry } from './tar.ts';
import { readTar } from './tar-read.ts';

/** One image of an archive. */
export interface ArchivedImage {
  /** The config's text. */
  readonly json: string;
  /** `repository:tag`, as Docker shows them. */
  readonly tags: readonly string[];
  /** Layer tars, bottom first. */
  readonly layers: readonly Content[];
  readonly parent?: Digest;
}

const EPOCH = '1970-01-01T00:00:00Z';

/** The members of the archive of some images. */
export function archiveEntries(images: readonly ArchivedImage[]): TarEntry[] {
  const members = new Map<string, TarEntry>();
  const manifest: object[] = [];
  const repositories: Record<string, Record<string, string>> = {};
  for (const image of images) {
    const config = JSON.parse(image.json) as ImageConfig;
    const created = Date.parse(config.created ?? EPOCH);
    const name = `${digestHex(imageId(image.json))}.json`;
    members.set(name, fileMember(name, textContent(image.json), created));
    const layers = layerDirs(config);
    for (const [n, dir] of layers.entries()) addLayer(members, dir, image.layers[n]!, created);
    const top = layers.at(-1);
    for (const tag of image.tags) {
      const { repository, tag: label } = splitTag(tag);
      if (top !== undefined) repositories[repository] = { ...repositories[repository], [label]: top.id };
    }
    manifest.push({
      Config: name,
      RepoTags: image.tags.length > 0 ? image.tags : null,
      Layers: layers.map(({ id }) => `${id}/layer.tar`),
      ...(image.parent === undefined ? {} : { Parent: image.parent }),
    });
  }
  members.set('manifest.json', fileMember('manifest.json', textContent(`${goJson(manifest)}\n`), 0));
  if (Object.keys(repositories).length > 0) {
    members.set('repositories', fileMember('repositories', textContent(`${goJson(sorted(repositories))}\n`), 0));
  }
  return [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member);
}

function sorted(repositories: Record<string, Record<string, string>>): object {
  const byKey = <T>(record: Record<string, T>) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(byKey(repositories).map(([name, tags]) => [name, Object.fromEntries(byKey(tags))]));
}

function splitTag(reference: string): { repository: string; tag: string } {
  const { familiar, tag } = parseNamed(reference);
  return { repository: familiar, tag: tag ?? 'latest' };
}

/** A layer's directory in the archive. */
interface LayerDir {
  readonly id: string;
  /** What lies in its file `json`: the layer as an image of the v1 format. */
  readonly json: string;
}

/** v1 images, one a layer; the topmost carries the config. Their ID hashes what they are and their parent's ID. */
function layerDirs(config: ImageConfig): LayerDir[] {
  const chains = chainIds(config.rootfs.diff_ids);
  const dirs: LayerDir[] = [];
  for (const [n, chain] of chains.entries()) {
    const v1 =
      n === chains.length - 1 ? topImage(config) : { created: EPOCH, container_config: runConfigJson(emptyRunConfig) };
    const parent = dirs.at(-1)?.id;
    const hashed = { ...v1, layer_id: chain, ...(parent === undefined ? {} : { parent: `sha256:${parent}` }) };
    const byKey = Object.fromEntries(Object.entries(hashed).sort(([a], [b]) => (a < b ? -1 : 1)));
    const id = digestHex(digestOf(goJson(byKey)));
    dirs.push({ id, json: goJson({ id, parent, ...v1, os: config.os }) });
  }
  return dirs;
}

/** Fields of moby's V1Image in their order. */
function topImage(config: ImageConfig): Record<string, unknown> {
  const fields = {
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

function addLayer(members: Map<string, TarEntry>, { id, json }: LayerDir, layer: Content, created: number): void {
  members.set(id, { path: id, type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: created });
  const files: [string, Content][] = [
    ['VERSION', textContent('1.0')],
    ['json', textContent(json)],
    ['layer.tar', layer],
  ];
  for (const [name, content] of files) members.set(`${id}/${name}`, fileMember(`${id}/${name}`, content, created));
}

function fileMember(path: string, content: Content, mtime: number): TarEntry {
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime, content };
}

interface ManifestItem {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

/**
 * Reads an archive that Docker (17.05 or newer) or we wrote. Every layer is checked against its diffID. Messages are those of
 * `docker load`.
 */
export function readArchive(bytes: Uint8Array): ArchivedImage[] {
  const members = new Map([...readTar(bytes)].map((entry) => [entry.path, entry] as const));
  const manifest = JSON.parse(textOf(members, 'manifest.json')) as readonly ManifestItem[];
  return manifest.map((item) => {
    const json = textOf(members, item.Config);
    const { rootfs } = JSON.parse(json) as ImageConfig;
    if (rootfs.diff_ids.length !== item.Layers.length) {
      throw new UsageError(
        `invalid manifest, layers length mismatch: expected ${item.Layers.length}, got ${rootfs.diff_ids.length}`,
      );
    }
    const layers = item.Layers.map((path, n) => checkedLayer(memberContent(members, path), rootfs.diff_ids[n]!, n));
    return { json, tags: item.RepoTags ?? [], layers };
  });
}

function checkedLayer(content: Content, expected: Digest, n: number): Content {
  const got = 'bytes' in content ? digestOf(content.bytes) : content.digest;
  if (got === expected) return content;
  throw new UsageError(`invalid diffID for layer ${n}: expected "${expected}", got "${got}"`);
}

function textOf(members: ReadonlyMap<string, TarEntry>, path: string): string {
  return contentText(memberContent(members, path));
}

/** Layers that an archive has twice are symlinks to the first one. */
function memberContent(members: ReadonlyMap<string, TarEntry>, path: string): Content {
  const member = members.get(path);
  if (member?.type === 'symlink' && member.target !== undefined) {
    return memberContent(members, member.target.replace(/^\.\.\//, ''));
  }
  if (member?.content === undefined) throw new UsageError(`open ${path}: no such file or directory`);
  return member.content;
}
