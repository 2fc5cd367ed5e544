/**
 * The files of /proc that belong to no process, proc(5), as Linux 6.1 writes them: names, order and format of their fields.
 * Numbers that the simulation has no counterpart for are 0.
 */
import { SysError } from '../../errors.ts';
import type { Dirent, Ino, NodeType } from '../../vfs/fs.ts';
import { cpuMs } from '../cgroupvalues.ts';
import type { Kernel } from '../kernel.ts';
import { CPUS, MEMORY } from '../limits.ts';
import { stateLetter } from '../ops/query.ts';
import { cachedBytes } from '../pagecache.ts';
import { pressureText, type Resource } from '../pressure.ts';
import { type Plan, reader, type SystemFile } from './plan.ts';
import { dataPages, ticks } from './process.ts';
import { sysctls } from './sysctl.ts';
import { ipcTables } from './sysvipc.ts';

/** One entry of /proc that is not a process. */
interface SystemEntry {
  readonly name: string;
  readonly ino: Ino;
  readonly type: NodeType;
  readonly mode: number;
  readonly file?: SystemFile;
  readonly target?: string;
  readonly children?: readonly SystemEntry[];
}

const MEMORY_KB = MEMORY / 1024;
/** In kB: what the kernel and its caches have from the start. */
const KERNEL_KB = 262144;
const CACHED_KB = 245760;
const SHMEM_KB = 8192;
const BUFFERS_KB = 16384;
const SLAB_KB = 16384;

/** Free is what neither processes hold nor files take, in memory or as cached pages. */
function meminfo(kernel: Kernel): string {
  const shmem = Math.round(kernel.shmem / 1024);
  const { hierarchies, memoryAt } = kernel.cgroups;
  const cache = Math.round(cachedBytes(kernel, hierarchies[memoryAt]!.root) / 1024);
  let anon = 0;
  let count = 0;
  for (const process of kernel.processes.values()) {
    if (!process.alive) continue;
    anon += 4 * dataPages(process);
    count += 1;
  }
  const taken = anon + shmem;
  const cached = CACHED_KB + shmem + cache;
  const file = CACHED_KB - SHMEM_KB + cache + BUFFERS_KB;
  const inMemory = SHMEM_KB + shmem;
  const rows: readonly (readonly [string, number])[] = [
    ['MemTotal', MEMORY_KB],
    ['MemFree', MEMORY_KB - 2 * KERNEL_KB - taken - cache],
    ['MemAvailable', MEMORY_KB - KERNEL_KB - taken],
    ['Buffers', BUFFERS_KB],
    ['Cached', cached],
    ['SwapCached', 0],
    ['Active', anon + file / 2],
    ['Inactive', inMemory + file / 2],
    ['Active(anon)', anon],
    ['Inactive(anon)', inMemory],
    ['Active(file)', file / 2],
    ['Inactive(file)', file / 2],
    ['Unevictable', 0],
    ['Mlocked', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Zswap', 0],
    ['Zswapped', 0],
    ['Dirty', 0],
    ['Writeback', 0],
    ['AnonPages', anon],
    ['Mapped', 4 * count],
    ['Shmem', inMemory],
    ['KReclaimable', SLAB_KB],
    ['Slab', 2 * SLAB_KB],
    ['SReclaimable', SLAB_KB],
    ['SUnreclaim', SLAB_KB],
    ['KernelStack', 16 * count],
    ['PageTables', 36 * count],
    ['SecPageTables', 0],
    ['NFS_Unstable', 0],
    ['Bounce', 0],
    ['WritebackTmp', 0],
    ['CommitLimit', MEMORY_KB / 2],
    ['Committed_AS', taken],
    ['VmallocTotal', 34359738367],
    ['VmallocUsed', 0],
    ['VmallocChunk', 0],
    ['Percpu', 0],
    ['AnonHugePages', 0],
    ['ShmemHugePages', 0],
    ['ShmemPmdMapped', 0],
    ['FileHugePages', 0],
    ['FilePmdMapped', 0],
  ];
  const row = ([name, kb]: readonly [string, number]): string =>
    `${`${name}:`.padEnd(15)} ${String(Math.max(0, Math.round(kb))).padStart(8)} kB\n`;
  const pages = ['Total', 'Free', 'Rsvd', 'Surp'].map((name) => `HugePages_${name}:       0\n`).join('');
  const last: readonly (readonly [string, number])[] = [
    ['Hugepagesize', 2048],
    ['Hugetlb', 0],
    ['DirectMap4k', 0],
    ['DirectMap2M', MEMORY_KB],
    ['DirectMap1G', 0],
  ];
  return rows.map(row).join('') + pages + last.map(row).join('');
}

const FLAGS =
  'fpu tsc msr cx8 apic cmov mmx fxsr sse sse2 ht syscall nx lm constant_tsc rep_good nopl cpuid hypervisor';

const cpuinfo = (): string =>
  Array.from({ length: CPUS }, (_, cpu) =>
    [
      ...[`processor\t: ${cpu}`, 'vendor_id\t: Cutaway', 'cpu family\t: 6', 'model\t\t: 1', 'model name\t: simulated'],
      ...['stepping\t: 1', 'microcode\t: 0x1', 'cpu MHz\t\t: 2000.000', 'cache size\t: 4096 KB', 'physical id\t: 0'],
      ...[`siblings\t: ${CPUS}`, `core id\t\t: ${cpu}`, `cpu cores\t: ${CPUS}`, `apicid\t\t: ${cpu}`],
      ...[`initial apicid\t: ${cpu}`, 'fpu\t\t: yes', 'fpu_exception\t: yes', 'cpuid level\t: 13', 'wp\t\t: yes'],
      ...[`flags\t\t: ${FLAGS}`, 'bugs\t\t:', 'bogomips\t: 4000.00', 'clflush size\t: 64', 'cache_alignment\t: 64'],
      ...['address sizes\t: 48 bits physical, 48 bits virtual', 'power management:', '\n'],
    ].join('\n'),
  ).join('');

/** CPU time that was used since the start, ms. */
function usedMs(kernel: Kernel): number {
  const { hierarchies } = kernel.cgroups;
  const hierarchy = hierarchies.find(({ controllers }) => controllers.includes('cpu')) ?? hierarchies[0]!;
  return cpuMs(hierarchy.root);
}

const upMs = (kernel: Kernel): number => kernel.now() - kernel.bootTime;
const born = (kernel: Kernel): number => kernel.init.ns.pid.next - 1;

function running(kernel: Kernel): number {
  let count = 0;
  for (const process of kernel.processes.values()) if (stateLetter(kernel, process) === 'R') count += 1;
  // init runs nothing here.
  return Math.max(
    1,
    count - (stateLetter(kernel, kernel.init) === 'R' ? 1 : 0) - (stateLetter(kernel, kernel.daemon) === 'R' ? 1 : 0),
  );
}

function cpuStat(kernel: Kernel): string {
  const used = ticks(usedMs(kernel));
  const idle = Math.max(0, CPUS * ticks(upMs(kernel)) - used);
  const row = (name: string, part: number): string =>
    `${name} ${Math.floor(used / part)} 0 0 ${Math.floor(idle / part)} 0 0 0 0 0 0\n`;
  const each = Array.from({ length: CPUS }, (_, cpu) => row(`cpu${cpu}`, CPUS)).join('');
  const tail = `intr 0\nctxt 0\nbtime ${Math.floor(kernel.bootTime / 1000)}\nprocesses ${born(kernel)}\n`;
  return `${row('cpu ', 1)}${each}${tail}procs_running ${running(kernel)}\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n`;
}

function uptime(kernel: Kernel): string {
  const up = upMs(kernel);
  return `${(up / 1000).toFixed(2)} ${(Math.max(0, CPUS * up - usedMs(kernel)) / 1000).toFixed(2)}\n`;
}

/** Averages over 1, 5 and 15 minutes; how many run, of how many there are; the last PID of the reader's namespace. */
function loadavg(kernel: Kernel): string {
  const loads = kernel.scheduler.load.averages;
  const { pid } = reader(kernel).ns;
  return `${loads.map((load) => load.toFixed(2)).join(' ')} ${running(kernel)}/${kernel.processes.size} ${pid.next - 1}\n`;
}

/** In the order of include/linux/cgroup_subsys.h. */
const CONTROLLERS = ['cpuset', 'cpu', 'cpuacct', 'blkio', 'io', 'memory', 'devices', 'freezer', 'pids'];

function cgroupsText(kernel: Kernel): string {
  const { hierarchies } = kernel.cgroups;
  const count = (group: (typeof hierarchies)[number]['root']): number => {
    let all = 1;
    for (const child of group.children.values()) all += count(child);
    return all;
  };
  const rows = CONTROLLERS.flatMap((name) => {
    const found = hierarchies.find(({ controllers }) => controllers.includes(name));
    if (found === undefined) return [];
    return [
      `${name === 'io' ? 'blkio' : name}\t${found.version === 'v1' ? found.index + 1 : 0}\t${count(found.root)}\t1\n`,
    ];
  });
  return `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${rows.join('')}`;
}

const FILESYSTEMS = [
  ...['sysfs', 'tmpfs', 'proc', 'cgroup', 'cgroup2', 'devtmpfs', 'ramfs', 'devpts', 'overlay', 'mqueue', 'aufs'],
];

const pressure =
  (resource: Resource) =>
  (kernel: Kernel): string =>
    pressureText(kernel, kernel.cgroups.hierarchies[0]!.root, resource);
const none = (): string => '';
const DISK_BLOCKS = 20 * 1024 * 1024;

/** Sorted by name, directories as lists, links as strings. */
const plan: readonly Plan[] = [
  ['acpi', []],
  ['bus', []],
  ['cgroups', cgroupsText],
  ['cmdline', () => 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro\n'],
  ['consoles', () => 'tty0                 -WU (EC  p  )    4:1\n'],
  ['cpuinfo', cpuinfo],
  ['devices', () => 'Character devices:\n  1 mem\n  5 /dev/tty\n136 pts\n\nBlock devices:\n  8 sd\n'],
  [
    'diskstats',
    () => ['sda', 'sda1'].map((name, n) => `   8       ${n} ${name} ${new Array(17).fill(0).join(' ')}\n`).join(''),
  ],
  ['driver', []],
  ['execdomains', () => '0-0\tLinux           \t[kernel]\n'],
  ['filesystems', () => `${FILESYSTEMS.map((name) => `nodev\t${name}\n`).join('')}\text4\n`],
  ['fs', []],
  ['irq', []],
  ['keys', none],
  ['loadavg', loadavg],
  ['locks', none],
  ['meminfo', meminfo],
  ['misc', none],
  ['modules', none],
  ['mounts', 'self/mounts'],
  ['net', 'self/net'],
  [
    'partitions',
    () =>
      `major minor  #blocks  name\n\n   8        0 ${String(DISK_BLOCKS).padStart(10)} sda\n   8        1 ${String(DISK_BLOCKS - 1024).padStart(10)} sda1\n`,
  ],
  [
    'pressure',
    [
      ['cpu', pressure('cpu')],
      ['io', pressure('io')],
      ['memory', pressure('memory')],
    ],
  ],
  ['self', 'self'],
  ['stat', cpuStat],
  ['swaps', () => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'],
  ['sys', sysctls],
  ['sysvipc', ipcTables],
  ['thread-self', 'self'],
  ['timer_list', none],
  ['tty', []],
  ['uptime', uptime],
  [
    'version',
    ({ release: { sysname, release, version } }) =>
      `${sysname} version ${release} (builder@cutaway) (gcc (GCC) 12.2.0, GNU ld (GNU Binutils) 2.40) ${version}\n`,
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
    const make = (rest: Omit<SystemEntry, 'name' | 'ino'>): SystemEntry => {
      const entry = { name, ino, ...rest };
      this.byIno.set(ino, entry);
      return entry;
    };
    if (typeof what === 'function') return make({ type: 'file', mode: 0o444, file: { show: what } });
    if (typeof what === 'string') return make({ type: 'symlink', mode: 0o777, target: what });
    if ('show' in what)
      return make({ type: 'file', mode: what.mode ?? (what.write === undefined ? 0o444 : 0o644), file: what });
    const children: SystemEntry[] = [];
    const dir = make({ type: 'dir', mode: 0o555, children });
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
    if (entry?.file === undefined) throw new SysError(entry?.type === 'dir' ? 'EISDIR' : 'EINVAL');
    return entry.file.show(kernel);
  }

  /** EACCES for what only shows. */
  write(kernel: Kernel, ino: Ino, text: string): void {
    const write = this.byIno.get(ino)?.file?.write;
    if (write === undefined) throw new SysError('EACCES');
    write(kernel, text);
  }
}

export const systemFiles = new SystemFiles(plan);
