/**
 * A layer between its two forms: the OCI tar, where `.wh.name` deletes and `.wh..wh..opq` hides a directory's lower entries,
 * and the overlay upper directory, where a 0:0 character device and an xattr do. Source: OCI image spec, layer.md.
 *
 * Kept true: packing and unpacking are inverse to each other; nothing is ever written outside of the directory unpacked into.
 */
import { SysError } from '../errors.ts';
import { contentSize, textContent } from '../vfs/content.ts';
import { type Fs, type Ino, type NewNode, OPAQUE_XATTR, type Stat, WHITEOUT_RDEV } from '../vfs/fs.ts';
import { graft } from '../vfs/graft.ts';
import { isWhiteout } from '../vfs/stack.ts';
import { TreeFs, type TreeState } from '../vfs/tree.ts';
import { tarDestination } from './rooted.ts';
import type { TarEntry } from './tar.ts';
import { statType } from './tar-go.ts';

const PREFIX = '.wh.';
const OPAQUE = '.wh..wh..opq';
const CAPABILITY = 'security.capability';

/** What the name of a layer's member says beyond itself. */
export type Mark =
  | { readonly kind: 'plain' }
  | { readonly kind: 'whiteout'; readonly path: string }
  | { readonly kind: 'opaque'; readonly dir: string };

const plain: Mark = { kind: 'plain' };

/** Reads the marks that layer.md puts into names. */
export function markOf(path: string): Mark {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  if (!name.startsWith(PREFIX)) return plain;
  if (name === OPAQUE) return { kind: 'opaque', dir: path.slice(0, Math.max(slash, 0)) };
  return { kind: 'whiteout', path: path.slice(0, slash + 1) + name.slice(PREFIX.length) };
}

/**
 * What `docker history` calls the size of a layer: bytes of its regular files, a hard link counted once, and the length of
 * symbolic links (moby pkg/directory: the sizes that lstat gives of all but directories).
 */
export function layerSize(entries: Iterable<TarEntry>): number {
  let size = 0;
  for (const { type, content, target } of entries) {
    if (type === 'file' && content !== undefined) size += contentSize(content);
    if (type === 'symlink') size += contentSize(textContent(target ?? ''));
  }
  return size;
}

/** Names of users and groups, as /etc/passwd and /etc/group of a host have them; `''` for an unknown one. */
export interface Owners {
  user(uid: number): string;
  group(gid: number): string;
}

const nobody: Owners = { user: () => '', group: () => '' };

/** The same of a storage driver that has moby add up what it unpacks (graphdriver/fsdiff.go): links count nothing there. */
export function contentsSize(entries: Iterable<TarEntry>): number {
  let size = 0;
  for (const { type, content } of entries) if (type === 'file' && content !== undefined) size += contentSize(content);
  return size;
}

/**
 * The members of a directory tree as moby packs them (pkg/archive TarWithOptions), depth first in byte order; whiteouts and
 * opaque marks of an overlay upper directory become `.wh.` members. A second name of a file becomes a hard link to the first.
 * Sockets are left out, and of the xattrs all but `security.capability`. `owners` is asked for the names in the headers.
 * `bare`: a deletion has nothing but its name and a time, as where moby finds it by comparing two trees (ExportChanges).
 */
export function packLayer(fs: Fs, root: Ino = fs.root, owners: Owners = nobody, bare = false): TarEntry[] {
  const entries: TarEntry[] = [];
  pack({ fs, entries, owners, bare, names: new Map() }, root, '');
  return entries;
}

/** What /etc/passwd and /etc/group say of the owners' names. */
export function ownersOf(passwd: string, group: string): Owners {
  const named = (text: string): Map<number, string> => {
    const lines = text.split('\n').map((line) => line.split(':'));
    // The first of several lines counts.
    return new Map(lines.toReversed().flatMap(([name, , id]) => (name && id ? [[Number(id), name] as const] : [])));
  };
  const [users, groups] = [named(passwd), named(group)];
  return { user: (uid) => users.get(uid) ?? '', group: (gid) => groups.get(gid) ?? '' };
}

interface Packing {
  readonly fs: Fs;
  readonly entries: TarEntry[];
  readonly owners: Owners;
  readonly bare: boolean;
  /** First name of each file that has several. */
  readonly names: Map<Ino, string>;
}

function pack(packing: Packing, dir: Ino, prefix: string): void {
  const { fs, entries } = packing;
  for (const { name, ino, type } of fs.readdir(dir)) {
    const path = prefix + name;
    const entry = memberOf(packing, ino, path);
    if (entry !== undefined) entries.push(entry);
    if (type !== 'dir') continue;
    if (fs.xattrs(ino)[OPAQUE_XATTR] === 'y') entries.push(opaqueMember(packing, `${path}/${OPAQUE}`, fs.stat(ino)));
    pack(packing, ino, `${path}/`);
  }
}

/** What the mark of a directory takes over: its permissions and its owner, no time. */
function opaqueMember({ owners }: Packing, path: string, { mode, uid, gid }: Stat): TarEntry {
  return { path, type: 'file', mode: mode & 0o777, uid, gid, mtime: 0, ...namesOf(owners, uid, gid) };
}

const namesOf = (owners: Owners, uid: number, gid: number): Pick<TarEntry, 'uname' | 'gname'> => ({
  uname: owners.user(uid),
  gname: owners.group(gid),
});

/**
 * Of a whiteout only the name and the type are changed: the kernel gives all whiteouts of a mount one inode, so the second one
 * still says, like a hard link, what the first was called.
 */
function whiteoutMember(packing: Packing, path: string, { uid, gid, mtime }: Stat, first?: string): TarEntry {
  const marked = path.replace(/[^/]*$/, (name) => PREFIX + name);
  if (packing.bare) return { path: marked, type: 'file', mode: 0, uid, gid, mtime };
  const said = namesOf(packing.owners, uid, gid);
  return { path: marked, type: 'file', mode: 0o600, uid, gid, mtime, ...(first ? { target: first } : {}), ...said };
}

function memberOf(packing: Packing, ino: Ino, path: string): TarEntry | undefined {
  const { fs, names, owners } = packing;
  const stat = fs.stat(ino);
  const { type, mode, uid, gid, mtime, rdev } = stat;
  if (type === 'socket') return undefined;
  const first = type === 'dir' ? undefined : names.get(stat.ino);
  if (type !== 'dir' && stat.nlink > 1 && first === undefined) names.set(stat.ino, path);
  if (isWhiteout(stat)) return whiteoutMember(packing, path, stat, first);
  const said = { ...namesOf(owners, uid, gid), typeBits: statType(type) };
  const device = type === 'char' || type === 'block' ? { rdev } : {};
  const capability = fs.xattrs(ino)[CAPABILITY];
  const xattrs = capability === undefined ? {} : { xattrs: { [CAPABILITY]: capability } };
  const entry = { path, type, mode, uid, gid, mtime, ...xattrs, ...device, ...said };
  if (first !== undefined) return { ...entry, type: 'hardlink', target: first };
  if (type === 'file') return { ...entry, content: fs.read(ino) };
  return type === 'symlink' ? { ...entry, target: fs.readlink(ino) } : entry;
}

type Marks = 'overlay' | 'apply' | 'keep';

/**
 * Puts a layer into a directory. `overlay`: deletions become whiteouts and opaque marks, for a directory that is to be an
 * overlay layer. `apply`: they delete what is there, which is how layers are laid upon each other in one plain tree. `keep`:
 * they stay the files that they are in the tar, as aufs has them.
 */
export function unpackLayer(entries: Iterable<TarEntry>, fs: Fs, root: Ino = fs.root, marks: Marks = 'overlay'): void {
  const times: [Ino, number][] = [];
  const fresh = new Set<Ino>();
  for (const entry of entries) {
    const mark = marks === 'keep' ? plain : markOf(entry.path);
    const path = mark.kind === 'plain' ? entry.path : mark.kind === 'opaque' ? mark.dir : mark.path;
    if (path === '') {
      if (mark.kind === 'plain' && entry.type === 'dir') setRoot(fs, root, entry, times);
      continue;
    }
    const { dir, name } = tarDestination(fs, root, path, entry.mtime);
    if (mark.kind === 'opaque') makeOpaque(fs, dir, name, marks, fresh);
    else if (mark.kind === 'whiteout') putWhiteout(fs, dir, name, entry, marks);
    else {
      const ino = putMember(fs, root, dir, name, entry);
      fresh.add(ino);
      if (entry.type === 'dir') times.push([ino, entry.mtime]);
    }
  }
  // Whatever is put into a directory changes its time; so these come last.
  for (const [ino, mtime] of times) fs.setattr(ino, { mtime }, mtime);
}

/** Layers already unpacked once in this process, by their list of members. */
const unpacked = new WeakMap<readonly TarEntry[], TreeState>();

/** Like unpackLayer into an empty directory, but quick from the second time on: the tree is shared, not made again. */
export function loadLayer(entries: readonly TarEntry[], fs: Fs, dir: Ino = fs.root): void {
  let state = unpacked.get(entries);
  const hasRoot = state === undefined && entries.some(({ path }) => path === '');
  if (!(fs instanceof TreeFs) || fs.readdir(dir).length > 0 || hasRoot) {
    unpackLayer(entries, fs, dir);
    return;
  }
  if (state === undefined) {
    const template = new TreeFs(fs.type);
    unpackLayer(entries, template);
    state = template.snapshot();
    unpacked.set(entries, state);
  }
  graft(fs, dir, state);
}

function setRoot(fs: Fs, root: Ino, { mode, uid, gid, mtime }: TarEntry, times: [Ino, number][]): void {
  fs.setattr(root, { mode, uid, gid }, mtime);
  times.push([root, mtime]);
}

function makeOpaque(fs: Fs, dir: Ino, name: string, marks: Marks, fresh: ReadonlySet<Ino>): void {
  const ino = fs.lookup(dir, name);
  if (ino === undefined || fs.stat(ino).type !== 'dir') return;
  if (marks === 'overlay') fs.setxattr(ino, OPAQUE_XATTR, 'y');
  else {
    const { mtime } = fs.stat(ino);
    for (const entry of fs.readdir(ino)) if (!fresh.has(entry.ino)) removeTree(fs, ino, entry.name, mtime);
  }
}

function putWhiteout(fs: Fs, dir: Ino, name: string, entry: TarEntry, marks: Marks): void {
  if (fs.lookup(dir, name) !== undefined) removeTree(fs, dir, name, entry.mtime);
  if (marks === 'apply') return;
  fs.create(dir, name, { type: 'char', mode: 0, uid: 0, gid: 0, mtime: entry.mtime, rdev: WHITEOUT_RDEV });
}

/** A directory over a directory keeps what lies in it; anything else takes the place of what was there. */
function putMember(fs: Fs, root: Ino, dir: Ino, name: string, entry: TarEntry): Ino {
  const { mode, uid, gid, mtime } = entry;
  const old = fs.lookup(dir, name);
  if (old !== undefined) {
    if (entry.type === 'dir' && fs.stat(old).type === 'dir') {
      fs.setattr(old, { mode, uid, gid }, mtime);
      return old;
    }
    removeTree(fs, dir, name, mtime);
  }
  if (entry.type !== 'hardlink') return fs.create(dir, name, { ...entry, type: entry.type } satisfies NewNode);
  const target = tarDestination(fs, root, entry.target ?? '', mtime);
  const ino = fs.lookup(target.dir, target.name);
  if (ino === undefined) throw new SysError('ENOENT', `link ${entry.target} ${entry.path}`);
  fs.link(dir, name, ino, mtime);
  return ino;
}

/** rm -r. */
export function removeTree(fs: Fs, dir: Ino, name: string, now: number): void {
  const ino = fs.lookup(dir, name);
  if (ino === undefined) return;
  if (fs.stat(ino).type !== 'dir') {
    fs.unlink(dir, name, now);
    return;
  }
  for (const entry of fs.readdir(ino)) removeTree(fs, ino, entry.name, now);
  fs.rmdir(dir, name, now);
}
