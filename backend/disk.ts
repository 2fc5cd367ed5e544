/**
 * A directory of the lab and a tree in memory, both ways. So layers are packed and unpacked by the core's own rules, the same
 * ones that the simulation follows, and links in an archive are resolved in memory, where they lead nowhere else.
 *
 * Writing is done by GNU tar, which gets an archive of our own making, bit by bit: nothing in it leads out. It is the one utility of a plain Debian that makes whiteouts (0:0 devices), sets trusted.overlay.*
 * and all owners, modes and times in one go.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type Fs, type Ino, OPAQUE_XATTR, type TarEntry, TreeFs, writeTar } from '../core/index.ts';
import { errnoOf, Refused } from './errno.ts';
import { runBytes } from './exec.ts';
import { deviceNumbers } from './tree.ts';

/** Reads all that lies in `dir`. `opaque` are the directories below it that are marked. */
export function readDisk(dir: string, opaque: ReadonlySet<string>): TreeFs {
  const top = lstatSync(dir);
  const fs = new TreeFs('tmpfs', { mode: top.mode & 0o7777, now: top.mtimeMs });
  const known = new Map<string, Ino>();
  const copy = (path: string, into: Ino): void => {
    for (const name of readdirSync(dir + path)) copyOne(`${path}/${name}`, name, into);
  };
  const copyOne = (path: string, name: string, into: Ino): void => {
    const stat = lstatSync(dir + path, { bigint: true });
    const key = `${stat.dev}:${stat.ino}`;
    const mtime = Number(stat.mtimeMs);
    const first = stat.isDirectory() ? undefined : known.get(key);
    if (first !== undefined) {
      fs.link(into, name, first, mtime);
      return;
    }
    const plain = { mode: Number(stat.mode & 0o7777n), uid: Number(stat.uid), gid: Number(stat.gid), mtime };
    if (stat.isDirectory()) {
      const xattrs = opaque.has(path) ? { xattrs: { [OPAQUE_XATTR]: 'y' } } : {};
      const ino = fs.create(into, name, { ...plain, ...xattrs, type: 'dir' });
      copy(path, ino);
      fs.setattr(ino, { mtime }, mtime);
    } else if (stat.isFile()) {
      known.set(key, fs.create(into, name, { ...plain, type: 'file', content: { bytes: readFileSync(dir + path) } }));
    } else if (stat.isSymbolicLink()) {
      known.set(key, fs.create(into, name, { ...plain, type: 'symlink', target: readlinkSync(dir + path) }));
    } else {
      const type = stat.isFIFO() ? 'fifo' : stat.isSocket() ? 'socket' : stat.isBlockDevice() ? 'block' : 'char';
      known.set(key, fs.create(into, name, { ...plain, type, rdev: deviceNumbers(stat.rdev) }));
    }
  };
  copy('', fs.root);
  fs.setattr(fs.root, { uid: top.uid, gid: top.gid, mtime: top.mtimeMs }, top.mtimeMs);
  return fs;
}

/** Writes a tree into an empty directory. */
export async function writeDisk(fs: Fs, dir: string): Promise<void> {
  const archive = writeTar(members(fs));
  const options = [
    '--numeric-owner',
    '--same-owner',
    '-p',
    '--xattrs',
    '--xattrs-include=trusted.*',
    '--xattrs-include=security.*',
    '--xattrs-include=user.*',
    '--delay-directory-restore',
  ];
  const ran = await runBytes('tar', ['-C', dir, '-xf', '-', ...options], { input: archive });
  if (ran.code !== 0) throw new Refused(errnoOf(ran.stderr), ran.stderr.trim().split('\n')[0]);
}

/** The tree as it is: whiteouts as devices and marks as xattrs, unlike in a layer's archive. */
function members(fs: Fs): TarEntry[] {
  const names = new Map<Ino, string>();
  const entries: TarEntry[] = [];
  const add = (ino: Ino, path: string): void => {
    const { type, mode, uid, gid, mtime, rdev } = fs.stat(ino);
    const plain = { path, mode, uid, gid, mtime, xattrs: fs.xattrs(ino) };
    const first = names.get(ino);
    if (type === 'socket') return;
    if (first !== undefined) {
      entries.push({ ...plain, type: 'hardlink', target: first });
      return;
    }
    if (type !== 'dir') names.set(ino, path);
    if (type === 'file') entries.push({ ...plain, type, content: fs.read(ino) });
    else if (type === 'symlink') entries.push({ ...plain, type, target: fs.readlink(ino) });
    else entries.push({ ...plain, type, rdev });
    if (type === 'dir') for (const entry of fs.readdir(ino)) add(entry.ino, `${path}/${entry.name}`);
  };
  add(fs.root, '.');
  return entries;
}
