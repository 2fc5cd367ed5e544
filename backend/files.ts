/**
 * Files of the lab by node:fs, reached through /proc/<first process>/root. Every path is resolved inside the lab's root
 * first, so that a link made by a container cannot lead to a file of this machine.
 */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type NewEntry, type OpOf, strerror } from '../core/index.ts';
import { errnoOf, isErrno, Refused } from './errno.ts';
import { run } from './exec.ts';
import type { Lab } from './lab.ts';
import { makeDirs } from './make-dirs.ts';
import { holdsMounts } from './mount.ts';
import { ownable } from './owners.ts';
import { resolveInside } from './path.ts';

/** Where this machine reaches a path of the lab. */
export function reach(lab: Lab, path: string, followLast = true): string {
  return lab.path(resolveInside(lab.root, path, followLast));
}

/** The same of a path below a directory of the lab, which is not left on the way. */
export function reachIn(lab: Lab, path: string, root: string | undefined): string {
  if (root === undefined) return reach(lab, path);
  const top = reach(lab, root);
  return top + resolveInside(top, path, true);
}

export function mkdir(lab: Lab, op: OpOf<'mkdir'>): undefined {
  const path = reach(lab, op.path, false);
  if (op.parents === true) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      if (statSync(reach(lab, op.path), { throwIfNoEntry: false })?.isDirectory() === true) return;
      throw new Refused('EEXIST');
    }
    // Modes of directories above are mkdir(1)'s; one that is there already keeps its own.
    if (makeDirs(path)) chmodSync(path, op.mode);
    return;
  }
  mkdirSync(path);
  chmodSync(path, op.mode);
}

export function writeFile(lab: Lab, op: OpOf<'writeFile'>): undefined {
  const path = reach(lab, op.path);
  writeFileSync(path, op.data);
  if (op.mode !== undefined) chmodSync(path, op.mode);
}

export function writeTree(lab: Lab, op: OpOf<'writeTree'>): undefined {
  const root = reach(lab, op.path, false);
  mkdirSync(root);
  try {
    chmodSync(root, op.mode);
    // Nobody else knows the directory yet, so no link in it can lead away.
    for (const entry of op.entries) make(root + entry.path, entry);
  } catch (error) {
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
}

function make(path: string, entry: NewEntry): void {
  if (entry.type === 'symlink') {
    symlinkSync(entry.target, path);
    return;
  }
  if (entry.type === 'dir') {
    mkdirSync(path);
    if (entry.uid !== undefined && entry.gid !== undefined) {
      const { uid, gid } = ownable({ uid: entry.uid, gid: entry.gid }, path);
      chownSync(path, uid, gid);
    }
  } else writeFileSync(path, entry.data, { flag: 'wx' });
  chmodSync(path, entry.mode);
}

export function readFile(lab: Lab, op: OpOf<'readFile'>): string {
  const path = reachIn(lab, op.path, op.root);
  const size = op.max === undefined ? 0 : fileSize(path);
  if (op.max !== undefined && size > op.max) throw new Refused('EFBIG', `${strerror.EFBIG}: ${size}`);
  return readFileSync(path, 'utf8');
}

export function symlink(lab: Lab, op: OpOf<'symlink'>): undefined {
  symlinkSync(op.target, reach(lab, op.path, false));
}

function fileSize(path: string): number {
  const stat = statSync(path);
  if (stat.isDirectory()) throw new Refused('EISDIR');
  return stat.size;
}

export function touch(lab: Lab, op: OpOf<'touch'>): undefined {
  for (const path of op.paths) utimesSync(reach(lab, path), op.mtime / 1000, op.mtime / 1000);
}

export function rename(lab: Lab, op: OpOf<'rename'>): undefined {
  renameSync(reach(lab, op.from, false), reach(lab, op.to, false));
}

/** cp -a, by the machine's cp, which keeps owners, xattrs, times and hard links. */
export async function copyWhole(lab: Lab, op: OpOf<'copyTree'>): Promise<undefined> {
  if (op.root !== undefined) return fillDir(lab, op, op.root);
  const to = reach(lab, op.to, false);
  if (exists(to)) throw new Refused('EEXIST');
  const ran = await run('cp', ['-a', '--', reach(lab, op.from), to]);
  if (ran.code !== 0) throw new Refused(errnoOf(ran.stderr), ran.stderr.trim().split('\n')[0]);
}

/**
 * What lies at `from` below `root`, into an empty directory. A container may be writing in that directory meanwhile, so it is a
 * process of the lab that copies: whatever it meets on its way, it stays in the lab.
 */
async function fillDir(lab: Lab, { from, to }: OpOf<'copyTree'>, root: string): Promise<undefined> {
  const top = resolveInside(lab.root, root, true);
  const source = top + resolveInside(lab.path(top), from, true);
  const target = resolveInside(lab.root, to, true);
  if (!statSync(lab.path(source)).isDirectory()) throw new Refused('ENOTDIR');
  if (readdirSync(lab.path(target)).length > 0) throw new Refused('ENOTEMPTY');
  const ran = await lab.inside(['./ld.so', '--library-path', '.', './cp', '-a', '--', `${source}/.`, target]);
  if (ran.code !== 0) throw new Refused(errnoOf(ran.stderr), ran.stderr);
}

/**
 * rm -rf. EBUSY when something is mounted there or below: seen from outside of the lab's mount namespace the kernel would take
 * the directory away and the mount with it, rmdir(2).
 *
 * Under its name it is there whole or not at all, also when we are killed in the middle: it gets another name first, as moby
 * does with layers (layerdb's `-removing`).
 */
export function remove(lab: Lab, op: OpOf<'remove'>): undefined {
  const path = resolveInside(lab.root, op.path, false);
  if (holdsMounts(lab, path)) throw new Refused('EBUSY');
  rmSync(renamed(lab.path(path)), { recursive: true, force: true });
}

function renamed(path: string): string {
  const other = `${path}-removing`;
  try {
    renameSync(path, other);
    return other;
  } catch {
    // It is not there, or the name is taken or too long.
    return path;
  }
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return false;
    throw error;
  }
}
