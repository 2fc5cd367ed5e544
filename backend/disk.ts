/**
 * A directory of the lab and a tree in memory, both ways. So layers are packed and unpacked by the core's own rules, the same
 * ones that the simulation follows, and links in an archive are resolved in memory, where they lead nowhere else.
 *
 * Writing is done by GNU tar, which gets an archive of our own making, bit by bit: nothing in it leads out. It is the one utility of a plain Debian that makes whiteouts (0:0 devices), sets trusted.overlay.*
 * and all owners, modes and times in one go.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type Fs, type Ino, OPAQUE_XATTR, readTar, type TarEntry, TreeFs, writeTar } from '../core/index.ts';
import { errnoOf, Refused } from './errno.ts';
import { runBytes } from './exec.ts';
import { ownable } from './owners.ts';
import { deviceNumbers, opaqueOnDisk } from './tree.ts';

/** Reads all that lies in `dir`. `opaque` are the directories below it that are marked. */
export async function readDisk(dir: string, opaque: ReadonlySet<string>): Promise<TreeFs> {
  const top = lstatSync(dir);
  const fs = new TreeFs('tmpfs', { mode: top.mode & 0o7777, now: top.mtimeMs });
  const known = new Map<string, Ino>();
  const files = new Map<string, Ino>();
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
      const ino = fs.create(into, name, { ...plain, type: 'file', content: { bytes: readFileSync(dir + path) } });
      known.set(key, ino);
      files.set(path, ino);
    } else if (stat.isSymbolicLink()) {
      known.set(key, fs.create(into, name, { ...plain, type: 'symlink', target: readlinkSync(dir + path) }));
    } else {
      const type = stat.isFIFO() ? 'fifo' : stat.isSocket() ? 'socket' : stat.isBlockDevice() ? 'block' : 'char';
      known.set(key, fs.create(into, name, { ...plain, type, rdev: deviceNumbers(stat.rdev) }));
    }
  };
  copy('', fs.root);
  fs.setattr(fs.root, { uid: top.uid, gid: top.gid, mtime: top.mtimeMs }, top.mtimeMs);
  for (const batch of batches(fs, files)) {
    for (const [path, value] of await capabilitiesOf(dir, batch)) fs.setxattr(files.get(path)!, CAPABILITY, value);
  }
  return fs;
}

/** Files have no other attribute that goes into a layer (core/image/layer.ts). */
const CAPABILITY = 'security.capability';

const batchBytes = 1 << 25;

/** Paths, some at a time: tar, which is asked, hands over the files as well. */
function* batches(fs: TreeFs, files: ReadonlyMap<string, Ino>): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const [path, ino] of files) {
    batch.push(path);
    bytes += fs.stat(ino).size;
    if (bytes < batchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Which of these files have capabilities, capabilities(7) "File capabilities"; a value is bytes, one character each. */
async function capabilitiesOf(dir: string, paths: readonly string[]): Promise<Map<string, string>> {
  const include = `--xattrs-include=${CAPABILITY}`;
  const options = ['--format=pax', '--xattrs', include, '--no-recursion', '--hard-dereference', '--null', '-T', '-'];
  const input = paths.map((path) => `.${path}\0`).join('');
  const ran = await runBytes('tar', ['-C', dir, '-cf', '-', ...options], { input });
  const found = new Map<string, string>();
  for (const { path, xattrs } of readTar(ran.stdout)) {
    const value = xattrs?.[CAPABILITY];
    if (value !== undefined) found.set(`/${path}`, value);
  }
  return found;
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

/** Attributes under the names that they have here. */
function onDisk(xattrs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (opaqueOnDisk === OPAQUE_XATTR || !(OPAQUE_XATTR in xattrs)) return xattrs;
  const { [OPAQUE_XATTR]: mark = '', ...others } = xattrs;
  return { ...others, [opaqueOnDisk]: mark };
}

/** The tree as it is: whiteouts as devices and marks as xattrs, unlike in a layer's archive. */
function members(fs: Fs): TarEntry[] {
  const names = new Map<Ino, string>();
  const entries: TarEntry[] = [];
  const add = (ino: Ino, path: string): void => {
    const { type, mode, uid, gid, mtime, rdev } = fs.stat(ino);
    const plain = ownable({ path, mode, uid, gid, mtime, xattrs: onDisk(fs.xattrs(ino)) }, path.slice(1));
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
