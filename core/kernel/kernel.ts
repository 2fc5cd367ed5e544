/**
 * The simulated kernel: the tables that everything else hangs on, wired together. Programs see it through `Sys`
 * (calls.ts), the engine through Ops (driver.ts).
 *
 * Kept true: deterministic. Time, randomness and numbers come from here and from nowhere else; the same calls in the same
 * order give the same PIDs, inode numbers and times.
 */
import { seededRandom } from '../host.ts';
import type { Signal } from '../op.ts';
import type { Fs } from '../vfs/fs.ts';
import { SysCalls } from './calls.ts';
import { Cgroups } from './cgroup.ts';
import { Binaries } from './exec.ts';
import { FileSystems } from './filesystems.ts';
import { MountMaker, type NewMount } from './mount.ts';
import type { MountSource } from './mountcalls.ts';
import { KnownWays, type Path } from './namei.ts';
import { NamespaceMaker, type Namespaces } from './namespace.ts';
import { Pipe } from './pipe.ts';
import { bear, enroll, Process, type ProcessEnd, terminate } from './process.ts';
import { Scheduler } from './scheduler.ts';
import { sendSignal } from './signal.ts';
import type { Trace } from './trace.ts';

export interface KernelOptions {
  readonly seed?: number;
  readonly cgroup?: 'v1' | 'v2';
  readonly hostname?: string;
  /** Milliseconds since the epoch at boot. */
  readonly startTime?: number;
  readonly fault?: { readonly ignoreWhiteouts?: boolean };
  readonly bridge?: boolean;
  /** The root file system of the host. */
  readonly root: Fs;
}

/** PID of dockerd, and the first one that is free on a host that has been up for a while. */
const DAEMON_PID = 742;
const FIRST_PID = 8786;

/** What uname(2) says. */
export const RELEASE = {
  sysname: 'Linux',
  release: '6.1.0-cutaway',
  version: '#1 SMP PREEMPT_DYNAMIC',
  machine: 'x86_64',
} as const;

export class Kernel {
  readonly release = RELEASE;
  /** By PID on the host, in the order of birth. */
  readonly processes = new Map<number, Process>();
  readonly namespaces = new NamespaceMaker();
  readonly mounts = new MountMaker();
  readonly binaries = new Binaries();
  readonly random: (n: number) => Uint8Array;
  readonly cgroups: Cgroups;
  readonly scheduler: Scheduler;
  readonly bootTime: number;
  readonly fault: NonNullable<KernelOptions['fault']>;
  /** The host has docker0, and what belongs to it. */
  readonly bridge: boolean;
  /** PID 1 of the host. */
  readonly init: Process;
  /** dockerd: the process that the driver acts as. */
  readonly daemon: Process;
  /** Whose turn it is. */
  current: Process | undefined;
  /** Told of what processes change by their calls. */
  trace: Trace | undefined;
  /** What programs were asked for and do not have, and how often. */
  readonly lacking = new Map<string, number>();
  private readonly fifos = new WeakMap<Fs, Map<number, Pipe>>();
  private readonly devices = new WeakMap<Fs, number>();
  private nextDevice = 20;
  private nextAnonymous = 20000;
  private netIndex = 2;
  readonly fileSystems: FileSystems;
  /** Bytes of all files in memory. */
  shmem = 0;
  /** Files in memory that somebody was charged for, and how that ends when they are mounted nowhere any more. */
  readonly charges = new Map<Fs, () => void>();

  constructor(options: KernelOptions) {
    this.bootTime = options.startTime ?? 0;
    this.scheduler = new Scheduler(this, this.bootTime);
    this.random = seededRandom(options.seed ?? 1);
    this.fault = options.fault ?? {};
    this.bridge = options.bridge ?? false;
    this.cgroups = new Cgroups(options.cgroup ?? 'v1', () => this.now());
    this.fileSystems = new FileSystems(this);
    this.init = this.boot(options);
    this.daemon = this.startDaemon();
  }

  private boot({ root, hostname }: KernelOptions): Process {
    const mount = this.mounts.make({ fs: root, type: root.type, source: '/dev/sda1', options: ['relatime'] });
    const top: Path = { mount, ino: mount.root, name: '' };
    const ns: Namespaces = {
      mnt: this.namespaces.mnt(mount, true),
      uts: this.namespaces.uts(hostname ?? 'host', true),
      ipc: this.namespaces.plain('ipc', true),
      pid: this.namespaces.pid(),
      net: this.namespaces.plain('net', true),
      user: this.namespaces.plain('user', true),
      cgroup: this.namespaces.plain('cgroup', true),
    };
    const init = new Process(this, [ns.pid.next++], undefined, ns, top, top, this.cgroups.roots(), this.now());
    init.comm = 'init';
    init.argv = ['/sbin/init'];
    init.autoReap = true;
    init.sys = new SysCalls(this, init);
    enroll(this, init);
    return init;
  }

  /** A process of the host that runs nothing in the simulation: what it does comes from outside, as Ops. */
  private startDaemon(): Process {
    this.init.ns.pid.next = DAEMON_PID;
    const daemon = bear(this, { parent: this.init });
    daemon.comm = 'dockerd';
    daemon.argv = ['/usr/sbin/dockerd', '-H', 'fd://'];
    daemon.umask = 0;
    daemon.ways = new KnownWays();
    daemon.autoReap = true;
    daemon.group = daemon;
    daemon.session = daemon;
    daemon.sys = new SysCalls(this, daemon);
    daemon.ns.pid.next = FIRST_PID;
    return daemon;
  }

  now(): number {
    return this.scheduler.clock;
  }

  /** Gives a process its system calls. */
  equip(process: Process): void {
    process.sys = process.ns.user.calls?.(this, process) ?? new SysCalls(this, process);
  }

  /** Sends a signal; without `from` it is the kernel's own. */
  signal(process: Process, signal: Signal, from?: Process): void {
    sendSignal(this, process, signal, from);
  }

  terminate(process: Process, end: ProcessEnd): void {
    terminate(this, process, end);
  }

  /** A signal from the kernel itself. */
  kill(process: Process, signal: Signal): void {
    sendSignal(this, process, signal);
  }

  /** Device number of a file system as mountinfo shows it. */
  deviceOf(fs: Fs): string {
    let minor = this.devices.get(fs);
    if (minor === undefined) {
      minor = this.nextDevice++;
      this.devices.set(fs, minor);
    }
    return fs === this.init.ns.mnt.root.fs ? '8:1' : `0:${minor}`;
  }

  /** The first of so many numbers of network devices: the ones before are those of lo and docker0. */
  nextNetIndex(count = 2): number {
    this.netIndex += count;
    return this.netIndex - count + 1;
  }

  /** Inode numbers of pipes, as in `pipe:[20001]`. */
  anonymousIno(): number {
    return this.nextAnonymous++;
  }

  /** The pipe behind a FIFO: one for each inode. */
  fifo(path: Path): Pipe {
    const { fs } = path.mount;
    const pipes = this.fifos.get(fs) ?? new Map<number, Pipe>();
    const pipe = pipes.get(path.ino) ?? new Pipe(true);
    this.fifos.set(fs, pipes.set(path.ino, pipe));
    return pipe;
  }

  /** The file system that a mount of this type shows. ENODEV for a type that is not known. */
  fileSystem(by: Process, request: MountSource): Pick<NewMount, 'fs' | 'root' | 'rootPath'> {
    return this.fileSystems.make(by, request);
  }
}
