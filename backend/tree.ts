/**
 * A directory tree of the lab as data (`TreeEntry[]`): depth first, siblings in byte order, the root left out; and the mark
 * of opaque directories, which Node cannot read and GNU tar can.
 *
 * Kept true: what is remembered of a file (its digest) or of a directory (its mark) is remembered by device, inode, size
 * and times, so that a change is seen; only layers said to be `immutable` are remembered by path.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs';
import { type Digest, OPAQUE_XATTR, readTar, type TreeEntry } from '../core/index.ts';
import { runBytes } from './exec.ts';
import { isRootless } from './userns.ts';

const overlaySuper = 0x794c7630;

export class Trees {
  private readonly digests = new Map<string, Digest>();
  private readonly marks = new Map<string, boolean>();
  private readonly immutable = new Map<string, readonly TreeEntry[]>();

  /** The tree below `dir`, a directory as this machine reaches it. `name` is what it is remembered by when it never changes. */
  async read(dir: string, name?: string, times = false): Promise<readonly TreeEntry[]> {
    const key = times ? `${name}/ with times` : name;
    const known = name === undefined || key === undefined ? undefined : this.immutable.get(key);
    if (known !== undefined) return known;
    const entries: TreeEntry[] = [];
    const dirs = new Map<string, string>();
    this.collect(dir, '', entries, dirs);
    const marked = await this.withMarks(dir, entries, dirs);
    const timed = times ? marked.map((entry) => ({ ...entry, mtime: modified(dir + entry.path) })) : marked;
    if (name !== undefined && key !== undefined) this.immutable.set(key, timed);
    return timed;
  }

  /** What was remembered by name is gone or has become something else. */
  forget(name: string): void {
    for (const key of [...this.immutable.keys()]) {
      if (key === name || key.startsWith(`${name}/`)) this.immutable.delete(key);
    }
  }

  /** Directories below `dir` that hide their lower namesakes. */
  async opaque(dir: string): Promise<ReadonlySet<string>> {
    const dirs = new Map<string, string>();
    this.collect(dir, '', [], dirs);
    await this.lookUp(dir, dirs);
    return new Set([...dirs].filter(([, key]) => this.marks.get(key) === true).map(([path]) => path));
  }

  private collect(root: string, prefix: string, entries: TreeEntry[], dirs: Map<string, string>): void {
    for (const name of readdirSync(root + prefix).sort(byBytes)) {
      const path = `${prefix}/${name}`;
      const stat = lstatSync(root + path, { bigint: true });
      entries.push(this.entry(root, path, stat));
      if (!stat.isDirectory()) continue;
      dirs.set(path, identity(stat));
      this.collect(root, path, entries, dirs);
    }
  }

  private entry(root: string, path: string, stat: BigIntStats): TreeEntry {
    const [uid, gid, mode] = [Number(stat.uid), Number(stat.gid), Number(stat.mode & 0o7777n)];
    const plain = { path, mode, uid, gid, size: 0 };
    if (stat.isFile())
      return { ...plain, type: 'file', size: Number(stat.size), digest: this.digest(root + path, stat) };
    if (stat.isDirectory()) return { ...plain, type: 'dir' };
    if (stat.isSymbolicLink()) return { ...plain, type: 'symlink', target: readlinkSync(root + path) };
    if (stat.isFIFO()) return { ...plain, type: 'fifo' };
    if (stat.isSocket()) return { ...plain, type: 'socket' };
    if (stat.isCharacterDevice() && stat.rdev === 0n) return { ...plain, type: 'whiteout' };
    return { ...plain, type: stat.isBlockDevice() ? 'block' : 'char', rdev: deviceNumbers(stat.rdev) };
  }

  private digest(path: string, stat: BigIntStats): Digest {
    const key = identity(stat);
    let digest = this.digests.get(key);
    if (digest === undefined) {
      digest = `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
      this.digests.set(key, digest);
    }
    return digest;
  }

  private async withMarks(root: string, entries: readonly TreeEntry[], dirs: ReadonlyMap<string, string>) {
    await this.lookUp(root, dirs);
    return entries.map((entry) => {
      const key = entry.type === 'dir' ? dirs.get(entry.path) : undefined;
      return key !== undefined && this.marks.get(key) === true ? { ...entry, opaque: true } : entry;
    });
  }

  /** Asks for the marks of those directories that are new or have changed; a mounted overlay shows none. */
  private async lookUp(root: string, dirs: ReadonlyMap<string, string>): Promise<void> {
    const unknown = [...dirs].filter(([, key]) => !this.marks.has(key));
    if (unknown.length === 0 || statfsSync(root).type === overlaySuper) return;
    const marked = await opaqueAmong(
      root,
      unknown.map(([path]) => path),
    );
    for (const [path, key] of unknown) this.marks.set(key, marked.has(path));
  }
}

/** What overlayfs marks with where trusted.* attributes are not for us: mounted with `userxattr`, overlayfs.rst "User xattr". */
export const opaqueOnDisk = isRootless ? 'user.overlay.opaque' : OPAQUE_XATTR;

/** Which of these directories have trusted.overlay.opaque=y, overlayfs.rst "whiteouts and opaque directories". */
async function opaqueAmong(root: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const list = paths.map((path) => `.${path}\0`).join('');
  const options = [
    '--format=pax',
    '--xattrs',
    `--xattrs-include=${opaqueOnDisk}`,
    '--no-recursion',
    '--null',
    '-T',
    '-',
  ];
  const ran = await runBytes('tar', ['-C', root, '-cf', '-', ...options], { input: list });
  const found = [...readTar(ran.stdout)].filter((entry) => entry.xattrs?.[opaqueOnDisk] === 'y');
  return new Set(found.map((entry) => `/${entry.path}`));
}

const identity = (stat: BigIntStats): string => `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;

/** Milliseconds, with a fraction. */
const modified = (path: string): number => Number(lstatSync(path, { bigint: true }).mtimeNs) / 1e6;

/** Linux' dev_t as makedev(3) packs it. */
export function deviceNumbers(rdev: bigint): readonly [number, number] {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n);
  return [Number(major), Number(minor)];
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
