/**
 * The process table: what a process is, how it comes to be and how it ends, fork(2), exit(2), wait(2), pid_namespaces(7).
 *
 * Kept true: a process has one PID in its own PID namespace and one in each ancestor (`pids[level]`, the host's at 0). It
 * leaves the table only when it is reaped. Orphans go to PID 1 of the dead parent's PID namespace. When PID 1 dies all
 * others of the namespace get SIGKILL, and it becomes a zombie only after the last of them is gone.
 */
import { SysError } from '../errors.ts';
import type { Signal } from '../op.ts';
import { type Cgroup, tallyOf } from './cgroup.ts';
import type { OpenFile } from './file.ts';
import type { Kernel } from './kernel.ts';
import { limits } from './limits.ts';
import type { KnownWays, Path, Walker } from './namei.ts';
import type { Namespace, Namespaces, PidNamespace } from './namespace.ts';
import { checkProcesses, type Rlimits, rlimitOf } from './rlimits.ts';
import { sendSignal } from './signal.ts';
import type { Disposition, Sys, Wait } from './sys.ts';
import { type Terminal, terminals } from './terminals.ts';
import { freeUnmounted } from './tmpfs.ts';

/** How a process ended: by itself or by a signal. */
export type ProcessEnd = { readonly code: number } | { readonly signal: Signal };

export interface Descriptor {
  readonly file: OpenFile;
  cloexec: boolean;
}

/** Thrown through a program's frames when its process has ended under it. Programs let it pass. */
export class ProcessEnded extends Error {}

/** One for all: it carries nothing, and making an Error is slow. */
const ended = new ProcessEnded('the process has ended');

/** exiting: PID 1 that waits for the rest of its namespace to die. */
export type ProcessState = 'running' | 'stopped' | 'exiting' | 'zombie' | 'dead';

export class Process implements Walker {
  state: ProcessState = 'running';
  end: ProcessEnd | undefined;
  uid = 0;
  gid = 0;
  /** Supplementary groups, credentials(7). */
  groups: readonly number[] = [];
  umask = 0o022;
  /** capabilities(7) of a process of uid 0; undefined: all. */
  capabilities: ReadonlySet<string> | undefined;
  /** A root without CAP_DAC_OVERRIDE: permissions of files hold for it. */
  obeysModes = false;
  /** Docker's default filter of system calls is on it, seccomp(2). */
  filtered = false;
  noNewPrivileges = false;
  comm = '';
  argv: readonly string[] = [];
  environ: readonly string[] = [];
  exe: Path | undefined;
  readonly children = new Set<Process>();
  /** Those of them that wait to be reaped. */
  zombies: Set<Process> | undefined;
  /** Leaders of process group and session; the objects outlive the processes, as the numbers do. */
  group: Process = this;
  session: Process = this;
  /** That of its session. */
  terminal: Terminal | undefined;
  /** What stopped it, until its parent has been told. */
  stoppedBy: Signal | undefined;
  fds = new Map<number, Descriptor>();
  dispositions = new Map<Signal, Disposition>();
  readonly pending = new Set<Signal>();
  /** Real-time signals that are pending more than once: each further one. */
  readonly queuedSignals: Signal[] = [];
  /** Signals that have a handler and came: the program takes them with takeSignals. */
  readonly caught: Signal[] = [];
  program: Generator<Wait, number, void> | undefined;
  /** What goes on when `program` is done; the last one first. */
  programsBelow: Generator<Wait, number, void>[] | undefined;
  waiting: Wait | undefined;
  /** Until then it uses a CPU. */
  busyUntil = 0;
  /** CPU time that it still has to use before its program goes on, ms. */
  owes = 0;
  /** CPU time that its program has used and no time has passed for yet, ms, and how much of it the scheduler has counted. */
  debt = 0;
  counted = 0;
  /** It is among those that the scheduler takes for competing. */
  busy = false;
  cpuMs = 0;
  /** nice(1), -20 to 19. */
  nice = 0;
  /** What it has read and written, by how many calls, and what of it came from a disk, proc(5) "io". */
  bytesRead = 0;
  bytesWritten = 0;
  reads = 0;
  writes = 0;
  fromDisk = 0;
  toDisk = 0;
  /** Who logged in, once somebody has said. */
  loginUid: string | undefined;
  /** What the OOM killer adds to its score, thousandths of all memory, proc(5). */
  oomScoreAdj = 0;
  /** Limits that were set, getrlimit(2); undefined: none was. */
  rlimits: Rlimits | undefined;
  /** Bytes of memory that its program asked for. */
  data = 0;
  /** CPU time of children that it has waited for, and of theirs, ms. */
  childrenMs = 0;
  /** The scheduler's book-keeping: work since the last rest, at how much it gets dearer, when the last turn was, what things cost by now. */
  work = 0;
  dearer = 0;
  lastTurn = 0;
  price = 1;
  /** It is in the queue of those that may run; when the scheduler looks at it by itself. */
  queued = false;
  timer = Number.POSITIVE_INFINITY;
  sys!: Sys;
  /** Its children are not to become zombies: the kernel's own processes on the host. */
  autoReap = false;
  /** Only the daemon, which walks the same ways again and again, remembers them. */
  ways: KnownWays | undefined;
  onEnd: ((end: ProcessEnd, at: number) => void) | undefined;
  /** After unshare(2) or setns(2): where its children are born. */
  pidForChildren: PidNamespace | undefined;

  constructor(
    readonly kernel: Kernel,
    readonly pids: readonly number[],
    public parent: Process | undefined,
    public ns: Namespaces,
    public root: Path,
    public cwd: Path,
    /** One group a hierarchy, in the order of the hierarchies. */
    public cgroups: readonly Cgroup[],
    readonly startedAt: number,
  ) {}

  /** PID on the host. */
  get hostPid(): number {
    return this.pids[0]!;
  }

  /** PID in its own namespace. */
  get pid(): number {
    return this.pids[this.ns.pid.level]!;
  }

  get alive(): boolean {
    return this.state === 'running' || this.state === 'stopped';
  }

  /** Has it a capability, `CAP_SYS_ADMIN` say, over what belongs to that namespace? Without one: over the whole system. */
  can(capability: string, over?: Namespace): boolean {
    const { user } = this.ns;
    if (user.may !== undefined) return user.may(this, capability, over);
    return this.uid === 0 && (this.capabilities === undefined || this.capabilities.has(capability));
  }

  /** The PID that `viewer` sees; 0 when this process is not in that namespace. */
  pidIn(viewer: PidNamespace): number {
    let ns: PidNamespace | undefined = this.ns.pid;
    while (ns !== undefined && ns !== viewer) ns = ns.parent;
    return ns === undefined ? 0 : this.pids[ns.level]!;
  }

  /** Sends itself a signal; does not return when that ends it. */
  raise(signal: Signal): void {
    sendSignal(this.kernel, this, signal, this);
    this.checkAlive();
  }

  /** A program whose process has ended gets no further. */
  checkAlive(): void {
    if (this.state !== 'running' && this.state !== 'stopped') throw ended;
  }

  descriptor(fd: number): Descriptor {
    const descriptor = this.fds.get(fd);
    if (descriptor === undefined) throw new SysError('EBADF');
    return descriptor;
  }

  file(fd: number): OpenFile {
    return this.descriptor(fd).file;
  }

  /** The lowest free descriptor from `from` on. */
  freeFd(from = 0): number {
    let fd = from;
    while (this.fds.has(fd)) fd += 1;
    if (fd >= 1024 || (this.rlimits !== undefined && fd >= rlimitOf(this, 'NOFILE').soft)) throw new SysError('EMFILE');
    return fd;
  }

  install(file: OpenFile, fd = this.freeFd(), cloexec = false): number {
    file.refs += 1;
    this.closeFd(fd);
    this.fds.set(fd, { file, cloexec });
    return fd;
  }

  closeFd(fd: number): boolean {
    const descriptor = this.fds.get(fd);
    if (descriptor === undefined) return false;
    this.fds.delete(fd);
    descriptor.file.refs -= 1;
    if (descriptor.file.refs === 0) descriptor.file.close();
    return true;
  }
}

/** What a new process does not simply take over from its parent. */
export interface Birth {
  readonly parent: Process;
  readonly ns?: Namespaces;
  readonly root?: Path;
  readonly cwd?: Path;
  readonly cgroups?: readonly Cgroup[];
}

/** More processes than any lesson needs; a fork bomb ends here. */
const MAX_PROCESSES = 12_000;

/** A new process with nothing to run yet. EAGAIN over a limit, ENOMEM in a PID namespace whose PID 1 is dead, fork(2). */
export function bear(kernel: Kernel, birth: Birth): Process {
  const { parent } = birth;
  const ns = birth.ns ?? parent.ns;
  const cgroups = birth.cgroups ?? parent.cgroups;
  if (ns.pid.dying) throw new SysError('ENOMEM');
  if (kernel.processes.size >= MAX_PROCESSES) throw new SysError('EAGAIN');
  if (parent.rlimits !== undefined) checkProcesses(parent);
  if (kernel.cgroups.pidsLimited && !limits().mayFork(cgroups)) throw new SysError('EAGAIN');
  const pids: number[] = [];
  for (let at: PidNamespace | undefined = ns.pid; at !== undefined; at = at.parent) pids[at.level] = at.next++;
  const child = new Process(
    kernel,
    pids,
    parent,
    ns,
    birth.root ?? parent.root,
    birth.cwd ?? parent.cwd,
    cgroups,
    kernel.now(),
  );
  enroll(kernel, child);
  parent.children.add(child);
  return child;
}

/** Puts a process into the tables. */
export function enroll(kernel: Kernel, child: Process): void {
  kernel.processes.set(child.hostPid, child);
  for (let at: PidNamespace | undefined = child.ns.pid; at !== undefined; at = at.parent) {
    at.table.set(child.pids[at.level]!, child);
  }
  if (child.ns.pid.init === undefined) child.ns.pid.init = child;
  for (const group of child.cgroups) group.procs.add(child);
}

/** What fork(2) copies. */
export function inherit(child: Process, parent: Process): void {
  child.uid = parent.uid;
  child.gid = parent.gid;
  child.groups = parent.groups;
  child.umask = parent.umask;
  child.capabilities = parent.capabilities;
  child.oomScoreAdj = parent.oomScoreAdj;
  child.nice = parent.nice;
  child.rlimits = parent.rlimits;
  child.loginUid = parent.loginUid;
  child.obeysModes = parent.obeysModes;
  child.filtered = parent.filtered;
  child.noNewPrivileges = parent.noNewPrivileges;
  child.comm = parent.comm;
  child.argv = parent.argv;
  child.environ = parent.environ;
  child.exe = parent.exe;
  child.group = parent.group;
  child.session = parent.session;
  child.terminal = parent.terminal;
  child.dispositions = new Map(parent.dispositions);
  for (const [fd, { file, cloexec }] of parent.fds) {
    file.refs += 1;
    child.fds.set(fd, { file, cloexec });
  }
}

/** The end of a process, by exit or by signal. */
export function terminate(kernel: Kernel, process: Process, end: ProcessEnd): void {
  if (!process.alive) return;
  process.end = end;
  process.cpuMs += process.debt;
  kernel.scheduler.rest(process);
  process.program = undefined;
  process.programsBelow = undefined;
  process.waiting = undefined;
  process.pending.clear();
  process.queuedSignals.length = 0;
  process.state = 'exiting';
  for (const fd of [...process.fds.keys()]) process.closeFd(fd);
  for (const group of process.cgroups) {
    group.procs.delete(process);
    if (process.cpuMs > 0 && group.hierarchy.option !== 'name=systemd') tallyOf(group).spentMs += process.cpuMs;
  }
  if (kernel.charges.size > 0) freeUnmounted(kernel);
  const ns = process.ns.pid;
  const stopped = stoppedChildren(process);
  if (ns.init === process) killNamespace(kernel, ns, process);
  else giveAwayChildren(kernel, process);
  if (stopped.length > 0 || (process.terminal !== undefined && process.session === process))
    terminals().ended(kernel, process, stopped);
  if (process.state === 'exiting' && !(ns.init === process && ns.table.size > 1)) becomeZombie(kernel, process);
}

const nobody: readonly Process[] = [];

function stoppedChildren({ children }: Process): readonly Process[] {
  let stopped = nobody;
  for (const child of children) if (child.state === 'stopped') stopped = [...stopped, child];
  return stopped;
}

/** Orphans get PID 1 of the dead parent's PID namespace as parent, which then has to reap them. */
function giveAwayChildren(kernel: Kernel, process: Process): void {
  const heir = process.ns.pid.init;
  for (const child of process.children) {
    child.parent = heir;
    heir?.children.add(child);
    if (child.state === 'zombie') tellParent(kernel, child);
  }
  process.children.clear();
}

function killNamespace(kernel: Kernel, ns: PidNamespace, init: Process): void {
  ns.dying = true;
  for (const other of [...ns.table.values()]) {
    if (other === init) continue;
    // Who has a parent outside is waited for there, and until then PID 1 does not go.
    if (other.state === 'zombie') {
      if (other.parent?.ns.pid === ns) reap(kernel, other);
    } else sendSignal(kernel, other, 'KILL');
  }
}

function becomeZombie(kernel: Kernel, process: Process): void {
  process.state = 'zombie';
  process.onEnd?.(process.end!, kernel.now());
  tellParent(kernel, process);
}

/** SIGCHLD to the parent, or straight to the grave when nobody is going to wait. */
function tellParent(kernel: Kernel, process: Process): void {
  const { parent } = process;
  const unwanted =
    parent === undefined ||
    !parent.alive ||
    parent.autoReap ||
    (process.ns.pid.dying && parent.ns.pid === process.ns.pid) ||
    parent.dispositions.get('CHLD') === 'ignore';
  if (unwanted) reap(kernel, process);
  else {
    parent.zombies ??= new Set();
    parent.zombies.add(process);
    kernel.scheduler.wake(parent);
    sendSignal(kernel, parent, 'CHLD', process);
  }
}

/** Takes a zombie out of all tables. */
export function reap(kernel: Kernel, process: Process): void {
  process.state = 'dead';
  if (process.parent !== undefined) {
    process.parent.children.delete(process);
    process.parent.zombies?.delete(process);
    kernel.scheduler.wake(process.parent);
  }
  kernel.processes.delete(process.hostPid);
  for (let at: PidNamespace | undefined = process.ns.pid; at !== undefined; at = at.parent) {
    at.table.delete(process.pids[at.level]!);
    if (at.dying && at.table.size === 1 && at.init?.state === 'exiting') becomeZombie(kernel, at.init);
  }
}

/**
 * What wait(2) would find among the children it looks at (-1 all, 0 the own group, below that a group, else one): the first that has
 * ended, or with `untraced` was stopped.
 */
export function waitable(parent: Process, pid: number, untraced = false): Process | 'none yet' | undefined {
  const { children, zombies } = parent;
  if ((zombies === undefined || zombies.size === 0) && !untraced)
    return children.size > 0 && isAny(candidates(parent, pid)) ? 'none yet' : undefined;
  let found: 'none yet' | undefined;
  for (const child of candidates(parent, pid)) {
    if (child.state === 'zombie' || (untraced && child.stoppedBy !== undefined && child.state === 'stopped'))
      return child;
    found = 'none yet';
  }
  return found;
}

function isAny(list: Iterable<unknown>): boolean {
  for (const _ of list) return true;
  return false;
}

function candidates(parent: Process, pid: number): Iterable<Process> {
  const { children, ns } = parent;
  if (pid === -1) return children;
  if (pid > 0) {
    const child = ns.pid.table.get(pid);
    return child !== undefined && children.has(child) ? [child] : [];
  }
  const isMember = ({ group }: Process) => (pid === 0 ? group === parent.group : group.pidIn(ns.pid) === -pid);
  return [...children].filter(isMember);
}

/** Is a process that one, or descended from it? */
export function isOfFamily(process: Process, head: Process): boolean {
  let at: Process | undefined = process;
  while (at !== undefined && at !== head) at = at.parent;
  return at !== undefined;
}

/** A process and all that descend from it. */
export function* familyOf(process: Process): Iterable<Process> {
  // Not by recursion: families can be thousands of generations deep.
  const left = [process];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next;
    for (const child of [...next.children].reverse()) left.push(child);
  }
}
