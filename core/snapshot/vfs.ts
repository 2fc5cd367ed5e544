/**
 * The storage driver vfs: no union file system at all. Each layer is a whole tree, made by copying the one below and putting
 * the changes in; a container gets two more copies (moby/daemon/graphdriver/vfs). It works everywhere and wastes space.
 *
 *     vfs/dir/<cache-id>/…        a read-only layer: all that an image shows up to there
 *     vfs/dir/<id>-init/…, vfs/dir/<id>/…    a container's; the second is its root, nothing is mounted
 *
 * Kept true: what a layer changes lies nowhere by itself; it is found by comparing two trees.
 */
import { type Flow, perform } from '../op.ts';
import { initContent } from './initlayer.ts';
import { gone, layerDb, layerOf, makeDirs, remove, removeQuietly, titleOf } from './layerdb.ts';
import type { ContainerLayer, Layer, Layers, Snapshotter } from './snapshotter.ts';

export function vfs(dataRoot: string): Snapshotter {
  const home = `${dataRoot}/vfs`;
  const layerdb = layerDb(dataRoot, 'vfs');
  const dirOf = (id: string): string => `${home}/dir/${id}`;
  const layerPath = (layer: Layer): string => dirOf(layer.cacheId);
  /** The tree that the first of a container's copies is made of. */
  const image = ({ lower }: ContainerLayer, layers: Layers): string | undefined => {
    const top = lower.at(-1);
    return top === undefined ? undefined : layerPath(layerOf(top, layers));
  };

  function* copy(from: string | undefined, to: string, title: string, why: string): Flow<void> {
    const op =
      from === undefined ? ({ op: 'mkdir', path: to, mode: 0o755 } as const) : ({ op: 'copyTree', from, to } as const);
    yield* perform<'mkdir' | 'copyTree'>(title, op, { why, undo: gone(to) });
  }

  /** A file or link of the image gives way to the engine's; a directory stays. */
  function* putInit(into: string): Flow<void> {
    for (const entry of initContent([], into)) {
      if (entry.type === 'dir') {
        yield* makeDirs([[entry.path, entry.mode]]);
        continue;
      }
      yield* removeQuietly(entry.path);
      const { path } = entry;
      if (entry.type === 'symlink') {
        yield* perform('make a mount point', { op: 'symlink', target: entry.target, path }, { quiet: true });
      } else {
        const { data, mode } = entry;
        yield* perform('make a mount point', { op: 'writeFile', path, data, mode }, { quiet: true });
      }
    }
  }

  return {
    name: 'vfs',
    *home() {
      yield* makeDirs([
        [home, 0o710],
        [`${home}/dir`, 0o710],
      ]);
    },
    *unpack(layer, source, layers) {
      const below = layer.parent === undefined ? undefined : layerPath(layerOf(layer.parent, layers));
      const into = dirOf(layer.cacheId);
      yield* copy(
        below,
        into,
        `make the directory of ${titleOf(layer)}`,
        below === undefined
          ? 'Each layer is a whole tree in a directory of its own.'
          : 'vfs has no union: the whole tree below is copied first.',
      );
      return yield* layerdb.fill(layer, {
        source,
        into,
        form: 'plain',
        why: 'A layer is a tar of what it adds and changes; what it deletes (.wh.name in the tar) is deleted in the copy.',
      });
    },
    *prepare(container, layer, layers) {
      const init = dirOf(`${layer.id}-init`);
      yield* copy(
        image(layer, layers),
        init,
        'copy the image for the init layer',
        'Mount points for hostname, hosts, /proc and the like are put into this copy, which never gets into an image.',
      );
      yield* putInit(init);
      yield* copy(
        init,
        dirOf(layer.id),
        'copy it once more for the container',
        'This copy is the container’s root: it writes, changes and deletes here, and the image’s copy stays as it is.',
      );
      yield* layerdb.register(container, layer);
    },
    view: (layer) => ({ at: dirOf(layer.id) }),
    paths: ({ id }) => ({ upper: dirOf(id), init: dirOf(`${id}-init`), work: dirOf(id), merged: dirOf(id) }),
    layerPath,
    placeOf(layer, layers) {
      const path = layerPath(layer);
      return layer.parent === undefined ? { path } : { path, below: layerPath(layerOf(layer.parent, layers)) };
    },
    placesOf(layer, layers) {
      const [own, init, below] = [dirOf(layer.id), dirOf(`${layer.id}-init`), image(layer, layers)];
      return { upper: { path: own, below: init }, init: below === undefined ? { path: init } : { path: init, below } };
    },
    splitOf: layerdb.splitOf,
    containerData: () => null,
    imageData: () => null,
    *discard(container, layer) {
      yield* remove('remove the container’s copy', dirOf(layer.id), 'What was written in the container is lost now.');
      yield* remove('remove the init layer’s copy', dirOf(`${layer.id}-init`));
      yield* layerdb.unregister(container);
    },
    *drop(layer) {
      yield* remove(`remove ${titleOf(layer)}`, layerPath(layer), 'No image needs it any more.');
      yield* layerdb.forget(layer);
    },
    named: (layer) => ({ [`${home}/dir`]: [layer.cacheId], ...layerdb.named(layer) }),
    namedFor: (container, { id }) => ({ [`${home}/dir`]: [id, `${id}-init`], ...layerdb.namedFor(container) }),
    shelves: { [`${home}/dir`]: [], ...layerdb.shelves },
  };
}
