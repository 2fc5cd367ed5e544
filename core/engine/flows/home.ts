/**
 * The data root as a daemon that has just started leaves it: a directory for each part of the engine. Sources: what dockerd
 * 20.10 makes, looked at; moby/daemon/daemon.go NewDaemon.
 *
 * Kept true: it may be done again; what is there stays as it is.
 */
import type { Flow } from '../../op.ts';
import { makeDirs } from '../../snapshot/layerdb.ts';
import { snapshotterOf } from '../storage.ts';
import type { Engine } from '../world.ts';
import { imageHome } from './imagefiles.ts';

// biome-ignore format: a table reads better in rows
const parts: readonly (readonly [path: string, mode: number])[] = [
  ['', 0o710],
  ['/buildkit', 0o711], ['/buildkit/content', 0o755], ['/buildkit/content/ingest', 0o755], ['/buildkit/executor', 0o711],
  ['/containerd', 0o700], ['/containerd/daemon', 0o700],
  ['/containerd/daemon/io.containerd.content.v1.content', 0o755],
  ['/containerd/daemon/io.containerd.content.v1.content/ingest', 0o755],
  ['/containerd/daemon/io.containerd.metadata.v1.bolt', 0o711],
  ['/containerd/daemon/io.containerd.runtime.v1.linux', 0o711],
  ['/containerd/daemon/io.containerd.runtime.v2.task', 0o711],
  ['/containerd/daemon/io.containerd.runtime.v2.task/moby', 0o711],
  ['/containerd/daemon/io.containerd.snapshotter.v1.btrfs', 0o700],
  ['/containerd/daemon/io.containerd.snapshotter.v1.native', 0o700],
  ['/containerd/daemon/io.containerd.snapshotter.v1.native/snapshots', 0o700],
  ['/containerd/daemon/io.containerd.snapshotter.v1.overlayfs', 0o700],
  ['/containerd/daemon/io.containerd.snapshotter.v1.overlayfs/snapshots', 0o700],
  ['/containerd/daemon/tmpmounts', 0o700],
  ['/containers', 0o710],
  ['/image', 0o700],
  ['/network', 0o750], ['/network/files', 0o750],
  ['/plugins', 0o700], ['/plugins/storage', 0o755], ['/plugins/storage/ingest', 0o755], ['/plugins/tmp', 0o700],
  ['/runtimes', 0o700], ['/swarm', 0o700], ['/tmp', 0o700], ['/trust', 0o700], ['/volumes', 0o701],
];

/** image/<driver>/… */
// biome-ignore format: a table reads better in rows
const imageParts: readonly (readonly [path: string, mode: number])[] = [
  ['', 0o700], ['/distribution', 0o700],
  ['/imagedb', 0o700], ['/imagedb/content', 0o700], ['/imagedb/content/sha256', 0o700],
  ['/imagedb/metadata', 0o700], ['/imagedb/metadata/sha256', 0o700],
  ['/layerdb', 0o700], ['/layerdb/mounts', 0o755], ['/layerdb/sha256', 0o755], ['/layerdb/tmp', 0o755],
];

/** Where containerd keeps a directory for each container that runs. */
export const tasksDir = (engine: Engine): string =>
  `${engine.facts.dataRoot}/containerd/daemon/io.containerd.runtime.v2.task/moby`;

export function* makeHome(engine: Engine): Flow<void> {
  if (engine.facts.bridge === true) engine.world = { began: engine.host.now(), ...engine.world };
  const below = (root: string, table: typeof parts) => table.map(([path, mode]) => [root + path, mode] as const);
  yield* makeDirs(below(engine.facts.dataRoot, parts));
  yield* makeDirs(below(imageHome(engine), imageParts));
  yield* snapshotterOf(engine).home();
}
