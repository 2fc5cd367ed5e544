/**
 * The books on layers, which are the same whatever the storage driver is (moby/layer filestore.go):
 *
 *     image/<driver>/layerdb/sha256/<chainID>/{diff,cache-id,parent,size,tar-split.json.gz}   a read-only layer
 *     image/<driver>/layerdb/mounts/<container>/{mount-id,init-id,parent}                     a container's own layers
 *     image/<driver>/layerdb/tmp/write-set-…                                                  one that is being written
 *
 * Kept true: a layer's entry appears under its chainID when all of it is written, by one rename.
 */
import { type Digest, type Flow, type LayerSource, type NewEntry, type Op, perform, type Step } from '../op.ts';
import type { ContainerLayer, Layer, Layers, Names } from './snapshotter.ts';

export const hexOf = (digest: Digest): string => digest.slice('sha256:'.length);

export const dir = (path: string, mode: number): NewEntry => ({ path, type: 'dir', mode });
export const file = (path: string, data: string, mode: number): NewEntry => ({ path, type: 'file', mode, data });

export const gone = (path: string): Op => ({ op: 'remove', path });

export const writeTree = (
  title: string,
  path: string,
  mode: number,
  entries: readonly NewEntry[],
  more: Pick<Step, 'why' | 'quiet'>,
): Flow<undefined> => perform(title, { op: 'writeTree', path, mode, entries }, { ...more, undo: gone(path) });

export const remove = (title: string, path: string, why?: string): Flow<undefined> =>
  perform(title, { op: 'remove', path }, why === undefined ? {} : { why });

export const removeQuietly = (path: string): Flow<undefined> =>
  perform('forget it', { op: 'remove', path }, { quiet: true });

/** Directories that may be there already, with their modes. */
export function* makeDirs(dirs: readonly (readonly [path: string, mode: number])[]): Flow<void> {
  for (const [path, mode] of dirs) {
    yield* perform('make the engine’s directories', { op: 'mkdir', path, mode, parents: true }, { quiet: true });
  }
}

/** A layer that is on the host. */
export function layerOf(chainId: Digest, layers: Layers): Layer {
  const layer = layers[chainId];
  if (layer === undefined) throw new Error(`layer ${chainId} is not on this host`);
  return layer;
}

/** A layer's ancestors and itself, bottom first. */
export function chainBelow(chainId: Digest | undefined, layers: Layers): Digest[] {
  const chain: Digest[] = [];
  for (let at = chainId; at !== undefined; at = layerOf(at, layers).parent) chain.unshift(at);
  return chain;
}

/** `layer 3d9f2889d678` */
export const titleOf = ({ diffId }: Pick<Layer, 'diffId'>): string => `layer ${hexOf(diffId).slice(0, 12)}`;

/** How a layer's tar is put into its directory. */
export interface Filling {
  readonly source: LayerSource;
  readonly into: string;
  readonly form?: 'aufs' | 'plain';
  readonly why: string;
}

/** A layer's tar is not the one that was announced. */
export class WrongDiffId extends Error {
  constructor(
    readonly expected: Digest,
    readonly got: Digest,
  ) {
    super(`expected "${expected}", got "${got}"`);
    this.name = 'WrongDiffId';
  }
}

export interface LayerDb {
  /** Fills the layer's directory and writes down what is known of it. */
  fill(layer: Omit<Layer, 'size'>, filling: Filling): Flow<Layer>;
  /** Where the rest of a layer's tar is kept. */
  splitOf(layer: Pick<Layer, 'chainId'>): string;
  register(container: string, layer: ContainerLayer): Flow<void>;
  unregister(container: string): Flow<void>;
  forget(layer: Layer): Flow<void>;
  named(layer: Layer): Names;
  namedFor(container: string): Names;
  readonly shelves: Names;
}

export function layerDb(dataRoot: string, driver: string): LayerDb {
  const home = `${dataRoot}/image/${driver}/layerdb`;
  const at = ({ chainId }: Pick<Layer, 'chainId'>): string => `${home}/sha256/${hexOf(chainId)}`;

  return {
    *fill(layer, { source, into, form, why }) {
      const what = titleOf(layer);
      const set = `${home}/tmp/write-set-${layer.cacheId.slice(0, 9)}`;
      yield* perform(
        'make room for what is known of the layer',
        { op: 'mkdir', path: set, mode: 0o700 },
        { quiet: true, undo: gone(set) },
      );
      const { size, diffId } = yield* perform(
        `unpack ${what}`,
        {
          op: 'unpack',
          layer: source,
          into,
          split: `${set}/tar-split.json.gz`,
          ...(form === undefined ? {} : { form }),
        },
        { why },
      );
      if (diffId !== layer.diffId) throw new WrongDiffId(layer.diffId, diffId);
      const facts = { diff: layer.diffId, size: String(size), 'cache-id': layer.cacheId, parent: layer.parent };
      for (const [name, data] of Object.entries(facts)) {
        if (data === undefined) continue;
        const path = `${set}/${name}`;
        yield* perform('write it down', { op: 'writeFile', path, data, mode: 0o644 }, { quiet: true });
      }
      yield* perform(
        `record ${what}`,
        { op: 'rename', from: set, to: at(layer) },
        { quiet: true, undo: gone(at(layer)) },
      );
      return { ...layer, size };
    },
    splitOf: (layer) => `${at(layer)}/tar-split.json.gz`,
    *register(container, { id, lower }) {
      const entries = [file('/mount-id', id, 0o644), file('/init-id', `${id}-init`, 0o644)];
      const top = lower.at(-1);
      if (top !== undefined) entries.push(file('/parent', top, 0o644));
      yield* writeTree('record which layers belong to the container', `${home}/mounts/${container}`, 0o755, entries, {
        quiet: true,
      });
    },
    *unregister(container) {
      yield* removeQuietly(`${home}/mounts/${container}`);
    },
    *forget(layer) {
      yield* removeQuietly(at(layer));
    },
    named: ({ chainId }) => ({ [`${home}/sha256`]: [hexOf(chainId)] }),
    namedFor: (container) => ({ [`${home}/mounts`]: [container] }),
    shelves: { [`${home}/sha256`]: [], [`${home}/mounts`]: [], [`${home}/tmp`]: [] },
  };
}
