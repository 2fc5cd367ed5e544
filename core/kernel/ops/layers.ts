/**
 * The Ops that move trees: unpack, archive, exportTree, copyOut.
 *
 * Kept true: archives are real tar as far as all content in them is known by its bytes; one with digest-only content is known
 * by size and digest itself, and its members are remembered so that it can be unpacked again on this host.
 */
import { gunzipSync } from 'fflate';
import { SysError } from '../../errors.ts';
import { layerSize, loadLayer, packLayer } from '../../image/layer.ts';
import { type TarEntry, TarError } from '../../image/tar.ts';
import { readTar } from '../../image/tar-read.ts';
import { packTar } from '../../image/tar-write.ts';
import type { Digest, LayerSource, OpOf, OpResults } from '../../op.ts';
import { contentBytes } from '../../vfs/content.ts';
import type { Content, Fs, Ino } from '../../vfs/fs.ts';
import { lookupPlace, type Path, type Place, resolve, statOf, type Walker, waysChanged } from '../namei.ts';
import * as paths from '../pathcalls.ts';
import type { Process } from '../process.ts';

/** The members of a layer's tar. */
export type Layer = readonly TarEntry[];

/** Members of archives whose bytes are not known, by the content that stands for them. */
const members = new WeakMap<Content, Layer>();

export function unpack(
  by: Process,
  { layer, into }: OpOf<'unpack'>,
  blobs: (blob: Digest) => Layer | undefined,
): OpResults['unpack'] {
  const entries = entriesOf(by, layer, blobs);
  const dir = resolve(by, into);
  if (dir.mount.fs.readdir(dir.ino).length > 0) throw new SysError('ENOTEMPTY', into);
  loadLayer(entries, dir.mount.fs, dir.ino);
  return { size: layerSize(entries) };
}

function entriesOf(by: Process, source: LayerSource, blobs: (blob: Digest) => Layer | undefined): Layer {
  if ('blob' in source) {
    const entries = blobs(source.blob);
    if (entries === undefined) throw new SysError('ENOENT', source.blob);
    return entries;
  }
  const content = paths.content(by, source.file);
  return members.get(content) ?? readArchive(contentBytes(content));
}

/** A tar, gzipped or not. EINVAL when it is damaged. */
function readArchive(bytes: Uint8Array): Layer {
  try {
    const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    return [...readTar(plain)];
  } catch (error) {
    if (error instanceof TarError) throw new SysError('EINVAL', error.message);
    throw error;
  }
}

export function archive(by: Process, { from, to }: OpOf<'archive'>): OpResults['archive'] {
  const entries = pack(by, from);
  const packed = save(by, entries, to);
  return { diffId: packed.digest, size: layerSize(entries) };
}

export function exportTree(by: Process, { root, to }: OpOf<'exportTree'>): OpResults['exportTree'] {
  return { size: save(by, pack(by, root), to).size };
}

function pack(by: Process, path: string): Layer {
  const { mount, ino } = paths.directory(by, path);
  return packLayer(mount.fs, ino);
}

function save(by: Process, entries: Layer, to: string): ReturnType<typeof packTar> {
  const packed = packTar(entries);
  if (!packed.exact) members.set(packed.content, entries);
  paths.putContent(by, to, packed.content, 0o644);
  return packed;
}

/**
 * `docker cp` out of a container, docs.docker.com/reference/cli/docker/container/cp: into a directory that exists, or under a
 * new name. Files belong to root afterwards, modes and times stay. `/.` at the end of the source means the directory's content.
 */
export function copyOut(by: Process, op: OpOf<'copyOut'>): undefined {
  const root = paths.directory(by, op.root);
  const inside: Walker = { root, cwd: root, uid: 0, gid: 0 };
  const contentOnly = op.path.endsWith('/.');
  const source = resolve(inside, op.path, op.followLink === true || contentOnly || op.path.endsWith('/'));
  const isDir = statOf(source).type === 'dir';
  if (!isDir && /\/\.?$/.test(op.path)) throw new SysError('ENOTDIR', op.path);
  const target = placeFor(by, op.to);
  if (target.found === undefined) {
    if (target.mustBeDir && !isDir) throw new SysError('EINVAL', op.to);
    copyNode(by, source, target.dir, target.name);
    return undefined;
  }
  if (statOf(target.found).type !== 'dir') {
    if (target.mustBeDir) throw new SysError('EEXIST', op.to);
    if (isDir) throw new SysError('EISDIR', op.to);
    copyNode(by, source, target.dir, target.name);
  } else if (isDir && (contentOnly || source.name === '')) copyChildren(by, source, target.found);
  else copyNode(by, source, target.found, lastName(op.path, source));
  return undefined;
}

function placeFor(by: Process, to: string): Place {
  try {
    return lookupPlace(by, to, true);
  } catch (error) {
    if (error instanceof SysError && error.errno === 'ENOTDIR') throw new SysError('EEXIST', to);
    throw error;
  }
}

/** What a copy is called: as the source was named, even when that was a link. */
function lastName(path: string, source: Path): string {
  return (
    path
      .split('/')
      .filter((name) => name !== '')
      .at(-1) ?? source.name
  );
}

function copyChildren(by: Process, from: Path, to: Path): void {
  for (const { name, ino } of from.mount.fs.readdir(from.ino)) {
    copyNode(by, { mount: from.mount, ino, name, parent: from }, to, name);
  }
}

/** Copies one node, and all below it, replacing a file of that name; a directory is laid over a directory. */
function copyNode(by: Process, from: Path, dir: Path, name: string): void {
  if (dir.mount.readonly) throw new SysError('EROFS');
  const { fs } = dir.mount;
  const stat = statOf(from);
  const old = fs.lookup(dir.ino, name);
  if (old !== undefined) {
    const oldIsDir = fs.stat(old).type === 'dir';
    if (oldIsDir !== (stat.type === 'dir')) throw new SysError(oldIsDir ? 'EISDIR' : 'ENOTDIR', name);
    if (!oldIsDir) fs.unlink(dir.ino, name, by.kernel.now());
    waysChanged();
  }
  const ino = old !== undefined && stat.type === 'dir' ? old : createCopy(from, fs, dir.ino, name);
  if (stat.type !== 'dir') return;
  copyChildren(by, from, { mount: dir.mount, ino, name, parent: dir });
  fs.setattr(ino, { mtime: stat.mtime }, by.kernel.now());
}

function createCopy(from: Path, to: Fs, dir: Ino, name: string): Ino {
  const { fs } = from.mount;
  const { type, mode, mtime, rdev } = statOf(from);
  const node = { type, mode, uid: 0, gid: 0, mtime };
  if (type === 'file') return to.create(dir, name, { ...node, content: fs.read(from.ino) });
  if (type === 'symlink') return to.create(dir, name, { ...node, target: fs.readlink(from.ino) });
  return to.create(dir, name, type === 'dir' ? node : { ...node, rdev });
}
