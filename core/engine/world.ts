/**
 * What the engine knows: images, containers, names, layers on disk. One immutable JSON value with structural sharing, so that
 * every moment can be kept and gone back to; an `Engine` is the cell that holds the present one.
 *
 * Kept true: a flow replaces `engine.world` only by whole new values, and keeps the new one only when all its steps succeeded
 * (undo.ts); a container's state is its machine's state and is written nowhere else.
 */
import type { HostFacts } from '../driver.ts';
import type { Host } from '../host.ts';
import type { MachineState } from '../machines/advance.ts';
import type { ContainerContext, ContainerState } from '../machines/container.ts';
import type { Bridge, Digest, Endpoint } from '../op.ts';
import type { ContainerLayer, Layer } from '../snapshot/snapshotter.ts';
import type { ContainerConfig, HostConfig } from './config.ts';
import type { ImageStore } from './images.ts';
import type { MountPoint, Volume } from './volumes.ts';

export interface Container {
  readonly id: string;
  /** Without the leading slash that inspect shows. */
  readonly name: string;
  /** The engine chose the name. */
  readonly nameless?: boolean;
  readonly state: MachineState<ContainerContext>;
  /** Milliseconds since the epoch; 0 for "never". */
  readonly created: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly imageId: Digest;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly path: string;
  readonly args: readonly string[];
  readonly layer: ContainerLayer;
  /** Volumes, bind mounts and tmpfs mounts; absent: none. */
  readonly mounts?: readonly MountPoint[];
  /** PID of PID 1 as the host sees it; 0 unless running or paused. */
  readonly pid: number;
  /** Joins the container to its network while it runs; without for those that have none. */
  readonly endpoint?: string;
  /**
   * What was asked of the networks that it is to be on, by name; absent: the one of its mode, and nothing special of that. Only
   * on an engine with a bridge, as the next.
   */
  readonly networks?: Readonly<Record<string, Attachment>>;
  /** Its places on networks while it runs, by name. */
  readonly places?: Readonly<Record<string, Place>>;
  /** The ID of its network namespace; kept from the last start. */
  readonly sandbox?: string;
  readonly restartCount: number;
  /** When the restart policy starts it again; only while restarting. */
  readonly restartAt?: number;
  /** The whole of standard input for the start that comes next. */
  readonly nextInput?: string;
  readonly hasBeenStarted: boolean;
  /** No start has come so far as to make room for mounts and a log. */
  readonly roomless?: true;
  readonly manuallyStopped: boolean;
  /** Processes of `docker exec` that the driver still holds. */
  readonly execs: readonly Exec[];
}

export interface Exec {
  readonly id: string;
  readonly pid: number;
}

export interface Subnet {
  /** As `172.18.0.0/16`. */
  readonly text: string;
  readonly ip: number;
  readonly prefix: number;
}

/** A network. Those that are there from the start are not kept in the world (networks/model.ts). */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: 'bridge' | 'host' | 'null';
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** `IPAM.Config` as inspect shows it. */
  readonly ipam: readonly Readonly<Record<string, string>>[];
  readonly subnet?: Subnet;
  /** The part of the subnet that containers get addresses from; absent: all of it. */
  readonly range?: Subnet;
  /** Somebody chose the subnet: addresses may be chosen, too. */
  readonly chosen?: boolean;
  readonly bridge?: Bridge;
}

/** What a container is to have on a network. */
export interface Attachment {
  /** `IPAMConfig` of inspect. */
  readonly ipam: { readonly IPv4Address?: string } | null;
  readonly aliases: readonly string[] | null;
  /** It was connected by `docker network connect`, which leaves its options empty rather than absent. */
  readonly later?: boolean;
  /** Known from the first start on. */
  readonly networkId?: string;
}

/** A place that a running container has on a network. */
export interface Place {
  /** ID of the network. */
  readonly network: string;
  /** ID of the endpoint. */
  readonly endpoint: string;
  /** Absent on `host` and `none`. */
  readonly device?: Endpoint;
}

export interface World {
  readonly images: ImageStore;
  /** By id, oldest first. */
  readonly containers: Readonly<Record<string, Container>>;
  /** Name to id. */
  readonly names: Readonly<Record<string, string>>;
  /** Read-only layers that lie unpacked on the host, by chainID. */
  readonly layers: Readonly<Record<Digest, Layer>>;
  /** By name; absent: none was ever made. */
  readonly volumes?: Readonly<Record<string, Volume>>;
  /** Networks that people made, by ID, oldest first. */
  readonly networks?: Readonly<Record<string, Network>>;
  /** Which of the default pools of subnets comes next. */
  readonly pool?: number;
  /** Host ports that were given to who asked for any, the last by address and protocol. */
  readonly lastPorts?: Readonly<Record<string, number>>;
  /** When the engine with its networks first started, milliseconds since the epoch. */
  readonly began?: number;
}

export interface Engine {
  world: World;
  readonly host: Host;
  readonly facts: HostFacts;
}

export const statusOf = (container: Container): ContainerState => container.state.value as ContainerState;

/** Its first process exists: running, paused. */
export function isAlive(container: Container): boolean {
  const status = statusOf(container);
  return status === 'running' || status === 'paused';
}

/** Puts a container's new value into the world. */
export function putContainer(engine: Engine, container: Container): void {
  const { world } = engine;
  const old = world.containers[container.id];
  const names =
    old?.name === container.name ? world.names : { ...without(world.names, old?.name), [container.name]: container.id };
  engine.world = { ...world, names, containers: { ...world.containers, [container.id]: container } };
}

export function patchContainer(engine: Engine, id: string, change: Partial<Container>): Container {
  const old = engine.world.containers[id]!;
  if ((Object.keys(change) as (keyof Container)[]).every((key) => old[key] === change[key])) return old;
  const container = { ...old, ...change };
  putContainer(engine, container);
  return container;
}

export function dropContainer(engine: Engine, id: string): void {
  const { world } = engine;
  const names = without(world.names, world.containers[id]?.name);
  engine.world = { ...world, names, containers: without(world.containers, id) };
}

export function without<T>(record: Readonly<Record<string, T>>, key: string | undefined): Readonly<Record<string, T>> {
  if (key === undefined || !(key in record)) return record;
  const { [key]: _, ...rest } = record;
  return rest;
}
