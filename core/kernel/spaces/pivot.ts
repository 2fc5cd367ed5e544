/**
 * pivot_root(2) and moving mounts: the same mounts, hung differently. Who stood in the old root stands in the new one, and the
 * way to everything else is told anew.
 *
 * Kept true: after it, every path that a process of the namespace holds leads to the same inode as before, by its new name.
 */
import { SysError } from '../../errors.ts';
import type { Kernel } from '../kernel.ts';
import { attach, isUnder, type Mount, mountRootPath, mountsOf, place, topOf } from '../mount.ts';
import { demandCall } from '../mountcalls.ts';
import { cross, type Path, resolve, samePlace, statOf, waysChanged } from '../namei.ts';
import type { MntNamespace } from '../namespace.ts';
import type { Process } from '../process.ts';
import { isShared, retellBelow } from './propagation.ts';

type Retell = (path: Path) => Path;

/** A path whose way may lead through a root that moved: `moved` gives the new way of such a root. */
function retelling(moved: (path: Path) => Path | undefined): Retell {
  const retell = (path: Path): Path => {
    const fresh = moved(path);
    if (fresh !== undefined || path.parent === undefined) return fresh ?? path;
    const parent = retell(path.parent);
    return parent === path.parent ? path : { ...path, parent };
  };
  return retell;
}

function retellAll(kernel: Kernel, ns: MntNamespace, retell: Retell): void {
  for (const mount of mountsOf(ns.root)) if (mount.at !== undefined) mount.at = retell(mount.at);
  for (const process of kernel.processes.values()) {
    if (process.ns.mnt !== ns) continue;
    process.root = retell(process.root);
    process.cwd = retell(process.cwd);
    if (process.exe !== undefined) process.exe = retell(process.exe);
    for (const { file } of process.fds.values()) if (file.path !== undefined) file.path = retell(file.path);
  }
  waysChanged();
}

function directory(by: Process, path: string): Path {
  const found = resolve(by, path);
  if (statOf(found).type !== 'dir') throw new SysError('ENOTDIR');
  return found;
}

/**
 * EBUSY when one of the two is on the current root mount; EINVAL when `newRoot` is no mount point, `putOld` is not at or under it,
 * or something there is shared.
 */
export function pivotRoot(kernel: Kernel, by: Process, newRoot: string, putOld: string): void {
  if (!by.can('CAP_SYS_ADMIN', by.ns.mnt)) throw new SysError('EPERM');
  const to = directory(by, newRoot);
  const put = directory(by, putOld);
  const old = by.root;
  const { mount } = to;
  if (isShared(put.mount) || isShared(mount.at?.mount) || isShared(old.mount.at?.mount)) throw new SysError('EINVAL');
  if ([mount, old.mount, put.mount].some((each) => topOf(each) !== by.ns.mnt.root)) throw new SysError('EINVAL');
  if (mount === old.mount || put.mount === old.mount) throw new SysError('EBUSY');
  if (old.ino !== old.mount.root || to.ino !== mount.root || mount.at === undefined) throw new SysError('EINVAL');
  if (mount.locked === true || !isUnder(put, to) || !isUnder(to, old)) throw new SysError('EINVAL');
  hang(kernel, by.ns.mnt, { old, to, put });
}

/** Hangs the new root where the old one was, and the old one onto `put`. */
function hang(kernel: Kernel, ns: MntNamespace, { old, to, put }: { old: Path; to: Path; put: Path }): void {
  const { mount } = to;
  const above = old.mount.at;
  unhook(mount);
  unhook(old.mount);
  mount.at = undefined;
  if (above === undefined) ns.root = mount;
  else attach(mount, above);
  const top = mountRootPath(mount);
  const cut = retelling((path) => (samePlace(path, to) ? top : undefined));
  const onto = cut(put);
  attach(old.mount, onto);
  const below: Path = samePlace(onto, top)
    ? { mount: old.mount, ino: old.ino, name: top.name }
    : { ...onto, mount: old.mount, ino: old.ino };
  const retell = retelling((path) => (samePlace(path, to) ? top : samePlace(path, old) ? below : undefined));
  const stood = [...kernel.processes.values()].filter(({ ns: theirs }) => theirs.mnt === ns);
  const roots = stood.filter(({ root }) => samePlace(root, old));
  const cwds = stood.filter(({ cwd }) => samePlace(cwd, old));
  retellAll(kernel, ns, retell);
  for (const process of roots) process.root = top;
  for (const process of cwds) process.cwd = top;
}

/** Takes a mount from its place without telling anybody. */
function unhook(mount: Mount): void {
  if (mount.at !== undefined) (mount.at.mount.children as Map<number, Mount>).delete(mount.at.ino);
}

/** `copy` shows what `source` shows: puts copies on it of all that is mounted below. */
export function bindBelow(kernel: Kernel, source: Path, copy: Mount): Mount {
  const top: Path = { mount: copy, ino: copy.root, name: '' };
  for (const child of source.mount.children.values()) {
    const { at } = child;
    if (at === undefined || !isUnder(at, source) || child.sharing?.unbindable === true) continue;
    const copies = new Map<Mount, Mount>();
    const onto = kernel.mounts.cloneTree(child, copies, true);
    for (const [from, to] of copies) from.sharing?.copied(to);
    place(onto, rehung(at, source, top));
    retellBelow(onto);
  }
  return copy;
}

/** The way from `from` on, told from `to`. */
function rehung(path: Path, from: Path, to: Path): Path {
  if (samePlace(path, from) || path.parent === undefined) return to;
  return { ...path, mount: to.mount, parent: rehung(path.parent, from, to) };
}

/** MS_MOVE. EINVAL: no mount point, or hung on a shared mount; ELOOP: into itself. */
export function moveMount(kernel: Kernel, by: Process, from: string, to: string): void {
  demandCall(by);
  const target = resolve(by, to);
  if (!by.can('CAP_SYS_ADMIN', by.ns.mnt)) throw new SysError('EPERM');
  const moved = resolve(by, from);
  const { mount } = moved;
  if (moved.ino !== mount.root || mount.at === undefined || mount.locked === true) throw new SysError('EINVAL');
  if (topOf(mount) !== by.ns.mnt.root || topOf(target.mount) !== by.ns.mnt.root) throw new SysError('EINVAL');
  if (isShared(mount.at.mount)) throw new SysError('EINVAL');
  if (isShared(target.mount) && mountsOf(mount).some((each) => each.sharing?.unbindable === true))
    throw new SysError('EINVAL');
  if ((statOf(moved).type === 'dir') !== (statOf(target).type === 'dir')) throw new SysError('EINVAL');
  if (isUnder(target, moved)) throw new SysError('ELOOP');
  unhook(mount);
  mount.at = undefined;
  attach(mount, cross(target));
  target.mount.sharing?.attached(mount, target);
  const top = mountRootPath(mount);
  retellAll(
    kernel,
    by.ns.mnt,
    retelling((path) => (path.mount === mount && path.ino === mount.root ? top : undefined)),
  );
}
