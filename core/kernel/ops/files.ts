/**
 * The Ops on files of the host: mkdir, writeFile, readFile, symlink, rename, remove, tree.
 *
 * Kept true: they are done by the host's daemon process as root, with umask 0, so modes are what the Op says.
 */
import { SysError } from '../../errors.ts';
import type { NewEntry, OpOf, TreeEntry } from '../../op.ts';
import { contentSize, contentText, textContent } from '../../vfs/content.ts';
import type { Content, Fs, Ino, NewNode } from '../../vfs/fs.ts';
import { otherTrees } from '../../vfs/others.ts';
import { TreeFs } from '../../vfs/tree.ts';
import { timedTree, tree } from '../../vfs/walk.ts';
import { type Mount, takesNoChange } from '../mount.ts';
import { find, lookupPlace, type Path, resolve, statOf, waysChanged } from '../namei.ts';
import * as paths from '../pathcalls.ts';
import type { Process } from '../process.ts';
import { layerAt } from './layers.ts';

export function mkdir(by: Process, { path, mode, parents }: OpOf<'mkdir'>): undefined {
  if (parents !== true) return void paths.mkdir(by, path, mode) as undefined;
  const names = path.split('/').filter((name) => name !== '');
  names.forEach((_, index) => {
    const at = `/${names.slice(0, index + 1).join('/')}`;
    ensureDir(by, at, index === names.length - 1 ? mode : 0o755);
  });
  return undefined;
}

/** Makes a directory unless one is there; ENOTDIR when something else is. */
export function ensureDir(by: Process, path: string, mode: number): void {
  const { found } = lookupPlace(by, path, true);
  if (found === undefined) paths.mkdir(by, path, mode);
  else if (statOf(found).type !== 'dir') throw new SysError('ENOTDIR');
}

export function writeFile(by: Process, { path, data, mode }: OpOf<'writeFile'>): undefined {
  const before = paths.putContent(by, path, textContent(data), mode ?? 0o644);
  if (before !== undefined && mode !== undefined) before.mount.fs.setattr(before.ino, { mode }, by.kernel.now());
  return undefined;
}

/** All or nothing: what was made before an entry was refused goes again. */
export function writeTree(by: Process, { path, mode, entries }: OpOf<'writeTree'>): undefined {
  const now = by.kernel.now();
  const top = paths.makeDir(by, path, mode);
  const { fs } = top.mount;
  const dirs = new Map<string, Ino>([['', top.ino]]);
  try {
    for (const entry of entries) {
      const slash = entry.path.lastIndexOf('/');
      const dir = dirs.get(entry.path.slice(0, slash));
      if (dir === undefined) throw new SysError('ENOENT', entry.path);
      const ino = fs.create(dir, entry.path.slice(slash + 1), nodeOf(entry, now));
      if (entry.type === 'dir') dirs.set(entry.path, ino);
    }
  } catch (error) {
    remove(by, { op: 'remove', path });
    throw error;
  }
  return undefined;
}

function nodeOf(entry: NewEntry, mtime: number): NewNode {
  switch (entry.type) {
    case 'dir':
      return { type: 'dir', mode: entry.mode, uid: entry.uid ?? 0, gid: entry.gid ?? 0, mtime };
    case 'symlink':
      return { type: 'symlink', mode: 0o777, uid: 0, gid: 0, mtime, target: entry.target };
    case 'file':
      return { type: 'file', mode: entry.mode, uid: 0, gid: 0, mtime, content: textContent(entry.data) };
  }
}

export function readFile(by: Process, { path, root, max }: OpOf<'readFile'>): string {
  const content = contentIn(by, path, root);
  if (max !== undefined && contentSize(content) > max) throw new SysError('EFBIG', String(contentSize(content)));
  return contentText(content);
}

/** A file's content; `root` is not left on the way to it. */
export function contentIn(by: Process, path: string, root: string | undefined): Content {
  if (root === undefined) return paths.content(by, path);
  const top = paths.directory(by, root);
  const found = resolve({ root: top, cwd: top, uid: 0, gid: 0 }, path);
  if (statOf(found).type === 'dir') throw new SysError('EISDIR');
  return found.mount.fs.read(found.ino);
}

export function touch(by: Process, { paths: all, mtime }: OpOf<'touch'>): undefined {
  for (const path of all) paths.setattr(by, path, { mtime });
  return undefined;
}

export function symlink(by: Process, { target, path }: OpOf<'symlink'>): undefined {
  paths.symlink(by, target, path);
  return undefined;
}

export function rename(by: Process, { from, to }: OpOf<'rename'>): undefined {
  paths.rename(by, from, to);
  return undefined;
}

export function copyTree(by: Process, { from, to, root }: OpOf<'copyTree'>): undefined {
  if (root !== undefined) return fillDir(by, from, to, root);
  const { mount, ino } = paths.directory(by, from);
  const { dir, name, found } = lookupPlace(by, to, false);
  if (found !== undefined) throw new SysError('EEXIST', to);
  otherTrees().copyDir({ fs: mount.fs, root: ino }, dir.mount.fs, dir.ino, name);
  waysChanged();
  return undefined;
}

/** What lies at `from` below `root` becomes the content of the empty directory `to`. */
function fillDir(by: Process, from: string, to: string, root: string): undefined {
  const top = paths.directory(by, root);
  const source = resolve({ root: top, cwd: top, uid: 0, gid: 0 }, from);
  if (statOf(source).type !== 'dir') throw new SysError('ENOTDIR', from);
  const target = paths.directory(by, to);
  if (target.mount.fs.readdir(target.ino).length > 0) throw new SysError('ENOTEMPTY', to);
  otherTrees().fillDir({ fs: source.mount.fs, root: source.ino }, target.mount.fs, target.ino, by.kernel.now());
  waysChanged();
  return undefined;
}

/** rm -rf: what is not there is no error; a mount point below is EBUSY. */
export function remove(by: Process, { path }: OpOf<'remove'>): undefined {
  const found = find(by, path, false);
  if (found === undefined) return undefined;
  const { mount, parent } = found;
  if (parent === undefined || parent.mount !== mount) throw new SysError('EBUSY');
  if (takesNoChange(mount)) throw new SysError('EROFS');
  const now = by.kernel.now();
  if (statOf(found).type === 'dir') {
    emptyDir(found, now);
    mount.fs.rmdir(parent.ino, found.name, now);
  } else mount.fs.unlink(parent.ino, found.name, now);
  waysChanged();
  return undefined;
}

function emptyDir({ mount, ino }: Path, now: number): void {
  const { fs } = mount;
  if (mount.children.size > 0) demandNoMounts(mount, ino);
  if (fs instanceof TreeFs) {
    fs.clear(ino, now);
    return;
  }
  const clear = (dir: Ino): void => {
    for (const entry of fs.readdir(dir)) {
      if (entry.type === 'dir') {
        clear(entry.ino);
        fs.rmdir(dir, entry.name, now);
      } else fs.unlink(dir, entry.name, now);
    }
  };
  clear(ino);
}

/** EBUSY when something is mounted below a directory. */
function demandNoMounts(mount: Mount, dir: Ino): void {
  for (const { ino, type } of mount.fs.readdir(dir)) {
    if (mount.children.has(ino)) throw new SysError('EBUSY');
    if (type === 'dir') demandNoMounts(mount, ino);
  }
}

const MOST_TREES = 1000;

/** Trees that were said to be immutable, by the inode of their root: inode numbers are not used again. */
export class TreeCache {
  private readonly known = new WeakMap<Fs, Map<Ino, readonly TreeEntry[]>>();

  tree(by: Process, { path, immutable, times, form, below }: OpOf<'tree'>): readonly TreeEntry[] {
    const { mount, ino } = resolve(by, path);
    if (mount.fs.stat(ino).type !== 'dir') throw new SysError('ENOTDIR');
    if (form !== undefined || below !== undefined) {
      const { fs, root } = layerAt(by, path, form, below);
      return times === true ? timedTree(fs, root) : tree(fs, root);
    }
    if (times === true) return timedTree(mount.fs, ino);
    if (immutable !== true) return tree(mount.fs, ino);
    let trees = this.known.get(mount.fs);
    if (trees === undefined) {
      trees = new Map();
      this.known.set(mount.fs, trees);
    }
    let entries = trees.get(ino);
    if (entries === undefined) {
      entries = tree(mount.fs, ino);
      // Those of removed containers are never asked for again.
      if (trees.size >= MOST_TREES) trees.clear();
      trees.set(ino, entries);
    }
    return entries;
  }
}
