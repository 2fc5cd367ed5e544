/**
 * The lab: a private place on a real kernel where the linux driver works. It has mount, PID, UTS, IPC, network and cgroup
 * namespaces of its own, a root of its own (a tmpfs, or a directory that is to be kept) and its own part of every cgroup
 * hierarchy, which it sees as the root. To those inside it looks like a small host with /var/lib/docker.
 *
 * Kept true: this machine gets nothing of it but processes, our cgroups `cutaway-…` and, for a kept lab, its directory. All
 * hangs on one pipe whose writing end only this Node process has: when it closes, because we are done or because we were
 * killed, the keeper (scripts.ts) ends the lab's first process, with which the kernel kills every process in the lab and
 * drops its mounts, and then removes the cgroups. `sweep()` removes cgroups of labs whose keeper was killed as well.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { hostGroup, hostPasswd } from '../core/index.ts';
import { copier, view } from './copier.ts';
import { type Started, start } from './exec.ts';
import { type Helped, Helper } from './helper.ts';
import { cgroupVersion, type Hierarchy, hierarchies, ownHierarchies } from './hierarchies.ts';
import { mounter } from './mounter.ts';
import { iptablesProgram, relayScript } from './network/relay-script.ts';
import { become, first as firstScript, helper, keeper, setup } from './scripts.ts';
import { findNetTools, findTools, type NetTools, type Tools, which } from './tools.ts';
import { hasOneOwner, isRootless } from './userns.ts';

export interface LabOptions {
  /** Keep the lab's root (and so its images and containers) in this directory. Absent: a tmpfs that vanishes with the lab. */
  readonly directory?: string;
  /** A descriptor that is to stay open until nothing of the lab is left: whoever holds it has the directory locked. */
  readonly lock?: number;
  readonly hostname?: string;
  /** The tools of networks are in it, and iptables among its programs. */
  readonly networks?: boolean;
}

const namePattern = /^cutaway-(\d+)-(\d+)-(\d+)-\d+$/;
let counter = 0;

export class Lab {
  readonly hierarchies: readonly Hierarchy[];
  readonly cgroupVersion: 'v1' | 'v2';
  /** Absolute path of our cgroup in a hierarchy of this machine: `<hierarchy>/<name>`. */
  readonly name: string;
  readonly hostname: string;
  /** Files of the lab by its own paths: `${root}/var/lib/docker`. */
  readonly root: string;
  /** The tool directory, which no tree and no mount table of the lab shows. */
  readonly toolDir: string;

  private readonly helper = new Helper();

  private constructor(
    /** PID of the lab's first process on this machine. */
    readonly firstPid: number,
    private readonly keeper: Started,
    parts: { name: string; hierarchies: readonly Hierarchy[]; hostname: string },
  ) {
    this.name = parts.name;
    this.hierarchies = parts.hierarchies;
    this.hostname = parts.hostname;
    this.cgroupVersion = cgroupVersion(parts.hierarchies.length === 0 ? hierarchies() : parts.hierarchies);
    this.root = `/proc/${firstPid}/root`;
    this.toolDir = `/proc/${firstPid}/cwd`;
  }

  static async open(options: LabOptions = {}): Promise<Lab> {
    const all = ownHierarchies();
    sweep(all);
    const name = ownName();
    const tools = await findTools();
    const nets = options.networks === true ? await findNetTools() : undefined;
    const process = start(tools.busybox, keeperArgs(name, all, tools, options, nets?.files ?? []), {
      stdio: ['pipe', 'pipe', 'pipe', 'ignore', options.lock ?? 'ignore'],
      detached: true,
      cwd: '/',
    });
    const firstPid = await firstProcess(process);
    const lab = new Lab(firstPid, process, { name, hierarchies: all, hostname: options.hostname ?? 'cutaway' });
    lab.furnish(nets);
    lab.helper.start('/usr/bin/nsenter', [
      ...lab.entry(['m', 'u', 'i', 'n', 'p', 'C']),
      '--',
      './busybox',
      'sh',
      './helper',
    ]);
    return lab;
  }

  /** Runs an applet of busybox or one of the tools in the lab, one after the other. The working directory is the tool directory. */
  inside(words: readonly string[]): Promise<Helped> {
    return this.helper.run(words);
  }

  /** Arguments of nsenter(1) that lead into these namespaces of the lab. */
  entry(flags: readonly string[]): readonly string[] {
    return ['-t', String(this.firstPid), ...flags.map((flag) => `-${flag}`), `--wd=${this.toolDir}`];
  }

  /** A path of the lab as this machine reaches it. The caller sees to links: an absolute one would lead out of the lab. */
  path(inLab: string): string {
    return this.root + inLab;
  }

  /** Ends every process in the lab, and the lab. Answers when nothing of it is left. */
  async close(): Promise<void> {
    (this.keeper.stdio[0] as Writable | null)?.destroy();
    await this.keeper.exited;
  }

  /** The files that make the root a small host, and the scripts. */
  private furnish(nets: NetTools | undefined): void {
    obeyNoPreload(join(this.toolDir, 'ld.so'));
    writeFileSync(join(this.toolDir, 'setup'), setup);
    writeFileSync(join(this.toolDir, 'helper'), helper);
    writeFileSync(join(this.toolDir, 'become'), become);
    if (nets !== undefined) {
      writeFileSync(join(this.toolDir, 'relay'), relayScript);
      symlinkSync(nets.iptables, join(this.toolDir, 'xtables'));
      writeFileSync(this.path('/usr/sbin/iptables'), iptablesProgram, { mode: 0o755 });
    }
    writeFileSync(join(this.toolDir, 'mounter'), mounter);
    writeFileSync(join(this.toolDir, 'view'), view);
    writeFileSync(join(this.toolDir, 'copier'), copier);
    const etc: Record<string, string> = {
      hostname: `${this.hostname}\n`,
      hosts: `127.0.0.1\tlocalhost\n127.0.1.1\t${this.hostname}\n`,
      'resolv.conf': '',
      passwd: hostPasswd,
      group: hostGroup,
    };
    for (const [file, data] of Object.entries(etc)) writeFileSync(this.path(`/etc/${file}`), data);
    if (this.cgroupVersion === 'v2') this.leaveRootCgroup();
  }

  /** v2 wants processes in leaves only ("no internal processes", cgroup-v2.rst): the lab's own move to `lab`. */
  private leaveRootCgroup(): void {
    const top = this.hierarchies.find((entry) => entry.type === 'cgroup2');
    if (top === undefined) return;
    const group = `${top.dir}/${this.name}`;
    mkdirSync(`${group}/lab`, { recursive: true });
    for (const pid of readFileSync(`${group}/cgroup.procs`, 'utf8').split('\n').filter(Boolean)) {
      writeFileSync(`${group}/lab/cgroup.procs`, pid);
    }
  }
}

/**
 * The loader looks for libraries to load first in /etc/ld.so.preload (ld.so(8)), which has no switch. Our tools begin when the
 * root is already the container's: an image that has such a file would run its code in them, with all capabilities. So our
 * copy of the loader looks in a place where nothing can be.
 */
function obeyNoPreload(loader: string): void {
  const bytes = readFileSync(loader);
  const name = '/etc/ld.so.preload';
  const nowhere = '/dev/null/.preload';
  const at = bytes.indexOf(`${name}\0`);
  if (at < 0) throw new Error(`the lab cannot be made: ${loader} names no ${name}`);
  for (let next = at; next >= 0; next = bytes.indexOf(`${name}\0`, next)) bytes.write(nowhere, next, 'latin1');
  writeFileSync(loader, bytes);
}

function keeperArgs(
  name: string,
  all: readonly Hierarchy[],
  tools: Tools,
  options: LabOptions,
  more: readonly string[],
): readonly string[] {
  const unshare = which('unshare') as string;
  const root = options.directory === undefined ? ['tmpfs', '50%'] : ['bind', realpathSync(options.directory)];
  const dirs = all.map((entry) => entry.dir).join('\n');
  const lab = [unshare, '-m', '-u', '-i', '-n', '-p', '-C', '--fork', '--kill-child', '--propagation', 'private'];
  const build = [tools.busybox, 'sh', '-c', firstScript, 'first', tools.busybox, realpathSync(tmpdir()), ...root];
  return [
    ...['sh', '-c', keeper, 'cutaway-keeper', name, dirs],
    ...lab,
    ...build,
    all.map(cgroupMount).join('\n'),
    tools.tini,
    tools.loader,
    options.hostname ?? 'cutaway',
    hasOneOwner ? 'one' : isRootless ? 'user' : 'root',
    ...new Set([...tools.files, ...more]),
  ];
}

const cgroupMount = (entry: Hierarchy): string =>
  entry.type === 'cgroup2' ? `${entry.name} cgroup2 ` : `${entry.name} cgroup ,${entry.controllers.join()}`;

/** Reads what the keeper and the first process say until the lab is ready. */
async function firstProcess(keeper: Started): Promise<number> {
  const [, out, err] = keeper.stdio as [Writable, Readable, Readable];
  let said = '';
  let complaint = '';
  err.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  await new Promise<void>((resolve, reject) => {
    out.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/^ready$/m.test(said)) resolve();
    });
    // The first process is the only one that holds `out` open but for the keeper, which never closes it on its own.
    err.on('data', () =>
      setTimeout(() => reject(new Error(`the lab cannot be made: ${complaint.trim()}`)), 1000).unref(),
    );
    void keeper.exited.then(() => reject(new Error(`the lab cannot be made: ${complaint.trim()}`)));
  }).catch((error: unknown) => {
    (keeper.stdio[0] as Writable).destroy();
    throw error;
  });
  const outer = Number(/^first (\d+)$/m.exec(said)?.[1]);
  const child = childrenOf(outer)[0];
  if (child === undefined) throw new Error('the lab ended as soon as it began');
  return child;
}

/** PIDs of the children of a process, proc(5). */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** `cutaway-<our PID namespace>-<our PID>-<when we began>-<n>`: says whose it is, so that `sweep` knows what is stale. */
function ownName(): string {
  counter++;
  return `cutaway-${statSync('/proc/self/ns/pid').ino}-${process.pid}-${startTime('self')}-${counter}`;
}

/** When a process began, in the kernel's ticks, proc(5): with its PID it tells it from all others. */
export function startTime(pid: number | string): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Removes cgroups of labs of this PID namespace whose Node process is gone. Never touches one that has processes. */
export function sweep(all: readonly Hierarchy[] = ownHierarchies()): void {
  const ours = String(statSync('/proc/self/ns/pid').ino);
  for (const { dir } of all) {
    for (const name of readdirSync(dir)) {
      const [, pidNamespace, pid, began] = namePattern.exec(name) ?? [];
      if (pidNamespace === ours && pid !== undefined && startTime(pid) !== began) removeGroups(join(dir, name));
    }
  }
}

/** rmdir of a cgroup and those below; thawed first, for what is frozen cannot die. */
export function removeGroups(dir: string): void {
  try {
    if (readdirSync(dir).includes('freezer.state')) writeFileSync(join(dir, 'freezer.state'), 'THAWED');
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (entry.isDirectory()) removeGroups(join(dir, entry.name));
    }
    rmdirSync(dir);
  } catch {
    // Somebody else is removing it, or a process is still in it: the next sweep sees to it.
  }
}
