/**
 * An inode of TreeFs: what stat(2) shows of it, and what lies in it.
 *
 * Kept true: never changed after it was made; `changed` gives another one. All inodes have the same fields in the same order,
 * which is what makes them cheap.
 */
import { contentSize, emptyContent, textContent } from './content.ts';
import { type Dirents, noDirents } from './dirents.ts';
import type { Content, Ino, NewNode, NodeType, Stat, Xattrs } from './fs.ts';

type Rdev = readonly [major: number, minor: number];

const noXattrs: Xattrs = {};
const noDevice: Rdev = [0, 0];

export class Inode implements Stat {
  constructor(
    readonly ino: Ino,
    readonly type: NodeType,
    readonly mode: number,
    readonly uid: number,
    readonly gid: number,
    readonly nlink: number,
    readonly size: number,
    readonly mtime: number,
    readonly ctime: number,
    readonly rdev: Rdev,
    readonly xattrs: Xattrs,
    /** Files. */
    readonly content: Content | undefined,
    /** Symlinks. */
    readonly target: string | undefined,
    /** Directories. */
    readonly entries: Dirents | undefined,
    /** Directories: where `..` leads. */
    readonly parent: Ino,
  ) {}
}

export interface DirInode extends Inode {
  readonly entries: Dirents;
}

/** `dirSize` is what an empty directory is said to have. */
export function newInode(ino: Ino, node: NewNode, parent: Ino, dirSize: number): Inode {
  const { type, mode, uid, gid, mtime, rdev = noDevice, xattrs = noXattrs } = node;
  const content = type === 'file' ? (node.content ?? emptyContent) : undefined;
  const target = type === 'symlink' ? (node.target ?? '') : undefined;
  const isDir = type === 'dir';
  const size = isDir ? dirSize : contentSize(content ?? (target === undefined ? emptyContent : textContent(target)));
  const entries = isDir ? noDirents : undefined;
  const nlink = isDir ? 2 : 1;
  return new Inode(
    ino,
    type,
    mode,
    uid,
    gid,
    nlink,
    size,
    mtime,
    mtime,
    rdev,
    xattrs,
    content,
    target,
    entries,
    parent,
  );
}

/** The inode with some fields different. */
export function changed(old: Inode, change: Partial<Inode>): Inode {
  return new Inode(
    change.ino ?? old.ino,
    old.type,
    change.mode ?? old.mode,
    change.uid ?? old.uid,
    change.gid ?? old.gid,
    change.nlink ?? old.nlink,
    change.size ?? old.size,
    change.mtime ?? old.mtime,
    change.ctime ?? old.ctime,
    old.rdev,
    change.xattrs ?? old.xattrs,
    change.content ?? old.content,
    old.target,
    change.entries ?? old.entries,
    change.parent ?? old.parent,
  );
}
