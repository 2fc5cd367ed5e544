/**
 * The file system types that need more than an empty tree: which file system a mount(2) of that type shows.
 *
 * Kept true: proc shows the PID namespace of the process that mounts it; sysfs the network namespace of it; the cgroup
 * hierarchies are one for all; every overlay mount is a file system of its own.
 */
import { SysError } from '../errors.ts';
import type { Fs, Ino } from '../vfs/fs.ts';
import { otherTrees } from '../vfs/others.ts';
import { TreeFs } from '../vfs/tree.ts';
import type { Cgroup } from './cgroup.ts';
import { CgroupFs, cgroupIno } from './cgroupfs.ts';
import type { Kernel } from './kernel.ts';
import { moreKernel } from './more.ts';
import type { NewMount } from './mount.ts';
import { aufsBranches, type MountSource } from './mountcalls.ts';
import { resolve, statOf } from './namei.ts';
import type { NetNamespace, PidNamespace } from './namespace.ts';
import { directory } from './pathcalls.ts';
import type { Process } from './process.ts';
import { ProcFs } from './procfs.ts';

type Shown = Pick<NewMount, 'fs' | 'root' | 'rootPath'>;

export class FileSystems {
  private readonly hierarchies: readonly CgroupFs[];
  private readonly sysfs: Sysfs;
  private readonly ofNetworks = new WeakMap<NetNamespace, Sysfs>();

  constructor(private readonly kernel: Kernel) {
    this.hierarchies = kernel.cgroups.hierarchies.map((hierarchy) => new CgroupFs(kernel, hierarchy));
    this.sysfs = makeSysfs(kernel);
  }

  /** The file system (and the directory of it) for a mount request. ENODEV: no such type. */
  make(by: Process, request: MountSource): Shown {
    switch (request.type) {
      case 'aufs':
        return { fs: this.aufs(by, request.options) };
      case 'proc':
        return { fs: this.proc(by.ns.pid) };
      case 'sysfs':
        return { fs: this.sysfsOf(by.ns.net, request.options.includes('ro')) };
      case 'cgroup':
        return { fs: this.v1(request.options) };
      case 'cgroup2':
        return this.v2(by);
      case 'ext4':
        // What a disk holds; there is none beside that of the root.
        throw new SysError(statOf(resolve(by, request.source)).type === 'block' ? 'ENXIO' : 'ENOTBLK');
      default:
        throw new SysError('ENODEV');
    }
  }

  /** A group as the root of a mount. */
  cgroup(group: Cgroup): Shown & Pick<NewMount, 'type' | 'source'> {
    const fs = this.hierarchies[group.hierarchy.index]!;
    return { fs, root: cgroupIno(group), rootPath: group.path, type: fs.type, source: fs.type };
  }

  /** One for each network namespace, read-only when it was first mounted so. */
  private sysfsOf(ns: NetNamespace, readonly: boolean): Sysfs {
    if (ns === this.kernel.init.ns.net) return this.sysfs;
    let fs = this.ofNetworks.get(ns);
    if (fs === undefined) {
      fs = new Sysfs(this.kernel, () => ns);
      fs.restore(this.sysfs.snapshot());
      if (readonly) (fs as Fs).readonly = true;
      this.ofNetworks.set(ns, fs);
    }
    return fs;
  }

  private proc(ns: PidNamespace): Fs {
    ns.proc ??= new ProcFs(this.kernel, ns);
    return ns.proc;
  }

  private v1(options: readonly string[]): CgroupFs {
    const fs = this.hierarchies.find((each) => each.type === 'cgroup' && each.matches(options));
    if (fs === undefined) throw new SysError('EINVAL');
    return fs;
  }

  /** With what the cgroup namespace of the caller has as its root. */
  private v2(by: Process): Shown {
    const index = this.hierarchies.findIndex((each) => each.type === 'cgroup2');
    const root = by.ns.cgroup.roots?.[index];
    return root === undefined ? { fs: this.hierarchies[index]! } : this.cgroup(root);
  }

  /** A union of the branches that the option `br` names, aufs(5). EINVAL without one. */
  private aufs(by: Process, options: readonly string[]): Fs {
    const branches = aufsBranches(options).map(({ path, ...how }) => {
      const { mount, ino } = directory(by, path);
      return { fs: mount.fs, root: ino, ...how };
    });
    const { AufsFs } = otherTrees();
    return new AufsFs({ branches, now: this.kernel.now(), fault: this.kernel.fault });
  }
}

/** /sys. What is known of network devices is put in when somebody looks for it (spaces/sysnet.ts). */
class Sysfs extends TreeFs {
  constructor(
    private readonly kernel: Kernel,
    private readonly ns: () => NetNamespace,
  ) {
    super('sysfs', { mode: 0o555, now: kernel.now() });
  }

  override lookup(dir: Ino, name: string): Ino | undefined {
    if (name === 'net' || name === 'virtual') moreKernel().fillNet(this.kernel, this.ns(), this);
    return super.lookup(dir, name);
  }
}

/** The directories of /sys that mounts, masks and network devices need. */
const directories = 'block bus class/net dev devices/virtual/net firmware kernel module fs/cgroup';

function makeSysfs(kernel: Kernel): Sysfs {
  const fs = new Sysfs(kernel, () => kernel.init.ns.net);
  for (const path of directories.split(' ')) {
    let at: Ino = fs.root;
    for (const name of path.split('/'))
      at = fs.create(at, name, { type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: kernel.now() });
  }
  return fs;
}
