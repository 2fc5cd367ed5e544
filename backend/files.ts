/**
 * Files of the lab by node:fs, reached through /proc/<first process>/root. Every path is resolved inside the lab's root
 * first, so that a link made by a container cannot lead to a file of this machine.
 */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { leadsOut, type NewEntry, type OpOf, strerror } from '../core/index.ts';
import { errnoOf, isErrno, Refused } from './errno.ts';
import { run } from './exec.ts';
import type { Lab } from './lab.ts';
import { makeDirs } from './make-dirs.ts';
import { mounts } from './mount.ts';
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
  const path = reach(lab, op.path);
  if (op.parents === true) {
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
    if (entry.uid !== undefined && entry.gid !== undefined) chownSync(path, entry.uid, entry.gid);
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
  const to = reach(lab, op.to, false);
  if (exists(to)) throw new Refused('EEXIST');
  const ran = await run('cp', ['-a', '--', reach(lab, op.from), to]);
  if (ran.code !== 0) throw new Refused(errnoOf(ran.stderr), ran.stderr.trim().split('\n')[0]);
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
  if (mounts(lab).some(({ at }) => at === path || at.startsWith(`${path}/`))) throw new Refused('EBUSY');
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

/**
 * What `docker cp CONTAINER:PATH DEST` does with a path on the host: into a directory that exists under its own name, else
 * under the name given; `PATH/.` means what is in the directory. Modes are kept, owners become root's.
 */
export function copyOut(lab: Lab, op: OpOf<'copyOut'>): undefined {
  const root = reach(lab, op.root);
  const from = root + resolveInside(root, op.path, op.followLink === true || /\/\.?$/.test(op.path));
  const stat = lstatSync(from);
  const to = reach(lab, op.to);
  const into = isDirectory(to);
  const mustBeDirectory = op.to.endsWith('/') && !into;
  if (!stat.isDirectory() && /\/\.?$/.test(op.path)) throw new Refused('ENOTDIR');
  if (!isDirectory(dirname(to)) || (exists(to) && mustBeDirectory)) throw new Refused('EEXIST');
  if (exists(to) && !into && stat.isDirectory()) throw new Refused('EISDIR');
  if (!exists(to) && mustBeDirectory && !stat.isDirectory()) throw new Refused('EINVAL');
  const contents = op.path.endsWith('/.') || from === root;
  const below = into && !(contents && stat.isDirectory()) ? `/${basename(op.path)}` : '';
  const whole = op.to.replace(/(?<=.)\/\.?$/, '');
  const base = into ? whole : dirname(whole);
  copyTree(from, to + below, (path, target) => leadsOut(base, join(whole, path.slice(to.length)), target));
}

/** `refused` says why a symlink with that target is not made at that path. */
function copyTree(from: string, to: string, refused: (path: string, target: string) => string | undefined): void {
  const stat = lstatSync(from);
  if (stat.isDirectory()) {
    if (exists(to) && !isDirectory(to)) throw new Refused('ENOTDIR');
    makeDirs(to);
    chmodSync(to, stat.mode & 0o7777);
    for (const name of readdirSync(from)) copyTree(`${from}/${name}`, `${to}/${name}`, refused);
  } else if (stat.isSymbolicLink()) {
    const target = readlinkSync(from);
    const why = refused(to, target);
    if (why !== undefined) throw new Refused('EXDEV', why);
    rmSync(to, { force: true });
    symlinkSync(target, to);
    return;
  } else if (stat.isFile()) {
    copyFileSync(from, to);
  } else {
    return;
  }
  chownSync(to, 0, 0);
  chmodSync(to, stat.mode & 0o7777);
  utimesSync(to, stat.atime, stat.mtime);
}

function isDirectory(path: string): boolean {
  return exists(path) && statSync(path).isDirectory();
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
