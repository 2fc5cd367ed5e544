/**
 * The files of a process in /proc/<pid>, proc(5), as Linux 6.1 writes them: names, order and format of their fields. Numbers that
 * the simulation has no counterpart for are 0.
 */
import { capabilityMask } from '../../capabilities.ts';
import { SysError } from '../../errors.ts';
import type { Cgroup } from '../cgroup.ts';
import { CgroupFs } from '../cgroupfs.ts';
import { cpuList, effectiveCpus } from '../cpusets.ts';
import type { Kernel } from '../kernel.ts';
import { CPUS, MEMORY } from '../limits.ts';
import { badness } from '../memory.ts';
import { type Mount, mountPoint, mountsOf, takesNoChange } from '../mount.ts';
import { splitOptions } from '../mountcalls.ts';
import type { PidNamespace } from '../namespace.ts';
import { stateLetter } from '../ops/query.ts';
import type { Process } from '../process.ts';
import { limitsText, MOST_PROCESSES } from '../rlimits.ts';
import { signalNumber } from '../signal.ts';

export interface ProcessFile {
  readonly name: string;
  text(kernel: Kernel, process: Process, viewer: PidNamespace): string;
  /** What writing does, and then who may; 0o444 otherwise. */
  write?(process: Process, text: string, by: Process): void;
  readonly mode?: number;
  /** Not among those of a thread, /proc/<pid>/task/<tid>. */
  readonly notOfThread?: true;
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

export const ticks = (ms: number): number => Math.floor((ms * HZ) / 1000);

/** Pages of a program that has just begun: of its address space, of its code, and in memory. */
const VSIZE = 354;
const CODE = 208;
const DATA = 20;
const RSS = 1;
const STACK = 33;
export const dataPages = ({ data }: Process): number => Math.ceil(data / 4096);

/** The 52 fields of /proc/<pid>/stat. */
function statLine(kernel: Kernel, process: Process, viewer: PidNamespace): string {
  const { comm, parent, group, session, terminal, cpuMs, childrenMs, startedAt, nice } = process;
  const tty = terminal === undefined ? 0 : (136 << 8) + terminal.number;
  const foreground = terminal?.foreground?.pidIn(viewer) ?? -1;
  const pages = dataPages(process);
  const letter = stateLetter(kernel, process);
  const gone = letter === 'Z';
  const fields = [
    ...[process.pidIn(viewer), `(${comm})`, letter, parent?.pidIn(viewer) ?? 0],
    ...[group.pidIn(viewer), session.pidIn(viewer), tty, foreground, 4194560],
    ...[0, 0, 0, 0],
    ...[ticks(cpuMs), 0, ticks(childrenMs), 0],
    ...[20 + nice, nice, 1, 0, ticks(startedAt - kernel.bootTime)],
    ...(gone ? [0, 0] : [(VSIZE + pages) * 4096, RSS + pages]),
    '18446744073709551615',
    ...[0, 0, 0, 0, 0],
    ...[decimal(pendingMask(process)), 0, decimal(mask(process, 'ignore')), decimal(mask(process, 'handler'))],
    ...[wchan(kernel, process) === '0' ? 0 : 1, 0, 0, 17, 0, 0, 0, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0, 0],
  ];
  return `${fields.join(' ')}\n`;
}

const stateNames = { R: 'running', S: 'sleeping', D: 'disk sleep', T: 'stopped', Z: 'zombie' } as const;

/** A set of signals as a mask: the first signal is its lowest bit. */
function mask(process: Process, wanted: 'ignore' | 'handler'): bigint {
  let bits = 0n;
  for (const [signal, disposition] of process.dispositions)
    if (disposition === wanted) bits |= 1n << BigInt(signalNumber[signal] - 1);
  return bits;
}

function pendingMask(process: Process): bigint {
  let bits = 0n;
  for (const signal of process.pending) bits |= 1n << BigInt(signalNumber[signal] - 1);
  return bits;
}

const hexadecimal = (bits: bigint): string => bits.toString(16).padStart(16, '0');
/** Real-time signals are left out there. */
const decimal = (bits: bigint): string => String(bits & 0x7fffffffn);

/** Nobody has inheritable or ambient ones here. Only root keeps more than the bounding set over execve(2). */
function capabilityLines(process: Process): readonly string[] {
  const { capabilities, uid, ns } = process;
  const none = capabilityMask([]);
  const bounding = ns.user.may === undefined ? capabilityMask(capabilities) : capabilityMask(undefined);
  const own = ns.user.may !== undefined ? capabilityMask(capabilities) : uid === 0 ? bounding : none;
  return [`CapInh:\t${none}`, `CapPrm:\t${own}`, `CapEff:\t${own}`, `CapBnd:\t${bounding}`, `CapAmb:\t${none}`];
}

function memoryLines(process: Process): string[] {
  const line = (name: string, pages: number): string => `${name}:\t${String(pages * 4).padStart(8)} kB`;
  const data = dataPages(process);
  return [
    ...[line('VmPeak', VSIZE + data), line('VmSize', VSIZE + data), line('VmLck', 0), line('VmPin', 0)],
    ...[line('VmHWM', RSS + data), line('VmRSS', RSS + data)],
    ...[line('RssAnon', data), line('RssFile', RSS), line('RssShmem', 0)],
    ...[line('VmData', DATA + data), line('VmStk', STACK), line('VmExe', CODE), line('VmLib', 2), line('VmPTE', 9)],
    ...[line('VmSwap', 0), line('HugetlbPages', 0), 'CoreDumping:\t0', 'THP_enabled:\t1'],
  ];
}

/** The processors that its control group leaves it. */
function allowedCpus(process: Process): readonly string[] {
  let group: Cgroup | undefined = process.cgroups.find(({ hierarchy }) => hierarchy.controllers.includes('cpuset'));
  while (group?.hierarchy.version === 'v1' && !group.values.get('cpuset.cpus')) group = group.parent;
  const own = group?.hierarchy.version === 'v2' ? effectiveCpus(group) : group?.values.get('cpuset.cpus');
  const list = own ?? `0-${CPUS - 1}`;
  const bits = cpuList(list).reduce((sum, cpu) => sum + 2 ** cpu, 0);
  return [`Cpus_allowed:\t${bits.toString(16)}`, `Cpus_allowed_list:\t${list}`];
}

/** One node of memory of the 1024 that the kernel is built for. */
const MEMS = `${'00000000,'.repeat(31)}00000001`;

function statusText(kernel: Kernel, process: Process, viewer: PidNamespace): string {
  const letter = stateLetter(kernel, process);
  const pid = process.pidIn(viewer);
  const { uid, gid, groups } = reader(kernel, process);
  const levels = (of: Process): string => of.pids.slice(viewer.level, process.pids.length).join('\t');
  const leader = (of: Process): string =>
    process.pids
      .slice(viewer.level)
      .map((_, n) => pidAt(of, process, viewer.level + n))
      .join('\t');
  const lines = [
    `Name:\t${process.comm}`,
    ...(letter === 'Z' ? [] : [`Umask:\t${process.umask.toString(8).padStart(4, '0')}`]),
    `State:\t${letter} (${stateNames[letter]})`,
    ...[`Tgid:\t${pid}`, 'Ngid:\t0', `Pid:\t${pid}`, `PPid:\t${process.parent?.pidIn(viewer) ?? 0}`, 'TracerPid:\t0'],
    `Uid:\t${uid}\t${uid}\t${uid}\t${uid}`,
    `Gid:\t${gid}\t${gid}\t${gid}\t${gid}`,
    `FDSize:\t${letter === 'Z' ? 0 : tableSize(process)}`,
    `Groups:\t${groups.join(' ')} `,
    ...[`NStgid:\t${levels(process)}`, `NSpid:\t${levels(process)}`],
    ...[`NSpgid:\t${leader(process.group)}`, `NSsid:\t${leader(process.session)}`],
    ...(letter === 'Z' ? [] : memoryLines(process)),
    ...['Threads:\t1', `SigQ:\t${process.pending.size + process.queuedSignals.length}/${MOST_PROCESSES}`],
    ...[`SigPnd:\t${hexadecimal(0n)}`, `ShdPnd:\t${hexadecimal(pendingMask(process))}`, `SigBlk:\t${hexadecimal(0n)}`],
    ...[`SigIgn:\t${hexadecimal(mask(process, 'ignore'))}`, `SigCgt:\t${hexadecimal(mask(process, 'handler'))}`],
    ...capabilityLines(process),
    `NoNewPrivs:\t${process.noNewPrivileges ? 1 : 0}`,
    ...[`Seccomp:\t${process.filtered ? 2 : 0}`, `Seccomp_filters:\t${process.filtered ? 1 : 0}`],
    ...['Speculation_Store_Bypass:\tvulnerable', 'SpeculationIndirectBranch:\talways enabled'],
    ...allowedCpus(process),
    ...[`Mems_allowed:\t${MEMS}`, 'Mems_allowed_list:\t0'],
    ...['voluntary_ctxt_switches:\t0', 'nonvoluntary_ctxt_switches:\t0'],
  ];
  return `${lines.join('\n')}\n`;
}

/** The number of a leader in the namespace of that level; 0 when it is not in there. */
function pidAt(leader: Process, of: Process, level: number): number {
  let ns: PidNamespace | undefined = of.ns.pid;
  while (ns !== undefined && ns.level > level) ns = ns.parent;
  return ns === undefined ? 0 : leader.pidIn(ns);
}

/** IDs as whoever reads them has them. */
function reader(kernel: Kernel, { uid, gid, groups }: Process): Pick<Process, 'uid' | 'gid' | 'groups'> {
  const { user } = (kernel.current ?? kernel.init).ns;
  if (user.shown === undefined) return { uid, gid, groups };
  return {
    uid: user.shown('uid', uid),
    gid: user.shown('gid', gid),
    groups: groups.map((id) => user.shown!('gid', id)),
  };
}

/** Room for descriptors: it doubles. */
function tableSize({ fds }: Process): number {
  let size = 64;
  while (size <= Math.max(...fds.keys())) size *= 2;
  return size;
}

/** A group as the reader's cgroup namespace names it: `/..` for what lies above its root. */
export function groupPath(group: Cgroup, root: Cgroup | undefined): string {
  if (root === undefined || root.parent === undefined) return group.path;
  const above = (at: Cgroup): Cgroup[] => (at.parent === undefined ? [at] : [...above(at.parent), at]);
  const [own, from] = [above(group), above(root)];
  let same = 0;
  while (same < own.length && same < from.length && own[same] === from[same]) same += 1;
  return `/${[...from.slice(same).map(() => '..'), ...own.slice(same).map(({ name }) => name)].join('/')}`;
}

function cgroupText(kernel: Kernel, process: Process): string {
  const { roots } = (kernel.current ?? kernel.init).ns.cgroup;
  const row = ({ hierarchy, group }: { hierarchy: Cgroup['hierarchy']; group: Cgroup }): string => {
    const path = groupPath(group, roots?.[hierarchy.index]);
    const shown = group.removed ? `${path} (deleted)` : path;
    if (hierarchy.version === 'v2') return `0::${shown}\n`;
    const names = hierarchy.controllers.length > 0 ? hierarchy.controllers.join() : hierarchy.option;
    return `${hierarchy.index + 1}:${names}:${shown}\n`;
  };
  const rows = process.cgroups.map((group) => ({ hierarchy: group.hierarchy, group }));
  const [first, second] = [
    rows.filter(({ hierarchy }) => hierarchy.version === 'v1'),
    rows.filter(({ hierarchy }) => hierarchy.version === 'v2'),
  ];
  return [...first.reverse(), ...second].map(row).join('');
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
    const place = `${mount.id} ${parent} ${device} ${field(rootOf(kernel, mount))} ${field(at)} ${[access, ...flags].join()}${mount.sharing?.tags(process.root) ?? ''}`;
    text += `${place} - ${mount.type} ${field(mount.source)} ${[mount.fs.readonly === true ? 'ro' : 'rw', ...own].join()}\n`;
  }
  return text;
}

/** Groups are named as in /proc/<pid>/cgroup. */
function rootOf(kernel: Kernel, { fs, root, rootPath }: Mount): string {
  const group = fs instanceof CgroupFs ? fs.groupOf(root) : undefined;
  if (group === undefined) return rootPath;
  return groupPath(group, (kernel.current ?? kernel.init).ns.cgroup.roots?.[group.hierarchy.index]);
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

function mountstatsText(_kernel: Kernel, process: Process): string {
  let text = '';
  for (const mount of mountsOf(process.ns.mnt.root)) {
    const at = mountPoint(mount, process.root);
    if (at !== undefined) text += `device ${field(mount.source)} mounted on ${field(at)} with fstype ${mount.type}\n`;
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
  const value = wholeNumber(text);
  if (!(value >= -1000 && value <= 1000)) throw new SysError('EINVAL');
  if (value < process.oomScoreAdj && !by.can('CAP_SYS_RESOURCE')) throw new SysError('EACCES');
  process.oomScoreAdj = value;
}

const wholeNumber = (text: string): number => (/^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : Number.NaN);

/** The older file of the same, from -17 to 15. */
const oldScore = (adj: number): number => (adj === 1000 ? 15 : Math.trunc((adj * 17) / 1000));
function setOomAdj(process: Process, text: string, by: Process): void {
  const value = wholeNumber(text);
  if (!(value >= -17 && value <= 15)) throw new SysError('EINVAL');
  setOomScoreAdj(process, String(value === 15 ? 1000 : Math.trunc((value * 1000) / 17)), by);
}

function oomScore(process: Process): number {
  if (process.oomScoreAdj === -1000) return 0;
  return Math.max(0, Math.trunc(((1000 + Math.trunc((badness(process, MEMORY) * 1000) / MEMORY)) * 2) / 3));
}

function setComm(process: Process, text: string): void {
  process.comm = text.replace(/\n$/, '').slice(0, 15);
}

/** The function of the kernel in which it waits. */
function wchan(kernel: Kernel, process: Process): string {
  const letter = stateLetter(kernel, process);
  if (letter === 'R') return '0';
  if (letter === 'Z') return 'do_exit';
  if (letter === 'T') return 'do_signal_stop';
  if (process.state === 'exiting') return 'zap_pid_ns_processes';
  if (letter === 'D') return process.waiting?.why === 'disk' ? 'io_schedule' : '__refrigerator';
  return process.waiting === undefined ? '0' : waitsIn[process.waiting.why];
}

const waitsIn = {
  sleep: 'hrtimer_nanosleep',
  read: 'pipe_read',
  write: 'pipe_write',
  child: 'do_wait',
  signal: 'do_sigtimedwait',
  cpu: '0',
  open: 'wait_for_partner',
  net: 'do_poll',
  answer: 'do_poll',
  disk: 'io_schedule',
} as const;

const ioText = ({ bytesRead, bytesWritten, reads, writes, fromDisk, toDisk }: Process): string =>
  `rchar: ${bytesRead}\nwchar: ${bytesWritten}\nsyscr: ${reads}\nsyscw: ${writes}\n` +
  `read_bytes: ${fromDisk}\nwrite_bytes: ${toDisk}\ncancelled_write_bytes: 0\n`;

/** Who has never logged in: -1. */
const NOBODY = '4294967295';

function cpusetText(kernel: Kernel, process: Process): string {
  const group = process.cgroups.find(({ hierarchy }) => hierarchy.controllers.includes('cpuset'));
  const { roots } = (kernel.current ?? kernel.init).ns.cgroup;
  return group === undefined ? '/\n' : `${groupPath(group, roots?.[group.hierarchy.index])}\n`;
}

const constant = (name: string, text: string, mode = 0o444): ProcessFile => ({ name, mode, text: () => text });

/** Sorted by name; the place in this table is part of the inode number. */
export const processFiles: readonly ProcessFile[] = [
  { name: 'autogroup', mode: 0o644, notOfThread: true, text: (_kernel, { nice }) => `/autogroup-1 nice ${nice}\n` },
  { name: 'cgroup', text: cgroupText },
  { name: 'cmdline', text: (_kernel, process) => unlessZombie(process, () => zeroEnded(process.argv)) },
  { name: 'comm', mode: 0o644, text: (_kernel, process) => `${process.comm}\n`, write: setComm },
  { ...constant('coredump_filter', '00000033\n', 0o644), notOfThread: true },
  { name: 'cpuset', text: cpusetText },
  { name: 'environ', mode: 0o400, text: (_kernel, process) => unlessZombie(process, () => zeroEnded(process.environ)) },
  userFile('gid_map', EVERYBODY),
  { name: 'io', mode: 0o400, text: (_kernel, process) => ioText(process) },
  { name: 'limits', text: (_kernel, process) => limitsText(process) },
  { name: 'loginuid', mode: 0o644, text: (_kernel, process) => process.loginUid ?? NOBODY, write: setLoginUid },
  { name: 'mountinfo', text: mountinfoText },
  { name: 'mounts', text: mountsText },
  { name: 'mountstats', mode: 0o400, notOfThread: true, text: mountstatsText },
  { name: 'oom_adj', mode: 0o644, text: (_kernel, { oomScoreAdj }) => `${oldScore(oomScoreAdj)}\n`, write: setOomAdj },
  { name: 'oom_score', text: (_kernel, process) => `${oomScore(process)}\n` },
  { name: 'oom_score_adj', mode: 0o644, text: (_kernel, process) => `${process.oomScoreAdj}\n`, write: setOomScoreAdj },
  constant('personality', '00000000\n', 0o400),
  userFile('projid_map', EVERYBODY),
  {
    name: 'schedstat',
    text: (_kernel, { cpuMs }) => `${Math.round(cpuMs * 1e6)} 0 0\n`,
  },
  constant('sessionid', NOBODY),
  userFile('setgroups', 'allow\n'),
  { name: 'stat', text: statLine },
  {
    name: 'statm',
    text: (_kernel, process) =>
      `${VSIZE + dataPages(process)} ${RSS + dataPages(process)} 1 ${CODE} 0 ${DATA + dataPages(process)} 0\n`,
  },
  { name: 'status', text: statusText },
  {
    ...constant('timens_offsets', 'monotonic           0         0\nboottime            0         0\n', 0o644),
    notOfThread: true,
  },
  { ...constant('timerslack_ns', '50000\n', 0o666), notOfThread: true },
  userFile('uid_map', EVERYBODY),
  { name: 'wchan', text: wchan },
];

/** audit: set once, by who may; -1 takes it away again. */
function setLoginUid(process: Process, text: string, by: Process): void {
  const value = Number(text.trim());
  if (!/^\d+$/.test(text.trim()) || value > 2 ** 32 - 1) throw new SysError('EINVAL');
  if (process !== by) throw new SysError('EPERM');
  process.loginUid = value === 2 ** 32 - 1 ? undefined : String(value);
}

/** O_CLOEXEC, and the mount that pipes and sockets are on. */
const CLOEXEC = 0o2000000;
const ANONYMOUS_MOUNT = 15;

/** /proc/<pid>/fdinfo/<fd>. ENOENT: it was closed. */
export function descriptorText({ fds }: Process, fd: number): string {
  const descriptor = fds.get(fd);
  if (descriptor === undefined) throw new SysError('ENOENT');
  const { file, cloexec } = descriptor;
  const flags = (file.statusFlags | (cloexec ? CLOEXEC : 0)).toString(8).padStart(6, '0');
  const mount = file.path?.mount.id ?? ANONYMOUS_MOUNT;
  return `pos:\t${file.position}\nflags:\t0${flags}\nmnt_id:\t${mount}\nino:\t${file.stat().ino}\n`;
}
