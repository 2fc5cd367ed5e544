/**
 * From a Spawn's namespaces to the unshare(1) and nsenter(1) calls that make them, run in the lab's tool directory. The
 * innermost word is always the `setup` script.
 *
 * Kept true: the tool directory stays the working directory through all of them; what is joined is joined before anything is
 * made new. User namespaces are not made here: the lab's processes are root's, the machine's or a user's (rootless.ts).
 */
import { readlinkSync } from 'node:fs';
import { type NsKind, nsKinds, type Spawn } from '../core/index.ts';
import { Refused } from './errno.ts';
import type { Lab } from './lab.ts';

const flag: Readonly<Record<Exclude<NsKind, 'user'>, string>> = {
  mnt: 'm',
  uts: 'u',
  ipc: 'i',
  pid: 'p',
  net: 'n',
  cgroup: 'C',
};

export interface Entry {
  /** Words to put before the command. */
  readonly words: readonly string[];
  /** How many of them fork: the command's process is that many generations below. */
  readonly forks: number;
}

/**
 * The calls that lead from the lab's namespaces to those that are asked for. `mountsOwn`: a new mount namespace keeps its ties
 * to the lab's, which mounter.ts sees to.
 */
export function entryTo(lab: Lab, wanted: Spawn['namespaces'], mountsOwn = false): Entry {
  const fresh = nsKinds.filter((kind) => wanted[kind] === 'new');
  if (fresh.includes('user')) throw new Refused('EOPNOTSUPP', 'user namespaces are not made by this driver');
  const joins = joinsOf(lab, wanted);
  const words = [...joins.flatMap(([pid, kinds]) => nsenter(pid, kinds)), ...unshare(fresh, mountsOwn)];
  const forks = joins.filter(([, kinds]) => kinds.includes('pid')).length + (fresh.includes('pid') ? 1 : 0);
  return { words, forks };
}

/** Which kinds come from which process; mount namespaces last, for /proc changes with them. */
function joinsOf(lab: Lab, wanted: Spawn['namespaces']): readonly (readonly [number, readonly NsKind[]])[] {
  const byPid = new Map<number, NsKind[]>();
  for (const kind of nsKinds) {
    const from = wanted[kind];
    if (typeof from !== 'object' || isLabs(lab, from.join, kind)) continue;
    byPid.set(from.join, [...(byPid.get(from.join) ?? []), kind]);
  }
  return [...byPid].sort(([, a], [, b]) => Number(a.includes('mnt')) - Number(b.includes('mnt')));
}

/** Is it the very namespace that the lab is in? Joining one's own user namespace is an error, user_namespaces(7). */
function isLabs(lab: Lab, pid: number, kind: NsKind): boolean {
  try {
    return namespaceOf(lab, pid, kind) === namespaceOf(lab, 1, kind);
  } catch {
    throw new Refused('ESRCH', `no process ${pid} to join`);
  }
}

/** readlink /proc/<pid>/ns/<kind>, by PIDs of the lab. */
export function namespaceOf(lab: Lab, pid: number, kind: NsKind): string {
  return readlinkSync(lab.path(`/proc/${pid}/ns/${kind}`));
}

function nsenter(pid: number, kinds: readonly NsKind[]): readonly string[] {
  const flags = kinds.map((kind) => `-${flag[kind as keyof typeof flag]}`);
  const full = kinds.includes('cgroup');
  return full
    ? ['./ld.so', '--library-path', '.', './nsenter', '-t', String(pid), ...flags, '--wd=.', '--']
    : ['./busybox', 'nsenter', '-t', String(pid), ...flags, '-w.'];
}

/**
 * Util-linux makes what busybox cannot: mounts that keep their ties, and control groups. These it makes in the child of busybox
 * and without another one: where its unshare waits, it takes a child that SIGKILL ended for a failure of its own
 * (signal(SIGKILL) says EINVAL).
 */
function unshare(kinds: readonly NsKind[], tied: boolean): readonly string[] {
  const letters = (list: readonly NsKind[]): readonly string[] =>
    list.map((kind) => `-${flag[kind as keyof typeof flag]}`);
  const full = ['./ld.so', '--library-path', '.', './unshare'];
  const fork = kinds.includes('pid') ? ['-f'] : [];
  if (tied && kinds.length > 0) return [...full, ...letters(kinds), ...fork, '--propagation', 'unchanged', '--'];
  const others = kinds.filter((kind) => kind !== 'cgroup');
  return [
    ...(others.length === 0 ? [] : ['./busybox', 'unshare', ...letters(others), ...fork]),
    ...(kinds.includes('cgroup') ? [...full, '-C', '--'] : []),
  ];
}
