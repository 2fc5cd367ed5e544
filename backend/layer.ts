/** Layers of the lab: unpacked from archives, packed into archives, by the core's rules (core/image/layer.ts). */
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  type Content,
  contentSize,
  type Digest,
  difference,
  goHeader,
  JoinError,
  joinedTar,
  type LayerSource,
  layerSize,
  type OpOf,
  type OpResults,
  type Owners,
  ownersOf,
  packLayer,
  packTar,
  readTar,
  type SplitSource,
  SysError,
  splitFile,
  splitTar,
  type TarEntry,
  TarError,
  TreeFs,
  unpackLayer,
} from '../core/index.ts';
import { readDisk, writeDisk } from './disk.ts';
import { Refused } from './errno.ts';
import { reach } from './files.ts';
import type { Lab } from './lab.ts';
import { resolveInside } from './path.ts';
import type { Trees } from './tree.ts';

/** Layer archives that the driver holds, by digest of the uncompressed tar. */
export type Blobs = ReadonlyMap<Digest, Uint8Array>;

export async function unpack(lab: Lab, blobs: Blobs, op: OpOf<'unpack'>): Promise<OpResults['unpack']> {
  const into = reach(lab, op.into);
  if (op.form === 'aufs') throw noAufs();
  if (op.form !== 'plain' && readdirSync(into).length > 0) throw new Refused('ENOTEMPTY');
  const bytes = layerBytes(lab, blobs, op.layer);
  const entries = inArchive(() => [...readTar(bytes)]);
  if (op.form === 'plain') await applyLayer(entries, into);
  else {
    const fs = new TreeFs();
    inArchive(() => unpackLayer(entries, fs));
    await writeDisk(fs, into);
  }
  if (op.split !== undefined) writeFileSync(reach(lab, op.split), splitFile(splitTar(bytes)), { mode: 0o644 });
  return { size: layerSize(entries) };
}

/** Onto what lies there: put together in memory, where links lead nowhere else, and written anew. */
async function applyLayer(entries: readonly TarEntry[], into: string): Promise<void> {
  const fs = readDisk(into, new Set());
  inArchive(() => unpackLayer(entries, fs, fs.root, 'apply'));
  for (const name of readdirSync(into)) rmSync(`${into}/${name}`, { recursive: true });
  await writeDisk(fs, into);
}

export const noAufs = (): Refused => new Refused('ENODEV', 'this kernel has no aufs: grep aufs /proc/filesystems');

/** What one whole tree of the lab has that the one at `below` has not, as an overlay layer would hold it. */
export async function differenceAt(lab: Lab, path: string, below: string): Promise<TreeFs> {
  const [own, other] = [path, below].map((dir) => readDisk(reach(lab, dir), new Set()));
  return difference({ fs: own!, root: own!.root }, { fs: other!, root: other!.root });
}

export async function archive(lab: Lab, trees: Trees, op: OpOf<'archive'>): Promise<OpResults['archive']> {
  const from = reach(lab, op.from);
  if (op.split !== undefined) return rejoin(lab, from, op, op.split);
  if (op.form === 'aufs') throw noAufs();
  const plain = op.below === undefined;
  const fs = plain ? readDisk(from, await trees.opaque(from)) : await differenceAt(lab, op.from, op.below);
  const entries = packLayer(fs, fs.root, ownersIn(lab.root));
  const packed = packTar(entries, goHeader);
  writePacked(reach(lab, op.to), packed.content);
  return { diffId: packed.digest, size: layerSize(entries) };
}

/** Puts a layer's tar together again. */
function rejoin(lab: Lab, from: string, op: OpOf<'archive'>, split: SplitSource): OpResults['archive'] {
  const read = (name: string): Content => {
    const path = from + resolveInside(from, `/${name}`, false);
    // The engine reads through the layer's own view.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      throw new JoinError(`open ${op.from.replace(/diff$/, 'merged')}/${name}: no such file or directory`);
    }
    return { bytes: lstatSync(path).isFile() ? readFileSync(path) : Buffer.alloc(0) };
  };
  try {
    const text = gunzipSync(readFileSync(reach(lab, split.file))).toString('utf8');
    const { content, digest } = joinedTar(text, split.diffId, read);
    writePacked(reach(lab, op.to), content);
    return { diffId: digest, size: contentSize(content) };
  } catch (error) {
    if (error instanceof JoinError) throw new Refused('EIO', error.message);
    throw error;
  }
}

export function exportTree(lab: Lab, op: OpOf<'exportTree'>): OpResults['exportTree'] {
  const root = reach(lab, op.root);
  const fs = readDisk(root, new Set());
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

function layerBytes(lab: Lab, blobs: Blobs, source: LayerSource): Uint8Array {
  if ('file' in source) {
    const path = reach(lab, source.file);
    if (!existsSync(path)) throw new Refused('ENOENT');
    return readFileSync(path);
  }
  const bytes = blobs.get(source.blob);
  if (bytes === undefined) throw new Refused('ENOENT', `no layer ${source.blob} is held here`);
  return bytes;
}

/** What is wrong with an archive is a refusal, not a fault of ours. */
function inArchive<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TarError) throw new Refused('EINVAL', error.message);
    if (error instanceof SysError) throw new Refused(error.errno, error.message);
    throw error;
  }
}
