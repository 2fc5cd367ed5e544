/**
 * Mounts: which file system is seen where, mount(2), umount2(2), mount_namespaces(7).
 *
 * Kept true: every mount belongs to one mount namespace; a mount lies on the directory (or file) `at` of its parent mount,
 * and mounts on the same place stack, the last one on the root of the one before. A new mount namespace gets copies of the
 * mounts, never the mounts themselves; what a mount passes on is its own matter (`Sharing`), and most pass on nothing.
 */
import { SysError } from '../errors.ts';
import type { MountInfo } from '../op.ts';
import type { Fs, Ino } from '../vfs/fs.ts';
import { type Path, pathString, samePlace, waysChanged } from './namei.ts';
import type { MntNamespace } from './namespace.ts';

export interface Mount {
  readonly id: number;
  readonly fs: Fs;
  /** The directory (or file) of `fs` that is shown: not the root for bind mounts. */
  readonly root: Ino;
  /** Where `root` lies in `fs`, for mountinfo's fourth field. */
  readonly rootPath: string;
  readonly type: string;
  readonly source: string;
  /** Everything but ro and rw. */
  options: readonly string[];
  /** Of this mount alone; the file system may take no change through any, see `takesNoChange`. */
  readonly: boolean;
  /** The place it covers; undefined for the root of a mount namespace. */
  at: Path | undefined;
  /** What is mounted on top, by the inode that is covered. */
  children: ReadonlyMap<Ino, Mount>;
  /** What it passes on; absent: nothing, it is private. */
  sharing?: Sharing | undefined;
  /** Came from a namespace with more power: stays where it is. */
  locked?: boolean;
}

/** Propagation of one mount, see spaces/propagation.ts. */
export interface Sharing {
  /** As mountinfo has it for somebody whose root is there, each with a space in front. */
  tags(root: Path): string;
  /** `child` was put on `at`, which lies in this mount. */
  attached(child: Mount, at: Path): void;
  /** `child` is about to be taken away from this mount. */
  detached(child: Mount): void;
  /** This mount is about to be taken away. */
  leave(): void;
  /** `copy` was made of this mount. EINVAL: it is not to be copied, unless a whole namespace is. */
  copied(copy: Mount, whole?: boolean): void;
  /** Are bind mounts of others made without it? */
  readonly unbindable: boolean;
}

/** Most mounts have nothing on top of them. */
const noChildren: ReadonlyMap<Ino, Mount> = new Map();

function setChild(mount: Mount, ino: Ino, child: Mount): void {
  if (mount.children === noChildren) mount.children = new Map();
  (mount.children as Map<Ino, Mount>).set(ino, child);
}

export interface NewMount {
  readonly fs: Fs;
  readonly root?: Ino;
  readonly rootPath?: string;
  readonly type: string;
  readonly source: string;
  readonly options?: readonly string[];
  readonly readonly?: boolean;
}

/** Is every change through it refused with EROFS? */
export const takesNoChange = (mount: Mount): boolean => mount.readonly || mount.fs.readonly === true;

/** Numbers and makes mounts. */
export class MountMaker {
  private nextId = 22;

  /** So many numbers for mounts that are made later; the first of them. */
  reserve(count: number): number {
    this.nextId += count;
    return this.nextId - count;
  }

  make(spec: NewMount, id = this.nextId++): Mount {
    return {
      id,
      fs: spec.fs,
      root: spec.root ?? spec.fs.root,
      rootPath: spec.rootPath ?? '/',
      type: spec.type,
      source: spec.source,
      options: spec.options ?? [],
      readonly: spec.readonly ?? false,
      at: undefined,
      children: noChildren,
    };
  }

  /** A copy of one mount, with nothing on top of it. */
  clone(mount: Mount, changes: Partial<NewMount> = {}): Mount {
    return this.make({ ...mount, ...changes });
  }

  /** A copy of a mount with all that is mounted on it, `bindable`: and may be. `copies` collects what became of what. */
  cloneTree(mount: Mount, copies: Map<Mount, Mount> = new Map(), bindable = false): Mount {
    const copy = this.clone(mount);
    copies.set(mount, copy);
    for (const [ino, child] of mount.children) {
      if (bindable && child.sharing?.unbindable === true) continue;
      const childCopy = this.cloneTree(child, copies, bindable);
      childCopy.at = child.at === undefined ? undefined : movePath(child.at, copies);
      setChild(copy, ino, childCopy);
    }
    return copy;
  }
}

/** The same path in the copies of the mounts that it runs over. */
export function movePath(path: Path, copies: ReadonlyMap<Mount, Mount>): Path {
  const { parent, ...own } = path;
  const mount = copies.get(path.mount) ?? path.mount;
  if (parent === undefined) return { ...own, mount };
  return { ...own, mount, parent: movePath(parent, copies) };
}

/** Puts `mount` on `at`. `at` must be what path walk gives, so the topmost mount there. */
export function attach(mount: Mount, at: Path): void {
  place(mount, at);
  waysChanged();
}

/** As `attach`, in a tree of mounts that nobody has walked yet. */
export function place(mount: Mount, at: Path): void {
  const covered = at.mount.fs.stat(at.ino);
  const cover = mount.fs.stat(mount.root);
  if ((covered.type === 'dir') !== (cover.type === 'dir')) throw new SysError('ENOTDIR');
  mount.at = at;
  setChild(at.mount, at.ino, mount);
}

export function detach(mount: Mount): void {
  if (mount.at === undefined) return;
  mount.at.mount.sharing?.detached(mount);
  mount.sharing?.leave();
  (mount.at.mount.children as Map<Ino, Mount>).delete(mount.at.ino);
  mount.at = undefined;
  waysChanged();
}

/** The path of the root of a mount, the way path walk would give it. */
export function mountRootPath(mount: Mount): Path {
  const at = mount.at;
  if (at === undefined) return { mount, ino: mount.root, name: '' };
  return { mount, ino: mount.root, name: at.name, ...(at.parent === undefined ? {} : { parent: at.parent }) };
}

/** All mounts of a tree in the order in which they were made. */
export function mountsOf(root: Mount): Mount[] {
  const all: Mount[] = [];
  const add = (mount: Mount): void => {
    all.push(mount);
    for (const child of mount.children.values()) add(child);
  };
  add(root);
  return all.sort((a, b) => a.id - b.id);
}

/** Where a place lies in its file system: mountinfo's fourth field, were it bind-mounted. */
export function pathInFs(path: Path): string {
  const names: string[] = [];
  for (let at = path; at.ino !== at.mount.root && at.parent !== undefined; at = at.parent) names.push(at.name);
  const below = names.reverse().join('/');
  const base = path.mount.rootPath;
  return below === '' ? base : `${base === '/' ? '' : base}/${below}`;
}

/** Where a mount is, seen from `root`; undefined when it lies outside. */
export function mountPoint(mount: Mount, root: Path): string | undefined {
  const path = mountRootPath(mount);
  if (samePlace(path, root)) return '/';
  const text = pathString(path, root);
  return text.startsWith('(unreachable)') ? undefined : text;
}

/** What /proc/self/mountinfo says, as data. */
export function mountInfo(ns: MntNamespace, root: Path): MountInfo[] {
  const list: MountInfo[] = [];
  for (const mount of mountsOf(ns.root)) {
    const at = mountPoint(mount, root);
    if (at === undefined) continue;
    const options = [takesNoChange(mount) ? 'ro' : 'rw', ...mount.options];
    list.push({ at, type: mount.type, source: mount.source, options });
  }
  return list;
}

/** The root of the tree of mounts that it hangs in: that of a namespace, unless it was taken away. */
export const topOf = (mount: Mount): Mount => (mount.at === undefined ? mount : topOf(mount.at.mount));

/** Is `path` at or below `top`? */
export function isUnder(path: Path, top: Path): boolean {
  for (let at: Path | undefined = path; at !== undefined; at = at.parent) if (samePlace(at, top)) return true;
  return false;
}
