/**
 * The union file system aufs: branches laid upon each other as overlay does it, but with other marks on disk. A deletion is a
 * file `.wh.<name>` in the read-write branch, a directory that hides its namesakes below has a file `.wh..wh..opq` in it, and the
 * root of the branch holds three entries of aufs' own. Source: aufs(5), "Whiteout".
 *
 * AufsBranch shows one branch as an overlay layer (0:0 devices, an xattr) and writes what is done to that back as aufs' marks;
 * AufsFs is the union of such branches. So lookup, copy-up and readdir are overlay's, and only the encoding differs.
 *
 * Kept true: names that begin with `.wh.` are seen by nobody in the union and cannot be made there (EPERM); branches are read
 * and written as they lie on disk, so they may be looked at beside the mount.
 */
import { SysError } from '../errors.ts';
import { compareNames } from './content.ts';
import type { AttrChange, Content, Dirent, Fs, Ino, NewNode, Stat } from './fs.ts';
import { OPAQUE_XATTR, WHITEOUT_RDEV } from './fs.ts';
import { type Layer, OverlayFs } from './union.ts';

const PREFIX = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** aufs' own names: no marks of deletions. */
const OWN_PREFIX = '.wh..wh.';
/** The file that marks are links to. */
const BASE = '.wh..wh.aufs';
/** Where files are kept that were deleted while open, and its pseudo links. */
const ownDirs: readonly string[] = ['.wh..wh.orph', '.wh..wh.plnk'];
const MARK = { type: 'file', mode: 0o444, uid: 0, gid: 0 } as const;

const isMark = (name: string): boolean => name.startsWith(PREFIX) && !name.startsWith(OWN_PREFIX);
/** The mark itself is never seen, only what it stands for: an inode of its own beside that of the file. */
const standIn = (ino: Ino): Ino => -ino;

export interface BranchOptions {
  /** Marks in it count; those in a branch that is plainly `ro` do not. Default true. */
  readonly marks?: boolean;
}

/** A directory of a file system that is a branch, in the shape of an overlay layer. */
export class AufsBranch implements Fs {
  readonly type: string;
  readonly root: Ino;
  readonly #fs: Fs;
  readonly #marks: boolean;

  constructor({ fs, root }: Layer, { marks = true }: BranchOptions = {}) {
    this.#fs = fs;
    this.#marks = marks;
    this.root = root;
    this.type = fs.type;
  }

  lookup(dir: Ino, name: string): Ino | undefined {
    if (name.startsWith(PREFIX)) return undefined;
    const plain = this.#fs.lookup(dir, name);
    if (plain !== undefined || !this.#marks) return plain;
    const mark = this.#fs.lookup(dir, PREFIX + name);
    return mark === undefined ? undefined : standIn(mark);
  }

  stat(ino: Ino): Stat {
    if (ino > 0) return this.#fs.stat(ino);
    return { ...this.#fs.stat(-ino), ino, type: 'char', mode: 0, size: 0, rdev: WHITEOUT_RDEV };
  }

  readdir(dir: Ino): readonly Dirent[] {
    const all = this.#fs.readdir(dir);
    if (!all.some(({ name }) => name.startsWith(PREFIX))) return all;
    const shown = all.filter(({ name }) => !name.startsWith(PREFIX));
    const known = new Set(shown.map(({ name }) => name));
    for (const { name, ino } of all) {
      const deleted = name.slice(PREFIX.length);
      if (this.#marks && isMark(name) && !known.has(deleted))
        shown.push({ name: deleted, ino: standIn(ino), type: 'char' });
    }
    return shown.sort((a, b) => compareNames(a.name, b.name));
  }

  readlink(ino: Ino): string {
    return this.#fs.readlink(ino);
  }

  read(ino: Ino): Content {
    return this.#fs.read(ino);
  }

  write(ino: Ino, content: Content, mtime: number): void {
    this.#fs.write(ino, content, mtime);
  }

  create(dir: Ino, name: string, node: NewNode): Ino {
    const [major, minor] = node.rdev ?? [0, 0];
    if (node.type !== 'char' || major !== 0 || minor !== 0) return this.#fs.create(dir, name, node);
    return standIn(this.#putMark(dir, PREFIX + name, node.mtime));
  }

  link(dir: Ino, name: string, target: Ino, now: number): void {
    if (target > 0) this.#fs.link(dir, name, target, now);
    else this.#putMark(dir, PREFIX + name, now);
  }

  unlink(dir: Ino, name: string, now: number): void {
    const plain = this.#fs.lookup(dir, name) !== undefined;
    this.#fs.unlink(dir, plain ? name : PREFIX + name, now);
  }

  /** The marks in a directory that shows nothing go with it. */
  rmdir(dir: Ino, name: string, now: number): void {
    const child = this.#fs.lookup(dir, name);
    if (child !== undefined && this.#fs.stat(child).type === 'dir') {
      const entries = this.#fs.readdir(child);
      if (entries.every((entry) => entry.name.startsWith(PREFIX)))
        for (const entry of entries) this.#fs.unlink(child, entry.name, now);
    }
    this.#fs.rmdir(dir, name, now);
  }

  rename(fromDir: Ino, fromName: string, toDir: Ino, toName: string, now: number): void {
    this.#fs.rename(fromDir, fromName, toDir, toName, now);
  }

  setattr(ino: Ino, change: AttrChange, now: number): void {
    this.#fs.setattr(ino, change, now);
  }

  xattrs(ino: Ino): Readonly<Record<string, string>> {
    if (ino < 0) return {};
    const all = this.#fs.xattrs(ino);
    return this.#isOpaque(ino) ? { ...all, [OPAQUE_XATTR]: 'y' } : all;
  }

  setxattr(ino: Ino, name: string, value: string): void {
    if (name !== OPAQUE_XATTR) this.#fs.setxattr(ino, name, value);
    else if (!this.#isOpaque(ino)) this.#putMark(ino, OPAQUE, this.#fs.stat(ino).mtime);
  }

  removexattr(ino: Ino, name: string): void {
    if (name !== OPAQUE_XATTR) this.#fs.removexattr(ino, name);
    else this.#fs.unlink(ino, OPAQUE, this.#fs.stat(ino).mtime);
  }

  hold(ino: Ino): void {
    if (ino > 0) this.#fs.hold?.(ino);
  }

  release(ino: Ino): void {
    if (ino > 0) this.#fs.release?.(ino);
  }

  /** What a mount for writing leaves in the root of the branch. */
  claim(now: number): void {
    if (this.#fs.lookup(this.root, BASE) === undefined) this.#fs.create(this.root, BASE, { ...MARK, mtime: now });
    for (const name of ownDirs) {
      if (this.#fs.lookup(this.root, name) !== undefined) continue;
      this.#fs.create(this.root, name, { type: 'dir', mode: 0o700, uid: 0, gid: 0, mtime: now });
    }
  }

  #isOpaque(ino: Ino): boolean {
    return this.#marks && this.#fs.stat(ino).type === 'dir' && this.#fs.lookup(ino, OPAQUE) !== undefined;
  }

  /** All marks are one file with many names, as far as the branch has it. */
  #putMark(dir: Ino, name: string, mtime: number): Ino {
    const base = this.#fs.lookup(this.root, BASE);
    if (base === undefined) return this.#fs.create(dir, name, { ...MARK, mtime });
    this.#fs.link(dir, name, base, mtime);
    return base;
  }
}

/** Names that are aufs' own cannot be made. */
function demandPlain(name: string): void {
  if (name.startsWith(PREFIX)) throw new SysError('EPERM');
}

export interface AufsOptions {
  /** Topmost first; only the first may be for writing. */
  readonly branches: readonly (Layer & BranchOptions & { readonly writable: boolean })[];
  readonly now: number;
  readonly fault?: { readonly ignoreWhiteouts?: boolean };
}

export class AufsFs extends OverlayFs {
  override readonly type = 'aufs';

  constructor({ branches, now, fault }: AufsOptions) {
    const [first, ...others] = branches.map(({ writable, ...layer }) => {
      const fs = new AufsBranch(layer, layer);
      if (writable) fs.claim(now);
      return { fs, root: fs.root, writable };
    });
    const upper = first?.writable === true ? first : undefined;
    const lowers = upper === undefined ? [first!, ...others] : others;
    super({ lowers, ...(upper === undefined ? {} : { upper }), ...(fault === undefined ? {} : { fault }) });
  }

  override create(dir: Ino, name: string, node: NewNode): Ino {
    demandPlain(name);
    return super.create(dir, name, node);
  }

  override link(dir: Ino, name: string, target: Ino, now: number): void {
    demandPlain(name);
    super.link(dir, name, target, now);
  }

  override rename(fromDir: Ino, fromName: string, toDir: Ino, toName: string, now: number): void {
    demandPlain(toName);
    super.rename(fromDir, fromName, toDir, toName, now);
  }
}
