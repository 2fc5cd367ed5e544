/**
 * `docker inspect`: all that the engine knows of one container or image. Fields stand in the order of 20.10
 * (moby/api/types ContainerJSON, ImageInspect), values have its shapes (`null` for an absent list, `{}` for an empty map).
 */

import { runConfigJson } from '../image/config.ts';
import type { GraphData, Snapshotter } from '../snapshot/snapshotter.ts';
import type { ContainerConfig } from './config.ts';
import { hostConfigJson } from './config.ts';
import { tagsOf } from './images.ts';
import { goTime, type Json } from './json.ts';
import { createdAt, imageSize } from './list.ts';
import { findContainer, findImage } from './lookup.ts';
import { networkJson } from './network.ts';
import { filesOf } from './records.ts';
import { snapshotterOf } from './storage.ts';
import { mountsJson, type Volume, volumeData } from './volumes.ts';
import { type Container, type Engine, statusOf } from './world.ts';

export type JsonObject = { readonly [key: string]: Json };

export function inspectContainer(engine: Engine, given: string): JsonObject {
  const container = findContainer(engine, given);
  const files = filesOf(engine, container);
  return {
    Id: container.id,
    Created: goTime(container.created),
    Path: container.path,
    Args: container.args,
    State: stateJson(container),
    Image: container.imageId,
    ResolvConfPath: files.resolvConf,
    HostnamePath: files.hostname,
    HostsPath: files.hosts,
    LogPath: files.log,
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: snapshotterOf(engine).name,
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: container.execs.length > 0 ? container.execs.map(({ id }) => id) : null,
    HostConfig: hostConfigJson(container.hostConfig, engine.facts.cgroup, container.hasBeenStarted),
    GraphDriver: graphDriver(engine, (driver) => driver.containerData(container.layer, engine.world.layers)),
    Mounts: mountsJson(engine, container),
    Config: configJson(container.config),
    NetworkSettings: networkJson(engine, container, 'inspect'),
  };
}

function stateJson(container: Container): JsonObject {
  const status = statusOf(container);
  const { exitCode, oomKilled, error } = container.state.context;
  return {
    Status: status,
    Running: status === 'running' || status === 'paused' || status === 'restarting',
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: oomKilled,
    Dead: status === 'dead',
    Pid: container.pid,
    ExitCode: exitCode,
    Error: error,
    StartedAt: goTime(container.startedAt),
    FinishedAt: goTime(container.finishedAt),
  };
}

/** Where the storage driver has it. */
function graphDriver(engine: Engine, dataOf: (driver: Snapshotter) => GraphData): JsonObject {
  const driver = snapshotterOf(engine);
  return { Data: dataOf(driver), Name: driver.name };
}

/** Config in its own order; `config` may come from an image that left some of it out. */
const configJson = (config: Partial<ContainerConfig>): JsonObject => runConfigJson(config) as JsonObject;

export function inspectImage(engine: Engine, given: string): JsonObject {
  const image = findImage(engine, given);
  const { config } = image;
  const size = imageSize(engine, image);
  return {
    Id: image.id,
    RepoTags: tagsOf(engine.world.images, image.id),
    RepoDigests: [],
    Parent: image.parent ?? '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: goTime(createdAt(image)),
    Container: config.container ?? '',
    ContainerConfig: configJson(config.container_config ?? {}),
    DockerVersion: config.docker_version ?? '',
    Author: config.author ?? '',
    Config: configJson(config.config ?? {}),
    Architecture: config.architecture,
    Os: config.os,
    Size: size,
    VirtualSize: size,
    GraphDriver: graphDriver(engine, (driver) => driver.imageData(image.chain, engine.world.layers)),
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: goTime(image.lastTagged ?? 0) },
  };
}

export function inspectVolume(engine: Engine, { name, created, labels, options }: Volume): JsonObject {
  return {
    // In whole seconds.
    CreatedAt: goTime(Math.trunc(created / 1000) * 1000),
    Driver: 'local',
    Labels: labels,
    Mountpoint: volumeData(engine, name),
    Name: name,
    Options: options,
    Scope: 'local',
  };
}
