/**
 * The oracle of both file systems: the dumbest correct thing, one flat table from path to file. It knows nothing of inodes
 * by number, of layers or of sharing; every operation is a search over all paths.
 */
import type { Errno } from '../../../core/errors.ts';
import type { TreeEntry } from '../../../core/op.ts';
import { compareNames, contentDigest, textContent } from '../../../core/vfs/content.ts';
import type { Fs, Ino } from '../../../core/vfs/fs.ts';
import { tree } from '../../../core/vfs/walk.ts';
import type { FileOp } from './ops.ts';

interface FlatFile {
  type: 'file' | 'dir' | 'symlink';
  mode: number;
  uid: number;
  text: string;
  mtime: number;
  xattr?: string;
}

/** `isMixed`: does a directory have a part in a lower layer, so that overlay refuses to rename it? */
export class FlatTree {
  readonly files = new Map<string, FlatFile>([['', { type: 'dir', mode: 0o755, uid: 0, text: '', mtime: 0 }]]);

  constructor(readonly isMixed: (dir: object) => boolean = () => false) {}

  play(op: FileOp, now: number): Errno | undefined {
    const bad = this.#parent(op.path) ?? (op.do === 'rename' ? this.#parent(op.to) : undefined);
    if (bad !== undefined) return bad;
    const file = this.files.get(op.path);
    switch (op.do) {
      case 'create':
        return this.#add(op.path, { type: 'file', mode: op.mode, uid: 0, text: op.text, mtime: now }, now);
      case 'mkdir':
        return this.#add(op.path, { type: 'dir', mode: op.mode, uid: 0, text: '', mtime: now }, now);
      case 'symlink':
        return this.#add(op.path, { type: 'symlink', mode: 0o777, uid: 0, text: '/nowhere/x', mtime: now }, now);
      case 'rename':
        return this.#rename(op.path, op.to, now);
      case 'unlink':
        if (file?.type === 'dir') return 'EISDIR';
        return this.#remove(op.path, now);
      case 'rmdir':
        if (file !== undefined && file.type !== 'dir') return 'ENOTDIR';
        if (file !== undefined && this.#below(op.path).length > 0) return 'ENOTEMPTY';
        return this.#remove(op.path, now);
      case 'link': {
        if (file === undefined) return 'ENOENT';
        const parent = this.#parent(op.to);
        if (parent !== undefined) return parent;
        if (this.files.has(op.to)) return 'EEXIST';
        if (file.type === 'dir') return 'EPERM';
        return this.#add(op.to, file, now);
      }
      case 'chown':
        if (file === undefined) return 'ENOENT';
        file.uid = op.uid;
        return undefined;
      default:
        if (file === undefined || file.type === 'symlink') return 'ENOENT';
        return this.#change(file, op, now);
    }
  }

  #change(file: FlatFile, op: FileOp, now: number): Errno | undefined {
    if (op.do === 'write') {
      if (file.type === 'dir') return 'EISDIR';
      file.text = op.text;
      file.mtime = now;
    } else if (op.do === 'chmod') file.mode = op.mode;
    else if (op.do === 'utimes') file.mtime = op.mtime;
    else if (op.do === 'setxattr') file.xattr = op.value;
    return undefined;
  }

  #parent(path: string): Errno | undefined {
    const parts = path.split('/');
    for (let n = 1; n < parts.length; n++) {
      const file = this.files.get(parts.slice(0, n).join('/'));
      if (file === undefined || file.type === 'symlink') return 'ENOENT';
      if (file.type !== 'dir') return 'ENOTDIR';
    }
    return undefined;
  }

  #touchParent(path: string, now: number): void {
    this.files.get(path.slice(0, path.lastIndexOf('/')))!.mtime = now;
  }

  #add(path: string, file: FlatFile, now: number): Errno | undefined {
    if (this.files.has(path)) return 'EEXIST';
    this.files.set(path, file);
    this.#touchParent(path, now);
    return undefined;
  }

  #remove(path: string, now: number): Errno | undefined {
    if (!this.files.delete(path)) return 'ENOENT';
    this.#touchParent(path, now);
    return undefined;
  }

  #below(path: string): string[] {
    return [...this.files.keys()].filter((other) => other.startsWith(`${path}/`));
  }

  #rename(path: string, to: string, now: number): Errno | undefined {
    const file = this.files.get(path);
    const replaced = this.files.get(to);
    if (file === undefined) return 'ENOENT';
    if (to.startsWith(`${path}/`)) return 'EINVAL';
    if (replaced === file) return undefined;
    if (path.startsWith(`${to}/`)) return 'ENOTEMPTY';
    if (replaced !== undefined && file.type === 'dir' && replaced.type !== 'dir') return 'ENOTDIR';
    if (replaced !== undefined && file.type !== 'dir' && replaced.type === 'dir') return 'EISDIR';
    if (file.type === 'dir' && this.isMixed(file)) return 'EXDEV';
    if (this.#below(to).length > 0) return 'ENOTEMPTY';
    const moved = this.#below(path).map((other) => [to + other.slice(path.length), this.files.get(other)!] as const);
    for (const other of [path, ...this.#below(path)]) this.files.delete(other);
    this.files.set(to, file);
    for (const [other, its] of moved) this.files.set(other, its);
    this.#touchParent(path, now);
    this.#touchParent(to, now);
    return undefined;
  }

  /** What a new upper layer does to hard links: each name becomes a file of its own once written to. */
  breakLinks(): void {
    for (const [path, file] of this.files) if (file.type !== 'dir') this.files.set(path, { ...file });
  }

  /** What core/vfs/walk.ts should give. */
  tree(): TreeEntry[] {
    const paths = [...this.files.keys()].filter((path) => path !== '').sort(byParts);
    return paths.map((path) => {
      const { type, mode, uid, text } = this.files.get(path)!;
      const entry: TreeEntry = { path, type, mode, uid, gid: 0, size: type === 'file' ? text.length : 0 };
      if (type === 'file') return { ...entry, digest: contentDigest(textContent(text)) };
      return type === 'symlink' ? { ...entry, target: text } : entry;
    });
  }

  /** Modification times and xattrs, which TreeEntry does not have. */
  details(): Record<string, string> {
    return Object.fromEntries([...this.files].map(([path, { mtime, xattr }]) => [path, `${mtime} ${xattr ?? ''}`]));
  }
}

/** Modification times and test xattr of everything in a file system, as `FlatTree.details` gives them. */
export function details(fs: Fs, root: Ino): Record<string, string> {
  const line = (ino: Ino) => `${fs.stat(ino).mtime} ${fs.xattrs(ino)['trusted.test'] ?? ''}`;
  const all: Record<string, string> = { '': line(root) };
  for (const { path } of tree(fs, root)) {
    all[path] = line(
      path
        .split('/')
        .slice(1)
        .reduce((at, name) => fs.lookup(at, name)!, root),
    );
  }
  return all;
}

function byParts(a: string, b: string): number {
  const x = a.split('/');
  const y = b.split('/');
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const order = compareNames(x[i]!, y[i]!);
    if (order !== 0) return order;
  }
  return x.length - y.length;
}
