/**
 * The Ops that move trees: unpack, archive, exportTree.
 *
 * Kept true: archives are real tar as far as all content in them is known by its bytes; one with digest-only content is known
 * by size and digest itself, and its members are remembered so that it can be unpacked again on this host.
 */
import { SysError } from '../../errors.ts';
import { recordedChecksums } from '../../image/base.ts';
import {
  contentsSize,
  layerSize,
  loadLayer,
  type Owners,
  ownersOf,
  packLayer,
  unpackLayer,
} from '../../image/layer.ts';
import type { Hasher, ReadLayer } from '../../image/layer-read.ts';
import { detectCompression } from '../../image/magic.ts';
import { reading } from '../../image/reading.ts';
import type { TarEntry } from '../../image/tar.ts';
import { goHeader } from '../../image/tar-go.ts';
import { splitFile, splitMembers } from '../../image/tar-split.ts';
import { packTar } from '../../image/tar-write.ts';
import type { UntarOptions } from '../../image/untar.ts';
import type { Digest, OpOf, OpResults, SplitSource } from '../../op.ts';
import { contentBytes, contentDigest, contentSize, contentText, emptyContent } from '../../vfs/content.ts';
import type { Tree } from '../../vfs/difference.ts';
import type { Content, Fs, Ino } from '../../vfs/fs.ts';
import { otherTrees } from '../../vfs/others.ts';
import { type Path, resolve, statOf, type Walker } from '../namei.ts';
import * as paths from '../pathcalls.ts';
import type { Process } from '../process.ts';
import { contentIn } from './files.ts';

/** The members of a layer's tar. */
export type Layer = readonly TarEntry[];

/** Members of archives whose bytes are not known, by the content that stands for them. */
const members = new WeakMap<Content, Layer>();

export const membersOf = (content: Content): Layer | undefined => members.get(content);

export function unpack(
  by: Process,
  { layer, into, split, form }: OpOf<'unpack'>,
  blobs: (blob: Digest) => Layer | undefined,
): OpResults['unpack'] {
  const found = 'blob' in layer ? blobLayer(layer.blob, blobs) : fileLayer(contentIn(by, layer.file, layer.root));
  const { entries, size, diffId } = found;
  const { mount, ino } = resolve(by, into);
  if (form === 'plain') unpackLayer(entries, mount.fs, ino, 'apply');
  else if (mount.fs.readdir(ino).length > 0) throw new SysError('ENOTEMPTY', into);
  else if (form === 'aufs') unpackLayer(entries, mount.fs, ino, 'keep');
  else if ('blob' in layer) loadLayer(entries, mount.fs, ino);
  else untarInto(entries, mount.fs, ino, { marks: 'overlay', unique: true, now: by.kernel.now() });
  if (split !== undefined) paths.putContent(by, split, splitOf(found), 0o644);
  return { size: form === 'plain' ? contentsSize(entries) : size, diffId };
}

/** Unpacked beside it first, so that the directory gets all of it or nothing. */
export function untarInto(entries: Layer, fs: Fs, dir: Ino, options: UntarOptions): void {
  const { untar, copyInto, ScratchFs } = reading();
  const scratch = new ScratchFs(options.now);
  untar(entries, scratch, options);
  copyInto(scratch, fs, dir);
}

type Found = Omit<ReadLayer, 'split'> & { readonly split?: ReadLayer['split'] };

function blobLayer(blob: Digest, blobs: (blob: Digest) => Layer | undefined): Found {
  const entries = blobs(blob);
  if (entries === undefined) throw new SysError('ENOENT', blob);
  return { entries, size: layerSize(entries), diffId: blob };
}

export function fileLayer(content: Content): Found {
  const known = members.get(content);
  if (known !== undefined) return { entries: known, size: layerSize(known), diffId: contentDigest(content) };
  const bytes = contentBytes(content);
  // What is not compressed has one digest, which is remembered.
  const compressed = detectCompression(bytes) !== 'none';
  const read = reading().readLayer([bytes], { split: true, ...(compressed ? {} : { hasher: known256(content) }) });
  return read;
}

const known256 = (content: Content): Hasher => ({ update: () => {}, digest: () => contentDigest(content) });

/** Files made already, by the members of the layer: a base layer is unpacked on every host. */
const splits = new WeakMap<Layer, Content>();

function splitOf({ entries, split }: Found): Content {
  let content = splits.get(entries);
  if (content === undefined) {
    content = { bytes: splitFile(split ?? splitMembers(entries, recordedChecksums)) };
    splits.set(entries, content);
  }
  return content;
}

export function archive(by: Process, { from, to, split, form, below }: OpOf<'archive'>): OpResults['archive'] {
  if (split !== undefined) return rejoin(by, from, to, split);
  const { fs, root } = layerAt(by, from, form, below);
  const entries = packLayer(fs, root, ownersIn(by), below !== undefined);
  const packed = save(by, entries, to);
  return { diffId: packed.digest, size: layerSize(entries) };
}

/** A directory as an overlay layer, whatever form it has: an aufs branch, or a whole tree on top of another. */
export function layerAt(by: Process, path: string, form?: 'aufs', below?: string): Tree {
  const treeAt = (at: string): Tree => {
    const { mount, ino } = paths.directory(by, at);
    return { fs: mount.fs, root: ino };
  };
  const own = treeAt(path);
  if (form === 'aufs') return { fs: new (otherTrees().AufsBranch)(own), root: own.root };
  if (below === undefined) return own;
  const fs = otherTrees().difference(own, treeAt(below), by.kernel.now());
  return { fs, root: fs.root };
}

/** Puts a layer's tar together again. */
function rejoin(by: Process, from: string, to: string, split: SplitSource): OpResults['archive'] {
  const { gunzipSync, JoinError, joinedTar, splitText } = reading();
  const root = paths.directory(by, from);
  const inside: Walker = { root, cwd: root, uid: 0, gid: 0 };
  const read = (name: string): Content => {
    const file = found(inside, `/${name}`, false);
    // The engine reads through the layer's own view.
    const path = `${from.replace(/diff$/, 'merged')}/${name}`;
    if (file === undefined) throw new JoinError(`open ${path}: no such file or directory`);
    if (statOf(file).type === 'dir') throw new JoinError(`read ${path}: is a directory`);
    return statOf(file).type === 'file' ? file.mount.fs.read(file.ino) : emptyContent;
  };
  const bytes = contentBytes(paths.content(by, split.file));
  try {
    const text = splitText(bytes, gunzipSync);
    const { content, digest, members: list } = joinedTar(text, split.diffId, read);
    if (list !== undefined) members.set(content, list);
    paths.putContent(by, to, content, 0o644);
    return { diffId: digest, size: contentSize(content) };
  } catch (error) {
    if (error instanceof JoinError) throw new SysError('EIO', split.file, error.message);
    throw error;
  }
}

export function exportTree(by: Process, { root, to }: OpOf<'exportTree'>): OpResults['exportTree'] {
  const at = paths.directory(by, root);
  // The engine changes its root before it packs, so the names are those that the container knows.
  return { size: save(by, pack(by, root, ownersIn({ root: at, cwd: at, uid: 0, gid: 0 })), to).size };
}

function pack(by: Process, path: string, owners: Owners): Layer {
  const { mount, ino } = paths.directory(by, path);
  return packLayer(mount.fs, ino, owners);
}

/** Names of users and groups that are known below a root. */
function ownersIn(walker: Walker): Owners {
  const read = (path: string): string => {
    const file = found(walker, path);
    return file === undefined || statOf(file).type !== 'file' ? '' : contentText(file.mount.fs.read(file.ino));
  };
  return ownersOf(read('/etc/passwd'), read('/etc/group'));
}

function found(walker: Walker, path: string, followLast = true): Path | undefined {
  try {
    return resolve(walker, path, followLast);
  } catch (error) {
    if (error instanceof SysError) return undefined;
    throw error;
  }
}

export function save(by: Process, entries: Layer, to: string): ReturnType<typeof packTar> {
  const packed = packTar(entries, goHeader);
  if (!packed.exact) members.set(packed.content, entries);
  paths.putContent(by, to, packed.content, 0o644);
  return packed;
}
