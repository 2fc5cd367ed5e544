/**
 * The engine's door inside core: what the command line (core/cli) and the drivers' callers use. Every verb is a Flow over an
 * `Engine`; refusals are thrown as `DockerError` in the daemon's words, without the client's prefix. A `StepError` that comes
 * out is the kernel's "no" to a step, after the completed steps were taken back.
 *
 * `container` arguments are what a person types: a name, an ID, or the beginning of one.
 */
import type { HostFacts } from '../driver.ts';
import type { Host } from '../host.ts';
import { emptyImageStore } from './images.ts';
import type { Engine, World } from './world.ts';

export {
  type ContainerConfig,
  type CreateSpec,
  type HostConfig,
  maskedPaths,
  type PortBindings,
  type RestartPolicy,
} from './config.ts';
export { DockerError, type DockerErrorKind, noSuchContainer, noSuchImage, startFailureCode } from './errors.ts';
export { boot } from './flows/boot.ts';
export { type CommitOptions, commitContainer } from './flows/commit.ts';
export { CopyRefused, copyIn, copyOut } from './flows/copy.ts';
export { type Created, createContainer } from './flows/create.ts';
export { type ExecResult, type ExecSpec, execContainer } from './flows/exec.ts';
export { type ImportOptions, importArchive } from './flows/import.ts';
export { killContainer, parseSignal } from './flows/kill.ts';
export { loadBase } from './flows/load.ts';
export { type Loaded, loadArchive } from './flows/loadarchive.ts';
export { containerLogs } from './flows/logs.ts';
export { containerDiff, exportContainer } from './flows/look.ts';
export { pauseContainer, unpauseContainer } from './flows/pause.ts';
export { type Prunable, type Pruned, pruneContainers, pruneImages } from './flows/prune.ts';
export { removeContainer } from './flows/remove.ts';
export { renameContainer } from './flows/rename.ts';
export { restartContainer } from './flows/restart.ts';
export { type Removed, type RemoveImageOptions, removeImage } from './flows/rmi.ts';
export { saveImages } from './flows/save.ts';
export { settle } from './flows/settle.ts';
export { writtenSize } from './flows/size.ts';
export { startContainer } from './flows/start.ts';
export { containerStats, type StatsRow } from './flows/stats.ts';
export { stopContainer } from './flows/stop.ts';
export { tagImage } from './flows/tag.ts';
export { containerTop, type Table } from './flows/top.ts';
export { type LimitChange, updateContainer } from './flows/update.ts';
export { demandAttachable, type Followed, followContainer, waitContainer } from './flows/wait.ts';
export { type Image, type ImageStore, tagsOf } from './images.ts';
export { inspectContainer, inspectImage, inspectVolume, type JsonObject } from './inspect.ts';
export type { Json } from './json.ts';
export { type HistoryRow, type ImageRow, imageHistory, listContainers, listImages } from './list.ts';
export { findContainer, findImage } from './lookup.ts';
export { networking } from './networking.ts';
export type { NetworkSpec, PoolSpec } from './networks/create.ts';
export { observe } from './observe.ts';
export { containerPorts } from './ports.ts';
export { familiarName } from './reference.ts';
export { joinListings, storeListings } from './store.ts';
export { type Container, type Engine, isAlive, type Network, statusOf, type World } from './world.ts';

export const emptyWorld: World = { images: emptyImageStore, containers: {}, names: {}, layers: {} };

/** A fresh engine, or one that goes on from a kept world. */
export function createEngine(host: Host, facts: HostFacts, world: World = emptyWorld): Engine {
  return { world, host, facts };
}
