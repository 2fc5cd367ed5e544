/**
 * The linux driver: carries out every Op of core/op.ts on the kernel of this machine, as root (the machine's, or that of a user namespace), in a lab of its own.
 *
 * Kept true: a "no" of the kernel or of a utility is a failed Outcome; a thrown error means that the driver is broken. All
 * paths, PIDs and cgroups in Ops are the lab's. After `close` nothing of it is left on this machine.
 */
import { cpus, release, totalmem } from 'node:os';
import {
  type Digest,
  type Driver,
  type HostFacts,
  type Op,
  type OpOf,
  type OpResults,
  type Outcome,
  type OutputChunk,
  type StorageDriver,
  timedTree,
  tree,
} from '../core/index.ts';
import * as archives from './archives.ts';
import { Cgroups } from './cgroup.ts';
import { copyIn, copyOut, lookIn } from './copies.ts';
import { refusal } from './errno.ts';
import * as files from './files.ts';
import { whyGroupless } from './hierarchies.ts';
import { Lab, type LabOptions } from './lab.ts';
import { archive, differenceAt, exportTree, noAufs, unpack } from './layer.ts';
import { listBelow } from './list.ts';
import { mount, mounts, umount } from './mount.ts';
import { Networks } from './network/networks.ts';
import { namespaces, processes } from './observe.ts';
import { Processes } from './process.ts';
import { Trees } from './tree.ts';
import { hasOneOwner, isRootless } from './userns.ts';

export interface LinuxDriverOptions extends LabOptions {
  /** Layer archives that `unpack` with a `blob` finds, by digest of the uncompressed tar. */
  readonly blobs?: ReadonlyMap<Digest, Uint8Array>;
  /** The storage driver that an engine in this lab is to use; default overlay2. */
  readonly storageDriver?: StorageDriver;
  /** The engine in this lab is to have its bridge, docker0. */
  readonly bridge?: boolean;
}

export interface LinuxDriver extends Driver {
  readonly name: 'linux';
  readonly lab: Lab;
  perform(op: Op): Promise<Outcome>;
  /** Hands on the output of a spawned process, from its beginning. Answers how to stop. */
  watch(pid: number, show: (chunk: OutputChunk) => void): () => void;
  /** Whether `input` for this process would be taken. */
  takesInput(pid: number): boolean;
  /** Whether the terminal of the process takes lines that it does not show. */
  isSilent(pid: number): Promise<boolean>;
  /** Whether the process, or one that it started, runs or waits for a disk at this moment. */
  isBusy(pid: number): boolean;
  close(): Promise<void>;
}

/** Opens a lab and a driver that works in it. Throws, with what is missing, where this machine cannot have one. */
export async function createLinuxDriver(options: LinuxDriverOptions = {}): Promise<LinuxDriver> {
  const lab = await Lab.open({ ...options, networks: options.bridge === true });
  const driver = new RealDriver(lab, options);
  try {
    await driver.prepare();
  } catch (error) {
    await lab.close();
    throw error;
  }
  return driver;
}

type Handlers = { readonly [N in Op['op']]: (op: OpOf<N>) => OpResults[N] | Promise<OpResults[N]> };

class RealDriver implements LinuxDriver {
  readonly name = 'linux';
  readonly facts: HostFacts;
  private readonly cgroups: Cgroups;
  private readonly networks: Networks;
  private readonly processes: Processes;
  private readonly trees = new Trees();
  private readonly handlers: Handlers;

  constructor(
    readonly lab: Lab,
    { blobs = new Map(), storageDriver = 'overlay2', bridge = false }: LinuxDriverOptions,
  ) {
    this.cgroups = new Cgroups(lab);
    this.networks = new Networks(lab);
    this.processes = new Processes(lab, this.cgroups, this.networks);
    this.facts = { ...factsOf(lab), storageDriver, ...(bridge ? { bridge } : {}) };
    this.handlers = this.makeHandlers(blobs);
  }

  async prepare(): Promise<void> {
    if (this.facts.bridge === true) await this.networks.prepare();
    await this.processes.prepare();
  }

  now(): number {
    return Date.now();
  }

  async perform(op: Op): Promise<Outcome> {
    try {
      const handler = this.handlers[op.op] as (op: Op) => OpResults[Op['op']] | Promise<OpResults[Op['op']]>;
      return { ok: true, value: await handler(op) };
    } catch (error) {
      return refusal(error);
    }
  }

  watch(pid: number, show: (chunk: OutputChunk) => void): () => void {
    return this.processes.watch(pid, show);
  }

  takesInput(pid: number): boolean {
    return this.processes.takesInput(pid);
  }

  isSilent(pid: number): Promise<boolean> {
    return this.processes.isSilent(pid);
  }

  isBusy(pid: number): boolean {
    return this.processes.isBusy(pid);
  }

  async close(): Promise<void> {
    await this.processes.close();
    await this.lab.close();
  }

  private async tree(op: OpOf<'tree'>): Promise<OpResults['tree']> {
    if (op.form === 'aufs') throw noAufs();
    if (op.below === undefined) {
      return this.trees.read(files.reach(this.lab, op.path), op.immutable === true ? op.path : undefined, op.times);
    }
    const fs = await differenceAt(this.lab, op.path, op.below);
    return op.times === true ? timedTree(fs, fs.root) : tree(fs, fs.root);
  }

  private makeHandlers(blobs: ReadonlyMap<Digest, Uint8Array>): Handlers {
    const { lab, cgroups, processes: table, trees, networks } = this;
    return {
      ...networks.handlers,
      mkdir: (op) => files.mkdir(lab, op),
      writeFile: (op) => files.writeFile(lab, op),
      writeTree: (op) => files.writeTree(lab, op),
      readFile: (op) => files.readFile(lab, op),
      symlink: (op) => files.symlink(lab, op),
      touch: (op) => files.touch(lab, op),
      rename: (op) => {
        trees.forget(op.from);
        return files.rename(lab, op);
      },
      remove: (op) => {
        trees.forget(op.path);
        return files.remove(lab, op);
      },
      copyTree: (op) => files.copyWhole(lab, op),
      extract: (op) => archives.extract(lab, op),
      digest: (op) => archives.digest(lab, op),
      unpack: (op) => unpack(lab, blobs, op),
      archive: (op) => archive(lab, trees, op),
      exportTree: (op) => exportTree(lab, op),
      copyOut: (op) => copyOut(lab, op),
      copyIn: (op) => copyIn(lab, op),
      lookIn: (op) => lookIn(lab, op),
      mount: (op) => mount(lab, op.mount, op.at),
      umount: (op) => umount(lab, op.at),
      cgroupCreate: (op) => cgroups.create(op.group),
      cgroupWrite: (op) => cgroups.write(op.group, op.controller, op.file, op.value),
      cgroupRead: (op) => cgroups.read(op.group, op.controller, op.file),
      cgroupRemove: (op) => cgroups.remove(op.group),
      spawn: (op) => table.spawn(op.spawn),
      signal: (op) => table.signal(op.pid, op.signal),
      wait: (op) => table.wait(op.pid, op.timeoutMs),
      output: (op) => table.output(op.pid),
      input: (op) => table.input(op.pid, op.text, op.end ?? false),
      resize: (op) => table.resize(op.pid, op),
      forget: (op) => table.forget(op.pid),
      tree: (op) => this.tree(op),
      list: (op) => listBelow(files.reach(lab, op.path), op),
      processes: (op) => processes(cgroups, op.group),
      namespaces: (op) => namespaces(lab, op.pid),
      mounts: () => mounts(lab),
      netSpaces: () => (this.facts.bridge === true ? networks.seen() : []),
      host: (op) => table.host(op.line, op.stdin),
    };
  }
}

function factsOf(lab: Lab): HostFacts {
  const groupless = whyGroupless();
  const own = lab.hierarchies.flatMap((entry) => entry.controllers).filter((name) => !name.startsWith('name='));
  return {
    cgroup: lab.cgroupVersion,
    controllers: [...new Set(own)],
    kernel: release(),
    hostname: lab.hostname,
    cpus: cpus().length,
    memory: totalmem(),
    dataRoot: '/var/lib/docker',
    guarded: true,
    ...(isRootless ? { rootless: hasOneOwner ? ('one' as const) : ('many' as const) } : {}),
    ...(groupless === undefined ? {} : { groupless }),
  };
}
