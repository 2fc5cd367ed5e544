/**
 * OverlayFs: the union of read-only lower layers and one read-write upper layer, as the kernel's overlayfs makes it with
 * its default options (redirect_dir, index and metacopy off). Source: Documentation/filesystems/overlayfs.rst.
 *
 * Kept true: lower layers are never changed; whatever is changed lies in the upper one, in the same form in which the kernel
 * leaves it there (copied-up files, whiteouts, opaque marks; of the xattrs only `opaque`, not `origin` and `impure`). Inode
 * numbers are given out at first sight and survive copy-up. The table of them is an immutable value and is rewound together
 * with the layers' own state.
 *
 * As in the kernel, each name of a file that has several in a lower layer is an inode of its own here (a write through one
 * name copies up that name only); `stat` shows them with one number until then.
 */
import { SysError } from '../errors.ts';
import { checkName, emptyContent } from './content.ts';
import { find, listed, noDirents } from './dirents.ts';
import type {
  AttrChange,
  Content,
  Dirent,
  Fs,
  Ino,
  NewNode,
  NodeType,
  Rewindable,
  Space,
  Stat,
  XattrOnly,
  Xattrs,
} from './fs.ts';
import { OPAQUE_XATTR, WHITEOUT_RDEV } from './fs.ts';
import { type Node, type OverlayState, ROOT, UnionNodes } from './nodes.ts';
import {
  bareWhiteouts,
  isOverlayXattr,
  isWhiteout,
  isWhiteoutDevice,
  lookupStack,
  lowerShows,
  mergedEntries,
  type Real,
  type Stack,
  visibleXattrs,
} from './stack.ts';

/** A directory of a file system that serves as a layer. */
export interface Layer {
  readonly fs: Fs;
  readonly root: Ino;
}

export interface OverlayOptions {
  /** Read-only layers, topmost first. */
  readonly lowers: readonly Layer[];
  /** The read-write layer; without one the union is read-only. */
  readonly upper?: Layer;
  /** Makes the model wrong on purpose, so that validators can prove that a comparison notices. */
  readonly fault?: { readonly ignoreWhiteouts?: boolean };
}

/** So many names are looked for layer by layer; then a merged directory is read whole. */
const FEW = 4;
/** Looking for one name in a layer costs about as much as reading so many. */
const CHEAP = 4;

/** Whether to read a merged directory whole rather than to look for one more name in each of its layers. */
function isWorthReading(stack: Stack, walks: number): boolean {
  if (stack.length === 1) return false;
  if (walks >= FEW) return true;
  let left = CHEAP * stack.length;
  for (const { fs, ino } of stack) {
    left -= fs.readdir(ino).length;
    if (left < 0) return false;
  }
  return true;
}

export class OverlayFs implements Fs, Rewindable<OverlayState> {
  readonly type: string = 'overlay';
  readonly root = ROOT;
  readonly #upper: Fs | undefined;
  readonly #room: Fs | undefined;
  readonly #ignoreWhiteouts: boolean;
  readonly #nodes: UnionNodes;
  /** The kernel makes one whiteout for each mount and links all others to it. */
  #whiteout: Ino | undefined;

  constructor({ lowers, upper, fault }: OverlayOptions) {
    this.#upper = upper?.fs;
    this.#room = upper?.fs ?? lowers[0]?.fs;
    this.#ignoreWhiteouts = fault?.ignoreWhiteouts ?? false;
    const lower = lowers.map(({ fs, root }) => ({ fs, ino: root }));
    this.#nodes = new UnionNodes(upper?.fs, upper?.root, lower);
  }

  snapshot(): OverlayState {
    return this.#nodes.snapshot();
  }

  restore(state: OverlayState): void {
    this.#nodes.restore(state);
  }

  lookup(dir: Ino, name: string): Ino | undefined {
    const node = this.#dir(dir);
    const known = find(node.known, name);
    if (known !== undefined) return known.ino;
    checkName(name);
    if (node.complete || node.gone) return undefined;
    const stack = this.#stack(node);
    if (isWorthReading(stack, node.walks)) {
      this.#complete(dir, node);
      return find(this.#node(dir).known, name)?.ino;
    }
    const found = lookupStack(stack, name, this.#ignoreWhiteouts);
    if (stack.length > 1) this.#nodes.walked(dir);
    if (found === undefined) return undefined;
    const ino = this.#nodes.admit(dir, name, found);
    this.#nodes.know(dir, { name, ino, type: found.type });
    return ino;
  }

  stat(ino: Ino): Stat {
    const node = this.#node(ino);
    const { fs, ino: real } = this.#top(node);
    const { type, mode, uid, gid, nlink, size, mtime, ctime, rdev } = fs.stat(real);
    const merged = type === 'dir' && node.lower.length + (node.upper === undefined ? 0 : 1) > 1;
    return { ino: node.shown, type, mode, uid, gid, nlink: merged ? 1 : nlink, size, mtime, ctime, rdev };
  }

  typeOf(ino: Ino): NodeType {
    const { fs, ino: real } = this.#top(this.#node(ino));
    return fs.stat(real).type;
  }

  readdir(dir: Ino): readonly Dirent[] {
    const node = this.#dir(dir);
    if (!node.complete && !node.gone) this.#complete(dir, node);
    return listed(this.#node(dir).known);
  }

  unfound(dir: Ino): readonly string[] {
    const node = this.#dir(dir);
    return node.gone ? [] : bareWhiteouts(this.#stack(node));
  }

  /** Reads a directory of all layers once, so that from then on nobody asks the layers any more. */
  #complete(dir: Ino, node: Node): void {
    this.#nodes.admitAll(dir, mergedEntries(this.#stack(node), this.#ignoreWhiteouts));
  }

  readlink(ino: Ino): string {
    const top = this.#top(this.#node(ino));
    return top.fs.readlink(top.ino);
  }

  read(ino: Ino): Content {
    const top = this.#top(this.#node(ino));
    return top.fs.read(top.ino);
  }

  write(ino: Ino, content: Content, mtime: number): void {
    const { type } = this.#node(ino);
    if (type === 'dir') throw new SysError('EISDIR');
    if (type !== 'file') throw new SysError('EINVAL');
    const upper = this.#writable();
    upper.write(this.#copyUp(ino, emptyContent), content, mtime);
  }

  /** That of what the upper directory lies on, or the topmost lower one; fs/overlayfs/super.c ovl_statfs. */
  space(): Space {
    return this.#room?.space?.() ?? { size: 0, used: 0 };
  }

  openWrite(ino: Ino): void {
    this.#copyUp(ino);
  }

  create(dir: Ino, name: string, node: NewNode): Ino {
    if (this.lookup(dir, name) !== undefined) throw new SysError('EEXIST');
    const upper = this.#writable();
    // It would be taken for a whiteout.
    if (node.type === 'char' && isWhiteoutDevice(node.rdev)) throw new SysError('EPERM');
    const parent = this.#copyUpDir(dir);
    const whiteout = this.#removeWhiteout(parent, name, node.mtime);
    const made = upper.create(parent, name, node);
    if (whiteout && node.type === 'dir') upper.setxattr(made, OPAQUE_XATTR, 'y');
    const ino = this.#nodes.admit(dir, name, { type: node.type, from: 0, stack: [{ fs: upper, ino: made }] });
    this.#nodes.know(dir, { name, ino, type: node.type });
    return ino;
  }

  link(dir: Ino, name: string, target: Ino, now: number): void {
    if (this.lookup(dir, name) !== undefined) throw new SysError('EEXIST');
    const { type, gone } = this.#node(target);
    if (type === 'dir') throw new SysError('EPERM');
    if (gone) throw new SysError('ENOENT');
    const upper = this.#writable();
    const real = this.#copyUp(target);
    const parent = this.#copyUpDir(dir);
    this.#removeWhiteout(parent, name, now);
    upper.link(parent, name, real, now);
    this.#nodes.know(dir, { name, ino: target, type });
  }

  unlink(dir: Ino, name: string, now: number): void {
    this.#writable();
    const entry = this.#entry(dir, name);
    if (entry.type === 'dir') throw new SysError('EISDIR');
    this.#remove(dir, entry, now);
  }

  rmdir(dir: Ino, name: string, now: number): void {
    this.#writable();
    const entry = this.#entry(dir, name);
    if (entry.type !== 'dir') throw new SysError('ENOTDIR');
    if (this.readdir(entry.ino).length > 0) throw new SysError('ENOTEMPTY');
    this.#remove(dir, entry, now);
  }

  rename(fromDir: Ino, fromName: string, toDir: Ino, toName: string, now: number): void {
    const upper = this.#writable();
    const source = this.#entry(fromDir, fromName);
    const replaced = this.lookup(toDir, toName);
    if (source.type === 'dir' && this.#isWithin(toDir, source.ino)) throw new SysError('EINVAL');
    if (replaced === source.ino) return;
    if (replaced !== undefined) this.#checkReplace(source, replaced, fromDir);
    if (source.type === 'dir' && this.#hasLower(source.ino)) throw new SysError('EXDEV');
    const isFull = replaced !== undefined && source.type === 'dir' && this.readdir(replaced).length > 0;
    if (isFull && this.#hasLower(replaced)) throw new SysError('ENOTEMPTY');

    const real = this.#copyUp(source.ino);
    const to = this.#copyUpDir(toDir);
    const from = this.#copyUpDir(fromDir);
    if (source.type === 'dir' && this.#hasLower(toDir)) upper.setxattr(real, OPAQUE_XATTR, 'y');
    // Only now would the upper file system itself refuse; the kernel leaves the opaque mark in that case too.
    if (isFull) throw new SysError('ENOTEMPTY');
    const hidesLower = lowerShows(this.#node(fromDir).lower, fromName);
    if (replaced !== undefined)
      this.#remove(toDir, { name: toName, ino: replaced, type: this.#node(replaced).type }, now);
    this.#removeWhiteout(to, toName, now);
    upper.rename(from, fromName, to, toName, now);
    if (hidesLower) this.#putWhiteout(from, fromName, now);
    this.#nodes.forgetName(fromDir, fromName);
    this.#nodes.know(toDir, { ...source, name: toName });
    this.#nodes.set(source.ino, { ...this.#node(source.ino), parent: toDir, name: toName });
  }

  setattr(ino: Ino, change: AttrChange, now: number): void {
    this.#writable().setattr(this.#copyUp(ino), change, now);
  }

  xattrs(ino: Ino): Xattrs {
    const top = this.#top(this.#node(ino));
    return visibleXattrs(top.fs.xattrs(top.ino));
  }

  setxattr(ino: Ino, name: string, value: string, only?: XattrOnly): void {
    if (isOverlayXattr(name)) throw new SysError('EOPNOTSUPP');
    this.#writable().setxattr(this.#copyUp(ino), name, value, only);
  }

  removexattr(ino: Ino, name: string): void {
    if (this.xattrs(ino)[name] === undefined) throw new SysError('ENODATA');
    this.#writable().removexattr(this.#copyUp(ino), name);
  }

  hold(ino: Ino): void {
    const { upper } = this.#node(ino);
    if (this.#nodes.count(ino, 1) === 1 && upper !== undefined) this.#upper?.hold?.(upper);
  }

  release(ino: Ino): void {
    if (!this.#nodes.isHeld(ino) || this.#nodes.count(ino, -1) > 0) return;
    const node = this.#node(ino);
    if (node.upper !== undefined) this.#upper?.release?.(node.upper);
    if (node.gone) this.#nodes.set(ino, undefined);
  }

  // Reading.

  #node(ino: Ino): Node {
    return this.#nodes.get(ino);
  }

  #dir(ino: Ino): Node {
    const node = this.#node(ino);
    if (node.type !== 'dir') throw new SysError('ENOTDIR');
    return node;
  }

  #stack(node: Node): Stack {
    if (node.upper === undefined || this.#upper === undefined) return node.lower;
    return [{ fs: this.#upper, ino: node.upper }, ...node.lower];
  }

  #top(node: Node): Real {
    if (node.upper !== undefined && this.#upper !== undefined) return { fs: this.#upper, ino: node.upper };
    return node.lower[0]!;
  }

  #entry(dir: Ino, name: string): Dirent {
    const ino = this.lookup(dir, name);
    if (ino === undefined) throw new SysError('ENOENT');
    return { name, ino, type: this.#node(ino).type };
  }

  #writable(): Fs {
    if (this.#upper === undefined) throw new SysError('EROFS');
    return this.#upper;
  }

  #hasLower(ino: Ino): boolean {
    return this.#node(ino).lower.length > 0;
  }

  #isWithin(dir: Ino, top: Ino): boolean {
    for (let at = dir; ; at = this.#node(at).parent) {
      if (at === top) return true;
      if (at === ROOT) return false;
    }
  }

  #checkReplace(source: Dirent, replaced: Ino, fromDir: Ino): void {
    const { type } = this.#node(replaced);
    if (type === 'dir' && this.#isWithin(fromDir, replaced)) throw new SysError('ENOTEMPTY');
    if (source.type === 'dir' && type !== 'dir') throw new SysError('ENOTDIR');
    if (source.type !== 'dir' && type === 'dir') throw new SysError('EISDIR');
  }

  // Copy-up and whiteouts.

  #copyUpDir(dir: Ino): Ino {
    const node = this.#dir(dir);
    if (node.gone) throw new SysError('ENOENT');
    return node.upper ?? this.#copyUp(dir);
  }

  /** Makes sure that an inode has its upper part, and gives that. `content` replaces what would be copied. */
  #copyUp(ino: Ino, content?: Content): Ino {
    const node = this.#node(ino);
    if (node.upper !== undefined) return node.upper;
    if (node.gone) throw new SysError('ESTALE');
    const upper = this.#writable();
    const parent = this.#copyUpDir(node.parent);
    const parentTime = upper.stat(parent).mtime;
    const { fs, ino: real } = node.lower[0]!;
    const made = upper.create(parent, node.name, copyOf(fs, real, content));
    upper.setattr(parent, { mtime: parentTime }, parentTime);
    const isDir = node.type === 'dir';
    this.#nodes.set(ino, { ...node, upper: made, lower: isDir ? node.lower : [], shown: isDir ? node.shown : ino });
    if (!isDir) this.#nodes.nameUpper(made, ino);
    if (this.#nodes.isHeld(ino)) upper.hold?.(made);
    return made;
  }

  /** Takes a name away: its upper part goes, and a whiteout comes where a lower entry would show. */
  #remove(dir: Ino, entry: Dirent, now: number): void {
    const upper = this.#writable();
    const parent = this.#copyUpDir(dir);
    const node = this.#node(entry.ino);
    if (node.upper !== undefined) {
      if (node.type === 'dir') {
        this.#clearWhiteouts(node.upper, now);
        upper.rmdir(parent, entry.name, now);
      } else upper.unlink(parent, entry.name, now);
    }
    if (lowerShows(this.#node(dir).lower, entry.name)) this.#putWhiteout(parent, entry.name, now);
    this.#nodes.forgetName(dir, entry.name, this.#ignoreWhiteouts);
    this.#dropNode(entry.ino, node);
  }

  #dropNode(ino: Ino, node: Node): void {
    const held = this.#nodes.isHeld(ino);
    if (node.upper !== undefined && node.type !== 'dir') {
      const names = held || this.#isAlive(node.upper) ? this.#upper!.stat(node.upper).nlink : 0;
      if (names > 0) return;
      this.#nodes.nameUpper(node.upper, undefined);
    }
    this.#nodes.set(ino, held ? { ...node, known: noDirents, gone: true } : undefined);
  }

  #isAlive(upper: Ino): boolean {
    try {
      return this.#upper!.stat(upper).nlink > 0;
    } catch (error) {
      if (error instanceof SysError && error.errno === 'ESTALE') return false;
      throw error;
    }
  }

  #putWhiteout(parent: Ino, name: string, now: number): void {
    const upper = this.#writable();
    if (upper.lookup(parent, name) !== undefined) return;
    const known = this.#whiteout;
    if (known !== undefined && this.#isAlive(known) && isWhiteout(upper.stat(known))) {
      upper.link(parent, name, known, now);
      return;
    }
    const node = { type: 'char', mode: 0, uid: 0, gid: 0, mtime: now, rdev: WHITEOUT_RDEV } as const;
    this.#whiteout = upper.create(parent, name, node);
  }

  /** True when there was one. */
  #removeWhiteout(parent: Ino, name: string, now: number): boolean {
    const upper = this.#writable();
    const ino = upper.lookup(parent, name);
    if (ino === undefined || !isWhiteout(upper.stat(ino))) return false;
    upper.unlink(parent, name, now);
    return true;
  }

  #clearWhiteouts(dir: Ino, now: number): void {
    const upper = this.#writable();
    for (const { name } of upper.readdir(dir)) this.#removeWhiteout(dir, name, now);
  }
}

function copyOf(fs: Fs, ino: Ino, content: Content | undefined): NewNode {
  const { type, mode, uid, gid, mtime, rdev } = fs.stat(ino);
  const node: NewNode = { type, mode, uid, gid, mtime, rdev, xattrs: visibleXattrs(fs.xattrs(ino)) };
  if (type === 'file') return { ...node, content: content ?? fs.read(ino) };
  return type === 'symlink' ? { ...node, target: fs.readlink(ino) } : node;
}
