/**
 * The system calls that programs of the simulation (core/programs) are written against. A program is a generator: calls that
 * may block are `yield*`ed (they are of type `Call`), all others answer at once. A refused call throws `SysError`.
 *
 * The kernel implements this file (core/kernel/process.ts and its neighbours); programs import nothing else of the kernel.
 */
import type { NsKind, Signal } from '../op.ts';
import type { AttrChange, Content, Dirent, Space, Stat, XattrOnly } from '../vfs/fs.ts';
import type { IpcKind, IpcObject } from './ipc.ts';
import type { Resource, Rlimit } from './rlimits.ts';
import type { Rule, Tables } from './spaces/netfilter.ts';
import type { Termios } from './tty/termios.ts';

/** What a suspended process waits for; only the scheduler looks into it. */
export interface Wait {
  /** The process may go on when this gives true. Absent: at the next turn (it used `cpuMs`, or gave way). */
  readonly ready?: () => boolean;
  /** Simulated time (ms since the epoch) at which it goes on even so. */
  readonly until?: number;
  /** Whoever changes what `ready` looks at wakes those who wait for it; otherwise it is asked again and again. */
  readonly told?: true;
  /** CPU time used up before going on. */
  readonly cpuMs?: number;
  /** Goes on with this program, and comes back after it. */
  readonly call?: Generator<Wait, number, void>;
  /** Shown as wchan and used to tell "waits for input" from "waits for time". `answer`: whom it has asked may still say something. */
  readonly why: 'sleep' | 'read' | 'write' | 'child' | 'signal' | 'cpu' | 'open' | 'net' | 'disk' | 'answer';
}

/** A system call that may block. */
export type Call<T> = Generator<Wait, T, void>;

/** A program: gets its system calls and argv, returns its exit status (0–255). */
export type Program = (sys: Sys, argv: readonly string[]) => Call<number>;

export interface OpenFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly create?: boolean;
  readonly excl?: boolean;
  readonly truncate?: boolean;
  readonly append?: boolean;
  readonly directory?: boolean;
  readonly nofollow?: boolean;
  /** O_DIRECT: past the cache. */
  readonly direct?: boolean;
}

/** setxattr(2): XATTR_CREATE, XATTR_REPLACE; `follow` false is lsetxattr(2). */
export interface XattrFlags {
  readonly only?: XattrOnly;
  readonly follow?: boolean;
}

export type Disposition = 'default' | 'ignore' | 'handler';

/** wait(2): exit status, or the signal that ended it, or (where it was asked for) the one that stopped it. */
export interface WaitResult {
  readonly pid: number;
  readonly code?: number;
  readonly signal?: Signal;
  readonly stopped?: Signal;
}

export interface WaitOptions {
  readonly nohang?: boolean;
  readonly interruptible?: boolean;
  /** WUNTRACED: children that were stopped too, each once. */
  readonly untraced?: boolean;
}

/** Size of a terminal in characters, ioctl_tty(2). */
export interface WinSize {
  readonly rows: number;
  readonly columns: number;
}

/** System calls on terminals, termios(3) and tcsetpgrp(3). ENOTTY: it is none, or not that of the caller's session. */
export interface TtySys {
  attributes(fd: number): Termios;
  /** In the background: SIGTTOU. `flush`: what was typed and not yet read is dropped. */
  setAttributes(fd: number, termios: Termios, flush?: boolean): Call<void>;
  size(fd: number): WinSize;
  setSize(fd: number, size: WinSize): void;
  foreground(fd: number): number;
  /** EPERM: no such group in the session. */
  setForeground(fd: number, group: number): Call<void>;
  /** ttyname(3). */
  name(fd: number): string;
  /** Waits until there is something to read, or `until` (ms since the epoch) is there; false then. EINTR. */
  poll(fd: number, until: number): Call<boolean>;
}

/** What mounts on a mount pass on, and to whom; mount_namespaces(7). */
export type Propagation = 'shared' | 'slave' | 'private' | 'unbindable';

/** A network device as `ip link` shows it. Addresses are numbers of 32 bits. */
export interface NetDevice {
  readonly name: string;
  readonly index: number;
  readonly type: 'loopback' | 'veth' | 'bridge';
  readonly mac: string;
  readonly up: boolean;
  readonly wasUp: boolean;
  readonly carrier: boolean;
  /** `brd`: with the address for all, which ip does not give unasked and the engine does. */
  readonly addresses: readonly {
    readonly ip: number;
    readonly prefix: number;
    readonly brd?: boolean;
    readonly lost?: true;
  }[];
  /** Bytes that a packet may have. */
  readonly mtu: number;
  /** Packets that may wait, txqueuelen. */
  readonly queue: number;
  /** What went out over it, and what came in. */
  readonly sent: Traffic;
  readonly got: Traffic;
  /** The loopback has ::1. */
  readonly six: boolean;
  /** The other end of a pair: its name, `if<index>` in another namespace. */
  readonly peer?: string;
  readonly peerUp?: boolean;
  /** The bridge that it is a port of. */
  readonly master?: string;
}

export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

/** Who has answered, as the cache of arp(7) has it. */
export interface Neighbour {
  readonly ip: number;
  readonly mac: string;
  readonly dev: string;
}

export interface NetRoute {
  readonly to: number;
  readonly prefix: number;
  readonly via?: number;
  readonly dev: string;
  readonly src?: number;
}

/** An address and a port. */
export interface Peer {
  readonly ip: number;
  readonly port: number;
}

export interface NetSocket {
  readonly kind: 'tcp' | 'udp';
  readonly state: 'LISTEN' | 'ESTABLISHED' | 'CLOSE_WAIT' | 'FIN_WAIT2' | 'CLOSE';
  readonly number: number;
  readonly own: Peer;
  readonly peer?: Peer;
  readonly unread: number;
  /** Of version 6, which takes version 4 as well: what listens on all addresses does, and what came in by it. */
  readonly six: boolean;
}

/** The network namespace of the caller, as rtnetlink(7) has it. ENODEV: no such device; EPERM without CAP_NET_ADMIN. */
export interface NetSys {
  devices(): readonly NetDevice[];
  routes(): readonly NetRoute[];
  /** A pair is made with its other end, `veth<n>`. EEXIST. */
  add(name: string, type: 'veth' | 'bridge'): void;
  remove(name: string): void;
  up(name: string, up: boolean): void;
  rename(name: string, to: string): void;
  master(name: string, bridge: string | undefined): void;
  /** Into the namespace of a process; it loses its addresses. ESRCH. */
  move(name: string, pid: number): void;
  /** EINVAL. */
  mtu(name: string, bytes: number): void;
  neighbours(): readonly Neighbour[];
  /** EADDRNOTAVAIL: it is nobody's own, but of many or of none. */
  mac(name: string, mac: string): void;
  /** EPERM. */
  forget(neighbour: number): void;
  /** `brd`: with the address for all. EEXIST, EADDRNOTAVAIL. */
  address(name: string, ip: number, prefix: number, add: boolean, brd?: boolean): void;
  /** EEXIST, ESRCH, ENETUNREACH. */
  route(
    route: { readonly to: number; readonly prefix: number; readonly via?: number; readonly dev?: string },
    add: boolean,
  ): void;
  /** Does an answer come? ENETUNREACH: there is no route. */
  ping(ip: number): boolean;
  /** socket(2); read and write are those of files. */
  socket(kind: 'tcp' | 'udp'): number;
  /** EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL; port 0: any. */
  bind(fd: number, ip: number, port: number): void;
  listen(fd: number): void;
  accept(fd: number): Call<number>;
  /** ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT. */
  connect(fd: number, ip: number, port: number): Call<void>;
  /** Ends what is sent. */
  shutdown(fd: number): void;
  sendTo(fd: number, to: Peer, bytes: Uint8Array): void;
  receive(fd: number): Call<{ readonly from: Peer; readonly bytes: Uint8Array }>;
  /** getsockname(2), getpeername(2). */
  ends(fd: number): { readonly own: Peer; readonly peer?: Peer };
  sockets(): readonly NetSocket[];
  /** Rules for packets; absent: there are none. */
  tables(): Tables | undefined;
  /** How often a rule was used, or the policy of a chain (no rule). */
  used(table: keyof Tables, chain: string, rule?: Rule): Traffic;
  /** Those that can be read from, ppoll(2); none when `until` (ms since the epoch) was there first. EINTR. */
  poll(fds: readonly number[], until?: number): Call<readonly number[]>;
}

/** System calls that few programs make; spaces/ implements them. */
export interface MoreSys {
  /** unshare(2); a new PID namespace begins with the next child. EPERM, EINVAL. */
  unshare(kinds: readonly NsKind[]): void;
  /** setns(2) to what was opened in /proc/<pid>/ns. EINVAL: no namespace, or not of that kind. */
  setns(fd: number, kind?: NsKind): void;
  /** pivot_root(2). EBUSY, EINVAL, ENOTDIR, EPERM. */
  pivotRoot(newRoot: string, putOld: string): void;
  /** mount(2) with MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE; `all`: MS_REC. EINVAL: not a mount point. */
  propagate(target: string, kind: Propagation, all: boolean): void;
  /** mount(2) with MS_MOVE. EINVAL, ELOOP. */
  moveMount(from: string, to: string): void;
  fchdir(fd: number): void;
  /** setuid(2), setgid(2) of who has the capability; setgid drops the supplementary groups too. EINVAL: no such ID here. */
  setuid(uid: number): void;
  setgid(gid: number): void;
  readonly net: NetSys;
  readonly ipc: IpcSys;
  /** getpriority(2) of a process: its nice value. ESRCH. */
  getpriority(pid: number): number;
  /** setpriority(2); cut to -20..19. ESRCH, EPERM: of somebody else; EACCES: below what it is, without CAP_SYS_NICE. */
  setpriority(pid: number, nice: number): void;
}

/** System V IPC of the caller's namespace, sysvipc(7). */
export interface IpcSys {
  /** A new one with a key of its own; `size`: bytes of a segment, semaphores of an array. EINVAL, ENOSPC. */
  make(kind: IpcKind, size: number, mode: number): number;
  /** EINVAL: no such one; EPERM. */
  remove(kind: IpcKind, id: number): void;
  list(kind: IpcKind): readonly IpcObject[];
  /** A parameter of /proc/sys/kernel; those of `sem` by name. */
  limit(name: string): bigint;
}

export interface Sys {
  // Who and where am I (numbers as seen in the own PID namespace).
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly gid: number;
  /** getgroups(2) */
  readonly groups: readonly number[];
  /** `NAME=value`, as execve gave them. */
  readonly environ: readonly string[];
  /** Simulated clock, ms since the epoch. */
  now(): number;
  uname(): { sysname: string; nodename: string; release: string; version: string; machine: string };
  sethostname(name: string): void;
  cwd(): string;
  chdir(path: string): void;
  chroot(path: string): void;
  umask(mask?: number): number;

  // Files by path; relative ones from cwd.
  open(path: string, flags: OpenFlags, mode?: number): number;
  stat(path: string): Stat;
  lstat(path: string): Stat;
  access(path: string, mode: 'r' | 'w' | 'x'): boolean;
  /** st_dev, stat(2): the device of the file system that a path lies in. */
  device(path: string, follow?: boolean): readonly [major: number, minor: number];
  readdir(path: string): readonly Dirent[];
  readlink(path: string): string;
  /** Whole content of a regular file without a descriptor; `Content` may be digest-only. */
  content(path: string): Content;
  mkdir(path: string, mode: number): void;
  rmdir(path: string): void;
  unlink(path: string): void;
  /** `noreplace`: RENAME_NOREPLACE of renameat2(2), EEXIST when `to` is there. */
  rename(from: string, to: string, flags?: { readonly noreplace?: boolean }): void;
  link(target: string, path: string): void;
  symlink(target: string, path: string): void;
  mknod(path: string, type: 'char' | 'block' | 'fifo' | 'socket', mode: number, rdev?: readonly [number, number]): void;
  chmod(path: string, mode: number): void;
  chown(path: string, uid: number, gid: number, follow?: boolean): void;
  /** utimensat(2) with UTIME_NOW. EACCES, ENOENT, EROFS. */
  touch(path: string, follow?: boolean): void;
  setattr(path: string, change: AttrChange, follow?: boolean): void;
  truncate(path: string, size: number): void;
  /** Extended attributes, xattr(7); values are strings of bytes, one character each. */
  setxattr(path: string, name: string, value: string, flags?: XattrFlags): void;
  getxattr(path: string, name: string, follow?: boolean): string;
  listxattr(path: string, follow?: boolean): readonly string[];
  removexattr(path: string, name: string, follow?: boolean): void;
  /** Puts a digest-only or byte content under a path in one go (cp of a big file). */
  putContent(path: string, content: Content, mode: number): void;

  // Descriptors.
  close(fd: number): void;
  /** The lowest free descriptor from `from` on (F_DUPFD). */
  dup(fd: number, from?: number): number;
  dup2(from: number, to: number): void;
  pipe(): [read: number, write: number];
  fstat(fd: number): Stat;
  isatty(fd: number): boolean;
  /** TIOCGWINSZ of ioctl_tty(2); undefined: it is no terminal. */
  winsize?(fd: number): WinSize | undefined;
  fdCloexec(fd: number, on: boolean): void;
  /** Up to `max` bytes; empty at end of file. Interrupted by a handled signal: EINTR. */
  read(fd: number, max?: number): Call<Uint8Array>;
  /** Writes all of it, blocking while a pipe is full; EPIPE (and SIGPIPE) when nobody reads. */
  write(fd: number, data: Uint8Array | string): Call<void>;
  /** As `read` and `write`, when that is possible at once; undefined or false: it is not. */
  tryRead(fd: number, max: number): Uint8Array | undefined;
  tryWrite(fd: number, data: Uint8Array): boolean;
  lseek(fd: number, offset: number, whence: 'set' | 'cur' | 'end'): number;

  // Processes.
  /** A child that shares nothing but copies: descriptors, cwd, signal dispositions. It runs `child` with its own Sys. */
  fork(child: (sys: Sys) => Call<number>): number;
  /** Replaces this process' program. Returns never; throws ENOENT, EACCES, ENOEXEC … when it cannot. */
  execve(path: string, argv: readonly string[], env: readonly string[]): Call<never>;
  exit(code: number): never;
  /** `pid` -1: any child. `nohang`: undefined when none has ended. EINTR when a handled signal comes, ECHILD when there is no child. */
  wait(pid: number, options?: WaitOptions): Call<WaitResult | undefined>;
  kill(pid: number, signal: Signal | 0): void;
  sigaction(signal: Signal, disposition: Disposition): Disposition;
  /** Signals that came for which the disposition is `handler`, oldest first; taking clears them. */
  takeSignals(): readonly Signal[];
  /** Until a handled signal comes. */
  pause(): Call<void>;
  /** Milliseconds; returns what was left when a handled signal came (0 when it slept in full). */
  sleep(ms: number): Call<number>;
  /** Uses CPU time; gives way to others. */
  burn(ms: number): Call<void>;
  /** Uses CPU time without giving way; true when it has been so much that it is time to, by `burn(0)`. */
  use(ms: number): boolean;
  /** Carries a call out on a stack of its own, however deep the caller is. */
  within<T>(call: () => Call<T>): Call<T>;
  /** CPU time in milliseconds, times(2): its own, and that of children that it has waited for. */
  times(): { readonly own: number; readonly children: number };
  /** Holds so many bytes of memory more, or (below 0) fewer, brk(2). A limit of memory may be its end. */
  hold?(bytes: number): Call<void>;
  /** getrlimit(2) */
  getrlimit(resource: Resource): Rlimit;
  /** setrlimit(2). EINVAL, EPERM. */
  setrlimit(resource: Resource, limit: Rlimit): void;
  /** statfs(2); undefined for file systems that nothing is used up of. */
  statfs?(path: string): Space | undefined;
  /** prctl(PR_SET_NAME): the name in /proc/<pid>/comm and in braces in busybox's `ps`. Absent: the name stays. */
  setComm?(name: string): void;
  /** Counts that a program was asked for something that the simulation of it has not. Absent: nobody counts. */
  lack?(what: string): void;
  setsid(): void;
  setpgid(pid: number, pgid: number): void;
  /** getpgrp(2), in the own PID namespace. */
  readonly pgrp: number;
  /** Throws PartNeeded. */
  readonly tty: TtySys;

  // Mounts and namespaces (of the calling process).
  mount(source: string, target: string, type: string, options: readonly string[]): void;
  /** `lazy`: out of the tree now, whoever still uses it. */
  umount(target: string, lazy?: boolean): void;
  /** Throws PartNeeded. */
  readonly more: MoreSys;
}
