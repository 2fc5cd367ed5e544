/**
 * The storage driver overlay2: where layers lie below the data root and how one overlay mount makes a union view of them
 * (moby/daemon/graphdriver/overlay2, moby/layer; overlayfs.rst of the kernel). A file `committed` marks what has layers above it.
 *
 *     overlay2/<cache-id>/{diff,link,lower,work,merged}      one layer; `merged` only while its view is needed
 *     overlay2/<id>-init/…, overlay2/<id>/…                  a container's init layer and its read-write layer
 *     overlay2/l/<26 characters> -> ../<cache-id>/diff       short names: the options of one mount must fit into one page
 *
 * Kept true: a read-only layer is written once and never touched again; every step that makes something says how to undo it.
 */
import { type Digest, type Flow, type LayerSource, type Mount, type NewEntry, perform, type TreeEntry } from '../op.ts';
import { initContent } from './initlayer.ts';
import {
  chainBelow,
  dir,
  file,
  gone,
  layerDb,
  layerOf,
  makeDirs,
  remove,
  removeQuietly,
  titleOf,
  writeTree,
} from './layerdb.ts';
import type { ContainerLayer, GraphData, Layer, Layers, Snapshotter } from './snapshotter.ts';

/** What a layer lies on: the links of all that is below, and the directory of the next one. */
interface Below {
  readonly lower: readonly string[];
  readonly parent: string | undefined;
}

interface NewLayer {
  readonly id: string;
  readonly link: string;
  readonly below: Below;
  readonly content?: readonly NewEntry[];
  /** It has been mounted for writing: overlayfs leaves a directory of its own in the workdir, with no permissions at all. */
  readonly used?: boolean;
}

/** Bytes of mount options that the kernel takes, and a zero. */
const PAGE = 4096;

export function overlay2(dataRoot: string): Snapshotter {
  const home = `${dataRoot}/overlay2`;
  const layerdb = layerDb(dataRoot, 'overlay2');
  const dirOf = (id: string): string => `${home}/${id}`;
  const shortcut = (link: string): string => `${home}/l/${link}`;

  /** Links of a chain of layers, topmost first, as the file `lower` and the option `lowerdir` have them. */
  const links = (chain: readonly Digest[], layers: Layers): string[] =>
    chain.map((chainId) => `l/${layerOf(chainId, layers).link}`).reverse();

  const below = (chain: readonly Digest[], layers: Layers): Below => {
    const top = chain.at(-1);
    return { lower: links(chain, layers), parent: top === undefined ? undefined : layerOf(top, layers).cacheId };
  };

  /** Directory of one layer. `content`: what lies in it from the start. */
  function* makeLayer(
    { id, link, below: { lower, parent }, content = [], used = false }: NewLayer,
    title: string,
    why: string,
  ): Flow<void> {
    const entries = [dir('/diff', 0o755), ...content, file('/link', link, 0o644)];
    if (parent !== undefined) entries.push(file('/lower', lower.join(':'), 0o644), dir('/work', 0o700));
    if (used) entries.push(dir('/work/work', 0));
    yield* writeTree(title, dirOf(id), 0o710, entries, { why });
    yield* perform(
      'give the layer a short name',
      { op: 'symlink', target: `../${id}/diff`, path: shortcut(link) },
      { quiet: true, undo: gone(shortcut(link)) },
    );
    if (parent === undefined) return;
    yield* perform(
      'the layer below is done',
      { op: 'writeFile', path: `${dirOf(parent)}/committed`, data: '', mode: 0o600 },
      { quiet: true },
    );
  }

  function* unpack(layer: Omit<Layer, 'size'>, source: LayerSource, layers: Layers): Flow<Layer> {
    const chain = chainBelow(layer.parent, layers);
    yield* makeLayer(
      { id: layer.cacheId, link: layer.link, below: below(chain, layers) },
      `make the directory of ${titleOf(layer)}`,
      'Each layer lies unpacked in a directory of its own.',
    );
    return yield* layerdb.fill(layer, {
      source,
      into: `${dirOf(layer.cacheId)}/diff`,
      why: 'A layer is a tar of what it adds and changes; deletions (.wh.name in the tar) become whiteouts: devices 0:0.',
    });
  }

  function* prepare(
    container: string,
    layer: ContainerLayer,
    layers: Layers,
    image: readonly TreeEntry[] = [],
  ): Flow<void> {
    const stack = below(layer.lower, layers);
    const initDir = `${layer.id}-init`;
    yield* makeLayer(
      { id: initDir, link: layer.initLink, below: stack, content: initContent(image, '/diff'), used: true },
      'make the init layer',
      'Between image and container: mount points for hostname, hosts, /proc and the like, which never get into an image.',
    );
    yield* makeLayer(
      {
        id: layer.id,
        link: layer.link,
        below: { lower: [`l/${layer.initLink}`, ...stack.lower], parent: initDir },
        used: true,
      },
      'make the read-write layer',
      'All that the container writes, changes or deletes lands here; the image below stays as it is.',
    );
    yield* layerdb.register(container, layer);
  }

  const upperOf = (id: string): string => `${dirOf(id)}/diff`;
  const layerPath = (layer: Layer): string => upperOf(layer.cacheId);

  const dataOf = (id: string, lower: readonly string[]): GraphData => ({
    ...(lower.length > 0 ? { LowerDir: lower.join(':') } : {}),
    MergedDir: `${dirOf(id)}/merged`,
    UpperDir: upperOf(id),
    WorkDir: `${dirOf(id)}/work`,
  });

  const pathsOf = (chain: readonly Digest[], layers: Layers): string[] =>
    chain.map((chainId) => layerPath(layerOf(chainId, layers))).reverse();

  /** The options of one mount must fit into a page; where they do not, the paths are told from the driver's own directory. */
  const overlayMount = (lower: readonly string[], id: string): Mount => {
    const options = (at: string): string[] => [
      `lowerdir=${lower.map((link) => at + link).join(':')}`,
      `upperdir=${at}${id}/diff`,
      `workdir=${at}${id}/work`,
    ];
    const mount = { type: 'overlay', source: 'overlay' } as const;
    const whole = options(`${home}/`);
    return whole.join(',').length < PAGE
      ? { ...mount, options: whole }
      : { ...mount, options: options(''), from: home };
  };

  return {
    name: 'overlay2',
    *home() {
      yield* makeDirs([
        [home, 0o710],
        [`${home}/l`, 0o700],
      ]);
    },
    unpack,
    prepare,
    view: (layer, layers) => ({
      mount: overlayMount([`l/${layer.initLink}`, ...links(layer.lower, layers)], layer.id),
      at: `${dirOf(layer.id)}/merged`,
      passing: true,
    }),
    paths: (layer) => ({
      upper: upperOf(layer.id),
      init: upperOf(`${layer.id}-init`),
      work: `${dirOf(layer.id)}/work`,
      merged: `${dirOf(layer.id)}/merged`,
    }),
    layerPath,
    placeOf: (layer) => ({ path: layerPath(layer) }),
    placesOf: ({ id }) => ({ upper: { path: upperOf(id) }, init: { path: upperOf(`${id}-init`) } }),
    splitOf: layerdb.splitOf,
    containerData: ({ id, lower }, layers) => dataOf(id, [upperOf(`${id}-init`), ...pathsOf(lower, layers)]),
    imageData(chain, layers) {
      const top = chain.at(-1);
      return top === undefined ? null : dataOf(layerOf(top, layers).cacheId, pathsOf(chain.slice(0, -1), layers));
    },
    *discard(container, layer) {
      yield* remove('remove the read-write layer', dirOf(layer.id), 'What was written in the container is lost now.');
      yield* removeQuietly(shortcut(layer.link));
      yield* remove('remove the init layer', `${dirOf(layer.id)}-init`);
      yield* removeQuietly(shortcut(layer.initLink));
      yield* layerdb.unregister(container);
    },
    *drop(layer) {
      yield* remove(`remove ${titleOf(layer)}`, dirOf(layer.cacheId), 'No image needs it any more.');
      yield* removeQuietly(shortcut(layer.link));
      yield* layerdb.forget(layer);
    },
    named: (layer) => ({
      [home]: [layer.cacheId],
      [`${home}/l`]: [layer.link],
      ...layerdb.named(layer),
    }),
    namedFor: (container, layer) => ({
      [home]: [layer.id, `${layer.id}-init`],
      [`${home}/l`]: [layer.link, layer.initLink],
      ...layerdb.namedFor(container),
    }),
    shelves: { [home]: ['l'], [`${home}/l`]: [], ...layerdb.shelves },
  };
}
