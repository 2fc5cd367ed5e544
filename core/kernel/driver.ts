/**
 * The simulated kernel as a driver: performs every Op of core/op.ts at once, on a whole small host in memory.
 *
 * Kept true: a refusal of the kernel is a failed Outcome with its errno and changes nothing; after every Op everything that
 * can run at the present instant has run; only `wait` and `host` let simulated time pass. The same Ops always give the same
 * PIDs, inode numbers, times and output.
 */
import type { Blocked, HostFacts, StorageDriver, SyncDriver } from '../driver.ts';
import { SysError } from '../errors.ts';
import type { Digest, ExitStatus, Op, OpOf, OpResults, Outcome } from '../op.ts';
import { contentBytes } from '../vfs/content.ts';
import type { Cgroup } from './cgroup.ts';
import { copies } from './copies.ts';
import { bootHost, type HostOptions } from './host.ts';
import { HostLines } from './hostline.ts';
import type { Kernel } from './kernel.ts';
import { exitCode, OutputLog } from './launch.ts';
import { CPUS, limits, MEMORY } from './limits.ts';
import { moreKernel, moreKernelSoFar, type NetworkOp } from './more.ts';
import { mountAt, umountAt } from './mountcalls.ts';
import * as archives from './ops/archives.ts';
import * as files from './ops/files.ts';
import * as layers from './ops/layers.ts';
import * as query from './ops/query.ts';
import { type Spawned, spawn } from './ops/spawn.ts';
import { content, putContent } from './pathcalls.ts';
import { familyOf, isOfFamily, type Process, type ProcessEnd } from './process.ts';
import { type Budget, type Crew, defaultBudget } from './scheduler.ts';
import { sendSignal } from './signal.ts';
import { isTerminal } from './terminals.ts';
import type { Change } from './trace.ts';

export interface SimDriverOptions extends Omit<HostOptions, 'init'> {
  /** The layers that `unpack { blob }` knows: those of the base images. */
  readonly layers?: (blob: Digest) => layers.Layer | undefined;
  /** The storage driver that an engine on this host is to use; default overlay2. */
  readonly storageDriver?: StorageDriver;
  /**
   * Simulated milliseconds that a wait without a limit of its own lets pass unasked; default: a day. More pass only after
   * `letPass`.
   */
  readonly freeMs?: number;
  /** Turns of computing after which such a wait is answered, to be asked again at once; default: only with its other limits. */
  readonly sliceTurns?: number;
}

export interface SimDriver extends SyncDriver {
  readonly name: 'sim';
  readonly kernel: Kernel;
  /** The next wait goes on at least to the next moment at which what it waits for does something. */
  letPass(): void;
  /** When that is, after a wait that was answered "blocked"; milliseconds since the epoch. Absent: it never comes by itself. */
  readonly nextMoment: number | undefined;
  /** Lines are read at the process' terminal, and not shown while they are typed. */
  isSilent(pid: number): boolean;
  /** Puts a file onto the host; the bytes are kept as they are. Throws SysError. */
  putFile(path: string, bytes: Uint8Array): void;
  getFile(path: string): Uint8Array;
  /** From now on told of what lines of the host change; nobody: undefined. */
  watchHost(onChange: ((change: Change) => void) | undefined): void;
}

const DATA_ROOT = '/var/lib/docker';

/** A host just booted, with nothing of Docker's on it. */
export function createSimDriver(options: SimDriverOptions): SimDriver {
  return new Sim(options);
}

/** What is known of a spawned process until `forget`. */
interface Child extends Spawned {
  ended?: { readonly end: ProcessEnd; readonly at: number };
}

class Sim implements SimDriver {
  readonly name = 'sim';
  readonly kernel: Kernel;
  readonly facts: HostFacts;
  /** dockerd: parent of all that is spawned, and whose eyes the Ops on files have. */
  private readonly daemon: Process;
  private readonly children = new Map<number, Child>();
  private readonly trees = new files.TreeCache();
  private readonly lines: HostLines;
  private readonly freeMs: number;
  private readonly sliceTurns: number | undefined;
  private letTimePass = false;
  nextMoment: number | undefined;
  private readonly layerOf: (blob: Digest) => layers.Layer | undefined;

  constructor(options: SimDriverOptions) {
    this.kernel = bootHost({ ...options, init: (sys, argv) => limits().init(sys, argv) });
    this.daemon = this.kernel.daemon;
    this.freeMs = options.freeMs ?? defaultBudget.ms;
    this.sliceTurns = options.sliceTurns;
    this.lines = new HostLines(this.kernel, (who) => this.budget(who));
    this.layerOf = options.layers ?? (() => undefined);
    const { cgroups, release } = this.kernel;
    this.facts = {
      cgroup: cgroups.version,
      controllers: [...new Set(cgroups.hierarchies.flatMap(({ controllers }) => controllers))],
      kernel: release.release,
      hostname: this.kernel.init.ns.uts.hostname,
      cpus: CPUS,
      memory: MEMORY,
      dataRoot: DATA_ROOT,
      ...(options.bridge === true ? { bridge: true } : {}),
      ...(options.storageDriver === undefined ? {} : { storageDriver: options.storageDriver }),
    };
  }

  now(): number {
    return this.kernel.now();
  }

  close(): void {}

  letPass(): void {
    this.letTimePass = true;
  }

  watchHost(onChange: ((change: Change) => void) | undefined): void {
    this.lines.onChange = onChange;
  }

  /** What may pass in a wait for these. */
  private budget(who: () => Iterable<Process>): Budget {
    const { scheduler } = this.kernel;
    const next = (this.letTimePass ? scheduler.earliest(who()) : undefined) ?? scheduler.clock;
    this.letTimePass = false;
    const watched = this.freeMs < defaultBudget.ms;
    const slice = this.sliceTurns === undefined ? {} : { sliceTurns: this.sliceTurns };
    return { ...defaultBudget, ms: next - scheduler.clock + this.freeMs, watched, ...slice };
  }

  isSilent(pid: number): boolean {
    return this.children.get(pid)?.terminal?.isSilent === true;
  }

  putFile(path: string, bytes: Uint8Array): void {
    putContent(this.daemon, path, { bytes }, 0o644);
  }

  getFile(path: string): Uint8Array {
    return contentBytes(content(this.daemon, path));
  }

  perform(op: Op): Outcome | Blocked {
    try {
      const value = this.act(op);
      if (isBlocked(value)) return value;
      this.kernel.scheduler.runPresent(this.sliceTurns);
      return { ok: true, value };
    } catch (error) {
      if (error instanceof SysError) return { ok: false, errno: error.errno, message: error.message };
      const refused = archives.refusal(error);
      if (refused !== undefined) return refused;
      throw error;
    }
  }

  private act(op: Op): OpResults[Op['op']] | Blocked {
    const { kernel, daemon } = this;
    switch (op.op) {
      case 'mkdir':
        return files.mkdir(daemon, op);
      case 'writeFile':
        return files.writeFile(daemon, op);
      case 'writeTree':
        return files.writeTree(daemon, op);
      case 'readFile':
        return files.readFile(daemon, op);
      case 'symlink':
        return files.symlink(daemon, op);
      case 'touch':
        return files.touch(daemon, op);
      case 'rename':
        return files.rename(daemon, op);
      case 'copyTree':
        return files.copyTree(daemon, op);
      case 'remove':
        return files.remove(daemon, op);
      case 'tree':
        return this.trees.tree(daemon, op);
      case 'extract':
        return archives.extract(daemon, op);
      case 'digest':
        return archives.digest(daemon, op);
      case 'list':
        return query.list(daemon, op);
      case 'unpack':
        return layers.unpack(daemon, op, this.layerOf);
      case 'archive':
        return layers.archive(daemon, op);
      case 'exportTree':
        return layers.exportTree(daemon, op);
      case 'copyOut':
        return copies().copyOut(daemon, op);
      case 'copyIn':
        return copies().copyIn(daemon, op);
      case 'lookIn':
        return copies().lookIn(daemon, op);
      case 'mount':
        mountAt(kernel, daemon, { ...op.mount, target: op.at });
        return undefined;
      case 'umount':
        umountAt(kernel, daemon, op.at);
        return undefined;
      case 'processes':
        return query.processes(kernel, op);
      case 'namespaces':
        return query.namespaces(kernel, op);
      case 'mounts':
        return query.mounts(daemon);
      case 'netSpaces':
        // What has not been loaded yet has made no device.
        return moreKernelSoFar()?.netSpaces(kernel) ?? [];
      case 'host':
        return this.lines.run(op.line, op.stdin);
      default:
        return this.actOnProcesses(op);
    }
  }

  private actOnProcesses(op: ProcessOp | NetworkOp): OpResults[ProcessOp['op']] | Blocked {
    const { cgroups } = this.kernel;
    switch (op.op) {
      case 'cgroupCreate':
        cgroups.create(op.group);
        return undefined;
      case 'cgroupRemove':
        cgroups.remove(op.group);
        return undefined;
      case 'cgroupRead':
        return limits().readCgroupFile(this.kernel, this.group(op), op.file);
      case 'cgroupWrite':
        limits().writeCgroupFile(this.kernel, this.group(op), op.file, op.value);
        return undefined;
      case 'spawn':
        return this.spawn(op);
      case 'signal':
        return this.signal(op);
      case 'wait':
        return this.wait(op);
      case 'output':
        return [...this.child(op.pid).log.chunks];
      case 'input':
        return this.input(op);
      case 'resize':
        return this.resize(op);
      case 'forget':
        if (this.child(op.pid).ended === undefined) throw new SysError('EBUSY');
        this.children.delete(op.pid);
        return undefined;
      default:
        if (!this.kernel.bridge) throw new SysError('EOPNOTSUPP');
        moreKernel().network(this.kernel, op);
        return undefined;
    }
  }

  /** The group in the hierarchy of a controller; '' is the unified one. ENOENT: no such hierarchy, no such group. */
  private group({ group, controller }: { readonly group: string; readonly controller: string }): Cgroup {
    const { cgroups } = this.kernel;
    const hierarchy = cgroups.hierarchies.find(({ version, controllers, directory }) =>
      controller === '' ? version === 'v2' : controllers.includes(controller) || directory === controller,
    );
    const found = hierarchy === undefined ? undefined : cgroups.find(hierarchy, group);
    if (found === undefined) throw new SysError('ENOENT', group);
    return found;
  }

  private child(pid: number): Child {
    const child = this.children.get(pid);
    if (child === undefined) throw new SysError('ECHILD', String(pid));
    return child;
  }

  private spawn(op: OpOf<'spawn'>): OpResults['spawn'] {
    const { kernel, daemon } = this;
    const file = op.spawn.log === undefined ? undefined : limits().log(kernel, daemon, op.spawn.log);
    const log = new OutputLog(() => kernel.now(), file === undefined ? undefined : (chunk) => file.add(chunk));
    const child: Child = spawn(kernel, daemon, op, log);
    child.process.onEnd = (end, at) => {
      child.ended = { end, at };
      file?.end(at);
    };
    this.children.set(child.process.hostPid, child);
    return { pid: child.process.hostPid };
  }

  private signal({ pid, signal }: OpOf<'signal'>): undefined {
    const process = this.kernel.processes.get(pid);
    if (process === undefined) throw new SysError('ESRCH', String(pid));
    sendSignal(this.kernel, process, signal);
    return undefined;
  }

  private wait({ pid, timeoutMs }: OpOf<'wait'>): OpResults['wait'] | Blocked {
    const child = this.child(pid);
    const { scheduler } = this.kernel;
    const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : this.now() + timeoutMs;
    const { table } = child.process.ns.pid;
    const ran = scheduler.runUntil(
      () => child.ended !== undefined,
      deadline,
      crewOf(child),
      timeoutMs === undefined ? this.budget(() => table.values()) : defaultBudget,
    );
    this.nextMoment = scheduler.earliest(table.values());
    if (child.ended !== undefined) {
      return { exited: true, status: exitStatus(child), at: child.ended.at };
    }
    if (ran === 'deadline') return { exited: false };
    return { blocked: waitsForInput(child) ? 'input' : 'time' };
  }

  private resize({ pid, rows, columns }: OpOf<'resize'>): undefined {
    const { terminal } = this.child(pid);
    if (terminal === undefined) throw new SysError('ENOTTY', String(pid));
    terminal.resize({ rows, columns });
    return undefined;
  }

  private input({ pid, text, end }: OpOf<'input'>): undefined {
    const child = this.child(pid);
    const { input } = child;
    if (input === undefined) throw new SysError('EBADF', 'standard input is not open');
    const data = new TextEncoder().encode(text);
    if (isTerminal(input)) {
      input.type(data);
      if (end === true) input.typeEnd();
      return undefined;
    }
    if (input.writers === 0) throw new SysError('EBADF', 'standard input has ended');
    if (input.broken) throw new SysError('EPIPE');
    if (data.length > 0) input.put(data, Number.POSITIVE_INFINITY);
    if (end === true) input.leave(false, true);
    return undefined;
  }
}

type ProcessOp = OpOf<
  | 'cgroupCreate'
  | 'cgroupRemove'
  | 'cgroupRead'
  | 'cgroupWrite'
  | 'spawn'
  | 'signal'
  | 'wait'
  | 'output'
  | 'input'
  | 'resize'
  | 'forget'
>;

/** `oomKilled` when the memory limit of its group killed anybody there. */
function exitStatus({ process, ended }: Child): ExitStatus {
  const { end } = ended!;
  const oom = process.cgroups.some(({ tally }) => tally !== undefined && tally.oomKills > 0) ? { oomKilled: true } : {};
  return 'signal' in end ? { code: exitCode(end), signal: end.signal, ...oom } : { code: end.code, ...oom };
}

/** Who sits at the terminal of an `exec -it … sh` can wait for ever: PID 1's next wake-up must not end the container first. */
function crewOf(child: Child): Crew {
  const { process } = child;
  const { pid } = process.ns;
  return {
    all: () => (waitsForInput(child) ? familyOf(process) : pid.table.values()),
    has: (other) => (waitsForInput(child) ? isOfFamily(other, process) : other.pidIn(pid) !== 0),
  };
}

/** Would input from outside make a process go on? */
function waitsForInput({ input }: Child): boolean {
  if (input === undefined || (isTerminal(input) ? input.hungUp : input.writers === 0)) return false;
  for (const { waiting, state } of input.waiters) if (waiting?.why === 'read' && state === 'running') return true;
  return false;
}

function isBlocked(value: unknown): value is Blocked {
  return typeof value === 'object' && value !== null && 'blocked' in value;
}
