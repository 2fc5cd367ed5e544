/**
 * Limits beyond memory and number of processes: what `docker run` may ask for, and the door to what checks them and writes them
 * into cgroup files. The code behind it (flows/resources.ts) is a part that a page loads with the first line that asks for
 * one (core/parts.ts), since most containers have none.
 */
import { PartNeeded } from '../errors.ts';
import type * as work from './flows/resources.ts';
import type * as seccomp from './flows/seccomp.ts';

/** A device of the host for a container: `--device HOST:CONTAINER:rwm`. */
export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  /** Some of r (read), w (write), m (mknod). */
  readonly CgroupPermissions: string;
}

/** `--blkio-weight-device`. */
export interface WeightDevice {
  readonly Path: string;
  readonly Weight: number;
}

/** Bytes, or operations, a second: `--device-read-bps` and its like. */
export interface ThrottleDevice {
  readonly Path: string;
  readonly Rate: number;
}

/** Fields of HostConfig under their names in `docker inspect`; those that nobody asked for are absent. */
export interface Resources {
  readonly OomScoreAdj?: number;
  readonly CpuShares?: number;
  /** Billionths of a CPU. */
  readonly NanoCpus?: number;
  readonly BlkioWeight?: number;
  readonly BlkioWeightDevice?: readonly WeightDevice[];
  readonly BlkioDeviceReadBps?: readonly ThrottleDevice[];
  readonly BlkioDeviceWriteBps?: readonly ThrottleDevice[];
  readonly BlkioDeviceReadIOps?: readonly ThrottleDevice[];
  readonly BlkioDeviceWriteIOps?: readonly ThrottleDevice[];
  /** Microseconds. */
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpusetCpus?: string;
  readonly CpusetMems?: string;
  readonly Devices?: readonly DeviceMapping[];
  readonly DeviceCgroupRules?: readonly string[];
  /** Bytes. */
  readonly KernelMemory?: number;
  readonly MemoryReservation?: number;
  readonly MemorySwappiness?: number | null;
  readonly OomKillDisable?: boolean;
}

/** One file of the cgroup and what is written into it. */
export interface Limit {
  readonly controller: string;
  readonly file: string;
  readonly value: string;
  /** What it holds when nobody has written to it. */
  readonly initial?: string;
  /** A kernel without swap accounting, or without this scheduler, has no such file. */
  readonly optional?: boolean;
  /** Where there is no such file, this one. */
  readonly instead?: Limit;
  /** Written as it is; what is read back must be the same, or it was out of bounds. */
  readonly exact?: boolean;
}

export interface ResourceWork {
  readonly verify: typeof work.verify;
  readonly limitsOf: typeof work.limitsOf;
  readonly throttles: typeof work.throttles;
  readonly devicesOf: typeof work.devicesOf;
  readonly writeLimit: typeof work.writeLimit;
  readonly merged: typeof work.merged;
  readonly parseSeccomp: typeof seccomp.parseSeccomp;
}

let known: ResourceWork | undefined;

export function registerResources(resources: ResourceWork): void {
  known = resources;
}

/** Throws PartNeeded. */
export function resourceWork(): ResourceWork {
  if (known === undefined) throw new PartNeeded('limits');
  return known;
}

/**
 * What a container may do with device nodes, as `<type> <major>:<minor> <rwm>` in the order in which the kernel is told
 * (moby oci/defaults.go and opencontainers specconv AllowedDevices, sorted as runc sorts them).
 */
export const defaultDeviceRules: readonly string[] = Object.freeze([
  ...['b *:* m', 'c *:* m', 'c 1:3 rwm', 'c 1:5 rwm', 'c 1:7 rwm', 'c 1:8 rwm', 'c 1:9 rwm'],
  ...['c 5:0 rwm', 'c 5:1 rwm', 'c 5:2 rwm', 'c 10:200 rwm', 'c 136:* rwm'],
]);
