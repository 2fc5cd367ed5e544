/**
 * proc(5): what the kernel knows, as files. Each PID namespace has its own view, with the PIDs of that namespace.
 * What stands in the files is in procfiles.ts.
 *
 * Kept true: an inode number is made from the PID on the host and the file's place in a table, so nothing has to be
 * remembered; a process that is gone has no directory, and its files that are still held give ESRCH.
 */
import { SysError } from '../errors.ts';
import { nsKinds } from '../op.ts';
import type { Dirent, Ino, NodeType, Stat } from '../vfs/fs.ts';
import type { OpenFile } from './file.ts';
import type { Kernel } from './kernel.ts';
import { moreKernel } from './more.ts';
import { type Path, pathString } from './namei.ts';
import { type Namespace, nsLink, type PidNamespace } from './namespace.ts';
import type { Process } from './process.ts';
import { processFiles, systemFiles } from './procfiles.ts';
import { madeUp, Pseudo } from './pseudo.ts';

const ROOT: Ino = 1;
/** Where the inodes of processes begin, and how many each has. */
const FIRST = 65536;
const SPAN = 4096;
/** Places in a process's span. */
const LINKS = 40;
const NS_DIR = 45;
const NS = 46;
const NET_DIR = 60;
const NET = 61;
const FD_DIR = 70;
const FD = 1024;

const links = ['cwd', 'exe', 'root'] as const;
/** In /proc/<pid>/net; what stands in them is in spaces/netfiles.ts. */
const netNames = ['arp', 'dev', 'route', 'tcp', 'tcp6', 'udp'] as const;
const isDir = (slot: number): boolean => slot === 0 || slot === NS_DIR || slot === NET_DIR || slot === FD_DIR;
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
}

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
    return { process, slot: (ino - FIRST) % SPAN };
  }

  private base(process: Process): Ino {
    return FIRST + process.hostPid * SPAN;
  }

  lookup(dir: Ino, name: string): Ino | undefined {
    const own = this.own(dir);
    if (own !== undefined) return this.entries(own).find((entry) => entry.name === name)?.ino;
    if (dir !== ROOT) return systemFiles.children(dir)?.find((entry) => entry.name === name)?.ino;
    const process = /^[1-9]\d*$/.test(name) ? this.ns.table.get(Number(name)) : undefined;
    if (process !== undefined) return this.base(process);
    return systemFiles.children(ROOT)?.find((entry) => entry.name === name)?.ino;
  }

  readdir(dir: Ino): readonly Dirent[] {
    const own = this.own(dir);
    if (own !== undefined) return this.entries(own);
    const known = systemFiles.children(dir);
    if (known === undefined) throw new SysError('ENOTDIR');
    if (dir !== ROOT) return known;
    const pids = [...this.ns.table].map(
      ([pid, process]): Dirent => ({ name: String(pid), ino: this.base(process), type: 'dir' }),
    );
    return [...known, ...pids];
  }

  /** What lies in a directory of a process. */
  private entries({ process, slot }: Own): readonly Dirent[] {
    const base = this.base(process);
    if (slot === 0) {
      const files = processFiles.map(({ name }, i): Dirent => ({ name, ino: base + 1 + i, type: 'file' }));
      const symlinks = links.map((name, i): Dirent => ({ name, ino: base + LINKS + i, type: 'symlink' }));
      const dirs: Dirent[] = [
        { name: 'fd', ino: base + FD_DIR, type: 'dir' },
        { name: 'net', ino: base + NET_DIR, type: 'dir' },
        { name: 'ns', ino: base + NS_DIR, type: 'dir' },
      ];
      return [...files, ...symlinks, ...dirs];
    }
    if (slot === NS_DIR) {
      return nsNames.map((name, i): Dirent => ({ name, ino: base + NS + i, type: 'symlink' }));
    }
    if (slot === NET_DIR) return netNames.map((name, i): Dirent => ({ name, ino: base + NET + i, type: 'file' }));
    if (slot === FD_DIR) {
      return [...process.fds.keys()].map((fd): Dirent => ({ name: String(fd), ino: base + FD + fd, type: 'symlink' }));
    }
    throw new SysError('ENOTDIR');
  }

  stat(ino: Ino): Stat {
    const own = this.own(ino);
    if (own === undefined) {
      const entry = systemFiles.entry(ino);
      if (entry === undefined) throw new SysError('ENOENT');
      return madeUp(
        ino,
        entry.type,
        entry.type === 'dir' ? 0o555 : entry.type === 'symlink' ? 0o777 : entry.name === 'hostname' ? 0o644 : 0o444,
        this.kernel.bootTime,
      );
    }
    const { process, slot } = own;
    const owner = { uid: process.uid, gid: process.gid };
    if (isDir(slot)) {
      return madeUp(ino, 'dir', slot === 0 || slot === NET_DIR ? 0o555 : 0o500, process.startedAt, owner);
    }
    const isFile = slot < LINKS || isNet(slot);
    const mode = isFile ? (processFiles[slot - 1]?.mode ?? 0o444) : 0o777;
    return madeUp(ino, isFile ? 'file' : 'symlink', mode, process.startedAt, owner);
  }

  typeOf(ino: Ino): NodeType {
    const own = this.own(ino);
    if (own !== undefined) {
      const { slot } = own;
      if (isDir(slot)) return 'dir';
      return slot < LINKS || isNet(slot) ? 'file' : 'symlink';
    }
    const entry = systemFiles.entry(ino);
    if (entry === undefined) throw new SysError('ENOENT');
    return entry.type;
  }

  override readlink(ino: Ino): string {
    const own = this.own(ino);
    if (own === undefined) {
      if (systemFiles.entry(ino)?.name === 'self') return this.self();
      return systemFiles.link(ino);
    }
    const { process, slot } = own;
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
    if (own === undefined) return systemFiles.text(this.kernel, ino);
    if (isNet(own.slot)) return moreKernel().netFile(this.kernel, own.process, netNames[own.slot - NET]!);
    const file = processFiles[own.slot - 1];
    if (file === undefined) throw new SysError('EISDIR');
    return file.text(this.kernel, own.process, this.ns);
  }

  protected act(ino: Ino, text: string): void {
    const own = this.own(ino);
    const write = own === undefined ? undefined : processFiles[own.slot - 1]?.write;
    if (own !== undefined && write !== undefined) {
      write(own.process, text, this.kernel.current ?? this.kernel.init);
      return;
    }
    const entry = systemFiles.entry(ino);
    const { ns } = this.kernel.current ?? this.kernel.init;
    if (entry?.name === 'hostname') ns.uts.hostname = text.trim();
    else if (entry?.name === 'ip_forward') ns.net.forwards = Number.parseInt(text, 10) > 0;
    else throw new SysError('EACCES');
  }
}
