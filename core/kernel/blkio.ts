/**
 * The files of block I/O: throttles and weights of single devices, blkio in v1 and io in v2. Documentation/admin-guide/
 * cgroup-v1/blkio-controller.rst, cgroup-v2.rst "IO"; block/blk-throttle.c. What is refused was seen on Linux 6.
 *
 * Kept true: a rule is for a whole disk that the host has, ENODEV otherwise, and partitions are none; nothing in the simulation
 * takes time on a disk, so that rates are kept and shown and slow nothing down.
 */
import { SysError } from '../errors.ts';
import type { Cgroup } from './cgroup.ts';
import { type FileTable, type FileType, integer, named, notInRoot, setting, shows, takes } from './cgroupvalues.ts';

/** Whole disks of the simulated host; its root lies on the first partition of it. */
const DISKS: ReadonlySet<string> = new Set(['8:0']);

/** Splits off the numbers of a device, as blkg_conf_prep does. EINVAL, ENODEV. */
function deviceAnd(value: string): readonly [device: string, rest: string] {
  const match = /^(\d+:\d+)\s+(\S.*)?$/.exec(`${value} `);
  if (match === null) throw new SysError('EINVAL');
  if (!DISKS.has(match[1]!)) throw new SysError('ENODEV');
  return [match[1]!, (match[2] ?? '').trim()];
}

const linesOf = (group: Cgroup, file: string): Map<string, string> =>
  new Map((group.values.get(file) ?? '').split('\n').flatMap((line) => (line === '' ? [] : [keyed(line)])));

const keyed = (line: string): readonly [string, string] => {
  const at = line.indexOf(' ');
  return [line.slice(0, at), line.slice(at + 1)];
};

const keepLines = (group: Cgroup, file: string, lines: ReadonlyMap<string, string>): void =>
  group.set(file, [...lines].map(([device, rest]) => `${device} ${rest}`).join('\n'));

const shown = (group: Cgroup, file: string): string => {
  const text = group.values.get(file) ?? '';
  return text === '' ? '' : `${text}\n`;
};

/** `8:0 1048576`; 0 takes the rule away. What follows the number does not count. */
function throttle(file: string): FileType {
  return notInRoot({
    mode: 0o644,
    read: (_kernel, group) => shown(group, file),
    write: (_kernel, group, value) => {
      const [device, rest] = deviceAnd(value);
      const number = /^\d+/.exec(rest)?.[0];
      if (number === undefined) throw new SysError('EINVAL');
      const lines = linesOf(group, file);
      const rate = BigInt.asUintN(64, BigInt(number));
      if (rate === 0n) lines.delete(device);
      else lines.set(device, String(rate));
      keepLines(group, file, lines);
    },
  });
}

const throttles = ['read_bps', 'write_bps', 'read_iops', 'write_iops'].map((name) => `blkio.throttle.${name}_device`);

/** A weight for one disk needs the scheduler bfq on it, which it has not. */
function weightDevice(value: string): string {
  const all = /^default\s+(\S+)$/.exec(value)?.[1] ?? (/^\d+$/.test(value) ? value : undefined);
  if (all !== undefined) return integer(1, 1000, 'ERANGE')(all);
  deviceAnd(value);
  throw new SysError('EOPNOTSUPP');
}

const WEIGHT = 'blkio.bfq.weight';

export const blkio: FileTable = named({
  [WEIGHT]: notInRoot(setting('100', integer(1, 1000, 'ERANGE'))),
  [`${WEIGHT}_device`]: notInRoot({
    mode: 0o644,
    read: (_kernel, group) => `default ${group.values.get(WEIGHT) ?? 100}\n`,
    write: (_kernel, group, value) => group.set(WEIGHT, weightDevice(value)),
  }),
  'blkio.reset_stats': takes(() => {}),
  'blkio.throttle.io_service_bytes': shows(() => 'Total 0\n'),
  'blkio.throttle.io_serviced': shows(() => 'Total 0\n'),
  ...Object.fromEntries(throttles.map((file) => [file, throttle(file)])),
});

const RATES = ['rbps', 'wbps', 'riops', 'wiops'] as const;
const MAX = 'io.max';

/** `8:0 rbps=1048576 wiops=max`: what is not named stays; without any limit the device is not listed. */
function changeMax(group: Cgroup, value: string): void {
  const [device, rest] = deviceAnd(value);
  const lines = linesOf(group, MAX);
  const rates = new Map(RATES.map((rate) => [rate as string, 'max']));
  for (const pair of (lines.get(device) ?? '').split(' ').filter(Boolean)) rates.set(...assigned(pair));
  for (const pair of rest.split(/\s+/).filter(Boolean)) {
    const [name, text] = assigned(pair);
    if (!rates.has(name) || !/^(max|\d+)$/.test(text)) throw new SysError('EINVAL');
    if (/^0+$/.test(text)) throw new SysError('ERANGE');
    rates.set(name, text);
  }
  lines.delete(device);
  if ([...rates.values()].some((rate) => rate !== 'max'))
    lines.set(device, [...rates].map(([name, rate]) => `${name}=${rate}`).join(' '));
  keepLines(group, MAX, lines);
}

function assigned(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, Math.max(0, at)), pair.slice(at + 1)];
}

export const io: FileTable = named({
  'io.weight': notInRoot(
    setting('default 100', (value) => `default ${integer(1, 10000, 'ERANGE')(value.replace(/^default\s+/, ''))}`),
  ),
  [MAX]: notInRoot({
    mode: 0o644,
    read: (_kernel, group) => shown(group, MAX),
    write: (_kernel, group, value) => changeMax(group, value),
  }),
  'io.stat': shows(() => ''),
});
