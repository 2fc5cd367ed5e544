/**
 * The Ops of `docker cp`: copyOut, copyIn, lookIn. A part of its own, which a page loads with the first line that copies
 * (core/parts.ts, ../copies.ts).
 *
 * Kept true: whoever copies stands in the root that is copied from or into, so no link leads out of it, and sees what is
 * mounted there.
 */
import { SysError } from '../../errors.ts';
import { leadsOut } from '../../image/rooted.ts';
import type { TarEntry } from '../../image/tar.ts';
import type { ContainerMount, OpOf, OpResults } from '../../op.ts';
import type { NewNode } from '../../vfs/fs.ts';
import { takesNoChange } from '../mount.ts';
import { cross, find, lookupPlace, type Path, resolve, statOf, type Walker, waysChanged } from '../namei.ts';
import * as paths from '../pathcalls.ts';
import type { Process } from '../process.ts';
import { contentIn } from './files.ts';
import { fileLayer, save } from './layers.ts';
import { mountInside, ownTree, standIn } from './spawn.ts';

/** Somebody who stands in a root, with what is mounted over it. */
function inRoot(by: Process, { root: path, mounts }: Pick<OpOf<'lookIn'>, 'root' | 'mounts'>): Walker {
  const root = mounts === undefined ? paths.directory(by, path) : viewWith(by, path, mounts);
  return { root, cwd: root, uid: 0, gid: 0 };
}

export function lookIn(by: Process, op: OpOf<'lookIn'>): OpResults['lookIn'] {
  const inside = inRoot(by, op);
  const found = resolve(inside, op.path, false);
  const { type } = statOf(found);
  return { type, path: scoped(inside, op.path) };
}

const parts = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/** A path without links, whatever of it is there. ELOOP. */
function scoped(inside: Walker, path: string): string {
  const todo = parts(path).reverse();
  const done: string[] = [];
  for (let links = 0; todo.length > 0; ) {
    const name = todo.pop()!;
    if (name === '..') done.pop();
    else {
      const at = `/${[...done, name].join('/')}`;
      const found = find(inside, at, false);
      if (found === undefined || statOf(found).type !== 'symlink') done.push(name);
      else {
        const target = found.mount.fs.readlink(found.ino);
        if (++links > 40) throw new SysError('ELOOP', path);
        if (target.startsWith('/')) done.length = 0;
        todo.push(...parts(target).reverse());
      }
    }
  }
  return `/${done.join('/')}`;
}

/** A node and all below it, what is mounted there as well, under a name of its own; '' for the contents of a directory. */
function* members(at: Path, name: string): Generator<TarEntry> {
  const { type, mode, uid, gid, mtime, rdev } = statOf(at);
  if (type === 'socket') return;
  const { fs } = at.mount;
  const entry = { path: name, mode, uid, gid, mtime };
  if (type === 'file') yield { ...entry, type, content: fs.read(at.ino) };
  else if (type === 'symlink') yield { ...entry, type, target: fs.readlink(at.ino) };
  else if (type !== 'dir') yield { ...entry, type, ...(rdev === undefined ? {} : { rdev }) };
  else {
    yield { ...entry, type };
    for (const { name: each, ino } of fs.readdir(at.ino)) {
      const child = cross({ mount: at.mount, ino, name: each, parent: at });
      yield* members(child, name === '' ? each : `${name}/${each}`);
    }
  }
}

/** Where a copy is put: who puts it there, and the directory, in words. */
interface Putting {
  readonly by: Process;
  readonly inside: Walker;
  readonly into: string;
  readonly owner: OpOf<'copyIn'>['owner'];
}

const below = (dir: string, name: string): string => (name === '' ? dir : dir === '/' ? `/${name}` : `${dir}/${name}`);

/** Unpack of moby pkg/archive, which lays directories over directories and nothing else. */
function put(putting: Putting, entries: Iterable<TarEntry>): void {
  const times: (readonly [dir: Path, mtime: number])[] = [];
  for (const entry of entries) {
    // The directory itself is there, and stays as it is.
    if (entry.path === '') continue;
    const made = putOne(putting, entry);
    if (entry.type === 'dir') times.push([made, entry.mtime]);
  }
  for (const [{ mount, ino }, mtime] of times) mount.fs.setattr(ino, { mtime }, putting.by.kernel.now());
}

function putOne({ by, inside, into, owner }: Putting, entry: TarEntry): Path {
  const path = below(into, entry.path);
  const isDir = entry.type === 'dir';
  if (entry.type === 'symlink') {
    const refused = leadsOut(into, path, entry.target!);
    if (refused !== undefined) throw new SysError('EXDEV', path, refused);
  }
  makeParents(by, inside, into, path);
  const { dir, name, found } = lookupPlace(inside, path, false);
  const now = by.kernel.now();
  const { mode, uid, gid } = { ...entry, ...owner };
  const old = found === undefined ? undefined : statOf(found).type === 'dir';
  if (old !== undefined && old !== isDir) throw conflict(path, into, old);
  if (found !== undefined && isDir) {
    if (takesNoChange(found.mount)) throw new SysError('EROFS');
    found.mount.fs.setattr(found.ino, { mode, uid, gid }, now);
    return found;
  }
  if (takesNoChange(dir.mount)) throw new SysError('EROFS');
  const { fs } = dir.mount;
  if (found !== undefined) {
    if (found.mount !== dir.mount) throw new SysError('EBUSY', path, `unlinkat ${path}: device or resource busy`);
    fs.unlink(dir.ino, name, now);
  }
  waysChanged();
  if (entry.type === 'hardlink') {
    const { mount, ino } = resolve(inside, below(into, entry.target!), false);
    if (mount !== dir.mount) throw new SysError('EXDEV');
    fs.link(dir.ino, name, ino, now);
    return { mount, ino, name, parent: dir };
  }
  return { mount: dir.mount, ino: fs.create(dir.ino, name, nodeOf(entry, { mode, uid, gid })), name, parent: dir };
}

function nodeOf(entry: TarEntry, owner: Pick<NewNode, 'mode' | 'uid' | 'gid'>): NewNode {
  const { type, content, target, rdev, mtime } = entry;
  return {
    ...owner,
    type: type as NewNode['type'],
    mtime,
    ...(content === undefined ? {} : { content }),
    ...(target === undefined ? {} : { target }),
    ...(rdev === undefined ? {} : { rdev }),
  };
}

/** Directories that an archive does not mention. */
function makeParents(by: Process, inside: Walker, into: string, path: string): void {
  const names = path
    .slice(into.length)
    .split('/')
    .filter((name) => name !== '')
    .slice(0, -1);
  let at = into === '/' ? '' : into;
  for (const name of names) {
    at += `/${name}`;
    const place = lookupPlace(inside, at, true);
    if (place.found !== undefined) continue;
    const node: NewNode = { type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: by.kernel.now() };
    place.dir.mount.fs.create(place.dir.ino, place.name, node);
    waysChanged();
  }
}

function conflict(path: string, into: string, wasDir: boolean): SysError {
  const [old, now] = wasDir ? ['directory', 'non-directory'] : ['non-directory', 'directory'];
  const said = `cannot overwrite ${old} ${JSON.stringify(path)} with ${now} ${JSON.stringify(into)}`;
  return new SysError(wasDir ? 'EISDIR' : 'ENOTDIR', path, said);
}

/** Of the host, or of an archive there. */
export function copyIn(by: Process, op: OpOf<'copyIn'>): undefined {
  const inside = inRoot(by, op);
  const into = scoped(inside, op.into);
  if (statOf(resolve(inside, into)).type !== 'dir') throw new SysError('ENOTDIR', into);
  const entries =
    op.archive === true
      ? fileLayer(contentIn(by, op.from, undefined)).entries.map((entry) => ({ ...entry, path: cleaned(entry.path) }))
      : members(resolve(by, op.from, false), op.name ?? '');
  put({ by, inside, into, owner: op.owner }, entries);
}

/** Names in an archive neither begin with a slash nor climb. */
const cleaned = (path: string): string => {
  const names: string[] = [];
  for (const name of parts(path)) {
    if (name === '..') names.pop();
    else names.push(name);
  }
  return names.join('/');
};

/**
 * `docker cp` out of a container, docs.docker.com/reference/cli/docker/container/cp: into a directory that exists, or under a
 * new name. Files belong to root afterwards, modes and times stay. `/.` at the end of the source means the directory's content.
 */
export function copyOut(by: Process, op: OpOf<'copyOut'>): undefined {
  const inside = inRoot(by, op);
  const contentOnly = op.path.endsWith('/.');
  const source = resolve(inside, op.path, op.followLink === true || contentOnly || op.path.endsWith('/'));
  const isDir = statOf(source).type === 'dir';
  if (!isDir && /\/\.?$/.test(op.path)) throw new SysError('ENOTDIR', op.path);
  const name = contentOnly ? '' : (parts(op.path).at(-1) ?? source.name);
  if (op.archive === true) {
    save(
      by,
      [...members(source, name)].filter(({ path }) => path !== ''),
      op.to,
    );
    return undefined;
  }
  const { into, name: called } = destination(by, op.to, isDir, name);
  const putting: Putting = { by, inside: by, into, owner: { uid: 0, gid: 0 } };
  put(putting, members(source, called));
}

/** Where a copy goes on the host, as the client looks at it before it asks (PrepareArchiveCopy of moby pkg/archive). */
function destination(by: Process, to: string, isDir: boolean, name: string): { into: string; name: string } {
  const target = placeFor(by, to);
  const whole = to.replace(/(?<=.)\/\.?$/, '');
  const link = find(by, whole, false);
  const real = link !== undefined && statOf(link).type === 'symlink' ? scoped(by, whole) : whole;
  const beside = { into: real.replace(/(?<=.)\/[^/]*$|[^/]*$/, ''), name: target.name };
  if (target.found === undefined) {
    if (target.mustBeDir && !isDir) throw new SysError('EINVAL', to);
    return beside;
  }
  if (statOf(target.found).type === 'dir') return { into: whole, name };
  if (target.mustBeDir) throw new SysError('EEXIST', to);
  if (isDir) throw new SysError('EISDIR', to);
  return beside;
}

function placeFor(by: Process, to: string): ReturnType<typeof lookupPlace> {
  try {
    return lookupPlace(by, to, true);
  } catch (error) {
    if (error instanceof SysError && error.errno === 'ENOTDIR') throw new SysError('EEXIST', to);
    throw error;
  }
}

/** A directory as root of a tree of its own, with more mounts in it. The host's mounts stay as they are. */
function viewWith(daemon: Process, path: string, mounts: readonly ContainerMount[]): Path {
  const { kernel } = daemon;
  const mount = ownTree(kernel, paths.directory(daemon, path));
  const root: Path = { mount, ino: mount.root, name: '' };
  const inside = standIn(daemon, root, { ...daemon.ns, mnt: kernel.namespaces.mnt(mount) });
  for (const each of mounts) mountInside(kernel, daemon, inside, each, []);
  return root;
}
