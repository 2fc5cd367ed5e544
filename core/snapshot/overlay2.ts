/**
 * The storage driver overlay2: where layers lie below the data root and how one overlay mount makes a union view of them
 * (moby/daemon/graphdriver/overlay2, moby/layer; overlayfs.rst of the kernel). A file `committed` marks what has layers above it.
 *
 *     overlay2/<cache-id>/{diff,link,lower,work,merged}      one layer; `merged` only while its view is needed
 *     overlay2/<id>-init/…, overlay2/<id>/…                  a container's init layer and its read-write layer
 *     overlay2/l/<26 characters> -> ../<cache-id>/diff       short names: the options of one mount must fit into one page
 *     image/overlay2/layerdb/sha256/<chainID>/{diff,cache-id,parent,size}
 *     image/overlay2/layerdb/mounts/<container>/{init-id,mount-id,parent}
 *
 * Kept true: a read-only layer is written once and never touched again; every step that makes something says how to undo it.
 */
import {
  type Digest,
  type Flow,
  type LayerSource,
  type NewEntry,
  type Op,
  perform,
  type Step,
  type TreeEntry,
} from '../op.ts';
import type { ContainerLayer, Layer, Layers, Snapshotter } from './snapshotter.ts';

const hexOf = (digest: Digest): string => digest.slice('sha256:'.length);

const dir = (path: string, mode: number): NewEntry => ({ path, type: 'dir', mode });
const file = (path: string, data: string, mode: number): NewEntry => ({ path, type: 'file', mode, data });

/** Files and directories that the engine needs as mount points in every container (daemon/initlayer/setup_unix.go). */
const initTree: readonly NewEntry[] = [
  ...['/dev', '/dev/pts', '/dev/shm', '/etc', '/proc', '/sys'].map((path) => dir(`/diff${path}`, 0o755)),
  ...['/.dockerenv', '/dev/console', '/etc/hostname', '/etc/hosts', '/etc/resolv.conf'].map((path) =>
    file(`/diff${path}`, '', 0o755),
  ),
  { path: '/diff/etc/mtab', type: 'symlink', target: '/proc/mounts' },
];

/** The engine makes them in a mounted view, so a directory that the image has already is copied up as it is. */
function initContent(image: readonly TreeEntry[]): readonly NewEntry[] {
  if (image.length === 0) return initTree;
  const known = new Map(image.map((entry) => [`/diff${entry.path}`, entry]));
  return initTree.map((entry) => {
    const found = entry.type === 'dir' ? known.get(entry.path) : undefined;
    if (entry.type !== 'dir' || found?.type !== 'dir') return entry;
    return { ...entry, mode: found.mode, uid: found.uid, gid: found.gid };
  });
}

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
}

export function overlay2(dataRoot: string): Snapshotter {
  const home = `${dataRoot}/overlay2`;
  const layerdb = `${dataRoot}/image/overlay2/layerdb`;
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
    { id, link, below: { lower, parent }, content = [] }: NewLayer,
    title: string,
    why: string,
  ): Flow<void> {
    const entries = [dir('/diff', 0o755), ...content, file('/link', link, 0o644)];
    if (parent !== undefined) entries.push(file('/lower', lower.join(':'), 0o644), dir('/work', 0o700));
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
    const what = `layer ${hexOf(layer.diffId).slice(0, 12)}`;
    yield* makeLayer(
      { id: layer.cacheId, link: layer.link, below: below(chain, layers) },
      `make the directory of ${what}`,
      'Each layer lies unpacked in a directory of its own.',
    );
    const { size } = yield* perform(
      `unpack ${what}`,
      { op: 'unpack', layer: source, into: `${dirOf(layer.cacheId)}/diff` },
      { why: 'A layer is a tar of what it adds and changes; deletions become whiteouts.' },
    );
    const entries = [
      file('/diff', layer.diffId, 0o644),
      file('/cache-id', layer.cacheId, 0o644),
      file('/size', String(size), 0o644),
    ];
    if (layer.parent !== undefined) entries.push(file('/parent', layer.parent, 0o644));
    yield* writeTree(`record ${what}`, `${layerdb}/sha256/${hexOf(layer.chainId)}`, 0o700, entries, { quiet: true });
    return { ...layer, size };
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
      { id: initDir, link: layer.initLink, below: stack, content: initContent(image) },
      'make the init layer',
      'Between image and container: mount points for hostname, hosts, /proc and the like, which never get into an image.',
    );
    yield* makeLayer(
      { id: layer.id, link: layer.link, below: { lower: [`l/${layer.initLink}`, ...stack.lower], parent: initDir } },
      'make the read-write layer',
      'All that the container writes, changes or deletes lands here; the image below stays as it is.',
    );
    const entries = [file('/mount-id', layer.id, 0o644), file('/init-id', initDir, 0o644)];
    const top = layer.lower.at(-1);
    if (top !== undefined) entries.push(file('/parent', top, 0o644));
    yield* writeTree('record which layers belong to the container', `${layerdb}/mounts/${container}`, 0o755, entries, {
      quiet: true,
    });
  }

  return {
    name: 'overlay2',
    unpack,
    prepare,
    view: (layer, layers) => ({
      mount: {
        type: 'overlay',
        source: 'overlay',
        options: [
          `lowerdir=${[`l/${layer.initLink}`, ...links(layer.lower, layers)].map((link) => `${home}/${link}`).join(':')}`,
          `upperdir=${dirOf(layer.id)}/diff`,
          `workdir=${dirOf(layer.id)}/work`,
        ],
      },
      at: `${dirOf(layer.id)}/merged`,
    }),
    paths: (layer) => ({
      upper: `${dirOf(layer.id)}/diff`,
      init: `${dirOf(layer.id)}-init/diff`,
      work: `${dirOf(layer.id)}/work`,
      merged: `${dirOf(layer.id)}/merged`,
    }),
    layerPath: (layer) => `${dirOf(layer.cacheId)}/diff`,
    *discard(container, layer) {
      yield* remove('remove the read-write layer', dirOf(layer.id), 'What was written in the container is lost now.');
      yield* removeQuietly(shortcut(layer.link));
      yield* remove('remove the init layer', `${dirOf(layer.id)}-init`);
      yield* removeQuietly(shortcut(layer.initLink));
      yield* removeQuietly(`${layerdb}/mounts/${container}`);
    },
    *drop(layer) {
      yield* remove(
        `remove layer ${hexOf(layer.diffId).slice(0, 12)}`,
        dirOf(layer.cacheId),
        'No image needs it any more.',
      );
      yield* removeQuietly(shortcut(layer.link));
      yield* removeQuietly(`${layerdb}/sha256/${hexOf(layer.chainId)}`);
    },
    named: (layer) => ({
      [home]: [layer.cacheId],
      [`${home}/l`]: [layer.link],
      [`${layerdb}/sha256`]: [hexOf(layer.chainId)],
    }),
    namedFor: (container, layer) => ({
      [home]: [layer.id, `${layer.id}-init`],
      [`${home}/l`]: [layer.link, layer.initLink],
      [`${layerdb}/mounts`]: [container],
    }),
    shelves: { [home]: ['l'], [`${home}/l`]: [], [`${layerdb}/sha256`]: [], [`${layerdb}/mounts`]: [] },
  };
}

/** The directories that must exist before the first layer comes. */
export function* makeOverlay2Home(dataRoot: string): Flow<void> {
  const at = (path: string, mode: number): Flow<undefined> =>
    perform(
      'make the engine’s directories',
      { op: 'mkdir', path: `${dataRoot}${path}`, mode, parents: true },
      { quiet: true },
    );
  yield* at('/overlay2/l', 0o700);
  yield* at('/image/overlay2/layerdb/sha256', 0o700);
  yield* at('/image/overlay2/layerdb/mounts', 0o755);
  yield* at('/image/overlay2/imagedb/content/sha256', 0o700);
  yield* at('/image/overlay2/imagedb/metadata/sha256', 0o700);
  yield* at('/containers', 0o710);
}

function layerOf(chainId: Digest, layers: Layers): Layer {
  const layer = layers[chainId];
  if (layer === undefined) throw new Error(`layer ${chainId} is not on this host`);
  return layer;
}

/** A layer's ancestors and itself, bottom first. */
function chainBelow(chainId: Digest | undefined, layers: Layers): Digest[] {
  const chain: Digest[] = [];
  for (let at = chainId; at !== undefined; at = layerOf(at, layers).parent) chain.unshift(at);
  return chain;
}

const gone = (path: string): Op => ({ op: 'remove', path });

const writeTree = (
  title: string,
  path: string,
  mode: number,
  entries: readonly NewEntry[],
  more: Pick<Step, 'why' | 'quiet'>,
): Flow<undefined> => perform(title, { op: 'writeTree', path, mode, entries }, { ...more, undo: gone(path) });

const remove = (title: string, path: string, why?: string): Flow<undefined> =>
  perform(title, { op: 'remove', path }, why === undefined ? {} : { why });

const removeQuietly = (path: string): Flow<undefined> => perform('forget it', { op: 'remove', path }, { quiet: true });
