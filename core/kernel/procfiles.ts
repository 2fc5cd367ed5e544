/**
 * What stands in the files of /proc, proc(5): those of a process, and those of the system. Enough for ps, top, mount, free,
 * uptime and for looking around; numbers that the simulation has no counterpart for are 0.
 */
import { capabilityMask } from '../capabilities.ts';
import { SysError } from '../errors.ts';
import type { Dirent, Ino, NodeType } from '../vfs/fs.ts';
import type { Kernel } from './kernel.ts';
import { mountPoint, mountsOf, takesNoChange } from './mount.ts';
import { splitOptions } from './mountcalls.ts';
import type { PidNamespace } from './namespace.ts';
import { stateLetter } from './ops/query.ts';
import type { Process } from './process.ts';
import { signalNumber } from './signal.ts';

interface ProcessFile {
  readonly name: string;
  text(kernel: Kernel, process: Process, viewer: PidNamespace): string;
  /** What writing does, and then who may; 0o444 otherwise. */
  write?(process: Process, text: string, by: Process): void;
  readonly mode?: number;
}

/** The maps of a user namespace; the first one maps everything. */
const userFile = (name: string, first: string): ProcessFile => ({
  name,
  mode: 0o644,
  text: (_kernel, { ns }) => ns.user.text?.(name) ?? first,
  write({ ns }, text, by) {
    if (ns.user.write === undefined) throw new SysError('EPERM');
    ns.user.write(name, text, by);
  },
});
const EVERYBODY = '         0          0 4294967295\n';

/** Clock ticks a second, sysconf(_SC_CLK_TCK). */
const HZ = 100;

const ticks = (ms: number): number => Math.floor((ms * HZ) / 1000);

function statLine(kernel: Kernel, process: Process, viewer: PidNamespace): string {
  const { comm, parent, group, session, terminal, cpuMs, startedAt } = process;
  const tty = terminal === undefined ? 0 : 34816;
  const zeros = (n: number): string => '0 '.repeat(n);
  return (
    `${process.pidIn(viewer)} (${comm}) ${stateLetter(kernel, process)} ${parent?.pidIn(viewer) ?? 0} ` +
    `${group.pidIn(viewer)} ${session.pidIn(viewer)} ${tty} -1 4194560 ${zeros(4)}${ticks(cpuMs)} 0 0 0 20 0 1 0 ` +
    `${ticks(startedAt - kernel.bootTime)} ${(VSIZE + dataPages(process)) * 4096} ${RSS + dataPages(process)} 18446744073709551615 ${zeros(12)}17 0 0 0 ${zeros(10)}0\n`
  );
}

const stateNames = { R: 'running', S: 'sleeping', D: 'disk sleep', T: 'stopped', Z: 'zombie' } as const;

/** A set of signals as the 64-bit mask that /proc shows. */
function mask(process: Process, wanted: 'ignore' | 'handler'): string {
  let bits = 0n;
  for (const [signal, disposition] of process.dispositions) {
    if (disposition === wanted) bits |= 1n << BigInt(signalNumber[signal] - 1);
  }
  return bits.toString(16).padStart(16, '0');
}

/** Nobody has inheritable or ambient ones here. Only root keeps more than the bounding set over execve(2). */
function capabilityLines(process: Process): readonly string[] {
  const { capabilities, uid } = process;
  const none = capabilityMask([]);
  const bounding = capabilityMask(capabilities);
  const own = uid === 0 ? bounding : none;
  return [`CapInh:\t${none}`, `CapPrm:\t${own}`, `CapEff:\t${own}`, `CapBnd:\t${bounding}`, `CapAmb:\t${none}`];
}

/** Pages of a program that has just begun: of its address space, and in memory. */
const VSIZE = 354;
const RSS = 1;
const dataPages = ({ data }: Process): number => Math.ceil(data / 4096);

function memoryLines(process: Process): string[] {
  const line = (name: string, pages: number): string => `${name}:\t${String(pages * 4).padStart(8)} kB`;
  const data = dataPages(process);
  return [line('VmSize', VSIZE + data), line('VmRSS', RSS + data), line('RssAnon', data), line('RssFile', RSS)];
}

function statusText(kernel: Kernel, process: Process, viewer: PidNamespace): string {
  const letter = stateLetter(kernel, process);
  const pid = process.pidIn(viewer);
  const { uid, gid } = process;
  const lines = [
    `Name:\t${process.comm}`,
    `Umask:\t${process.umask.toString(8).padStart(4, '0')}`,
    `State:\t${letter} (${stateNames[letter]})`,
    `Tgid:\t${pid}`,
    `Pid:\t${pid}`,
    `PPid:\t${process.parent?.pidIn(viewer) ?? 0}`,
    `Uid:\t${uid}\t${uid}\t${uid}\t${uid}`,
    `Gid:\t${gid}\t${gid}\t${gid}\t${gid}`,
    `NStgid:\t${process.pids.slice(viewer.level).join('\t')}`,
    `NSpid:\t${process.pids.slice(viewer.level).join('\t')}`,
    ...(letter === 'Z' ? [] : memoryLines(process)),
    'Threads:\t1',
    `SigIgn:\t${mask(process, 'ignore')}`,
    `SigCgt:\t${mask(process, 'handler')}`,
    ...capabilityLines(process),
    `NoNewPrivs:\t${process.noNewPrivileges ? 1 : 0}`,
    `Seccomp:\t${process.filtered ? 2 : 0}`,
    `Seccomp_filters:\t${process.filtered ? 1 : 0}`,
  ];
  return `${lines.join('\n')}\n`;
}

function cgroupText(_kernel: Kernel, process: Process): string {
  return process.cgroups
    .map(({ hierarchy, path }) => {
      if (hierarchy.version === 'v2') return `0::${path}\n`;
      const names = hierarchy.controllers.length > 0 ? hierarchy.controllers.join() : hierarchy.option;
      return `${hierarchy.index + 1}:${names}:${path}\n`;
    })
    .reverse()
    .join('');
}

function mountinfoText(kernel: Kernel, process: Process): string {
  let text = '';
  for (const mount of mountsOf(process.ns.mnt.root)) {
    const at = mountPoint(mount, process.root);
    if (at === undefined) continue;
    const access = mount.readonly ? 'ro' : 'rw';
    const { flags, own } = splitOptions(mount.options);
    const parent = mount.at?.mount.id ?? 1;
    const device = kernel.deviceOf(mount.fs);
    const place = `${mount.id} ${parent} ${device} ${field(mount.rootPath)} ${field(at)} ${[access, ...flags].join()}${mount.sharing?.tags() ?? ''}`;
    text += `${place} - ${mount.type} ${field(mount.source)} ${[mount.fs.readonly === true ? 'ro' : 'rw', ...own].join()}\n`;
  }
  return text;
}

function mountsText(_kernel: Kernel, process: Process): string {
  let text = '';
  for (const mount of mountsOf(process.ns.mnt.root)) {
    const at = mountPoint(mount, process.root);
    if (at === undefined) continue;
    text += `${field(mount.source)} ${field(at)} ${mount.type} ${[takesNoChange(mount) ? 'ro' : 'rw', ...mount.options].join()} 0 0\n`;
  }
  return text;
}

/** What would end a field is written in octal, getmntent(3). */
const field = (text: string): string =>
  text.replace(/[ \t\n\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);

/** Strings, each ended by a NUL. */
const zeroEnded = (strings: readonly string[]): string => strings.map((text) => `${text}\0`).join('');

/** A zombie has given its memory back, so its arguments and environment are empty. */
const unlessZombie = (process: Process, text: () => string): string => (process.state === 'zombie' ? '' : text());

/** fs/proc/base.c __set_oom_adj: who has no CAP_SYS_RESOURCE can only become more likely to be killed. */
function setOomScoreAdj(process: Process, text: string, by: Process): void {
  const value = /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= -1000 && value <= 1000)) throw new SysError('EINVAL');
  if (value < process.oomScoreAdj && !by.can('CAP_SYS_RESOURCE')) throw new SysError('EACCES');
  process.oomScoreAdj = value;
}

/** Sorted by name; the place in this table is part of the inode number. */
export const processFiles: readonly ProcessFile[] = [
  { name: 'cgroup', text: cgroupText },
  { name: 'cmdline', text: (_kernel, process) => unlessZombie(process, () => zeroEnded(process.argv)) },
  { name: 'comm', text: (_kernel, process) => `${process.comm}\n` },
  { name: 'environ', text: (_kernel, process) => unlessZombie(process, () => zeroEnded(process.environ)) },
  userFile('gid_map', EVERYBODY),
  { name: 'mountinfo', text: mountinfoText },
  { name: 'mounts', text: mountsText },
  { name: 'oom_score_adj', mode: 0o644, text: (_kernel, process) => `${process.oomScoreAdj}\n`, write: setOomScoreAdj },
  userFile('setgroups', 'allow\n'),
  { name: 'stat', text: statLine },
  {
    name: 'statm',
    text: (_kernel, process) =>
      `${VSIZE + dataPages(process)} ${RSS + dataPages(process)} 1 208 0 ${20 + dataPages(process)} 0\n`,
  },
  { name: 'status', text: statusText },
  userFile('uid_map', EVERYBODY),
];

/** One entry of /proc that is not a process. */
interface SystemEntry {
  readonly name: string;
  readonly ino: Ino;
  readonly type: NodeType;
  readonly text?: (kernel: Kernel) => string;
  readonly target?: string;
  readonly children?: readonly SystemEntry[];
}

const MEMORY_KB = 8 * 1024 * 1024;

/** In kB: what the kernel and its caches have from the start. */
const KERNEL_KB = 262144;
const CACHED_KB = 245760;
const SHMEM_KB = 8192;

/** Free is what neither processes hold nor files in memory take. */
function meminfo(kernel: Kernel): string {
  const shmem = Math.round(kernel.shmem / 1024);
  let data = 0;
  for (const process of kernel.processes.values()) if (process.alive) data += 4 * dataPages(process);
  const taken = data + shmem;
  const rows: readonly (readonly [string, number])[] = [
    ['MemTotal', MEMORY_KB],
    ['MemFree', MEMORY_KB - 2 * KERNEL_KB - taken],
    ['MemAvailable', MEMORY_KB - KERNEL_KB - taken],
    ['Buffers', 16384],
    ['Cached', CACHED_KB + shmem],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Shmem', SHMEM_KB + shmem],
    ['SReclaimable', 16384],
  ];
  return rows.map(([name, kb]) => `${name}:${String(Math.max(0, kb)).padStart(24 - name.length)} kB\n`).join('');
}

const cpuinfo = (): string =>
  [0, 1]
    .map(
      (cpu) =>
        `processor\t: ${cpu}\nvendor_id\t: Cutaway\nmodel name\t: simulated\ncpu MHz\t\t: 2000.000\ncpu cores\t: 2\n\n`,
    )
    .join('');

function cpuStat(kernel: Kernel): string {
  const up = ticks(kernel.now() - kernel.bootTime);
  let used = 0;
  for (const { cpuMs } of kernel.processes.values()) used += ticks(cpuMs);
  const idle = Math.max(0, 2 * up - used);
  const cpu = `${used} 0 0 ${idle} 0 0 0 0 0 0`;
  const half = `${Math.floor(used / 2)} 0 0 ${Math.floor(idle / 2)} 0 0 0 0 0 0`;
  const { size } = kernel.processes;
  return `cpu  ${cpu}\ncpu0 ${half}\ncpu1 ${half}\nbtime ${Math.floor(kernel.bootTime / 1000)}\nprocesses ${size}\n`;
}

function uptime(kernel: Kernel): string {
  const seconds = (kernel.now() - kernel.bootTime) / 1000;
  return `${seconds.toFixed(2)} ${(2 * seconds).toFixed(2)}\n`;
}

function cgroupsText(kernel: Kernel): string {
  const { hierarchies } = kernel.cgroups;
  const rows = hierarchies.flatMap(({ version, controllers, index }) =>
    controllers.map((name) => `${name}\t${version === 'v1' ? index + 1 : 0}\t1\t1\n`),
  );
  return `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${rows.join('')}`;
}

const FILESYSTEMS = ['sysfs', 'tmpfs', 'proc', 'cgroup', 'cgroup2', 'devtmpfs', 'devpts', 'overlay', 'mqueue', 'aufs'];

const forwarding = ({ current, init }: Kernel): string => `${(current ?? init).ns.net.forwards === true ? 1 : 0}\n`;

type Plan = readonly [name: string, what: ((kernel: Kernel) => string) | string | readonly Plan[]];

/** Sorted by name, directories as lists, links as strings. */
const plan: readonly Plan[] = [
  ['acpi', []],
  ['bus', []],
  ['cgroups', cgroupsText],
  ['cmdline', () => 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro\n'],
  ['cpuinfo', cpuinfo],
  ['filesystems', () => `${FILESYSTEMS.map((name) => `nodev\t${name}\n`).join('')}\text4\n`],
  ['fs', []],
  ['irq', []],
  ['keys', () => ''],
  ['loadavg', (kernel) => `0.00 0.00 0.00 1/${kernel.processes.size} ${kernel.init.ns.pid.next - 1}\n`],
  ['meminfo', meminfo],
  ['mounts', 'self/mounts'],
  ['net', 'self/net'],
  ['self', 'self'],
  ['stat', cpuStat],
  [
    'sys',
    [
      [
        'kernel',
        [
          ['hostname', (kernel) => `${(kernel.current ?? kernel.init).ns.uts.hostname}\n`],
          ['osrelease', (kernel) => `${kernel.release.release}\n`],
          ['ostype', () => 'Linux\n'],
          ['pid_max', () => '4194304\n'],
          ['version', (kernel) => `${kernel.release.version}\n`],
        ],
      ],
      ['net', [['ipv4', [['ip_forward', forwarding]]]]],
    ],
  ],
  ['timer_list', () => ''],
  ['uptime', uptime],
  [
    'version',
    (kernel) => `${kernel.release.sysname} version ${kernel.release.release} (cutaway) ${kernel.release.version}\n`,
  ],
];

/** The tree of all that is not a process; inode 1 is /proc itself. */
class SystemFiles {
  private readonly byIno = new Map<Ino, SystemEntry>();

  constructor(root: readonly Plan[]) {
    this.add('', root);
  }

  private add(name: string, what: Plan[1]): SystemEntry {
    const ino = this.byIno.size + 1;
    const make = (rest: Pick<SystemEntry, 'type' | 'text' | 'target' | 'children'>): SystemEntry => {
      const entry = { name, ino, ...rest };
      this.byIno.set(ino, entry);
      return entry;
    };
    if (typeof what === 'function') return make({ type: 'file', text: what });
    if (typeof what === 'string') return make({ type: 'symlink', target: what });
    const children: SystemEntry[] = [];
    const dir = make({ type: 'dir', children });
    for (const [childName, child] of what) children.push(this.add(childName, child));
    return dir;
  }

  entry(ino: Ino): SystemEntry | undefined {
    return this.byIno.get(ino);
  }

  children(ino: Ino): readonly Dirent[] | undefined {
    return this.byIno.get(ino)?.children;
  }

  link(ino: Ino): string {
    const target = this.byIno.get(ino)?.target;
    if (target === undefined) throw new SysError('EINVAL');
    return target;
  }

  text(kernel: Kernel, ino: Ino): string {
    const entry = this.byIno.get(ino);
    if (entry?.text === undefined) throw new SysError(entry?.type === 'dir' ? 'EISDIR' : 'EINVAL');
    return entry.text(kernel);
  }
}

export const systemFiles = new SystemFiles(plan);
