/**
 * What the engine says of itself and its host (`docker info`, GET /info of API 1.41). Fields stand in the order of 20.10
 * (moby/api/types Info); the storage driver's own lines come from how it lies on this host.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Flow, type MountInfo, perform } from '../op.ts';
import type { Json } from './json.ts';
import { snapshotterOf } from './storage.ts';
import { type Engine, statusOf } from './world.ts';

export type Info = { readonly [key: string]: Json };

export function* engineInfo(engine: Engine): Flow<Info> {
  const { facts, world } = engine;
  const states = Object.values(world.containers).map(statusOf);
  const running = states.filter((state) => state === 'running').length;
  const paused = states.filter((state) => state === 'paused').length;
  const { name, version } = yield* systemName();
  const v2 = facts.cgroup === 'v2';
  const grouped = facts.groupless === undefined;
  return {
    ID: idOf(facts.hostname),
    Containers: states.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: states.length - running - paused,
    Images: Object.keys(world.images.images).length,
    Driver: snapshotterOf(engine).name,
    DriverStatus: yield* driverStatus(engine),
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
      Authorization: null,
      Log: [
        'awslogs',
        'fluentd',
        'gcplogs',
        'gelf',
        'journald',
        'json-file',
        'local',
        'logentries',
        'splunk',
        'syslog',
      ],
    },
    MemoryLimit: grouped,
    SwapLimit: grouped,
    KernelMemory: grouped && !v2,
    KernelMemoryTCP: grouped && !v2,
    CpuCfsPeriod: grouped,
    CpuCfsQuota: grouped,
    CPUShares: grouped,
    CPUSet: grouped,
    PidsLimit: grouped,
    IPv4Forwarding: true,
    BridgeNfIptables: true,
    BridgeNfIp6tables: true,
    Debug: false,
    NFd: uncounted.files,
    OomKillDisable: grouped && !v2,
    NGoroutines: uncounted.goroutines,
    SystemTime: new Date(engine.host.now()).toISOString(),
    LoggingDriver: 'json-file',
    CgroupDriver: grouped ? 'cgroupfs' : 'none',
    CgroupVersion: v2 ? '2' : '1',
    NEventsListener: 0,
    KernelVersion: facts.kernel,
    OperatingSystem: name,
    OSVersion: version,
    OSType: 'linux',
    Architecture: 'x86_64',
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: registries,
    NCPU: facts.cpus,
    MemTotal: facts.memory,
    GenericResources: null,
    DockerRootDir: facts.dataRoot,
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: facts.hostname,
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: '20.10.24+dfsg1',
    Runtimes: {
      'io.containerd.runc.v2': { path: 'runc' },
      'io.containerd.runtime.v1.linux': { path: 'runc' },
      runc: { path: 'runc' },
    },
    DefaultRuntime: 'runc',
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    LiveRestoreEnabled: false,
    Isolation: '',
    InitBinary: 'docker-init',
    ContainerdCommit: { ID: '1.6.20~ds1-1+deb12u3', Expected: '1.6.20~ds1-1+deb12u3' },
    RuncCommit: { ID: '1.1.5+ds1-1+deb12u1', Expected: '1.1.5+ds1-1+deb12u1' },
    InitCommit: { ID: '', Expected: '' },
    SecurityOptions: [
      'name=seccomp,profile=default',
      ...(facts.rootless === undefined ? [] : ['name=rootless']),
      ...(v2 ? ['name=cgroupns'] : []),
    ],
    Warnings: null,
  };
}

/**
 * There is no dockerd whose files and goroutines could be counted. -1 is what dockerd itself answers when it cannot count its
 * files (moby pkg/fileutils GetTotalUsedFds). `docker info` prints both only of an engine in debug mode.
 */
const uncounted = { files: -1, goroutines: 0 };

const registries: Json = {
  AllowNondistributableArtifactsCIDRs: [],
  AllowNondistributableArtifactsHostnames: [],
  InsecureRegistryCIDRs: ['127.0.0.0/8'],
  IndexConfigs: { 'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true } },
  Mirrors: [],
};

/** moby/daemon/graphdriver FsNames, by the type that mount shows. */
const backing: Readonly<Record<string, string>> = { ext4: 'extfs', ext3: 'extfs', ext2: 'extfs', overlay: 'overlayfs' };

function* driverStatus(engine: Engine): Flow<Json> {
  const { name } = snapshotterOf(engine);
  const { dataRoot } = engine.facts;
  if (name === 'vfs') return null;
  const mounts = yield* perform('look on what the data root lies', { op: 'mounts' }, { quiet: true });
  const type = holding(mounts, dataRoot)?.type ?? '<unknown>';
  const fs = backing[type] ?? type;
  if (name === 'overlay2') {
    return [
      ['Backing Filesystem', fs],
      ['Supports d_type', 'true'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', String(engine.facts.rootless !== undefined)],
    ];
  }
  const { containers, layers } = engine.world;
  const dirs = Object.keys(layers).length + 2 * Object.keys(containers).length;
  return [
    ['Root Dir', `${dataRoot}/aufs`],
    ['Backing Filesystem', fs],
    ['Dirs', String(dirs)],
    ['Dirperm1 Supported', 'true'],
  ];
}

/** The mount that a path lies on. */
function holding(mounts: readonly MountInfo[], path: string): MountInfo | undefined {
  const fits = mounts.filter(({ at }) => path === at || path.startsWith(at === '/' ? '/' : `${at}/`));
  return fits.reduce<MountInfo | undefined>(
    (best, one) => (one.at.length >= (best?.at.length ?? 0) ? one : best),
    undefined,
  );
}

/** /etc/os-release, os-release(5). */
function* systemName(): Flow<{ name: string; version: string }> {
  const outcome = yield { title: 'read the host’s name', op: { op: 'readFile', path: '/etc/os-release' }, quiet: true };
  const text = outcome.ok ? (outcome.value as string) : '';
  const field = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return { name: field('PRETTY_NAME') || 'Linux', version: field('VERSION_ID') };
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Twelve groups of four, as libtrust prints the fingerprint of the engine's key; here one of the host's name. */
function idOf(hostname: string): string {
  const bytes = sha256(new TextEncoder().encode(hostname));
  let bits = 0n;
  for (const byte of bytes.subarray(0, 30)) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let at = 47n; at >= 0n; at--) text += BASE32[Number((bits >> (at * 5n)) & 31n)];
  return text.match(/..../g)!.join(':');
}
