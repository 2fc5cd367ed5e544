/**
 * The Ops that read facts back: processes, namespaces, mounts.
 */
import { SysError } from '../../errors.ts';
import type { MountInfo, NsKind, OpOf, ProcessInfo } from '../../op.ts';
import { nsKinds } from '../../op.ts';
import type { Kernel } from '../kernel.ts';
import { mountInfo } from '../mount.ts';
import { nsLink } from '../namespace.ts';
import type { Process } from '../process.ts';

/** State letter of /proc/<pid>/stat. */
export function stateLetter(kernel: Kernel, process: Process): ProcessInfo['state'] {
  if (process.state === 'zombie') return 'Z';
  if (process.state === 'stopped') return 'T';
  if (process.state === 'exiting' || kernel.cgroups.frozen(process)) return 'D';
  const { waiting } = process;
  return process.busyUntil > kernel.now() || waiting === undefined || waiting.why === 'cpu' ? 'R' : 'S';
}

export function describe(kernel: Kernel, process: Process): ProcessInfo {
  const { hostPid, parent, pid, uid, comm, argv, startedAt, cpuMs, terminal } = process;
  return {
    pid: hostPid,
    ppid: parent?.hostPid ?? 0,
    inner: pid,
    innerParent: parent?.pidIn(process.ns.pid) ?? 0,
    uid,
    comm,
    args: argv,
    state: stateLetter(kernel, process),
    startedAt,
    cpuMs,
    ...(terminal === undefined ? {} : { tty: terminal.name }),
  };
}

/** The processes of a control group, by PID. ENOENT: no such group. */
export function processes(kernel: Kernel, { group }: OpOf<'processes'>): readonly ProcessInfo[] {
  const [first] = kernel.cgroups.findAll(group);
  const members = [...first!.procs].sort((a, b) => a.hostPid - b.hostPid);
  return members.map((process) => describe(kernel, process));
}

export function namespaces(kernel: Kernel, { pid }: OpOf<'namespaces'>): Readonly<Record<NsKind, string>> {
  const process = kernel.processes.get(pid);
  if (process === undefined) throw new SysError('ESRCH', String(pid));
  const links = {} as Record<NsKind, string>;
  for (const kind of nsKinds) links[kind] = nsLink(process.ns[kind]);
  return links;
}

export function mounts(host: Process): readonly MountInfo[] {
  return mountInfo(host.ns.mnt, host.root);
}
