/**
 * What performs Ops. Two drivers exist: the simulated kernel (synchronous, core/kernel/driver.ts) and a real Linux
 * (asynchronous, backend/). The engine sees nothing of them but this file.
 */
import type { Op, Outcome } from './op.ts';

/** How layers are kept on the host and put together (core/snapshot). */
export const storageDrivers = ['overlay2', 'vfs', 'aufs'] as const;
export type StorageDriver = (typeof storageDrivers)[number];

/** What the engine must know of the host it works on; found by one probe when the driver opens. */
export interface HostFacts {
  /** Which cgroup files limits and the freezer are in. `v1`: one hierarchy per controller; `v2`: the unified one. */
  readonly cgroup: 'v1' | 'v2';
  /** Controllers that can be used: cpu, memory, pids, freezer (on v2 freezing is part of the core: `cgroup.freeze`). */
  readonly controllers: readonly string[];
  readonly kernel: string;
  readonly hostname: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  /** Docker's data root on this host. */
  readonly dataRoot: string;
  /**
   * The engine has its bridge, docker0: containers get an address on it and can publish ports. Without, as with
   * `dockerd --bridge none`, they have nothing but a loopback.
   */
  readonly bridge?: boolean;
  /** Somebody's own machine: what would hand it to a container (`--privileged`, open system paths) is refused. */
  readonly guarded?: boolean;
  /** Root here is only some user's, in a user namespace. `one`: there is no other user or group, so that all files are root's. */
  readonly rootless?: 'one' | 'many';
  /** There are no control groups for the engine, and why: no limits, no freezer, no counters. */
  readonly groupless?: string;
  /** The engine's storage driver; default overlay2. */
  readonly storageDriver?: StorageDriver;
}

/** A step that cannot go on now: it waits for input that nobody gave, or for more simulated time than was granted. */
export interface Blocked {
  readonly blocked: 'input' | 'time';
}

export interface Driver {
  readonly name: 'sim' | 'linux';
  readonly facts: HostFacts;
  /** The sim answers at once; linux with a promise. */
  perform(op: Op): Outcome | Blocked | Promise<Outcome>;
  /** Milliseconds since the epoch, the host's clock. */
  now(): number;
  close(): void | Promise<void>;
}

/** A driver that always answers at once. */
export interface SyncDriver extends Driver {
  perform(op: Op): Outcome | Blocked;
}
