/**
 * A cgroup hierarchy as a file system: groups are directories, mkdir makes one, rmdir removes it, writing a PID into
 * `cgroup.procs` moves a process. cgroups(7).
 *
 * Kept true: one object for each hierarchy, however often it is mounted; bind mounts show a group as their root.
 */
import { SysError } from '../errors.ts';
import { compareNames } from '../vfs/content.ts';
import type { AttrChange, Dirent, Ino, NewNode, Stat } from '../vfs/fs.ts';
import type { Cgroup, Hierarchy } from './cgroup.ts';
import type { Kernel } from './kernel.ts';
import { limits } from './limits.ts';
import { madeUp, Pseudo } from './pseudo.ts';

/** Inode numbers that a group has for itself and its files. */
const SPAN = 256;

/** Inode of the directory of a group. */
export function cgroupIno(group: Cgroup): Ino {
  return group.serial * SPAN;
}

export class CgroupFs extends Pseudo {
  readonly type: string;
  readonly root: Ino;
  protected readonly refusal = 'EACCES';
  /** Names of files: those of the root, and those that all groups of a hierarchy of v1 have. */
  private rootFiles: readonly string[] | undefined;
  private groupFiles: readonly string[] | undefined;
  private readonly names: string[] = [];
  /** What chmod and chown changed. */
  private readonly changed = new Map<Ino, Pick<AttrChange, 'mode' | 'uid' | 'gid'>>();

  constructor(
    private readonly kernel: Kernel,
    private readonly hierarchy: Hierarchy,
  ) {
    super();
    this.type = hierarchy.version === 'v1' ? 'cgroup' : 'cgroup2';
    this.root = cgroupIno(hierarchy.root);
  }

  /** The group whose directory that inode is, if it is still there. */
  groupOf(ino: Ino): Cgroup | undefined {
    return this.kernel.cgroups.bySerial.get(Math.floor(ino / SPAN));
  }

  /** Group and file behind an inode; ENOENT when the group was removed. */
  private at(ino: Ino): { readonly group: Cgroup; readonly file: string | undefined } {
    const group = this.kernel.cgroups.bySerial.get(Math.floor(ino / SPAN));
    if (group === undefined) throw new SysError('ENOENT');
    const index = ino % SPAN;
    return { group, file: index === 0 ? undefined : (this.isChanging ? this.names : this.files(group))[index - 1] };
  }

  /** v2 alone: files come and go, so each name has its number for good. */
  private get isChanging(): boolean {
    return this.hierarchy.directory === '';
  }

  /** Inode of a file of a group that has it. */
  private inoOf(group: Cgroup, name: string, index: number): Ino {
    if (!this.isChanging) return cgroupIno(group) + index + 1;
    let number = this.names.indexOf(name);
    if (number < 0) number = this.names.push(name) - 1;
    return cgroupIno(group) + number + 1;
  }

  private files(group: Cgroup): readonly string[] {
    // In v2 it is the parent that decides which controllers, and so which files, a group has.
    if (this.isChanging) return limits().filesOf(group);
    if (group.parent === undefined) {
      this.rootFiles ??= limits().filesOf(group);
      return this.rootFiles;
    }
    this.groupFiles ??= limits().filesOf(group);
    return this.groupFiles;
  }

  private dir(ino: Ino): Cgroup {
    const { group, file } = this.at(ino);
    if (file !== undefined) throw new SysError('ENOTDIR');
    return group;
  }

  lookup(dir: Ino, name: string): Ino | undefined {
    const group = this.dir(dir);
    const child = group.children.get(name);
    if (child !== undefined) return cgroupIno(child);
    const index = this.files(group).indexOf(name);
    return index < 0 ? undefined : this.inoOf(group, name, index);
  }

  stat(ino: Ino): Stat {
    const { group, file } = this.at(ino);
    const first =
      file === undefined
        ? madeUp(ino, 'dir', group.parent === undefined ? 0o555 : 0o755, group.createdAt)
        : madeUp(ino, 'file', limits().fileOf(group, file)?.mode ?? 0o644, group.createdAt);
    const changed = this.changed.size > 0 ? this.changed.get(ino) : undefined;
    return changed === undefined ? first : { ...first, ...changed };
  }

  /** Owners and modes are kernfs's own: they can be given away, which is how a group is delegated. */
  override setattr(ino: Ino, { mode, uid, gid }: AttrChange): void {
    const given = {
      ...(mode !== undefined && { mode }),
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    };
    this.changed.set(ino, { ...this.changed.get(ino), ...given });
  }

  readdir(dir: Ino): readonly Dirent[] {
    const group = this.dir(dir);
    const files = this.files(group).map((name, i): Dirent => ({ name, ino: this.inoOf(group, name, i), type: 'file' }));
    const groups = [...group.children.values()].map(
      (child): Dirent => ({ name: child.name, ino: cgroupIno(child), type: 'dir' }),
    );
    return [...files, ...groups].sort((a, b) => compareNames(a.name, b.name));
  }

  override create(dir: Ino, name: string, node: NewNode): Ino {
    if (node.type !== 'dir') throw new SysError(node.type === 'file' ? this.refusal : 'EPERM');
    const group = this.dir(dir);
    if (this.lookup(dir, name) !== undefined) throw new SysError('EEXIST');
    if (this.hierarchy.version === 'v2') limits().checkBirth(group);
    const made = this.kernel.cgroups.make(group, name);
    // Runtimes give what they make the CPUs of the group above; by hand one begins with none.
    if (this.hierarchy.directory === 'cpuset') for (const file of ['cpuset.cpus', 'cpuset.mems']) made.set(file, '');
    return cgroupIno(made);
  }

  override rmdir(dir: Ino, name: string): void {
    const child = this.dir(dir).children.get(name);
    if (child === undefined) throw new SysError('ENOTDIR');
    this.kernel.cgroups.unmake(child);
    for (const ino of this.changed.keys()) if (Math.floor(ino / SPAN) === child.serial) this.changed.delete(ino);
  }

  /** cgroup1_rename() of kernel/cgroup/cgroup-v1.c. EIO: into another group; v2 has no such call. */
  override rename(fromDir: Ino, fromName: string, toDir: Ino, toName: string): void {
    if (this.hierarchy.version === 'v2') throw new SysError('EPERM');
    const group = this.dir(fromDir).children.get(fromName);
    if (toName.includes('\n')) throw new SysError('EINVAL');
    if (group === undefined) throw new SysError('ENOTDIR');
    if (fromDir !== toDir) throw new SysError('EIO');
    if (this.lookup(toDir, toName) !== undefined) throw new SysError('EEXIST');
    this.kernel.cgroups.rename(group, toName);
  }

  protected text(ino: Ino): string {
    const { group, file } = this.at(ino);
    if (file === undefined) throw new SysError('EISDIR');
    return limits().readCgroupFile(this.kernel, group, file);
  }

  protected act(ino: Ino, text: string): void {
    const { group, file } = this.at(ino);
    if (file === undefined) throw new SysError('EISDIR');
    limits().writeCgroupFile(this.kernel, group, file, text);
  }

  /** Is this the hierarchy that these mount options name? */
  matches(options: readonly string[]): boolean {
    return options.some((option) => option === this.hierarchy.option || this.hierarchy.controllers.includes(option));
  }
}
