/**
 * The storage driver aufs, Docker's first: thin layers as with overlay2, put together by the union file system aufs, which was
 * never part of Linux itself (moby/daemon/graphdriver/aufs, up to 23.0; aufs(5)).
 *
 *     aufs/diff/<id>/…      what a layer adds and changes; what it deletes, as files .wh.name
 *     aufs/layers/<id>      a text file: the layers below, topmost first, one a line
 *     aufs/mnt/<id>         where a container's view is mounted; always there, empty otherwise
 *
 * Kept true: a branch that was once mounted for writing has aufs' own three entries in its root (.wh..wh.aufs,
 * .wh..wh.orph, .wh..wh.plnk); a deletion looks on disk as it does in a layer's tar.
 */
import { type Digest, type Flow, type NewEntry, perform } from '../op.ts';
import { initContent } from './initlayer.ts';
import { chainBelow, gone, layerDb, layerOf, makeDirs, remove, removeQuietly, titleOf, writeTree } from './layerdb.ts';
import type { ContainerLayer, Layer, Layers, Snapshotter } from './snapshotter.ts';

/** What aufs puts into the root of a branch that it may write to, aufs(5) "Whiteout". */
const ownEntries: readonly NewEntry[] = [
  { path: '/.wh..wh.aufs', type: 'file', mode: 0o444, data: '' },
  { path: '/.wh..wh.orph', type: 'dir', mode: 0o700 },
  { path: '/.wh..wh.plnk', type: 'dir', mode: 0o700 },
];

export function aufs(dataRoot: string): Snapshotter {
  const home = `${dataRoot}/aufs`;
  const layerdb = layerDb(dataRoot, 'aufs');
  const diff = (id: string): string => `${home}/diff/${id}`;
  const mnt = (id: string): string => `${home}/mnt/${id}`;
  const list = (id: string): string => `${home}/layers/${id}`;
  const layerPath = (layer: Layer): string => diff(layer.cacheId);
  const branches = (chain: readonly Digest[], layers: Layers): string[] =>
    chain.map((chainId) => layerOf(chainId, layers).cacheId).reverse();
  const initOf = ({ id }: ContainerLayer): string => `${id}-init`;

  /** The three places of one layer. `below`: ids of those that it lies on, topmost first. */
  function* make(
    id: string,
    below: readonly string[],
    content: readonly NewEntry[],
    title: string,
    why: string,
  ): Flow<void> {
    yield* perform(
      'make its mount point',
      { op: 'mkdir', path: mnt(id), mode: 0o755 },
      { quiet: true, undo: gone(mnt(id)) },
    );
    yield* writeTree(title, diff(id), 0o755, content, { why });
    yield* perform(
      'write down which layers lie below',
      { op: 'writeFile', path: list(id), data: below.map((each) => `${each}\n`).join(''), mode: 0o644 },
      { quiet: true, undo: gone(list(id)) },
    );
  }

  function* take(id: string, title: string, why?: string): Flow<void> {
    yield* removeQuietly(list(id));
    yield* remove(title, diff(id), why);
    yield* removeQuietly(mnt(id));
  }

  const names = (...ids: readonly string[]) => ({
    [`${home}/diff`]: ids,
    [`${home}/layers`]: ids,
    [`${home}/mnt`]: ids,
  });

  return {
    name: 'aufs',
    *home() {
      yield* makeDirs(['', '/mnt', '/diff', '/layers'].map((path) => [home + path, 0o710] as const));
    },
    *unpack(layer, source, layers) {
      const below = branches(chainBelow(layer.parent, layers), layers);
      yield* make(
        layer.cacheId,
        below,
        [],
        `make the directory of ${titleOf(layer)}`,
        'Each layer lies unpacked in a directory of its own.',
      );
      return yield* layerdb.fill(layer, {
        source,
        into: diff(layer.cacheId),
        form: 'aufs',
        why: 'A layer is a tar of what it adds and changes; deletions stay what they are in the tar: files called .wh.name.',
      });
    },
    *prepare(container, layer, layers, image = []) {
      const below = branches(layer.lower, layers);
      const init = initOf(layer);
      yield* make(
        init,
        below,
        [...ownEntries, ...initContent(image)],
        'make the init layer',
        'Between image and container: mount points for hostname, hosts, /proc and the like, which never get into an image.',
      );
      yield* make(
        layer.id,
        [init, ...below],
        ownEntries,
        'make the read-write layer',
        'All that the container writes, changes or deletes lands here; the image below stays as it is.',
      );
      yield* layerdb.register(container, layer);
    },
    view: (layer, layers) => ({
      mount: {
        type: 'aufs',
        source: 'none',
        options: [
          `br:${[
            `${diff(layer.id)}=rw`,
            ...[initOf(layer), ...branches(layer.lower, layers)].map((id) => `${diff(id)}=ro+wh`),
          ].join(':')}`,
          'dio',
          'xino=/dev/shm/aufs.xino',
          'dirperm1',
        ],
      },
      at: mnt(layer.id),
    }),
    paths: (layer) => ({
      upper: diff(layer.id),
      init: diff(initOf(layer)),
      work: diff(layer.id),
      merged: mnt(layer.id),
    }),
    layerPath,
    placeOf: (layer) => ({ path: layerPath(layer), form: 'aufs' }),
    placesOf: (layer) => ({
      upper: { path: diff(layer.id), form: 'aufs' },
      init: { path: diff(initOf(layer)), form: 'aufs' },
    }),
    splitOf: layerdb.splitOf,
    containerData: () => null,
    imageData: () => null,
    *discard(container, layer) {
      yield* take(layer.id, 'remove the read-write layer', 'What was written in the container is lost now.');
      yield* take(initOf(layer), 'remove the init layer');
      yield* layerdb.unregister(container);
    },
    *drop(layer) {
      yield* take(layer.cacheId, `remove ${titleOf(layer)}`, 'No image needs it any more.');
      yield* layerdb.forget(layer);
    },
    named: (layer) => ({ ...names(layer.cacheId), ...layerdb.named(layer) }),
    namedFor: (container, layer) => ({ ...names(layer.id, initOf(layer)), ...layerdb.namedFor(container) }),
    shelves: { ...names(), ...layerdb.shelves },
  };
}
