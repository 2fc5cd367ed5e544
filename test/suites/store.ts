/**
 * What is always true of the image store, whatever was done: read from the files of a data root alone, nothing is asked of the
 * engine. Layers are there as long as an image or a container stands on them, once each, and no longer.
 */
import * as assert from 'uvu/assert';
import { chainIds, type Digest, digestOf, type Target } from '../../core/index.ts';
import { give } from './sequences/play.ts';

/** The files of a data root. */
export interface StoreFiles {
  /** Names in a directory; none when it is not there. */
  list(path: string): readonly string[];
  text(path: string): string;
}

const layerdb = 'image/overlay2/layerdb';
const content = 'image/overlay2/imagedb/content/sha256';

interface ImageFile {
  readonly id: Digest;
  readonly chain: readonly Digest[];
}

export function imagesIn(root: StoreFiles): readonly ImageFile[] {
  return root.list(content).map((name) => {
    const { rootfs } = JSON.parse(root.text(`${content}/${name}`)) as { rootfs: { diff_ids: Digest[] } };
    return { id: `sha256:${name}`, chain: chainIds(rootfs.diff_ids) };
  });
}

/** Bytes of an image's layers, as written down when they were unpacked. */
export const sizeOf = (root: StoreFiles, chain: readonly Digest[]): number =>
  chain.reduce((sum, chainId) => sum + Number(root.text(`${layerdb}/sha256/${chainId.slice(7)}/size`)), 0);

/** Gives the lines to a target; after each of them its store must be as it must be, and at the end the sizes that are told. */
export async function checkStore(target: Target, root: StoreFiles, lines: readonly string[]): Promise<void> {
  assert.equal(storeProblems(root), []);
  for (const line of lines) {
    await give(target, line);
    assert.equal(storeProblems(root), [], line);
  }
  for (const { id, chain } of imagesIn(root)) {
    const { stdout } = await target.run(`docker image inspect -f '{{.Size}} {{.VirtualSize}}' ${id}`);
    const size = sizeOf(root, chain);
    assert.is(stdout, `${size} ${size}\n`, id);
  }
}

/** What is not as it must be, in sentences. */
export function storeProblems(root: StoreFiles): string[] {
  const images = imagesIn(root);
  const layers = root.list(`${layerdb}/sha256`).map((name): Digest => `sha256:${name}`);
  const read = (layer: Digest, file: string): string | undefined => {
    const at = `${layerdb}/sha256/${layer.slice(7)}`;
    return root.list(at).includes(file) ? root.text(`${at}/${file}`) : undefined;
  };
  const mounts = root.list(`${layerdb}/mounts`).map((name) => `${layerdb}/mounts/${name}`);
  const needed = new Set(images.flatMap(({ chain }) => chain));
  for (const mount of mounts) {
    if (!root.list(mount).includes('parent')) continue;
    for (
      let at: string | undefined = root.text(`${mount}/parent`);
      at !== undefined;
      at = read(at as Digest, 'parent')
    ) {
      needed.add(at as Digest);
    }
  }
  const folders = [
    ...layers.map((layer) => read(layer, 'cache-id') ?? `(none of ${layer})`),
    ...mounts.flatMap((mount) => [root.text(`${mount}/mount-id`), root.text(`${mount}/init-id`)]),
  ];
  // Beside the short names, the real engine keeps the node there with which it asks for quotas.
  const there = root.list('overlay2').filter((name) => name !== 'l' && name !== 'backingFsBlockDev');
  const links = there.map((name) => root.text(`overlay2/${name}/link`));
  const names = namesIn(root);
  return [
    ...differing('layers', layers, [...needed]),
    ...differing('directories of overlay2', there, folders),
    ...differing('short names in overlay2/l', root.list('overlay2/l'), links),
    ...images
      .filter(({ id }) => digestOf(root.text(`${content}/${id.slice(7)}`)) !== id)
      .map(({ id }) => `${id} is not the hash of its config`),
    ...names
      .filter(([, id]) => !images.some((image) => image.id === id))
      .map(([name]) => `${name} names an image that is not there`),
    ...layers
      .filter((layer) => !isChain(layer, read))
      .map((layer) => `${layer} is not the hash of its parent and its diffID`),
  ];
}

function namesIn(root: StoreFiles): [string, string][] {
  const { Repositories } = JSON.parse(root.text('image/overlay2/repositories.json')) as {
    Repositories: Record<string, Record<string, string>>;
  };
  return Object.values(Repositories).flatMap((tags) => Object.entries(tags));
}

function isChain(layer: Digest, read: (layer: Digest, file: string) => string | undefined): boolean {
  const [diff, parent] = [read(layer, 'diff'), read(layer, 'parent')];
  return layer === (parent === undefined ? diff : digestOf(`${parent} ${diff}`));
}

function differing(what: string, got: readonly string[], wanted: readonly string[]): string[] {
  const [has, needs] = [[...got].sort().join('\n'), [...wanted].sort().join('\n')];
  return has === needs ? [] : [`${what}:\n${has}\nbut needed are\n${needs}`];
}
