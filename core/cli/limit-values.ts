/**
 * The values of the flags that set limits, as docker/cli 20.10 reads them (opts/opts.go ParseCPUs, opts/throttledevice.go,
 * opts/weightdevice.go, cli/command/container/opts.go), and its words for those that it does not take.
 */
import type { DeviceMapping, Resources, ThrottleDevice, WeightDevice } from '../engine/resources.ts';
import type { FlagValues } from './flags.ts';
import { ramInBytes } from './flags.ts';
import type { LimitValues } from './limit-door.ts';
import { profiles } from './seccomp-files.ts';
import { CliError } from './spec.ts';

const BILLION = 1_000_000_000n;

/** A number of CPUs as a fraction (math/big Rat), in billionths. */
function nanoCpus(text: string): string {
  const fail = (why: string): never => {
    throw new Error(why);
  };
  const fraction = /^([+-]?)(\d+)\/(\d+)$/.exec(text);
  const decimal = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if ((fraction === null && decimal === null) || /^0+$/.test(fraction?.[3] ?? '1'))
    return fail(`failed to parse ${text} as a rational number`);
  let above = BigInt(fraction?.[2] ?? `${decimal![2]}${decimal![3] ?? ''}`) * BILLION;
  let below = BigInt(fraction?.[3] ?? 1);
  const exponent = decimal === null ? 0 : Number(decimal[4] ?? 0) - (decimal[3] ?? '').length;
  if (exponent > 0) above *= 10n ** BigInt(exponent);
  else below *= 10n ** BigInt(-exponent);
  if (above % below !== 0n) fail('value is too precise');
  const nano = above / below;
  return String(BigInt.asIntN(64, (fraction ?? decimal)![1] === '-' ? -nano : nano));
}

/** `/dev/sda:RATE`. */
function splitDevice(text: string): readonly [path: string, rest: string] {
  const at = text.indexOf(':');
  if (at < 0) throw new Error(`bad format: ${text}`);
  if (!text.startsWith('/dev/')) throw new Error(`bad format for device path: ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

const rate = 'The correct format is <device-path>:<number>';

function bytesRate(text: string): string {
  const [, value] = splitDevice(text);
  try {
    ramInBytes(value);
  } catch {
    throw new Error(
      `invalid rate for device: ${text}. ${rate}[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`,
    );
  }
  return text;
}

function operationsRate(text: string): string {
  const [, value] = splitDevice(text);
  if (!/^\d+$/.test(value))
    throw new Error(`invalid rate for device: ${text}. ${rate}. Number must be a positive integer`);
  return text;
}

function deviceWeight(text: string): string {
  const [, value] = splitDevice(text);
  const weight = /^\d+$/.test(value) ? Number(value) : -1;
  if (weight !== 0 && (weight < 10 || weight > 1000)) throw new Error(`invalid weight for device: ${text}`);
  return text;
}

function deviceRule(text: string): string {
  if (!/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(text)) throw new Error(`invalid device cgroup format '${text}'`);
  return text;
}

const checks: Readonly<Record<string, (text: string) => string>> = {
  cpus: nanoCpus,
  'blkio-weight-device': deviceWeight,
  'device-cgroup-rule': deviceRule,
  'device-read-bps': bytesRate,
  'device-write-bps': bytesRate,
  'device-read-iops': operationsRate,
  'device-write-iops': operationsRate,
};

/** Each of r, w and m once at most. */
const isMode = (text: string): boolean => /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;

/** `--device HOST[:CONTAINER][:rwm]`. */
function deviceMapping(text: string): DeviceMapping {
  const parts = text.split(':');
  const [host = '', second, third] = parts;
  if (parts.length > 3 || host === '') throw new CliError(`bad format for path: ${text}`);
  if (third !== undefined && !isMode(third)) throw new CliError(`bad mode specified: ${third}`);
  const isPath = second !== undefined && (third !== undefined || !isMode(second));
  const at = isPath ? second : host;
  if (!at.startsWith('/')) throw new CliError(`${at} is not an absolute path`);
  const CgroupPermissions = third ?? (second !== undefined && !isPath ? second : 'rwm');
  return {
    PathOnHost: isPath ? host : clean(host),
    PathInContainer: isPath && third === undefined ? clean(at) : at,
    CgroupPermissions,
  };
}

/** path.Clean of an absolute path. */
function clean(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

function throttlesOf(flags: FlagValues, name: string): readonly ThrottleDevice[] {
  return flags.list(name).map((text) => {
    const [Path, value] = splitDevice(text);
    return { Path, Rate: ramInBytes(value) };
  });
}

const weightsOf = (flags: FlagValues): readonly WeightDevice[] =>
  flags.list('blkio-weight-device').map((text) => {
    const [Path, value] = splitDevice(text);
    return { Path, Weight: Number(value) };
  });

/** The fields of the flags that were given; a table from flag to field and how it is read. */
function resources(flags: FlagValues): Resources {
  const number = (name: string) => () => flags.int(name);
  const text = (name: string) => () => flags.text(name);
  const rows: readonly (readonly [flag: string, field: keyof Resources, read: () => unknown])[] = [
    ['oom-score-adj', 'OomScoreAdj', number('oom-score-adj')],
    ['cpu-shares', 'CpuShares', number('cpu-shares')],
    ['cpus', 'NanoCpus', number('cpus')],
    ['blkio-weight', 'BlkioWeight', number('blkio-weight')],
    ['blkio-weight-device', 'BlkioWeightDevice', () => weightsOf(flags)],
    ['device-read-bps', 'BlkioDeviceReadBps', () => throttlesOf(flags, 'device-read-bps')],
    ['device-write-bps', 'BlkioDeviceWriteBps', () => throttlesOf(flags, 'device-write-bps')],
    ['device-read-iops', 'BlkioDeviceReadIOps', () => throttlesOf(flags, 'device-read-iops')],
    ['device-write-iops', 'BlkioDeviceWriteIOps', () => throttlesOf(flags, 'device-write-iops')],
    ['cpu-period', 'CpuPeriod', number('cpu-period')],
    ['cpu-quota', 'CpuQuota', number('cpu-quota')],
    ['cpuset-cpus', 'CpusetCpus', text('cpuset-cpus')],
    ['cpuset-mems', 'CpusetMems', text('cpuset-mems')],
    ['device', 'Devices', () => flags.list('device').map(deviceMapping)],
    ['device-cgroup-rule', 'DeviceCgroupRules', () => flags.list('device-cgroup-rule')],
    ['kernel-memory', 'KernelMemory', number('kernel-memory')],
    ['memory-reservation', 'MemoryReservation', number('memory-reservation')],
    ['memory-swappiness', 'MemorySwappiness', () => swappiness(flags.int('memory-swappiness'))],
    ['oom-kill-disable', 'OomKillDisable', () => flags.bool('oom-kill-disable')],
  ];
  const given = rows.filter(([name]) => flags.known(name) && flags.has(name));
  return Object.fromEntries(given.map(([, field, read]) => [field, read()])) as Resources;
}

/** -1 leaves it as it is. */
function swappiness(value: number): number | null {
  if (value < -1 || value > 100) throw new CliError(`invalid value: ${value}. Valid memory swappiness range is 0-100`);
  return value === -1 ? null : value;
}

export const limitValues: LimitValues = {
  resources,
  check: (name, value) => checks[name]!(value),
  profiles,
};
