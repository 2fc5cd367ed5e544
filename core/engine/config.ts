/**
 * A container's configuration as Docker keeps it: `Config` (what the image and the command line say about the process) and
 * `HostConfig` (what the host gives). Field names and their order are those of `docker inspect` in 20.10
 * (moby/api/types/container), so that printing them needs no table.
 */
import type { RunConfig } from '../image/config.ts';
import type { Json } from './json.ts';
import type { Resources } from './resources.ts';
import type { Security } from './security.ts';
import { cgroupnsDefault, type Sharing, sharingJson } from './sharing.ts';
import type { Mounting } from './volumes.ts';

/** `Config`: the same as in an image's config. */
export type ContainerConfig = RunConfig;

export interface RestartPolicy {
  readonly Name: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  readonly MaximumRetryCount: number;
}

/** The part of HostConfig that differs between containers; `hostConfigJson` has the rest. */
export interface HostConfig extends Security, Mounting {
  readonly NetworkMode: string;
  readonly RestartPolicy: RestartPolicy;
  readonly AutoRemove: boolean;
  readonly Memory: number;
  readonly MemorySwap: number;
  readonly PidsLimit: number | null;
  readonly Init?: boolean;
  /** All other limits that were asked for. */
  readonly resources?: Resources;
  /** By `80/tcp`. */
  readonly PortBindings?: PortBindings;
  readonly PublishAllPorts?: boolean;
}

export type PortBindings = Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>>;

/** What a command line asks for; the engine fills in the image's defaults. */
export interface CreateSpec {
  readonly image: string;
  /** Arguments after the image; empty: the image's CMD. */
  readonly command: readonly string[];
  readonly name?: string;
  /** `['']` clears the image's entry point. */
  readonly entrypoint?: readonly string[];
  readonly env?: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly hostname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  /** `-i` */
  readonly openStdin?: boolean;
  /** What the client is attached to; `run -d` none, `create` and `run` output and errors. */
  readonly attach?: { readonly stdin?: boolean; readonly stdout?: boolean; readonly stderr?: boolean };
  readonly init?: boolean;
  readonly autoRemove?: boolean;
  readonly restart?: RestartPolicy;
  readonly stopSignal?: string;
  readonly stopTimeout?: number;
  /** Bytes; 0: no limit. */
  readonly memory?: number;
  readonly memorySwap?: number;
  readonly pidsLimit?: number;
  readonly resources?: Resources;
  readonly network?: string;
  readonly sharing?: Sharing;
  readonly security?: Security;
  readonly ports?: PortBindings;
  readonly mounting?: Mounting;
  /** Paths of anonymous volumes, beside those that the image asks for. */
  readonly volumes?: readonly string[];
  /** `--expose`, as `80/tcp`. */
  readonly exposed?: readonly string[];
  /** `-P` */
  readonly publishAll?: boolean;
  /** What it is to have on its network. */
  readonly place?: { readonly ip?: string; readonly aliases: readonly string[] };
}

/** Paths of /proc and /sys that are hidden, and those that are read-only, in every container (oci/defaults.go). */
export const maskedPaths: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
];
export const readonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

/** HostConfig as `docker inspect` and hostconfig.json show it on a host with that version of cgroups; `begun`: it was started once. */
export function hostConfigJson(
  { resources, sharing, Init, ...hostConfig }: HostConfig,
  cgroup: 'v1' | 'v2',
  begun: boolean,
): {
  readonly [key: string]: Json;
} {
  return {
    Binds: hostConfig.Binds ?? null,
    ContainerIDFile: '',
    LogConfig: { Type: 'json-file', Config: {} },
    NetworkMode: hostConfig.NetworkMode,
    PortBindings: (hostConfig.PortBindings ?? {}) as { readonly [key: string]: Json },
    RestartPolicy: { ...hostConfig.RestartPolicy },
    AutoRemove: hostConfig.AutoRemove,
    VolumeDriver: hostConfig.VolumeDriver ?? '',
    VolumesFrom: hostConfig.VolumesFrom ?? null,
    CapAdd: hostConfig.CapAdd ?? null,
    CapDrop: hostConfig.CapDrop ?? null,
    CgroupnsMode: cgroupnsDefault(cgroup),
    Dns: [],
    DnsOptions: [],
    DnsSearch: [],
    ExtraHosts: null,
    GroupAdd: null,
    IpcMode: 'private',
    Cgroup: '',
    Links: null,
    OomScoreAdj: 0,
    PidMode: '',
    Privileged: false,
    PublishAllPorts: hostConfig.PublishAllPorts ?? false,
    ReadonlyRootfs: hostConfig.ReadonlyRootfs ?? false,
    SecurityOpt: hostConfig.SecurityOpt ?? null,
    ...(hostConfig.Tmpfs === undefined ? {} : { Tmpfs: hostConfig.Tmpfs }),
    UTSMode: '',
    UsernsMode: '',
    ShmSize: 67108864,
    Runtime: 'runc',
    ConsoleSize: [0, 0],
    Isolation: '',
    CpuShares: 0,
    Memory: hostConfig.Memory,
    NanoCpus: 0,
    CgroupParent: '',
    BlkioWeight: 0,
    BlkioWeightDevice: [],
    BlkioDeviceReadBps: null,
    BlkioDeviceWriteBps: null,
    BlkioDeviceReadIOps: null,
    BlkioDeviceWriteIOps: null,
    CpuPeriod: 0,
    CpuQuota: 0,
    CpuRealtimePeriod: 0,
    CpuRealtimeRuntime: 0,
    CpusetCpus: '',
    CpusetMems: '',
    Devices: [],
    DeviceCgroupRules: null,
    DeviceRequests: null,
    KernelMemory: 0,
    KernelMemoryTCP: 0,
    MemoryReservation: 0,
    MemorySwap: hostConfig.MemorySwap,
    MemorySwappiness: null,
    // v2 has no such switch, and the daemon forgets it at the first start.
    OomKillDisable: cgroup === 'v2' && begun ? null : false,
    PidsLimit: hostConfig.PidsLimit,
    Ulimits: null,
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    ...(hostConfig.Mounts === undefined ? {} : { Mounts: hostConfig.Mounts as unknown as Json }),
    MaskedPaths: maskedPaths,
    ReadonlyPaths: readonlyPaths,
    ...(Init === undefined ? {} : { Init }),
    // Each stands in the place of its default above.
    ...(resources as { readonly [key: string]: Json } | undefined),
    ...(sharing === undefined ? {} : sharingJson(sharing)),
  };
}
