/** A path of the host below Docker's data root: what that file is for, and whose it is. */

import type { Container, Engine } from '../engine/index.ts';
import { snapshotterOf } from '../engine/storage.ts';
import { isDigest, shortId } from '../image/digest.ts';
import type { Layer } from '../snapshot/snapshotter.ts';
import { type Explanation, facts, text } from './explanation.ts';
import { nameOf } from './image.ts';

/** A pattern of paths relative to the data root, and what lies there. */
interface Shelf {
  readonly pattern: RegExp;
  readonly what: string;
  readonly whose?: (engine: Engine, match: RegExpExecArray) => string | undefined;
}

const imageOf = (engine: Engine, [, hex = '']: RegExpExecArray): string | undefined => {
  const id = `sha256:${hex}`;
  return isDigest(id) && engine.world.images.images[id] !== undefined ? `image ${nameOf(engine, id)}` : undefined;
};
const layerOf = (engine: Engine, [, hex = '']: RegExpExecArray): string | undefined => {
  const id = `sha256:${hex}`;
  return isDigest(id) && engine.world.layers[id] !== undefined ? `the layer with chainID ${shortId(id)}` : undefined;
};
const containerOf = (engine: Engine, [, id = '']: RegExpExecArray): string | undefined => {
  const container = engine.world.containers[id];
  return container === undefined ? undefined : `container ${container.name}`;
};
const directoryOf = (engine: Engine, [, name = '']: RegExpExecArray): string | undefined => {
  const owner = ownerOf(engine, name);
  if (owner === undefined) return undefined;
  if ('layer' in owner) return `the read-only layer with diffID ${shortId(owner.layer.diffId)}`;
  return `the ${owner.init ? 'init layer' : 'read-write layer'} of container ${owner.container.name}`;
};

type Owner = { readonly layer: Layer } | { readonly container: Container; readonly init: boolean };

/** Who a directory below overlay2/ belongs to. */
export function ownerOf(engine: Engine, directory: string): Owner | undefined {
  const layer = Object.values(engine.world.layers).find(({ cacheId }) => cacheId === directory);
  if (layer !== undefined) return { layer };
  const id = directory.replace(/-init$/, '');
  const container = Object.values(engine.world.containers).find((one) => one.layer.id === id);
  return container === undefined ? undefined : { container, init: id !== directory };
}

const shelves: readonly Shelf[] = [
  {
    pattern: /^image\/[^/]+\/repositories\.json$/,
    what: 'Which names point at which image IDs: all that `docker tag` and `docker rmi NAME` change.',
  },
  {
    pattern: /^image\/[^/]+\/imagedb\/content\/sha256\/([0-9a-f]{64})$/,
    what: 'The config of an image. The sha256 of exactly these bytes is the image ID, and the file’s name.',
    whose: imageOf,
  },
  {
    pattern: /^image\/[^/]+\/imagedb\/metadata\/sha256\/([0-9a-f]{64})(\/\w+)?$/,
    what: 'What the engine knows of an image and what is not in its config: `parent` (the image it was committed from), `lastUpdated` (when it got a name).',
    whose: imageOf,
  },
  {
    pattern: /^image\/[^/]+\/layerdb\/sha256\/([0-9a-f]{64})(\/[\w.-]+)?$/,
    what: 'The record of a read-only layer, named by its chainID: `diff` (its diffID), `parent` (chainID of the layer below), `cache-id` (the directory that it lies in), `size`.',
    whose: layerOf,
  },
  {
    pattern: /^image\/[^/]+\/layerdb\/mounts\/([0-9a-f]{64})(\/[\w-]+)?$/,
    what: 'Which layers belong to a container: `mount-id` (the directory of its read-write layer), `init-id` (that of its init layer), `parent` (chainID of the image’s topmost layer).',
    whose: containerOf,
  },
  {
    pattern: /^overlay2\/l(\/[A-Z0-9]{26})?$/,
    what: 'Short names of the layers’ directories, as symbolic links: the options of a mount have to fit into one page of memory.',
  },
  {
    pattern: /^overlay2\/([^/]+)$/,
    what: 'The directory of one layer: `diff` (its files), `link` (its short name), and above the lowest one `lower` (short names of the layers below) and `work` (overlayfs’s own).',
    whose: directoryOf,
  },
  {
    pattern: /^overlay2\/([^/]+)\/diff(\/.*)?$/,
    what: 'The files of one layer as they are, whiteouts included. For a container’s layer this is the upperdir of its mount.',
    whose: directoryOf,
  },
  {
    pattern: /^overlay2\/([^/]+)\/link$/,
    what: 'The layer’s short name in overlay2/l.',
    whose: directoryOf,
  },
  {
    pattern: /^overlay2\/([^/]+)\/lower$/,
    what: 'The short names of all layers below, topmost first: the lowerdir of the mount.',
    whose: directoryOf,
  },
  {
    pattern: /^overlay2\/([^/]+)\/merged(\/.*)?$/,
    what: 'Where the union view is mounted while the container runs; empty otherwise.',
    whose: directoryOf,
  },
  {
    pattern: /^overlay2\/([^/]+)\/work(\/.*)?$/,
    what: 'overlayfs’s work directory: a file is copied up here first and then renamed into upperdir, so that half a copy is never seen.',
    whose: directoryOf,
  },
  {
    pattern: /^containers\/([0-9a-f]{64})$/,
    what: 'The records of a container: config.v2.json and hostconfig.json (all that `docker inspect` shows), its log, and the files mounted over /etc/hosts, /etc/hostname and /etc/resolv.conf.',
    whose: containerOf,
  },
  {
    pattern: /^containers\/([0-9a-f]{64})\/[0-9a-f]{64}-json\.log$/,
    what: 'What the container wrote to standard output and error, one JSON object a line: what `docker logs` shows, also after it stopped.',
    whose: containerOf,
  },
  {
    pattern: /^containers\/([0-9a-f]{64})\/(hostname|hosts|resolv\.conf)$/,
    what: 'Mounted over the file of that name in the container’s /etc, which is why changes to it are in no layer and in no commit.',
    whose: containerOf,
  },
  {
    pattern: /^containers\/([0-9a-f]{64})\/(config\.v2|hostconfig)\.json$/,
    what: 'The container’s configuration and state as the engine keeps them; `docker inspect` is made from them.',
    whose: containerOf,
  },
  {
    pattern: /^volumes(\/.*)?$/,
    what: 'Volumes: data that belongs to no container and no layer, and is in no commit.',
  },
  { pattern: /^tmp(\/.*)?$/, what: 'Archives on their way in and out.' },
  {
    pattern: /^image$/,
    what: 'What images are: configs, names and the records of layers; one directory for each storage driver.',
  },
  {
    pattern: /^image\/[^/]+$/,
    what: 'The image store of one storage driver: imagedb (configs), layerdb (records of layers), repositories.json (names), distribution (what was pulled).',
  },
  {
    pattern: /^image\/[^/]+\/imagedb(\/(content|metadata)(\/sha256)?)?$/,
    what: 'The images: `content` holds their configs, named by the sha256 of their bytes; `metadata` what is not in them (parent, time of the last name).',
  },
  {
    pattern: /^image\/[^/]+\/layerdb(\/(sha256|mounts|tmp))?$/,
    what: 'The records of layers: `sha256` those of read-only layers, named by chainID; `mounts` those of containers; `tmp` records that are being made.',
  },
  {
    pattern: /^image\/[^/]+\/distribution(\/.*)?$/,
    what: 'What was pulled or pushed: which digest of a registry belongs to which diffID, so that a layer that is here is not fetched again.',
  },
  {
    pattern: /^overlay2$/,
    what: 'One directory for each layer, read-only or not, and `l` with their short names.',
  },
  {
    pattern: /^overlay2\/([^/]+)\/committed$/,
    what: 'Empty; it says that another layer was put on top of this one, so its `lower` must not change any more.',
    whose: directoryOf,
  },
  {
    pattern: /^containers$/,
    what: 'The records of all containers, one directory each, named by the whole ID.',
  },
  {
    pattern: /^containers\/([0-9a-f]{64})\/resolv\.conf\.hash$/,
    what: 'The sha256 of resolv.conf as the engine wrote it, by which it notices that somebody changed it.',
    whose: containerOf,
  },
  {
    pattern: /^containers\/([0-9a-f]{64})\/(checkpoints|mounts)(\/.*)?$/,
    what: '`mounts` holds the shm (shared memory) mount of a running container; `checkpoints` is for `docker checkpoint`, an experiment. Usually empty.',
    whose: containerOf,
  },
  {
    pattern: /^(buildkit|network|plugins|swarm|trust|runtimes|containerd|builder)(\/.*)?$/,
    what: 'Of another part of the engine: build cache, networks, plugins, clusters, keys, runtimes.',
  },
];

const shortened = (path: string): string => path.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…');

export function explainHostPath(engine: Engine, subject: string): Explanation | undefined {
  const { dataRoot } = engine.facts;
  const inside = subject.replace(/\/+$/, '').slice(dataRoot.length + 1);
  if (inside === '') {
    return {
      subject,
      title: 'Docker’s data root',
      parts: [
        text(
          'All that the engine keeps: image/ (what images are), overlay2/ (files of all layers), containers/ (records).',
        ),
      ],
    };
  }
  for (const { pattern, what, whose } of shelves) {
    const match = pattern.exec(inside);
    if (match === null) continue;
    return {
      subject,
      title: `on the host, ${shortened(inside)} in Docker’s data root`,
      parts: [text(what), facts(['belongs to', whose?.(engine, match)], ['driver', snapshotterOf(engine).name])],
    };
  }
  return undefined;
}
