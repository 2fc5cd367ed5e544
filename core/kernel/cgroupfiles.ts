/**
 * The files of control groups: which there are, what they show and what writing them does. cgroups(7).
 *
 * Kept true: a file exists only in hierarchies that have its controller, and some not in the root group; a value that the
 * kernel would not take changes nothing; what is read back is what the kernel shows, `memory.limit_in_bytes` rounded down to
 * pages, `-1` as the greatest number.
 */
import { SysError } from '../errors.ts';
import type { Cgroup } from './cgroup.ts';
import { v1 } from './cgroupv1.ts';
import { checkBirth, checkEntry, controllersOf, domainOf, typeOf, v2Core } from './cgroupv2.ts';
import { v2 } from './cgroupv2files.ts';
import { type FileTable, type FileType, flag, named, setting } from './cgroupvalues.ts';
import type { Kernel } from './kernel.ts';
import type { PidNamespace } from './namespace.ts';
import { pressureFiles } from './pressure.ts';
import type { Process } from './process.ts';

/** The PID namespace in whose numbers PIDs are read and written: that of whoever does it. */
function viewer(kernel: Kernel): PidNamespace {
  return (kernel.current ?? kernel.init).ns.pid;
}

const listPids = (kernel: Kernel, group: Cgroup): string => pidsOf(kernel, [...group.procs]);

function pidsOf(kernel: Kernel, processes: readonly Process[]): string {
  const pids = processes.map((process) => process.pidIn(viewer(kernel))).sort((a, b) => a - b);
  return pids.map((pid) => `${pid}\n`).join('');
}

function processOf(kernel: Kernel, value: string): Process {
  if (!/^[+]?\d+$/.test(value) || Number(value) >= 2 ** 31) throw new SysError('EINVAL');
  const process = Number(value) === 0 ? (kernel.current ?? kernel.init) : viewer(kernel).table.get(Number(value));
  if (process === undefined) throw new SysError('ESRCH');
  return process;
}

/** A thread stays in the domain of its process, cgroup-v2.rst "Threads". */
function moveThread(kernel: Kernel, group: Cgroup, value: string): void {
  const process = processOf(kernel, value);
  const from = process.cgroups[group.hierarchy.index]!;
  if (from === group) return;
  if (domainOf(from) !== domainOf(group)) throw new SysError('EOPNOTSUPP');
  checkEntry(group);
  kernel.cgroups.move(process, group);
}

/** The processes of a domain are also those of the threaded groups below it, which show none themselves. */
function listProcesses(kernel: Kernel, group: Cgroup): string {
  const type = typeOf(group);
  if (type === 'threaded') throw new SysError('EOPNOTSUPP');
  return type === 'domain threaded' ? pidsOf(kernel, [...group.members()]) : listPids(kernel, group);
}

/** Writing a PID moves that process here; 0 means the writer. */
function movePid(kernel: Kernel, group: Cgroup, value: string): void {
  const process = processOf(kernel, value);
  if (group.hierarchy.version === 'v2') checkEntry(group);
  else if (group.values.get('cpuset.cpus') === '' || group.values.get('cpuset.mems') === '')
    throw new SysError('ENOSPC');
  kernel.cgroups.move(process, group);
}

const procs: FileType = { mode: 0o644, read: listPids, write: movePid };

const common: FileTable = named({
  'cgroup.procs': procs,
  tasks: procs,
  notify_on_release: setting('0', flag),
  'cgroup.clone_children': setting('0', flag),
});

const threads: FileType = { mode: 0o644, read: listPids, write: moveThread };

const unified: FileTable = { 'cgroup.procs': { ...procs, read: listProcesses }, 'cgroup.threads': threads, ...v2Core };

function tablesOf(group: Cgroup): FileTable[] {
  const { version, controllers, directory } = group.hierarchy;
  if (version === 'v1') return [common, ...controllers.map((name) => v1[name] ?? {})];
  const tables = [unified, ...controllersOf(group).map((name) => v2[name] ?? {})];
  return directory === '' ? [...tables, ...pressureFiles(group)] : tables;
}

const isThere = ({ notInRoot, inRootAlone }: FileType, { parent }: Cgroup): boolean =>
  !(parent === undefined ? notInRoot : inRootAlone);

/** Names of the files of a group. */
export function filesOf(group: Cgroup): string[] {
  const names = tablesOf(group).flatMap((table) => Object.keys(table).filter((name) => isThere(table[name]!, group)));
  return names.sort();
}

/** The file of that name; undefined when this group has none. */
export function fileOf(group: Cgroup, name: string): FileType | undefined {
  for (const table of tablesOf(group)) {
    if (!Object.hasOwn(table, name)) continue;
    const file = table[name]!;
    return isThere(file, group) ? file : undefined;
  }
  return undefined;
}

/** Reads a file of a group. ENOENT; EINVAL for what can only be written. */
export function readCgroupFile(kernel: Kernel, group: Cgroup, name: string): string {
  const file = fileOf(group, name);
  if (file === undefined) throw new SysError('ENOENT');
  return file.read(kernel, group);
}

/** Writes a file of a group, surrounding white space not counted. ENOENT; EINVAL, ERANGE … as the file says; EINVAL for what only shows. */
export function writeCgroupFile(kernel: Kernel, group: Cgroup, name: string, value: string): void {
  const file = fileOf(group, name);
  if (file === undefined) throw new SysError('ENOENT');
  if (file.write === undefined) throw new SysError('EINVAL');
  file.write(kernel, group, value.trim());
}

export { checkBirth };
