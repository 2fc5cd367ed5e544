/**
 * The Ops that read facts back: processes, namespaces, mounts.
 */
import { SysError } from '../../errors.ts';
import type { ListEntry, MountInfo, NsKind, OpOf, ProcessInfo } from '../../op.ts';
import { nsKinds } from '../../op.ts';
import { contentText } from '../../vfs/content.ts';
import type { Fs, Ino } from '../../vfs/fs.ts';
import { isWhiteout } from '../../vfs/stack.ts';
import type { Kernel } from '../kernel.ts';
import { mountInfo } from '../mount.ts';
import { find, resolve } from '../namei.ts';
import { nsLink } from '../namespace.ts';
import type { Process } from '../process.ts';

/** State letter of /proc/<pid>/stat. */
export function stateLetter(kernel: Kernel, process: Process): ProcessInfo['state'] {
  if (process.state === 'zombie') return 'Z';
  if (process.state === 'stopped') return 'T';
  const frozen = kernel.cgroups.frozen(process);
  // v2 lets what it freezes sleep (kernel/cgroup/freezer.c).
  if (frozen && kernel.cgroups.version === 'v2') return 'S';
  if (process.state === 'exiting' || frozen) return 'D';
  const { waiting } = process;
  if (waiting?.why === 'disk') return 'D';
  // What it used before it waits for a child is a moment, in which a real child has hardly begun.
  const computes = process.busyUntil > kernel.now() && waiting?.why !== 'child';
  return computes || waiting === undefined || waiting.why === 'cpu' ? 'R' : 'S';
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
    ...(terminal !== undefined && isOnHost(kernel, terminal.name) ? { tty: terminal.name } : {}),
  };
}

/** ps on the host names a terminal by its own /dev: that of a container is in another devpts. */
const isOnHost = (kernel: Kernel, name: string): boolean => find(kernel.init, `/dev/${name}`) !== undefined;

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

/** Names of one file system below a directory, depth first, siblings in byte order. */
export function list(by: Process, { path, depth, text }: OpOf<'list'>): readonly ListEntry[] {
  const { mount, ino } = resolve(by, path);
  if (mount.fs.stat(ino).type !== 'dir') throw new SysError('ENOTDIR');
  const entries: ListEntry[] = [];
  const walk = (dir: Ino, prefix: string, left: number): void => {
    for (const child of mount.fs.readdir(dir)) {
      const at = `${prefix}/${child.name}`;
      entries.push(listed(mount.fs, child.ino, at, text));
      if (child.type === 'dir' && left > 1 && !mount.children.has(child.ino)) walk(child.ino, at, left - 1);
    }
  };
  walk(ino, '', depth);
  return entries;
}

function listed(fs: Fs, ino: Ino, path: string, text: number): ListEntry {
  const stat = fs.stat(ino);
  if (stat.type === 'symlink') return { path, type: 'symlink', size: 0, target: fs.readlink(ino) };
  const { type, size, mode, uid, gid, rdev } = stat;
  if (isWhiteout(stat)) return { path, type: 'whiteout', size: 0 };
  if (type === 'char' || type === 'block') return { path, type, size: 0, node: { mode, uid, gid, rdev } };
  if (type !== 'file') return { path, type, size: 0 };
  return { path, type, size, ...(size <= text ? { text: contentText(fs.read(ino)) } : {}) };
}
