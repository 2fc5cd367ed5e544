/**
 * Where layers lie on the host and how they are put together. One interface, a driver for each way of doing it: overlay2
 * (thin layers, mounted upon each other by overlayfs), aufs (the same by another union file system, with other marks), vfs (a
 * full copy of everything for each layer, nothing mounted). A snapshotter says *what* is to be done as Steps; it does nothing itself and keeps no state: what it must know
 * later (`Layer`, `ContainerLayer`) is plain data that the engine keeps in its world.
 *
 * The story: an image's layers are `unpack`ed once each, bottom first, and never change. A container gets a thin layer of its
 * own by `prepare`, on top of a chain of them. `view` is the mount that shows all of them as one tree. `discard` takes the
 * container's layer away, `seal` makes a read-only layer of it (commit), `drop` removes a read-only one.
 */
import type { StorageDriver } from '../driver.ts';
import type { Digest, Flow, LayerSource, Mount, OpOf, TreeEntry } from '../op.ts';

/** A read-only layer as it lies on the host. */
export interface Layer {
  readonly chainId: Digest;
  readonly diffId: Digest;
  readonly parent?: Digest;
  /** Name of its directory; random, so that two hosts never agree on it. */
  readonly cacheId: string;
  /** Short name in overlay2/l, so that many layers fit into the one page of mount options. */
  readonly link: string;
  /** Bytes of the regular files in it. */
  readonly size: number;
}

/** A container's own layers: the read-write one and the init layer below it. */
export interface ContainerLayer {
  readonly id: string;
  readonly link: string;
  readonly initLink: string;
  /** chainIDs of the image's layers, bottom first. */
  readonly lower: readonly Digest[];
}

/** The layers already on the host, by chainID. */
export type Layers = Readonly<Record<Digest, Layer>>;

/** What a layer adds and takes away: where that lies, and how the drivers of Ops are to read it. */
export type Place = Pick<OpOf<'tree'>, 'path' | 'form' | 'below'>;

export interface Snapshotter {
  /** Name of the storage driver, as `docker info` prints it. */
  readonly name: StorageDriver;
  /** The directories that must exist before the first layer comes. */
  home(): Flow<void>;
  unpack(layer: Omit<Layer, 'size'>, source: LayerSource, layers: Layers): Flow<Layer>;
  /** `image`: what the layers below show; directories of it that the init layer has as well keep their mode and owner. */
  prepare(container: string, layer: ContainerLayer, layers: Layers, image?: readonly TreeEntry[]): Flow<void>;
  view(layer: ContainerLayer, layers: Layers): View;
  /** Host paths for looking at. Where there is one copy of everything, they are one directory. */
  paths(layer: ContainerLayer): {
    readonly upper: string;
    readonly init: string;
    readonly work: string;
    readonly merged: string;
  };
  layerPath(layer: Layer): string;
  /** What a read-only layer changes. */
  placeOf(layer: Layer, layers: Layers): Place;
  /** What the container's own layers change. */
  placesOf(layer: ContainerLayer, layers: Layers): { readonly upper: Place; readonly init: Place };
  /** Where the tar of a read-only layer can be put together from. */
  splitOf(layer: Layer): string;
  /** `GraphDriver.Data` of a container and of an image whose layers are `chain`, bottom first. */
  containerData(layer: ContainerLayer, layers: Layers): GraphData;
  imageData(chain: readonly Digest[], layers: Layers): GraphData;
  discard(container: string, layer: ContainerLayer): Flow<void>;
  drop(layer: Layer): Flow<void>;
  /** Names, by directory, that a layer has on the host when it is whole. */
  named(layer: Layer): Names;
  /** The same of a container's own layers. */
  namedFor(container: string, layer: ContainerLayer): Names;
  /** The directories in which only such names have a place, and the names that have one there anyway. */
  readonly shelves: Names;
}

/** All that a container sees, as one tree. */
export interface View {
  readonly at: string;
  /** How it comes about; absent where it is always there. */
  readonly mount?: Mount;
  /** The mount point is made for the mount and removed with it. */
  readonly passing?: boolean;
}

/** null where the driver has nothing to tell. */
export type GraphData = Readonly<Record<string, string>> | null;

/** Names by the directory that they are in. */
export type Names = Readonly<Record<string, readonly string[]>>;
