/**
 * Limits beyond memory and number of processes: what 20.10 makes of them. `verify` has the daemon's checks and words
 * (daemon/daemon_unix.go verifyPlatformContainerResources), `limitsOf` the files of runc (libcontainer/cgroups/fs and fs2),
 * `devicesOf` the device nodes and rules (oci/devices_linux.go).
 *
 * Kept true: a field that the host cannot honour is taken out with a warning and stays out of the records; all others are
 * written into the cgroup, and a value that the kernel refuses ends the start in runc's words.
 */
import type { HostFacts } from '../../driver.ts';
import type { Errno } from '../../errors.ts';
import { type Flow, type ListEntry, perform, type Spawn, type SpawnDevice, type Step, StepError } from '../../op.ts';
import type { HostConfig } from '../config.ts';
import { DockerError } from '../errors.ts';
import {
  type DeviceMapping,
  defaultDeviceRules,
  type Limit,
  type Resources,
  type ResourceWork,
  type ThrottleDevice,
} from '../resources.ts';
import type { Engine } from '../world.ts';
import { lookAt } from './hostpath.ts';
import { parseSeccomp } from './seccomp.ts';

const MINIMUM = 6 * 1024 * 1024;
const refuse = (message: string): never => {
  throw new DockerError(message, 'invalid');
};

/** A change of the fields of `Resources`, with those that cannot be honoured taken out. Throws DockerError. */
export function verify(
  facts: HostFacts,
  memory: number,
  asked: Resources,
): { readonly resources: Resources; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const resources = { ...asked };
  verifyMemory(facts, memory, resources, warnings);
  verifyCpu(facts, resources);
  verifySet('CPUs', 'cpus', resources.CpusetCpus, facts.cpus);
  verifySet('memory nodes', 'mems', resources.CpusetMems, 1);
  verifyBlkio(facts, resources, warnings);
  const { OomScoreAdj: adj = 0 } = resources;
  if (adj < -1000 || adj > 1000) refuse(`Invalid value ${adj}, range for oom score adj is [-1000, 1000]`);
  return { resources, warnings };
}

type Open<T> = { -readonly [K in keyof T]: T[K] };

function verifyMemory(facts: HostFacts, memory: number, resources: Open<Resources>, warnings: string[]): void {
  const v2 = facts.cgroup === 'v2';
  const { MemoryReservation: reservation = 0 } = resources;
  if (v2 && typeof resources.MemorySwappiness === 'number') {
    warnings.push(
      'Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.',
    );
    delete resources.MemorySwappiness;
  }
  if (reservation > 0 && reservation < MINIMUM) refuse('Minimum memory reservation allowed is 6MB');
  if (memory > 0 && reservation > memory)
    refuse('Minimum memory limit can not be less than memory reservation limit, see usage');
  if ((resources.KernelMemory ?? 0) > 0) {
    warnings.push('Specifying a kernel memory limit is deprecated and will be removed in a future release.');
    if (v2) {
      warnings.push(
        'Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.',
      );
      delete resources.KernelMemory;
    } else {
      if (resources.KernelMemory! < MINIMUM) refuse('Minimum kernel memory limit allowed is 6MB');
    }
  }
  if (resources.OomKillDisable !== true) return;
  if (v2) {
    warnings.push('Your kernel does not support OomKillDisable. OomKillDisable discarded.');
    delete resources.OomKillDisable;
  } else if (memory === 0) {
    warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    );
  }
}

function verifyCpu({ cpus }: HostFacts, resources: Resources): void {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 } = resources;
  if (NanoCpus > 0 && CpuPeriod > 0) refuse('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  if (NanoCpus > 0 && CpuQuota > 0) refuse('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  if (NanoCpus < 0 || NanoCpus > cpus * 1e9)
    refuse(`Range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000))
    refuse('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)');
  if (CpuQuota > 0 && CpuQuota < 1000) refuse('CPU cfs quota can not be less than 1ms (i.e. 1000)');
}

/** moby pkg/parsers ParseUintList: numbers below 8193 and ranges of them. */
function verifySet(what: string, name: string, text: string | undefined, count: number): void {
  if (text === undefined || text === '') return;
  const bad = (why: string): never => refuse(`Invalid value ${text} for cpuset ${name}: ${why}`);
  const wanted: number[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part) ?? bad(`invalid format: ${text}`);
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (to < from) bad(`invalid format: ${text}`);
    if (to > 8192) bad('value of out range, maximum is 8192');
    wanted.push(to);
  }
  if (Math.max(...wanted) < count) return;
  const available = count === 1 ? '0' : `0-${count - 1}`;
  refuse(`Requested ${what} are not available - requested ${text}, available: ${available}`);
}

/** Weights need the scheduler CFQ, which v1 kernels of today have no more; those of v2 are there. */
function verifyBlkio(facts: HostFacts, resources: Open<Resources>, warnings: string[]): void {
  const { BlkioWeight: weight = 0, BlkioWeightDevice: devices = [] } = resources;
  const discard = (what: string, tail: string): void =>
    void warnings.push(
      `Your kernel does not support Block I/O ${what} or the cgroup is not mounted. ${tail} discarded.`,
    );
  if (facts.cgroup === 'v1') {
    if (weight > 0) discard('weight', 'Weight');
    if (devices.length > 0) discard('weight_device', 'Weight-device');
    delete resources.BlkioWeight;
    delete resources.BlkioWeightDevice;
  } else if (weight > 0 && (weight < 10 || weight > 1000)) refuse('Range of blkio weight is from 10 to 1000');
}

const PERIOD = 100_000;

/** The files of a cgroup that follow from these fields, in the order in which runc writes them. */
export function limitsOf({ resources = {} }: HostConfig, facts: HostFacts): readonly Limit[] {
  const { NanoCpus = 0, CpuShares: shares = 0, CpusetCpus = '', CpusetMems = '' } = resources;
  const period = NanoCpus > 0 ? PERIOD : (resources.CpuPeriod ?? 0);
  const quota = NanoCpus > 0 ? Math.trunc((NanoCpus * PERIOD) / 1e9) : (resources.CpuQuota ?? 0);
  const v1 = facts.cgroup === 'v1';
  return [
    ...(v1 ? cpuFiles(shares, quota, period) : unifiedCpuFiles(shares, quota, period)),
    ...(CpusetCpus === '' ? [] : [limit('cpuset', 'cpuset.cpus', CpusetCpus, v1 ? `0-${facts.cpus - 1}` : '\n')]),
    ...(CpusetMems === '' ? [] : [limit('cpuset', 'cpuset.mems', CpusetMems, v1 ? '0' : '\n')]),
    ...memoryFiles(resources, v1),
    ...weightFiles(resources.BlkioWeight ?? 0),
  ];
}

const limit = (controller: string, file: string, value: string, initial: string): Limit => ({
  controller,
  file,
  value,
  initial,
});

function cpuFiles(shares: number, quota: number, period: number): readonly Limit[] {
  const files: Limit[] = [];
  if (shares !== 0) {
    const value = String(BigInt.asUintN(64, BigInt(shares)));
    files.push({ ...limit('cpu', 'cpu.shares', value, '1024'), exact: true });
  }
  if (period !== 0) files.push(limit('cpu', 'cpu.cfs_period_us', String(period), String(PERIOD)));
  if (quota !== 0) files.push(limit('cpu', 'cpu.cfs_quota_us', String(quota), '-1'));
  return files;
}

/** libcontainer/cgroups/fs2/cpu.go; shares of 2 … 262144 become weights of 1 … 10000. */
function unifiedCpuFiles(shares: number, quota: number, period: number): readonly Limit[] {
  const files: Limit[] = [];
  if (shares !== 0) {
    const above = BigInt.asUintN(64, BigInt(shares) - 2n);
    const weight = 1n + BigInt.asUintN(64, above * 9999n) / 262142n;
    files.push(limit('cpu', 'cpu.weight', String(weight), '100'));
  }
  if (quota !== 0 || period !== 0) {
    const most = quota > 0 ? String(quota) : 'max';
    files.push(limit('cpu', 'cpu.max', period === 0 ? most : `${most} ${period}`, `max ${PERIOD}`));
  }
  return files;
}

function memoryFiles(resources: Resources, v1: boolean): readonly Limit[] {
  const { MemoryReservation: reservation = 0, MemorySwappiness: swappiness, OomKillDisable } = resources;
  const files: Limit[] = [];
  if (reservation > 0)
    files.push(
      v1
        ? limit('memory', 'memory.soft_limit_in_bytes', String(reservation), '-1')
        : limit('memory', 'memory.low', String(reservation), '0'),
    );
  if (OomKillDisable === true) files.push(limit('memory', 'memory.oom_control', '1', '0'));
  if (typeof swappiness === 'number') files.push(limit('memory', 'memory.swappiness', String(swappiness), '60'));
  return files;
}

function weightFiles(weight: number): readonly Limit[] {
  if (weight === 0) return [];
  const scaled = String(1 + Math.trunc(((weight - 10) * 9999) / 990));
  return [{ ...limit('io', 'io.bfq.weight', String(weight), '100'), instead: limit('io', 'io.weight', scaled, '100') }];
}

const throttleFiles = [
  ['BlkioDeviceReadBps', 'read_bps', 'rbps'],
  ['BlkioDeviceWriteBps', 'write_bps', 'wbps'],
  ['BlkioDeviceReadIOps', 'read_iops', 'riops'],
  ['BlkioDeviceWriteIOps', 'write_iops', 'wiops'],
] as const;

/** The rates of single devices; their numbers are looked up now. */
export function* throttles({ resources = {} }: HostConfig, facts: HostFacts): Flow<readonly Limit[]> {
  const limits: Limit[] = [];
  for (const [field, v1, v2] of throttleFiles) {
    for (const { Path, Rate } of (resources[field] as readonly ThrottleDevice[] | undefined) ?? []) {
      const entry = yield* lookAt(Path);
      if (entry === undefined) throw new DockerError(`stat ${Path}: no such file or directory`, 'system');
      const numbers = (entry.node?.rdev ?? [0, 0]).join(':');
      limits.push(
        facts.cgroup === 'v1'
          ? limit('blkio', `blkio.throttle.${v1}_device`, `${numbers} ${Rate}`, `${numbers} 0`)
          : limit('io', 'io.max', `${numbers} ${v2}=${Rate}`, `${numbers} ${v2}=max`),
      );
    }
  }
  for (const { Path, Weight } of resources.BlkioWeightDevice ?? []) {
    const entry = yield* lookAt(Path);
    if (entry === undefined) throw new DockerError(`stat ${Path}: no such file or directory`, 'system');
    const value = `${(entry.node?.rdev ?? [0, 0]).join(':')} ${Weight}`;
    limits.push({ ...limit('io', 'io.bfq.weight', value, value), optional: true });
  }
  return limits;
}

/** Device nodes to make in the container, and all rules of its devices. */
export function* devicesOf(hostConfig: HostConfig): Flow<Pick<Spawn, 'devices' | 'deviceRules'>> {
  const { resources = {}, sharing } = hostConfig;
  const { Devices = [], DeviceCgroupRules: own = [] } = resources;
  if (sharing?.Privileged === true) {
    const all = [...(yield* allDevices())];
    for (const mapping of Devices) all.push(...(yield* nodesOf(mapping)));
    return { devices: all, deviceRules: ['a *:* rwm'] };
  }
  if (Devices.length + own.length === 0) return { deviceRules: defaultDeviceRules };
  const devices: SpawnDevice[] = [];
  const rules: string[] = [];
  for (const mapping of Devices) {
    for (const device of yield* nodesOf(mapping)) {
      devices.push(device);
      const letter = device.type === 'block' ? 'b' : 'c';
      rules.push(`${letter} ${device.rdev.join(':')} ${mapping.CgroupPermissions}`);
    }
  }
  return { devices, deviceRules: sorted([...defaultDeviceRules, ...rules, ...own]) };
}

/** libcontainer/devices HostDevices: all of the host's, but what each container has of its own. */
function* allDevices(): Flow<readonly SpawnDevice[]> {
  const op = { op: 'list', path: '/dev', depth: 9, text: 0 } as const;
  const entries = yield* perform('look which devices the host has', op, { quiet: true });
  const own = /^\/(pts|shm|fd|mqueue|\.lxc|\.lxd-mounts|\.udev)(\/|$)|\/console$/;
  return entries.filter(({ path }) => !own.test(path)).flatMap((entry) => deviceNode(entry, `/dev${entry.path}`) ?? []);
}

/** One device, or all in a directory. */
function* nodesOf({ PathOnHost: path, PathInContainer: at }: DeviceMapping): Flow<readonly SpawnDevice[]> {
  const wrong = (why: string): DockerError =>
    new DockerError(`error gathering device information while adding custom device "${path}": ${why}`, 'system');
  const entry = yield* lookAt(path);
  if (entry === undefined) throw wrong('no such file or directory');
  if (entry.type !== 'dir') {
    const node = deviceNode(entry, at);
    if (node === undefined) throw wrong('not a device node');
    return [node];
  }
  const below = yield* perform(`look into ${path}`, { op: 'list', path, depth: 9, text: 0 }, { quiet: true });
  const nodes = below.flatMap((each) => deviceNode(each, `${at}${each.path}`) ?? []);
  if (nodes.length === 0) throw wrong('not a device node');
  return nodes;
}

function deviceNode({ type, node }: ListEntry, path: string): SpawnDevice | undefined {
  return (type === 'char' || type === 'block') && node !== undefined ? { path, type, ...node } : undefined;
}

/** As runc hands them to the kernel: one rule for each device, by number; a rule for all devices stands for all. */
function sorted(rules: readonly string[]): readonly string[] {
  const all = new Map<string, Set<string>>();
  for (const rule of rules) {
    const [type = '', numbers = '', access = ''] = rule.split(' ');
    if (type === 'a') return ['a *:* rwm'];
    const key = `${type} ${numbers}`;
    const had = all.get(key) ?? new Set();
    for (const letter of access) had.add(letter);
    all.set(key, had);
  }
  const number = (text: string | undefined): number => (text === '*' ? -1 : Number(text));
  const order = (key: string): readonly [number, number, string] => {
    const [type = '', major, minor] = key.split(/[ :]/);
    return [number(major), number(minor), type];
  };
  return [...all]
    .sort(([one], [other]) => {
      const [a, b] = [order(one), order(other)];
      return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1);
    })
    .map(([key, access]) => `${key} ${[...'rwm'].filter((letter) => access.has(letter)).join('')}`);
}

const words: Readonly<Partial<Record<Errno, string>>> = {
  EINVAL: 'invalid argument',
  ERANGE: 'numerical result out of range',
  ENODEV: 'no such device',
  ENOENT: 'no such file or directory',
  EBUSY: 'device or resource busy',
  ENOSPC: 'no space left on device',
};

/** Writes one limit; what the kernel does not take is thrown as `refused` words it. */
export function* writeLimit(
  engine: Engine,
  group: string,
  wanted: Limit,
  refused: (why: string) => DockerError,
  undo: boolean,
): Flow<void> {
  const { controller, file, value, instead } = wanted;
  if (!engine.facts.controllers.includes(controller)) return;
  const op = { op: 'cgroupWrite', group, controller, file, value } as const;
  const step: Step = {
    title: `limit ${controller}: ${file} to ${value}`,
    op,
    why: 'From now on the kernel enforces it for the whole group.',
    ...(undo ? { undo: { ...op, value: wanted.initial ?? '' } } : {}),
  };
  const outcome = yield step;
  if (!outcome.ok) {
    if (outcome.errno === 'ENOENT' && instead !== undefined)
      return yield* writeLimit(engine, group, instead, refused, undo);
    if (outcome.errno === 'ENOENT' && wanted.optional === true) return;
    const why = words[outcome.errno] ?? outcome.message;
    const top = engine.facts.cgroup === 'v1' ? `/${controller}` : '';
    throw refused(`failed to write "${value}": write /sys/fs/cgroup${top}/${group}/${file}: ${why}`);
  }
  if (wanted.exact === true) yield* checkBack(group, wanted, refused);
}

/** The kernel moves shares that are out of bounds to the nearest bound, and runc notices. */
function* checkBack(group: string, wanted: Limit, refused: (why: string) => DockerError): Flow<void> {
  const { controller, file, value } = wanted;
  const step: Step = { title: `read ${file}`, op: { op: 'cgroupRead', group, controller, file }, quiet: true };
  const outcome = yield step;
  if (!outcome.ok) throw new StepError(step, outcome.errno, outcome.message);
  const kept = BigInt((outcome.value as string).trim());
  if (kept < BigInt(value)) throw refused(`the maximum allowed cpu-shares is ${kept}`);
  if (kept > BigInt(value)) throw refused(`the minimum allowed cpu-shares is ${kept}`);
}

/** `docker update` (container/container_unix.go UpdateContainer): what is 0 or empty stays as it was. Throws the conflict. */
export function merged(old: Resources, change: Resources): Resources {
  const conflict = (what: string, set: string): never => {
    throw new DockerError(`Conflicting options: ${what} cannot be updated as ${set} has already been set`, 'conflict');
  };
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 } = change;
  if (NanoCpus > 0 && (old.CpuPeriod ?? 0) > 0) conflict('Nano CPUs', 'CPU Period');
  if (NanoCpus > 0 && (old.CpuQuota ?? 0) > 0) conflict('Nano CPUs', 'CPU Quota');
  if (CpuPeriod > 0 && (old.NanoCpus ?? 0) > 0) conflict('CPU Period', 'NanoCPUs');
  if (CpuQuota > 0 && (old.NanoCpus ?? 0) > 0) conflict('CPU Quota', 'NanoCPUs');
  const given = Object.entries(change).filter(([, value]) => value !== 0 && value !== '');
  return { ...old, ...Object.fromEntries(given) };
}

/** What is behind the door of ../resources.ts. */
export const allResources: ResourceWork = { verify, limitsOf, throttles, devicesOf, writeLimit, merged, parseSeccomp };
