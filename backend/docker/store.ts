/**
 * The engine's image store as it lies on its disk: `image/overlay2/imagedb` (configurations, by digest) and
 * `image/overlay2/layerdb` (one folder per chainID, with the diffID, the size, and the name of the layer's directory below
 * `overlay2/`). The HTTP interface tells neither which history entries are empty nor where a layer lies.
 *
 * Kept true: configurations are addressed by content and never change, so they are read once. A layer that was removed and
 * made again has the same chainID but lies in another folder: all are read again when one is unknown.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, ImageFacts, LayerFacts, TreeEntry } from '../../core/index.ts';
import type { Trees } from '../tree.ts';
import type { ImageConfig, ListedImage } from './inspect.ts';

interface StoredLayer {
  readonly chainId: Digest;
  readonly diffId: Digest;
  readonly parent: Digest | undefined;
  readonly size: number;
  /** Folder below `overlay2/`. */
  readonly folder: string;
}

export interface ImageStore {
  image(listed: ListedImage): ImageFacts;
  /** chainIDs of the layers that lie in these folders below `overlay2/`. */
  chainsOf(folders: readonly string[]): Digest[];
  content(chainId: Digest): Promise<readonly TreeEntry[]>;
}

/** `root`: the engine's data root, as we reach it. */
export function imageStore(root: string, trees: Trees): ImageStore {
  const byChain = new Map<string, StoredLayer>();
  const byFolder = new Map<string, StoredLayer>();
  const configs = new Map<string, ImageConfig>();
  const layerdb = join(root, 'image/overlay2/layerdb/sha256');

  const refresh = (): void => {
    for (const map of [byChain, byFolder]) map.clear();
    for (const name of readdirSync(layerdb)) {
      const layer = readLayer(join(layerdb, name), `sha256:${name}`);
      byChain.set(layer.chainId, layer);
      byFolder.set(layer.folder, layer);
    }
  };
  /** Looks again when an image or container names a layer that was not there before. */
  const known = (map: ReadonlyMap<string, StoredLayer>, key: string): StoredLayer => {
    if (!map.has(key)) refresh();
    const layer = map.get(key);
    if (layer === undefined) throw new Error(`the engine's store has no layer ${key}`);
    return layer;
  };
  const config = (id: string): ImageConfig => {
    let found = configs.get(id);
    if (found === undefined) {
      const file = join(root, 'image/overlay2/imagedb/content/sha256', id.slice('sha256:'.length));
      found = JSON.parse(readFileSync(file, 'utf8')) as ImageConfig;
      configs.set(id, found);
    }
    return found;
  };
  const layersOf = (id: string): LayerFacts[] => {
    const { rootfs, history = [] } = config(id);
    const creators = history.filter((entry) => entry.empty_layer !== true);
    return [...stack(rootfs.diff_ids)].map(({ chainId, diffId, size }, i) => {
      return { diffId, chainId, size, createdBy: creators[i]?.created_by ?? '' };
    });
  };
  /** Layers of a stack of diffIDs, found by following parents: the store is asked, nothing is computed. */
  function* stack(diffIds: readonly string[]): Generator<StoredLayer> {
    let parent: Digest | undefined;
    for (const diffId of diffIds) {
      const layer = child(parent, diffId);
      yield layer;
      parent = layer.chainId;
    }
  }
  const child = (parent: Digest | undefined, diffId: string): StoredLayer => {
    const find = () => [...byChain.values()].find((layer) => layer.parent === parent && layer.diffId === diffId);
    let found = find();
    if (found === undefined) {
      refresh();
      found = find();
    }
    if (found === undefined) throw new Error(`the engine's store has no layer with diffID ${diffId}`);
    return found;
  };

  return {
    image({ Id, ParentId, RepoTags }) {
      const tags = (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>').sort();
      const cmd = config(Id).config?.Cmd ?? [];
      const facts = { id: Id as Digest, tags, layers: layersOf(Id), cmd };
      return ParentId === '' ? facts : { ...facts, parent: ParentId as Digest };
    },
    chainsOf: (folders) => folders.map((folder) => known(byFolder, folder).chainId),
    content: (chainId) => trees.read(join(root, 'overlay2', known(byChain, chainId).folder, 'diff'), chainId),
  };
}

function readLayer(dir: string, chainId: Digest): StoredLayer {
  const read = (file: string): string => readFileSync(join(dir, file), 'utf8').trim();
  const parent = readdirSync(dir).includes('parent') ? (read('parent') as Digest) : undefined;
  return { chainId, diffId: read('diff') as Digest, parent, size: Number(read('size')), folder: read('cache-id') };
}
