/**
 * A tree to be made in one go: plain mutable tables, no history. What archives are unpacked into before the result is put where
 * it belongs (graft.ts, or a real disk): a directory of a hundred thousand names costs what its names cost, not their square.
 *
 * Kept true: same answers and errors as TreeFs.
 */
import { SysError } from '../errors.ts';
import { checkName, compareNames, contentSize, emptyContent, textContent } from './content.ts';
import type { AttrChange, Content, Dirent, Fs, Ino, NewNode, NodeType, Stat } from './fs.ts';

interface Scratch {
  readonly ino: Ino;
  readonly type: NodeType;
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  mtime: number;
  readonly rdev: readonly [number, number];
  xattrs: Readonly<Record<string, string>>;
  content: Content | undefined;
  readonly target: string | undefined;
  readonly names: Map<string, Ino> | undefined;
}

const noDevice = [0, 0] as const;
const noXattrs = {};

export class ScratchFs implements Fs {
  readonly type = 'tmpfs';
  readonly root: Ino = 1;
  readonly #nodes: (Scratch | undefined)[] = [undefined];

  constructor(now = 0) {
    this.#add({ type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: now });
  }

  lookup(dir: Ino, name: string): Ino | undefined {
    checkName(name);
    return this.#names(dir).get(name);
  }

  stat(ino: Ino): Stat {
    const { type, mode, uid, gid, nlink, mtime, rdev, content, target } = this.#node(ino);
    const size = content !== undefined ? contentSize(content) : target === undefined ? 0 : textSize(target);
    return { ino, type, mode, uid, gid, nlink, size, mtime, ctime: mtime, rdev };
  }

  readdir(dir: Ino): readonly Dirent[] {
    const entries = [...this.#names(dir)].map(([name, ino]): Dirent => ({ name, ino, type: this.#node(ino).type }));
    return entries.sort((a, b) => compareNames(a.name, b.name));
  }

  readlink(ino: Ino): string {
    const { target } = this.#node(ino);
    if (target === undefined) throw new SysError('EINVAL');
    return target;
  }

  read(ino: Ino): Content {
    return this.#node(ino).content ?? emptyContent;
  }

  write(ino: Ino, content: Content, mtime: number): void {
    const node = this.#node(ino);
    node.content = content;
    node.mtime = mtime;
  }

  create(dir: Ino, name: string, node: NewNode): Ino {
    const names = this.#vacant(dir, name);
    const ino = this.#add(node);
    names.set(name, ino);
    this.#touched(dir, node.mtime, node.type === 'dir' ? 1 : 0);
    return ino;
  }

  link(dir: Ino, name: string, target: Ino, now: number): void {
    const names = this.#vacant(dir, name);
    const node = this.#node(target);
    if (node.type === 'dir') throw new SysError('EPERM');
    node.nlink++;
    names.set(name, target);
    this.#touched(dir, now, 0);
  }

  unlink(dir: Ino, name: string, now: number): void {
    const ino = this.#found(dir, name);
    const node = this.#node(ino);
    if (node.type === 'dir') throw new SysError('EISDIR');
    this.#names(dir).delete(name);
    node.nlink--;
    if (node.nlink === 0) this.#nodes[ino] = undefined;
    this.#touched(dir, now, 0);
  }

  rmdir(dir: Ino, name: string, now: number): void {
    const ino = this.#found(dir, name);
    if (this.#names(ino).size > 0) throw new SysError('ENOTEMPTY');
    this.#names(dir).delete(name);
    this.#nodes[ino] = undefined;
    this.#touched(dir, now, -1);
  }

  rename(): void {
    throw new SysError('ENOSYS');
  }

  setattr(ino: Ino, change: AttrChange): void {
    Object.assign(this.#node(ino), change);
  }

  xattrs(ino: Ino): Readonly<Record<string, string>> {
    return this.#node(ino).xattrs;
  }

  setxattr(ino: Ino, name: string, value: string): void {
    const node = this.#node(ino);
    node.xattrs = { ...node.xattrs, [name]: value };
  }

  removexattr(ino: Ino, name: string): void {
    const node = this.#node(ino);
    if (node.xattrs[name] === undefined) throw new SysError('ENODATA');
    const { [name]: _, ...xattrs } = node.xattrs;
    node.xattrs = xattrs;
  }

  #add({ type, mode, uid, gid, mtime, content, target, rdev = noDevice, xattrs = noXattrs }: NewNode): Ino {
    const ino = this.#nodes.length;
    this.#nodes.push({
      ino,
      type,
      mode,
      uid,
      gid,
      nlink: type === 'dir' ? 2 : 1,
      mtime,
      rdev,
      xattrs,
      content: type === 'file' ? (content ?? emptyContent) : undefined,
      target: type === 'symlink' ? (target ?? '') : undefined,
      names: type === 'dir' ? new Map() : undefined,
    });
    return ino;
  }

  #node(ino: Ino): Scratch {
    const node = this.#nodes[ino];
    if (node === undefined) throw new SysError('ESTALE');
    return node;
  }

  #names(dir: Ino): Map<string, Ino> {
    const { names } = this.#node(dir);
    if (names === undefined) throw new SysError('ENOTDIR');
    return names;
  }

  #vacant(dir: Ino, name: string): Map<string, Ino> {
    const names = this.#names(dir);
    checkName(name);
    if (names.has(name)) throw new SysError('EEXIST');
    return names;
  }

  #found(dir: Ino, name: string): Ino {
    const ino = this.lookup(dir, name);
    if (ino === undefined) throw new SysError('ENOENT');
    return ino;
  }

  #touched(dir: Ino, now: number, subdirectories: number): void {
    const node = this.#node(dir);
    node.mtime = now;
    node.nlink += subdirectories;
  }
}

const textSize = (text: string): number => contentSize(textContent(text));

/** Puts what lies in the root of `source` into the empty directory `dir`, hard links and all. */
export function copyInto(source: Fs, to: Fs, dir: Ino): void {
  const names = new Map<Ino, Ino>();
  const copy = (from: Ino, into: Ino): void => {
    for (const { name, ino, type } of source.readdir(from)) {
      const { mode, uid, gid, mtime, rdev, nlink } = source.stat(ino);
      const known = names.get(ino);
      if (known !== undefined) {
        to.link(into, name, known, mtime);
        continue;
      }
      const xattrs = source.xattrs(ino);
      const node = { type, mode, uid, gid, mtime, ...(Object.keys(xattrs).length > 0 ? { xattrs } : {}) };
      const made = to.create(into, name, { ...node, ...special(source, ino, type, rdev) });
      if (type === 'dir') copy(ino, made);
      else if (nlink > 1) names.set(ino, made);
      if (type === 'dir') to.setattr(made, { mtime }, mtime);
    }
  };
  copy(source.root, dir);
  for (const [name, value] of Object.entries(source.xattrs(source.root))) to.setxattr(dir, name, value);
}

function special(source: Fs, ino: Ino, type: NodeType, rdev: readonly [number, number]): Partial<NewNode> {
  if (type === 'file') return { content: source.read(ino) };
  if (type === 'symlink') return { target: source.readlink(ino) };
  return type === 'char' || type === 'block' ? { rdev } : {};
}
