/**
 * proc(5): what the kernel knows, as files. Each PID namespace has its own view, with the PIDs of that namespace.
 * What stands in the files is in proc/, a part of its own (limits.ts).
 *
 * Kept true: an inode number is made from the PID on the host and the file's place in a table, so nothing has to be
 * remembered; a process that is gone has no directory, and its files that are still held give ESRCH.
 */
import { SysError } from '../errors.ts';
import { nsKinds } from '../op.ts';
import type { Dirent, Ino, NodeType, Stat } from '../vfs/fs.ts';
import type { OpenFile } from './file.ts';
import type { Kernel } from './kernel.ts';
import { limits } from './limits.ts';
import { moreKernel } from './more.ts';
import { type Path, pathString } from './namei.ts';
import { type Namespace, nsLink, type PidNamespace } from './namespace.ts';
import type { Process } from './process.ts';
import { madeUp, Pseudo } from './pseudo.ts';

const ROOT: Ino = 1;
/** Where the inodes of processes begin, and how many each has. */
const FIRST = 65536;
const SPAN = 8192;
/** Places in a process's span; its one thread has the second half. */
const LINKS = 64;
const NS_DIR = 70;
const NS = 71;
const NET_DIR = 90;
const NET = 91;
const FD_DIR = 120;
const FDINFO_DIR = 121;
const TASK_DIR = 122;
const CHILDREN = 123;
const FD = 1024;
const FDINFO = 2048;
const THREAD = 4096;

const links = ['cwd', 'exe', 'root'] as const;
/** In /proc/<pid>/net; what stands in them is in spaces/netfiles.ts. */
const netNames = ['arp', 'dev', 'if_inet6', 'route', 'tcp', 'tcp6', 'udp'] as const;
const directories: readonly number[] = [0, NS_DIR, NET_DIR, FD_DIR, FDINFO_DIR, TASK_DIR];
const isDir = (slot: number): boolean => directories.includes(slot);
const isFile = (slot: number): boolean => slot < LINKS || isNet(slot) || slot === CHILDREN || slot >= FDINFO;
const isNet = (slot: number): boolean => slot >= NET && slot < NET + netNames.length;
/** In /proc/<pid>/ns. All share the one time namespace, which is no part of what containers are made of. */
const nsNames = [...nsKinds, 'pid_for_children', 'time', 'time_for_children'] as const;
const TIME = 'time:[4026531834]';

function nsNamed(process: Process, slot: number): Namespace | undefined {
  const name = nsNames[slot - NS];
  if (name === 'pid_for_children') return process.pidForChildren ?? process.ns.pid;
  return name === undefined || name === 'time' || name === 'time_for_children' ? undefined : process.ns[name];
}

/** One inode of a process: `slot` says which. */
interface Own {
  readonly process: Process;
  readonly slot: number;
  /** Of its thread, /proc/<pid>/task/<pid>. */
  readonly thread: boolean;
}

/** st_size of a descriptor's link, fs/proc/fd.c. */
const FD_LINK_SIZE = 64;

export type NetFile = (typeof netNames)[number];

export class ProcFs extends Pseudo {
  readonly type = 'proc';
  readonly root = ROOT;
  protected readonly refusal = 'ENOENT';

  constructor(
    private readonly kernel: Kernel,
    private readonly ns: PidNamespace,
  ) {
    super();
  }

  private own(ino: Ino): Own | undefined {
    if (ino < FIRST) return undefined;
    const process = this.kernel.processes.get(Math.floor((ino - FIRST) / SPAN));
    if (process === undefined) throw new SysError('ESRCH');
    const slot = (ino - FIRST) % SPAN;
    return { process, slot: slot % THREAD, thread: slot >= THREAD };
  }

  private base(process: Process, thread = false): Ino {
    return FIRST + process.hostPid * SPAN + (thread ? THREAD : 0);
  }

  lookup(dir: Ino, name: string): Ino | undefined {
    const own = this.own(dir);
    if (own !== undefined) return this.entries(own).find((entry) => entry.name === name)?.ino;
    if (dir !== ROOT)
      return limits()
        .systemFiles.children(dir)
        ?.find((entry) => entry.name === name)?.ino;
    const process = /^[1-9]\d*$/.test(name) ? this.ns.table.get(Number(name)) : undefined;
    if (process !== undefined) return this.base(process);
    return limits()
      .systemFiles.children(ROOT)
      ?.find((entry) => entry.name === name)?.ino;
  }

  readdir(dir: Ino): readonly Dirent[] {
    const own = this.own(dir);
    if (own !== undefined) return this.entries(own);
    const known = limits().systemFiles.children(dir);
    if (known === undefined) throw new SysError('ENOTDIR');
    if (dir !== ROOT) return known;
    const pids = [...this.ns.table].map(
      ([pid, process]): Dirent => ({ name: String(pid), ino: this.base(process), type: 'dir' }),
    );
    return [...known, ...pids];
  }

  /** What lies in a directory of a process. */
  private entries({ process, slot, thread }: Own): readonly Dirent[] {
    const base = this.base(process, thread);
    const files = (names: readonly string[], from: number): Dirent[] =>
      names.map((name, i): Dirent => ({ name, ino: base + from + i, type: 'file' }));
    const descriptors = (from: number, type: 'symlink' | 'file'): Dirent[] =>
      [...process.fds.keys()].map((fd): Dirent => ({ name: String(fd), ino: base + from + fd, type }));
    switch (slot) {
      case 0:
        return this.top(base, thread);
      case NS_DIR:
        return nsNames.map((name, i): Dirent => ({ name, ino: base + NS + i, type: 'symlink' }));
      case NET_DIR:
        return files(netNames, NET);
      case FD_DIR:
        return descriptors(FD, 'symlink');
      case FDINFO_DIR:
        return descriptors(FDINFO, 'file');
      case TASK_DIR:
        return [{ name: String(process.pidIn(this.ns)), ino: this.base(process, true), type: 'dir' }];
      default:
        throw new SysError('ENOTDIR');
    }
  }

  private top(base: Ino, thread: boolean): readonly Dirent[] {
    const entries: Dirent[] = [];
    for (const [i, { name, notOfThread }] of limits().processFiles.entries())
      if (!thread || notOfThread !== true) entries.push({ name, ino: base + 1 + i, type: 'file' });
    for (const [i, name] of links.entries()) entries.push({ name, ino: base + LINKS + i, type: 'symlink' });
    const dir = (name: string, slot: number): unknown => entries.push({ name, ino: base + slot, type: 'dir' });
    dir('fd', FD_DIR);
    dir('fdinfo', FDINFO_DIR);
    dir('net', NET_DIR);
    dir('ns', NS_DIR);
    if (thread) entries.push({ name: 'children', ino: base + CHILDREN, type: 'file' });
    else dir('task', TASK_DIR);
    return entries;
  }

  stat(ino: Ino): Stat {
    const own = this.own(ino);
    if (own === undefined) {
      // What it is mounted by has to be there before the part with the files is.
      if (ino === ROOT) return madeUp(ino, 'dir', 0o555, this.kernel.bootTime);
      const entry = limits().systemFiles.entry(ino);
      if (entry === undefined) throw new SysError('ENOENT');
      return madeUp(ino, entry.type, entry.mode, this.kernel.bootTime);
    }
    const { process, slot } = own;
    const owner = { uid: process.uid, gid: process.gid };
    if (isDir(slot)) return madeUp(ino, 'dir', dirMode(slot), process.startedAt, owner);
    if (!isFile(slot) && slot < FD) return madeUp(ino, 'symlink', 0o777, process.startedAt, owner);
    if (!isFile(slot))
      return { ...madeUp(ino, 'symlink', this.linkMode(own), process.startedAt, owner), size: FD_LINK_SIZE };
    const mode = slot < LINKS ? (limits().processFiles[slot - 1]?.mode ?? 0o444) : 0o444;
    return madeUp(ino, 'file', mode, process.startedAt, owner);
  }

  /** A descriptor's link says what it was opened for. */
  private linkMode({ process, slot }: Own): number {
    const access = (process.fds.get(slot - FD)?.file.statusFlags ?? 0) & 3;
    return [0o500, 0o300][access] ?? 0o700;
  }

  typeOf(ino: Ino): NodeType {
    const own = this.own(ino);
    if (own !== undefined) {
      const { slot } = own;
      if (isDir(slot)) return 'dir';
      return isFile(slot) ? 'file' : 'symlink';
    }
    const entry = limits().systemFiles.entry(ino);
    if (entry === undefined) throw new SysError('ENOENT');
    return entry.type;
  }

  override readlink(ino: Ino): string {
    const own = this.own(ino);
    if (own === undefined) {
      const { name } = limits().systemFiles.entry(ino) ?? {};
      if (name === 'self') return this.self();
      if (name === 'thread-self') return `${this.self()}/task/${this.self()}`;
      return limits().systemFiles.link(ino);
    }
    const { process, slot } = own;
    if (isFile(slot) || isDir(slot)) throw new SysError('EINVAL');
    const ns = nsNamed(process, slot);
    if (slot >= NS && slot < NS + nsNames.length) {
      this.demandSight(process);
      return ns === undefined ? TIME : nsLink(ns);
    }
    const target = this.target(own);
    if (target === undefined) throw new SysError('ENOENT');
    return 'mount' in target ? this.show(target) : target.path === undefined ? target.label : this.show(target.path);
  }

  /** /proc/self: whoever asks, ENOENT for one who is not in this namespace. */
  private self(): string {
    const pid = (this.kernel.current ?? this.kernel.init).pidIn(this.ns);
    if (pid === 0) throw new SysError('ENOENT');
    return String(pid);
  }

  /** EACCES for who is in a user namespace and looks at somebody outside of it, ptrace(2) "access mode checking". */
  private demandSight({ ns }: Process): void {
    const { current } = this.kernel;
    if (current?.ns.user.may?.(current, 'CAP_SYS_PTRACE', ns.user) === false && current.ns.user !== ns.user)
      throw new SysError('EACCES');
  }

  /** A path as whoever asks would name it. */
  private show(path: Path): string {
    return pathString(path, (this.kernel.current ?? this.kernel.init).root).replace('(unreachable)', '');
  }

  /** Where cwd, exe, root and fd links lead. */
  private target({ process, slot }: Own): Path | OpenFile | undefined {
    if (slot >= FD) return process.fds.get(slot - FD)?.file;
    switch (links[slot - LINKS]) {
      case 'cwd':
        return process.cwd;
      case 'exe':
        return process.exe;
      case 'root':
        return process.root;
      default:
        return undefined;
    }
  }

  /** See MagicFs: these links lead to the place itself, also into other mount namespaces. */
  magic(ino: Ino): Path | OpenFile | undefined {
    const own = this.own(ino);
    const ns = own === undefined ? undefined : nsNamed(own.process, own.slot);
    if (ns !== undefined) return moreKernel().nsFile(ns);
    const target = own === undefined ? undefined : this.target(own);
    if (target === undefined || 'mount' in target) return target;
    return target.path ?? target;
  }

  protected text(ino: Ino): string {
    const own = this.own(ino);
    if (own === undefined) return limits().systemFiles.text(this.kernel, ino);
    const { process, slot } = own;
    if (isNet(slot)) return moreKernel().netFile(this.kernel, process, netNames[slot - NET]!);
    if (slot === CHILDREN) return [...process.children].map((child) => `${child.pidIn(this.ns)} `).join('');
    if (slot >= FDINFO) return limits().descriptorText(process, slot - FDINFO);
    const file = limits().processFiles[slot - 1];
    if (file === undefined || isDir(slot)) throw new SysError('EISDIR');
    return file.text(this.kernel, process, this.ns);
  }

  protected act(ino: Ino, text: string): void {
    const own = this.own(ino);
    const write = own === undefined ? undefined : limits().processFiles[own.slot - 1]?.write;
    if (own !== undefined && write !== undefined) {
      write(own.process, text, this.kernel.current ?? this.kernel.init);
      return;
    }
    if (own !== undefined) throw new SysError('EACCES');
    limits().systemFiles.write(this.kernel, ino, text);
  }
}

const dirMode = (slot: number): number => (slot === FD_DIR ? 0o500 : slot === NS_DIR ? 0o511 : 0o555);
