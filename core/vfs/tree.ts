/**
 * TreeFs: the in-memory file system that ext4 and tmpfs of the simulated host are made of.
 *
 * Kept true: a snapshot is one immutable value (`TreeState`): a table of inodes that shares all unchanged parts with its
 * former versions, so that snapshot() and restore() cost nothing; without a change in between it is the same value again.
 * Inodes are never changed, only replaced.
 */
import { SysError } from '../errors.ts';
import { checkName, contentSize, countedSize, DISK_SIZE, emptyContent } from './content.ts';
import { type Dirents, find, listed, noDirents, withEntry, withoutEntry } from './dirents.ts';
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
import { changed, type DirInode, Inode, newInode } from './inode.ts';
import { type Edit, emptyTrie, newEdit, type Trie, trieGet, trieSet, trieValues } from './trie.ts';
import { checkXattrClass } from './xattr.ts';

export interface TreeState {
  readonly inodes: Trie<Inode>;
  /** The number that the next inode gets; numbers are not used again. */
  readonly next: Ino;
  /** How often each inode is held open; such an inode outlives its last name. */
  readonly held: ReadonlyMap<Ino, number>;
  /** Bytes of its size that are in use; see countedSize. */
  readonly used: number;
  /** Inodes; each further name of a file counts as one. */
  readonly count: number;
}

export interface TreeOptions {
  /** Permission bits of the root directory, default 0755. */
  readonly mode?: number;
  /** Time of the root directory, milliseconds since the epoch. */
  readonly now?: number;
  /** Bytes that all files may come to, in pages, as tmpfs counts them; absent: see DISK_SIZE. */
  readonly limit?: number;
  /** Inodes that there may be, the root and each further name of a file among them, as tmpfs counts them; absent: any number. */
  readonly inodes?: number;
}

const PAGE = 4096;
const inPages = (bytes: number): number => Math.ceil(bytes / PAGE) * PAGE;

const notHeld: ReadonlyMap<Ino, number> = new Map();

export class TreeFs implements Fs, Rewindable<TreeState> {
  readonly root: Ino = 1;
  #inodes: Trie<Inode>;
  #next: Ino;
  #held: ReadonlyMap<Ino, number>;
  #used = 0;
  /** The present state when it was handed out, or was taken over; it is not to be changed any more. */
  #kept: TreeState | undefined;
  #edit: Edit = newEdit();
  #limit: number | undefined;
  #count = 1;
  #most: number | undefined;
  /** Told of every change of what a file takes, bytes; of those with a limit. */
  onUsage: ((ino: Ino, more: number) => void) | undefined;

  constructor(
    readonly type = 'tmpfs',
    options: TreeOptions = {},
  ) {
    const now = options.now ?? 0;
    this.#limit = options.limit;
    this.#most = options.inodes;
    const node: NewNode = { type: 'dir', mode: options.mode ?? 0o755, uid: 0, gid: 0, mtime: now };
    const root = newInode(1, node, 1, this.#dirSize(0));
    this.#inodes = trieSet(emptyTrie(), 1, root, this.#edit);
    this.#next = 2;
    this.#held = notHeld;
  }

  snapshot(): TreeState {
    if (this.#kept === undefined) {
      this.#kept = { inodes: this.#inodes, next: this.#next, held: this.#held, used: this.#used, count: this.#count };
      this.#edit = newEdit();
    }
    return this.#kept;
  }

  restore(state: TreeState): void {
    this.#inodes = state.inodes;
    this.#next = state.next;
    this.#held = state.held;
    this.#used = state.used;
    this.#count = state.count;
    this.#kept = state;
    this.#edit = newEdit();
  }

  lookup(dir: Ino, name: string): Ino | undefined {
    checkName(name);
    return find(this.#dir(dir).entries, name)?.ino;
  }

  stat(ino: Ino): Stat {
    return this.#inode(ino);
  }

  readdir(dir: Ino): readonly Dirent[] {
    return listed(this.#dir(dir).entries);
  }

  readlink(ino: Ino): string {
    const { target } = this.#inode(ino);
    if (target === undefined) throw new SysError('EINVAL');
    return target;
  }

  read(ino: Ino): Content {
    return this.#file(ino).content ?? emptyContent;
  }

  write(ino: Ino, content: Content, mtime: number): void {
    const old = this.#file(ino);
    const size = contentSize(content);
    this.#use(ino, this.#cost(content, size) - this.#cost(old.content, old.size));
    this.#put(changed(old, { content, size, mtime, ctime: mtime }));
  }

  create(dir: Ino, name: string, node: NewNode): Ino {
    const parent = this.#dir(dir);
    checkName(name);
    if (find(parent.entries, name) !== undefined) throw new SysError('EEXIST');
    if (parent.nlink === 0) throw new SysError('ENOENT');
    this.#demandInode();
    const ino = this.#next++;
    const inode = newInode(ino, node, dir, this.#dirSize(0));
    if (node.content !== undefined) this.#use(ino, this.#cost(node.content, inode.size));
    this.#count += 1;
    this.#put(inode);
    this.#putDir(parent, withEntry(parent.entries, { name, ino, type: node.type }), node.mtime, subdirs(node.type));
    return ino;
  }

  link(dir: Ino, name: string, target: Ino, now: number): void {
    const parent = this.#dir(dir);
    const inode = this.#inode(target);
    checkName(name);
    if (find(parent.entries, name) !== undefined) throw new SysError('EEXIST');
    if (inode.type === 'dir') throw new SysError('EPERM');
    if (inode.nlink === 0 || parent.nlink === 0) throw new SysError('ENOENT');
    this.#demandInode();
    this.#count += 1;
    this.#put(changed(inode, { nlink: inode.nlink + 1, ctime: now }));
    this.#putDir(parent, withEntry(parent.entries, { name, ino: target, type: inode.type }), now, 0);
  }

  unlink(dir: Ino, name: string, now: number): void {
    const parent = this.#dir(dir);
    const entry = this.#entry(parent, name);
    if (entry.type === 'dir') throw new SysError('EISDIR');
    this.#putDir(parent, withoutEntry(parent.entries, name), now, 0);
    this.#drop(entry.ino, now);
  }

  rmdir(dir: Ino, name: string, now: number): void {
    const parent = this.#dir(dir);
    const entry = this.#entry(parent, name);
    if (this.#dir(entry.ino).entries.size > 0) throw new SysError('ENOTEMPTY');
    this.#putDir(parent, withoutEntry(parent.entries, name), now, -1);
    this.#drop(entry.ino, now);
  }

  /** All below a directory goes: what unlink and rmdir would do to each name, with the directory itself changed once. */
  clear(dir: Ino, now: number): void {
    const top = this.#dir(dir);
    let subdirectories = 0;
    for (const { ino, type } of listed(top.entries)) {
      if (type === 'dir') {
        this.clear(ino, now);
        subdirectories += 1;
      }
      this.#drop(ino, now);
    }
    if (top.entries.size > 0) this.#putDir(top, noDirents, now, -subdirectories);
  }

  rename(fromDir: Ino, fromName: string, toDir: Ino, toName: string, now: number): void {
    const source = this.#entry(this.#dir(fromDir), fromName);
    checkName(toName);
    if (this.#dir(toDir).nlink === 0) throw new SysError('ENOENT');
    const replaced = find(this.#dir(toDir).entries, toName);
    if (source.type === 'dir' && this.#isWithin(toDir, source.ino)) throw new SysError('EINVAL');
    if (replaced !== undefined) {
      if (replaced.ino === source.ino) return;
      this.#checkReplace(source, replaced, fromDir);
      this.#putDir(this.#dir(toDir), withoutEntry(this.#dir(toDir).entries, toName), now, -subdirs(replaced.type));
      this.#drop(replaced.ino, now);
    }
    const from = this.#dir(fromDir);
    this.#putDir(from, withoutEntry(from.entries, fromName), now, -subdirs(source.type));
    const to = this.#dir(toDir);
    this.#putDir(to, withEntry(to.entries, { ...source, name: toName }), now, subdirs(source.type));
    const moved = this.#inode(source.ino);
    this.#put(changed(moved, { parent: toDir, ctime: now }));
  }

  setattr(ino: Ino, change: AttrChange, now: number): void {
    this.#put(changed(this.#inode(ino), { ...change, ctime: now }));
  }

  xattrs(ino: Ino): Xattrs {
    return this.#inode(ino).xattrs;
  }

  setxattr(ino: Ino, name: string, value: string, only?: XattrOnly): void {
    checkXattrClass(name);
    const inode = this.#inode(ino);
    const has = inode.xattrs[name] !== undefined;
    if (only === 'create' && has) throw new SysError('EEXIST');
    if (only === 'replace' && !has) throw new SysError('ENODATA');
    this.#put(changed(inode, { xattrs: { ...inode.xattrs, [name]: value } }));
  }

  removexattr(ino: Ino, name: string): void {
    const inode = this.#inode(ino);
    if (inode.xattrs[name] === undefined) throw new SysError('ENODATA');
    const { [name]: _, ...xattrs } = inode.xattrs;
    this.#put(changed(inode, { xattrs }));
  }

  hold(ino: Ino): void {
    this.#inode(ino);
    this.#setHeld(new Map(this.#held).set(ino, (this.#held.get(ino) ?? 0) + 1));
  }

  release(ino: Ino): void {
    const count = this.#held.get(ino);
    if (count === undefined) return;
    const held = new Map(this.#held);
    if (count > 1) held.set(ino, count - 1);
    else held.delete(ino);
    this.#setHeld(held);
    if (count === 1 && this.#inode(ino).nlink === 0) this.#forget(ino);
  }

  /** None for those that only show things. */
  space(): Space {
    if (!['ext4', 'tmpfs', 'devtmpfs'].includes(this.type)) return { size: 0, used: 0 };
    const size = this.#limit ?? DISK_SIZE;
    return { size, used: this.#used, inodes: this.#counted(size) };
  }

  /** ext4 has one for 16 KiB, of which ten are its own (mke2fs(8), "-i"). */
  #counted(size: number): { size: number; used: number } {
    if (this.type === 'ext4') return { size: size / 16_384, used: this.#count + 10 };
    return this.#most === undefined ? { size: 0, used: 0 } : { size: this.#most, used: this.#count };
  }

  /** The contents of all files, once they come to so many bytes together that it takes long to read them. */
  *contents(least: number): Generator<Content, void> {
    if (this.#used < least) return;
    for (const { content } of trieValues(this.#inodes)) if (content !== undefined) yield content;
  }

  most(ino: Ino): number {
    const { size } = this.#inode(ino);
    return this.#limit === undefined ? DISK_SIZE : inPages(size) + Math.max(0, this.#limit - this.#used);
  }

  /** Other limits, for one that has some. EINVAL: more is used already, or was not counted. */
  resize(limit: number, inodes: number | undefined): void {
    if (limit < this.#used || (inodes !== undefined && (this.#most === undefined || inodes < this.#count)))
      throw new SysError('EINVAL');
    this.#limit = limit;
    this.#most = inodes;
  }

  #demandInode(): void {
    if (this.#most !== undefined && this.#count >= this.#most) throw new SysError('ENOSPC');
  }

  /** What a file takes of the room that there is. */
  #cost(content: Content | undefined, size: number): number {
    if (this.#limit === undefined) return countedSize(content);
    return content === undefined ? 0 : inPages(size);
  }

  #use(ino: Ino, more: number): void {
    if (more > 0 && this.#used + more > (this.#limit ?? DISK_SIZE)) throw new SysError('ENOSPC');
    this.#used += more;
    if (more !== 0) this.onUsage?.(ino, more);
  }

  #setHeld(held: ReadonlyMap<Ino, number>): void {
    this.#held = held;
    this.#kept = undefined;
  }

  /** rename(2): what may be replaced by what. */
  #checkReplace(source: Dirent, replaced: Dirent, fromDir: Ino): void {
    if (this.#isWithin(fromDir, replaced.ino)) throw new SysError('ENOTEMPTY');
    if (source.type === 'dir' && replaced.type !== 'dir') throw new SysError('ENOTDIR');
    if (source.type !== 'dir' && replaced.type === 'dir') throw new SysError('EISDIR');
    if (replaced.type === 'dir' && this.#dir(replaced.ino).entries.size > 0) throw new SysError('ENOTEMPTY');
  }

  /** Whether `dir` is `top` or lies below it. */
  #isWithin(dir: Ino, top: Ino): boolean {
    for (let at = dir; ; at = this.#dir(at).parent) {
      if (at === top) return true;
      if (at === this.root) return false;
    }
  }

  /** tmpfs counts 20 bytes an entry, `.` and `..` included; ext4 counts blocks. */
  #dirSize(entries: number): number {
    return this.type === 'tmpfs' ? 40 + 20 * entries : 4096;
  }

  #inode(ino: Ino): Inode {
    const inode = trieGet(this.#inodes, ino);
    if (inode === undefined) throw new SysError('ESTALE');
    return inode;
  }

  #dir(ino: Ino): DirInode {
    const inode = this.#inode(ino);
    if (inode.entries === undefined) throw new SysError('ENOTDIR');
    return inode as DirInode;
  }

  #file(ino: Ino): Inode {
    const inode = this.#inode(ino);
    if (inode.type === 'dir') throw new SysError('EISDIR');
    if (inode.type !== 'file') throw new SysError('EINVAL');
    return inode;
  }

  #entry(parent: DirInode, name: string): Dirent {
    checkName(name);
    const entry = find(parent.entries, name);
    if (entry === undefined) throw new SysError('ENOENT');
    return entry;
  }

  #put(inode: Inode): void {
    this.#set(inode.ino, inode);
  }

  #set(ino: Ino, inode: Inode | undefined): void {
    this.#inodes = trieSet(this.#inodes, ino, inode, this.#edit);
    this.#kept = undefined;
  }

  #putDir(dir: DirInode, entries: Dirents, now: number, moreSubdirs: number): void {
    const { ino, type, mode, uid, gid, nlink, rdev, xattrs, parent } = dir;
    const size = this.#dirSize(entries.size);
    const links = nlink + moreSubdirs;
    this.#put(
      new Inode(ino, type, mode, uid, gid, links, size, now, now, rdev, xattrs, undefined, undefined, entries, parent),
    );
  }

  /** One name less; without names and unless held, the inode is gone. */
  #drop(ino: Ino, now: number): void {
    const inode = this.#inode(ino);
    const nlink = inode.type === 'dir' ? 0 : inode.nlink - 1;
    if (nlink > 0) this.#count -= 1;
    if (nlink > 0 || this.#held.has(ino)) this.#put(changed(inode, { nlink, ctime: now }));
    else this.#forget(ino);
  }

  #forget(ino: Ino): void {
    const { content, size } = this.#inode(ino);
    if (content !== undefined) this.#use(ino, -this.#cost(content, size));
    this.#count -= 1;
    this.#set(ino, undefined);
  }
}

function subdirs(type: NodeType): number {
  return type === 'dir' ? 1 : 0;
}
