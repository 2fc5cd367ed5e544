/** Layers of the lab: unpacked from archives, packed into archives, by the core's rules (core/image/layer.ts). */
import { lstatSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  type Content,
  contentSize,
  contentsSize,
  type Digest,
  difference,
  goHeader,
  JoinError,
  joinedTar,
  layerSize,
  type OpOf,
  type OpResults,
  type Owners,
  ownersOf,
  packLayer,
  packTar,
  type ReadLayer,
  readLayer,
  ScratchFs,
  type SplitSource,
  splitFile,
  splitText,
  type TarEntry,
  type TreeFs,
  unpackLayer,
  untar,
} from '../core/index.ts';
import { readDisk, writeDisk } from './disk.ts';
import { Refused } from './errno.ts';
import { reach, reachIn } from './files.ts';
import type { Lab } from './lab.ts';
import { resolveInside } from './path.ts';
import { inArchive, nodeHasher, withArchive } from './stored.ts';
import type { Trees } from './tree.ts';

/** Layer archives that the driver holds, by digest of the uncompressed tar. */
export type Blobs = ReadonlyMap<Digest, Uint8Array>;

export function unpack(lab: Lab, blobs: Blobs, op: OpOf<'unpack'>): Promise<OpResults['unpack']> {
  const into = reach(lab, op.into);
  if (op.form === 'aufs') throw noAufs();
  if (op.form !== 'plain' && readdirSync(into).length > 0) throw new Refused('ENOTEMPTY');
  return withLayer(lab, blobs, op, async ({ entries, diffId, size, split }) => {
    if (op.form === 'plain') await applyLayer(entries, into);
    else {
      const fs = new ScratchFs(Date.now());
      inArchive(() => untar(entries, fs, { marks: 'overlay', unique: true, now: Date.now() }));
      await writeDisk(fs, into);
    }
    if (op.split !== undefined) writeFileSync(reach(lab, op.split), splitFile(split ?? []), { mode: 0o644 });
    return { size: op.form === 'plain' ? contentsSize(entries) : size, diffId };
  });
}

function withLayer<T>(
  lab: Lab,
  blobs: Blobs,
  { layer, into, split }: OpOf<'unpack'>,
  use: (read: ReadLayer) => Promise<T>,
): Promise<T> {
  const wanted = split !== undefined;
  if ('file' in layer) return withArchive(reachIn(lab, layer.file, layer.root), reach(lab, into), wanted, use);
  const bytes = blobs.get(layer.blob);
  if (bytes === undefined) throw new Refused('ENOENT', `no layer ${layer.blob} is held here`);
  return use(inArchive(() => readLayer([bytes], { hasher: nodeHasher(), split: wanted })));
}

/** Onto what lies there: put together in memory, where links lead nowhere else, and written anew. */
async function applyLayer(entries: readonly TarEntry[], into: string): Promise<void> {
  const fs = await readDisk(into, new Set());
  inArchive(() => unpackLayer(entries, fs, fs.root, 'apply'));
  for (const name of readdirSync(into)) rmSync(`${into}/${name}`, { recursive: true });
  await writeDisk(fs, into);
}

export const noAufs = (): Refused => new Refused('ENODEV', 'this kernel has no aufs: grep aufs /proc/filesystems');

/** What one whole tree of the lab has that the one at `below` has not, as an overlay layer would hold it. */
export async function differenceAt(lab: Lab, path: string, below: string): Promise<TreeFs> {
  const [own, other] = [await readDisk(reach(lab, path), new Set()), await readDisk(reach(lab, below), new Set())];
  return difference({ fs: own, root: own.root }, { fs: other, root: other.root }, Date.now());
}

export async function archive(lab: Lab, trees: Trees, op: OpOf<'archive'>): Promise<OpResults['archive']> {
  const from = reach(lab, op.from);
  if (op.split !== undefined) return rejoin(lab, from, op, op.split);
  if (op.form === 'aufs') throw noAufs();
  const plain = op.below === undefined;
  const fs = plain ? await readDisk(from, await trees.opaque(from)) : await differenceAt(lab, op.from, op.below);
  const entries = packLayer(fs, fs.root, ownersIn(lab.root), !plain);
  const packed = packTar(entries, goHeader);
  writePacked(reach(lab, op.to), packed.content);
  return { diffId: packed.digest, size: layerSize(entries) };
}

/** Puts a layer's tar together again. */
function rejoin(lab: Lab, from: string, op: OpOf<'archive'>, split: SplitSource): OpResults['archive'] {
  const read = (name: string): Content => {
    const path = from + resolveInside(from, `/${name}`, false);
    // The engine reads through the layer's own view.
    const stat = lstatSync(path, { throwIfNoEntry: false });
    const told = `${op.from.replace(/diff$/, 'merged')}/${name}`;
    if (stat === undefined) throw new JoinError(`open ${told}: no such file or directory`);
    if (stat.isDirectory()) throw new JoinError(`read ${told}: is a directory`);
    return { bytes: stat.isFile() ? readFileSync(path) : Buffer.alloc(0) };
  };
  try {
    const text = splitText(readFileSync(reach(lab, split.file)), gunzipSync);
    const { content, digest } = joinedTar(text, split.diffId, read);
    writePacked(reach(lab, op.to), content);
    return { diffId: digest, size: contentSize(content) };
  } catch (error) {
    if (error instanceof JoinError) throw new Refused('EIO', error.message);
    throw error;
  }
}

export async function exportTree(lab: Lab, op: OpOf<'exportTree'>): Promise<OpResults['exportTree']> {
  const root = reach(lab, op.root);
  const fs = await readDisk(root, new Set());
  // The engine changes its root before it packs, so the names are those that the container knows.
  const packed = packTar(packLayer(fs, fs.root, ownersIn(root)), goHeader);
  writePacked(reach(lab, op.to), packed.content);
  return { size: packed.size };
}

/** Names of users and groups that are known below a root. */
function ownersIn(root: string): Owners {
  const read = (path: string): string => {
    const file = root + resolveInside(root, path, true);
    return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : '';
  };
  return ownersOf(read('/etc/passwd'), read('/etc/group'));
}

function writePacked(to: string, content: ReturnType<typeof packTar>['content']): void {
  if (!('bytes' in content)) throw new Error('files of a real disk always have bytes');
  writeFileSync(to, content.bytes);
}
