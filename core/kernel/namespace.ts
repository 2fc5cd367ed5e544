/**
 * Namespaces, namespaces(7): what a process sees as "the system". Each has an inode number, which is what
 * `readlink /proc/<pid>/ns/<kind>` shows; those of the host have the fixed numbers of include/linux/proc_ns.h, own ones
 * are counted on from there, so that the same operations always give the same numbers.
 *
 * Kept true: a process always has all seven kinds; two processes share a namespace exactly when the objects are identical.
 */
import type { NsKind } from '../op.ts';
import type { Fs, Stat } from '../vfs/fs.ts';
import type { Cgroup } from './cgroup.ts';
import type { Ipc } from './ipc.ts';
import type { Kernel } from './kernel.ts';
import type { Mount } from './mount.ts';
import type { Process } from './process.ts';
import type { Sys } from './sys.ts';

/** Inode numbers of the initial namespaces, include/linux/proc_ns.h; mnt has none there and gets the first counted one. */
const INITIAL: Readonly<Record<NsKind, number>> = {
  ipc: 4026531839,
  uts: 4026531838,
  user: 4026531837,
  pid: 4026531836,
  cgroup: 4026531835,
  net: 4026531840,
  mnt: 4026531841,
};

/** The first number that a namespace made later gets. */
const FIRST_OWN = 4026532176;

export interface Namespace {
  readonly kind: NsKind;
  readonly ino: number;
  /** The user namespace that it belongs to; absent: the first one. */
  readonly owner?: UserNamespace;
}

/** user_namespaces(7). The first one has nothing of this: its IDs are the kernel's, and uid 0 may do everything. */
export interface UserNamespace extends Namespace {
  /** Has `who`, who is in it, a capability over what belongs to a namespace? Without one: over the whole system. */
  may?(who: Process, capability: string, over: Namespace | undefined): boolean;
  /** Does `who`, who is in it, rule a file whoever it belongs to? */
  overrides?(who: object, stat: Stat): boolean;
  /** Have the IDs of `who` others that stand for them in it? */
  knows?(who: Process): boolean;
  /** The system calls of a process in it. */
  calls?(kernel: Kernel, who: Process): Sys;
  /** `who` has begun another program. */
  onExec?(who: Process): void;
  /** EPERM unless who is in it may mount that type. */
  demandType?(who: Process, type: string): void;
  /** An ID of the first namespace as those in this one see it. */
  shown?(kind: 'uid' | 'gid', id: number): number;
  /** /proc/<pid>/{uid_map,gid_map,projid_map,setgroups}. */
  text?(file: string): string;
  write?(file: string, text: string, by: Process): void;
}

/** cgroup_namespaces(7): the group of each hierarchy that its processes see as the root; absent: the real ones. */
export interface CgroupNamespace extends Namespace {
  readonly roots?: readonly Cgroup[];
}

export interface IpcNamespace extends Namespace {
  /** The message queues, once they were mounted. */
  queues?: Fs;
  /** Shared memory, queues and semaphores, once somebody asked. */
  ipc?: Ipc;
}

export interface UtsNamespace extends Namespace {
  hostname: string;
  /** NIS domain name; absent: `(none)`. */
  domainname?: string;
}

/** A tree of mounts; `root` is the mount that its processes have as `/` unless they changed it. */
export interface MntNamespace extends Namespace {
  root: Mount;
}

export interface NetNamespace extends Namespace {
  /** Packets for others are passed on, net.ipv4.ip_forward. */
  forwards?: boolean;
  /** The engine made it, and switched version 6 of IP off in it. */
  four?: boolean;
}

/** pid_namespaces(7). A process has a PID in its own namespace and in each ancestor of that. */
export interface PidNamespace extends Namespace {
  readonly level: number;
  readonly parent: PidNamespace | undefined;
  readonly table: Map<number, Process>;
  /** The next PID to give out. */
  next: number;
  /** PID 1; when it dies everything in here does. */
  init: Process | undefined;
  dying: boolean;
  /** The proc file system that shows it, once one was mounted. */
  proc: Fs | undefined;
}

export interface Namespaces {
  readonly mnt: MntNamespace;
  readonly uts: UtsNamespace;
  readonly ipc: IpcNamespace;
  readonly pid: PidNamespace;
  readonly net: NetNamespace;
  readonly user: UserNamespace;
  readonly cgroup: CgroupNamespace;
}

/** Gives out namespaces with inode numbers counted on. */
export class NamespaceMaker {
  private nextIno = FIRST_OWN;

  private number(kind: NsKind, initial: boolean): number {
    return initial ? INITIAL[kind] : this.nextIno++;
  }

  plain(kind: 'ipc' | 'net' | 'user' | 'cgroup', initial = false): Namespace {
    return { kind, ino: this.number(kind, initial) };
  }

  cgroup(roots: readonly Cgroup[]): CgroupNamespace {
    return { ...this.plain('cgroup'), roots };
  }

  uts(hostname: string, initial = false): UtsNamespace {
    return { kind: 'uts', ino: this.number('uts', initial), hostname };
  }

  mnt(root: Mount, initial = false): MntNamespace {
    return { kind: 'mnt', ino: this.number('mnt', initial), root };
  }

  pid(parent?: PidNamespace): PidNamespace {
    return {
      kind: 'pid',
      ino: this.number('pid', parent === undefined),
      level: parent === undefined ? 0 : parent.level + 1,
      parent,
      table: new Map(),
      next: 1,
      init: undefined,
      dying: false,
      proc: undefined,
    };
  }
}

/** What readlink of /proc/<pid>/ns/<kind> gives. */
export function nsLink(ns: Namespace): string {
  return `${ns.kind}:[${ns.ino}]`;
}
