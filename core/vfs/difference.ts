/**
 * What one whole tree has that another has not, as an overlay layer on top of the other would hold it: changed and new entries,
 * the directories that lead to them, a whiteout for what is gone. It is how a storage driver without a union finds out what a
 * container changed (moby graphdriver/fsdiff.go, pkg/archive/changes_linux.go).
 *
 * Kept true: neither tree is changed. A file counts as changed when its mode, owner, device, size or time differs, a directory
 * by its mode and owner alone; of what is gone only the topmost path is named.
 */
import type { Fs, Ino, NewNode, Stat } from './fs.ts';
import { WHITEOUT_RDEV } from './fs.ts';
import { TreeFs } from './tree.ts';

/** A directory of a file system. */
export interface Tree {
  readonly fs: Fs;
  readonly root: Ino;
}

/** `now`: the time of the whiteouts. */
export function difference(top: Tree, below: Tree, now: number): TreeFs {
  const { mode, uid, gid, mtime } = top.fs.stat(top.root);
  const layer = new TreeFs('tmpfs', { mode, now: mtime });
  layer.setattr(layer.root, { uid, gid }, mtime);
  const compare = new Comparison(top.fs, below.fs, layer, now);
  compare.dirs(top.root, below.root, layer.root);
  layer.setattr(layer.root, { mtime }, mtime);
  return layer;
}

class Comparison {
  /** What became of a file with several names. */
  readonly #copies = new Map<Ino, Ino>();

  constructor(
    readonly top: Fs,
    readonly below: Fs,
    readonly layer: TreeFs,
    readonly now: number,
  ) {}

  /** Puts what differs between two directories into `into`. */
  dirs(top: Ino, below: Ino, into: Ino): void {
    for (const { name, ino } of this.top.readdir(top)) {
      const old = this.below.lookup(below, name);
      const stat = this.top.stat(ino);
      if (old === undefined) this.#add(ino, into, name);
      else if (stat.type === 'dir' && this.below.stat(old).type === 'dir') this.#dir(ino, old, into, name);
      else if (differs(stat, this.below.stat(old))) this.#add(ino, into, name);
    }
    const mtime = this.now;
    for (const { name } of this.below.readdir(below)) {
      if (this.top.lookup(top, name) !== undefined) continue;
      this.layer.create(into, name, { type: 'char', mode: 0, uid: 0, gid: 0, mtime, rdev: WHITEOUT_RDEV });
    }
  }

  /** A directory of both: it is there when it has changed, or something in it has. */
  #dir(top: Ino, below: Ino, into: Ino, name: string): void {
    const stat = this.top.stat(top);
    const made = this.layer.create(into, name, nodeOf(this.top, top, stat));
    this.dirs(top, below, made);
    const old = this.below.stat(below);
    const same = stat.mode === old.mode && stat.uid === old.uid && stat.gid === old.gid;
    if (same && this.layer.readdir(made).length === 0) this.layer.rmdir(into, name, stat.mtime);
    else this.layer.setattr(made, { mtime: stat.mtime }, stat.mtime);
  }

  #add(ino: Ino, into: Ino, name: string): void {
    const stat = this.top.stat(ino);
    const known = this.#copies.get(ino);
    if (known !== undefined) {
      this.layer.link(into, name, known, stat.mtime);
      return;
    }
    const made = this.layer.create(into, name, nodeOf(this.top, ino, stat));
    if (stat.type !== 'dir') {
      this.#copies.set(ino, made);
      return;
    }
    for (const entry of this.top.readdir(ino)) this.#add(entry.ino, made, entry.name);
    this.layer.setattr(made, { mtime: stat.mtime }, stat.mtime);
  }
}

/** Whole seconds are as good as any time within them: an archive keeps no more. */
function sameTime(a: number, b: number): boolean {
  return a === b || (Math.floor(a / 1000) === Math.floor(b / 1000) && (a % 1000 === 0 || b % 1000 === 0));
}

function differs(a: Stat, b: Stat): boolean {
  if (a.type !== b.type || a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid || a.size !== b.size) return true;
  return a.rdev.join() !== b.rdev.join() || !sameTime(a.mtime, b.mtime);
}

/** A node as it is, to be made somewhere else. */
export function nodeOf(fs: Fs, ino: Ino, { type, mode, uid, gid, mtime, rdev }: Stat = fs.stat(ino)): NewNode {
  const node: NewNode = { type, mode, uid, gid, mtime, rdev, xattrs: fs.xattrs(ino) };
  if (type === 'file') return { ...node, content: fs.read(ino) };
  return type === 'symlink' ? { ...node, target: fs.readlink(ino) } : node;
}

/** A whole directory under a new name in the same file system or another; the name must be free. */
export function copyDir(from: Tree, to: Fs, dir: Ino, name: string): void {
  const copies = new Map<Ino, Ino>();
  const copy = (ino: Ino, into: Ino, as: string): void => {
    const stat = from.fs.stat(ino);
    const known = copies.get(ino);
    if (known !== undefined) {
      to.link(into, as, known, stat.mtime);
      return;
    }
    const made = to.create(into, as, nodeOf(from.fs, ino, stat));
    if (stat.type !== 'dir') copies.set(ino, made);
    else for (const entry of from.fs.readdir(ino)) copy(entry.ino, made, entry.name);
    if (stat.type === 'dir') to.setattr(made, { mtime: stat.mtime }, stat.mtime);
  };
  copy(from.root, dir, name);
}

/**
 * The content of a directory into an empty one, which becomes like it (containerd/continuity fs.CopyDir): directories in it are
 * as old as what was put into them; pipes and sockets are left out.
 */
export function fillDir(from: Tree, to: Fs, dir: Ino, now: number): void {
  const copies = new Map<Ino, Ino>();
  const fill = (source: Ino, target: Ino): void => {
    for (const { name, ino, type } of from.fs.readdir(source)) {
      if (type === 'fifo' || type === 'socket') continue;
      const stat = from.fs.stat(ino);
      const known = copies.get(ino);
      if (known !== undefined) {
        to.link(target, name, known, now);
        continue;
      }
      const made = to.create(target, name, nodeOf(from.fs, ino, stat));
      if (type === 'dir') fill(ino, made);
      else copies.set(ino, made);
      to.setattr(target, { mtime: now }, now);
    }
  };
  const { mode, uid, gid, mtime } = from.fs.stat(from.root);
  to.setattr(dir, { mode, uid, gid, mtime }, now);
  for (const [name, value] of Object.entries(from.fs.xattrs(from.root))) to.setxattr(dir, name, value);
  fill(from.root, dir);
}
