/**
 * The files of block I/O: throttles and weights of single devices, blkio in v1 and io in v2. Documentation/admin-guide/
 * cgroup-v1/blkio-controller.rst, cgroup-v2.rst "IO"; block/blk-throttle.c. What is refused was seen on Linux 6.
 *
 * Kept true: a rule is for a whole disk that the host has, ENODEV otherwise, and partitions are none. What a rate does is in
 * pagecache.ts.
 */
import { SysError } from '../errors.ts';
import type { Cgroup, Tally } from './cgroup.ts';
import {
  type FileTable,
  type FileType,
  inRootAlone,
  integer,
  named,
  notInRoot,
  setting,
  shows,
  takes,
} from './cgroupvalues.ts';

/** Whole disks of the simulated host; its root lies on the first partition of it. */
const DISKS: ReadonlySet<string> = new Set(['8:0']);

/** The one disk that there is. */
const DISK = '8:0';

/** Bytes and requests a second that a group may have of the disk; none: Infinity. */
export function limitsOfIo(group: Cgroup, way: 'read' | 'write'): { readonly bps: number; readonly iops: number } {
  const rate = (text: string | undefined): number =>
    text === undefined || text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
  if (group.hierarchy.version === 'v1') {
    const of = (what: string): number => rate(linesOf(group, `blkio.throttle.${way}_${what}_device`).get(DISK));
    return { bps: of('bps'), iops: of('iops') };
  }
  const words = new Map((linesOf(group, MAX).get(DISK) ?? '').split(' ').filter(Boolean).map(assigned));
  return { bps: rate(words.get(`${way[0]}bps`)), iops: rate(words.get(`${way[0]}iops`)) };
}

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
    write: (kernel, group, value) => {
      const [device, rest] = deviceAnd(value);
      const number = /^\d+/.exec(rest)?.[0];
      if (number === undefined) throw new SysError('EINVAL');
      const lines = linesOf(group, file);
      const rate = BigInt.asUintN(64, BigInt(number));
      if (rate === 0n) lines.delete(device);
      else lines.set(device, String(rate));
      keepLines(group, file, lines);
      kernel.cgroups.ioLimited = true;
    },
  });
}

const throttles = ['read_bps', 'write_bps', 'read_iops', 'write_iops'].map((name) => `blkio.throttle.${name}_device`);

const weight = (value: string): string => integer(1, 1000, 'ERANGE')(integer(0, 2 ** 64)(value));

/** A weight for one disk needs the scheduler bfq on it, which it has not. */
function weightDevice(value: string): string {
  const all = /^default\s+(\S+)$/.exec(value)?.[1] ?? (/^\d+$/.test(value) ? value : undefined);
  if (all !== undefined) return weight(all);
  if (value === '') throw new SysError('ERANGE');
  deviceAnd(value);
  throw new SysError('EOPNOTSUPP');
}

const WEIGHT = 'blkio.bfq.weight';

type Two = readonly [read: number, written: number];

/** What went to and came from the disk: of the group, and in a second file of those below it too. */
function transfers(file: string, what: (tally: Tally) => Two): FileTable {
  const own = ({ tally }: Cgroup): Two => (tally === undefined ? [0, 0] : what(tally));
  const all = (group: Cgroup): Two => {
    let [read, written] = own(group);
    for (const child of group.children.values()) {
      const [more, others] = all(child);
      [read, written] = [read + more, written + others];
    }
    return [read, written];
  };
  return {
    [file]: notInRoot(shows((_kernel, group) => transferRows(own(group)))),
    [`${file}_recursive`]: notInRoot(shows((_kernel, group) => transferRows(all(group)))),
  };
}

function transferRows([read, written]: Two): string {
  const total = read + written;
  if (total === 0) return 'Total 0\n';
  const rows = { Read: read, Write: written, Sync: total, Async: 0, Discard: 0, Total: total };
  return `${Object.entries(rows)
    .map(([name, bytes]) => `${DISK} ${name} ${bytes}\n`)
    .join('')}Total ${total}\n`;
}

export const blkio: FileTable = named({
  [WEIGHT]: notInRoot(setting('100', weight)),
  [`${WEIGHT}_device`]: notInRoot({
    mode: 0o644,
    read: (_kernel, group) => `default ${group.values.get(WEIGHT) ?? 100}\n`,
    write: (_kernel, group, value) => group.set(WEIGHT, weightDevice(value)),
  }),
  'blkio.reset_stats': takes((_kernel, _group, value) => {
    integer(0, 2 ** 64)(value);
  }),
  ...transfers('blkio.throttle.io_service_bytes', ({ diskRead, diskWritten }) => [diskRead, diskWritten]),
  ...transfers('blkio.throttle.io_serviced', ({ diskReads, diskWrites }) => [diskReads, diskWrites]),
  // Nobody uses the scheduler that counts these.
  ...transfers('blkio.bfq.io_service_bytes', () => [0, 0]),
  ...transfers('blkio.bfq.io_serviced', () => [0, 0]),
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
    if (/^0*1$/.test(text)) throw new SysError('EINVAL');
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

function ioStat(group: Cgroup): string {
  const sum = (what: 'diskRead' | 'diskWritten' | 'diskReads' | 'diskWrites', at: Cgroup): number => {
    let all = at.tally?.[what] ?? 0;
    for (const child of at.children.values()) all += sum(what, child);
    return all;
  };
  const [read, written] = [sum('diskRead', group), sum('diskWritten', group)];
  if (read + written === 0) return '';
  const requests = `rios=${sum('diskReads', group)} wios=${sum('diskWrites', group)}`;
  return `${DISK} rbytes=${read} wbytes=${written} ${requests} dbytes=0 dios=0\n`;
}

/** ioc_weight_write(): a weight for one disk needs the cost model on it, which is off. */
function ioWeight(value: string): string {
  if (!/^\d+:/.test(value)) return `default ${integer(1, 10000)(value.replace(/^default\s+/, ''))}`;
  deviceAnd(value);
  throw new SysError('EOPNOTSUPP');
}

/** Only in the root: how much a request costs. Nobody has switched it on. */
const cost = inRootAlone({
  mode: 0o644,
  read: () => '',
  write: (_kernel, _group, value) => {
    deviceAnd(value);
    throw new SysError('EOPNOTSUPP');
  },
});

export const io: FileTable = named({
  'io.cost.model': cost,
  'io.cost.qos': { ...cost },
  'io.weight': notInRoot(setting('default 100', ioWeight)),
  [MAX]: notInRoot({
    mode: 0o644,
    read: (_kernel, group) => shown(group, MAX),
    write: (kernel, group, value) => {
      changeMax(group, value);
      kernel.cgroups.ioLimited = true;
    },
  }),
  'io.stat': shows((_kernel, group) => ioStat(group)),
});
