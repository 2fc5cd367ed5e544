/**
 * What proc and cgroup file systems have in common: nothing is stored, files are made when they are read and act when they
 * are written, and nearly everything that would change a name is refused.
 */
import type { Errno } from '../errors.ts';
import { SysError } from '../errors.ts';
import { contentBytes } from '../vfs/content.ts';
import type { AttrChange, Content, Dirent, Ino, NewNode, NodeType, Stat } from '../vfs/fs.ts';
import type { PseudoFs } from './file.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const noXattrs: Readonly<Record<string, string>> = {};

export abstract class Pseudo implements PseudoFs {
  readonly pseudo = true;
  abstract readonly type: string;
  abstract readonly root: Ino;
  /** What making a name is refused with. */
  protected abstract readonly refusal: Errno;

  abstract lookup(dir: Ino, name: string): Ino | undefined;
  abstract stat(ino: Ino): Stat;
  abstract readdir(dir: Ino): readonly Dirent[];
  protected abstract text(ino: Ino): string;
  protected abstract act(ino: Ino, text: string): void;

  read(ino: Ino): Content {
    return { bytes: encoder.encode(this.text(ino)) };
  }

  write(ino: Ino, content: Content): void {
    this.act(ino, decoder.decode(contentBytes(content)));
  }

  readlink(_ino: Ino): string {
    throw new SysError('EINVAL');
  }

  create(_dir: Ino, _name: string, _node: NewNode): Ino {
    throw new SysError(this.refusal);
  }

  link(_dir: Ino, _name: string, _target: Ino, _now: number): void {
    throw new SysError('EPERM');
  }

  unlink(_dir: Ino, _name: string, _now: number): void {
    throw new SysError('EPERM');
  }

  rmdir(_dir: Ino, _name: string, _now: number): void {
    throw new SysError('EPERM');
  }

  rename(_fromDir: Ino, _fromName: string, _toDir: Ino, _toName: string, _now: number): void {
    throw new SysError('EPERM');
  }

  setattr(_ino: Ino, _change: AttrChange, _now: number): void {
    throw new SysError('EPERM');
  }

  xattrs(): Readonly<Record<string, string>> {
    return noXattrs;
  }

  setxattr(): void {
    throw new SysError('EOPNOTSUPP');
  }

  removexattr(): void {
    throw new SysError('ENODATA');
  }
}

/** Stat of a made-up inode: owned by root, no size, the given time. */
export function madeUp(ino: Ino, type: NodeType, mode: number, time: number, owner = { uid: 0, gid: 0 }): Stat {
  const nlink = type === 'dir' ? 2 : 1;
  return { ino, type, mode, ...owner, nlink, size: 0, mtime: time, ctime: time, rdev: [0, 0] };
}
