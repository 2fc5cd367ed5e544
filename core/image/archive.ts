/**
 * The archive of `docker save` and `docker load`: a tar of image configs and layer tars, tied together by manifest.json.
 * Source: moby image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format"; moby image/tarexport.
 *
 * Kept true: deterministic, and the same bytes that Docker gives for the same images.
 */
import { UsageError } from '../errors.ts';
import type { Digest } from '../op.ts';
import { contentText, textContent } from '../vfs/content.ts';
import type { Content } from '../vfs/fs.ts';
import type { ImageConfig } from './config.ts';
import { digestOf } from './digest.ts';
import { type SavedImage, type SavedMember, savedMembers } from './save.ts';
import type { TarEntry } from './tar.ts';
import { statType } from './tar-go.ts';
import { readTar } from './tar-read.ts';

/** One image of an archive. */
export interface ArchivedImage extends SavedImage {
  /** Layer tars, bottom first. */
  readonly layers: readonly Content[];
}

/** The members of the archive of some images, sorted by name. `now`: the time of what has none of its own. */
export function archiveEntries(images: readonly ArchivedImage[], now = 0): TarEntry[] {
  const layers = new Map<Digest, Content>();
  for (const { json, layers: tars } of images) {
    const { rootfs } = JSON.parse(json) as ImageConfig;
    for (const [n, diffId] of rootfs.diff_ids.entries()) layers.set(diffId, tars[n]!);
  }
  const entries = savedMembers(images).map((member) => entryOf(member, layers, now));
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** As dockerd packs the directory that it has laid the members out in. */
function entryOf(member: SavedMember, layers: ReadonlyMap<Digest, Content>, now: number): TarEntry {
  const { path, mtime = now } = member;
  const plain = { path, mtime, uid: 0, gid: 0, uname: 'root', gname: 'root' };
  if (member.type === 'dir') return { ...plain, type: 'dir', mode: 0o755, typeBits: statType('dir') };
  if (member.type === 'link') {
    return { ...plain, type: 'symlink', mode: 0o777, typeBits: statType('symlink'), target: member.target };
  }
  const content = member.type === 'text' ? textContent(member.text) : layers.get(member.layer.diffId)!;
  return { ...plain, type: 'file', mode: 0o644, typeBits: statType('file'), content };
}

interface ManifestItem {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

/**
 * Reads an archive that Docker (17.05 or newer) or we wrote. Every layer is checked against its diffID. Messages are those of
 * `docker load`.
 */
export function readArchive(bytes: Uint8Array): ArchivedImage[] {
  const members = new Map([...readTar(bytes)].map((entry) => [entry.path, entry] as const));
  const manifest = JSON.parse(textOf(members, 'manifest.json')) as readonly ManifestItem[];
  return manifest.map((item) => {
    const json = textOf(members, item.Config);
    const { rootfs } = JSON.parse(json) as ImageConfig;
    if (rootfs.diff_ids.length !== item.Layers.length) {
      throw new UsageError(
        `invalid manifest, layers length mismatch: expected ${item.Layers.length}, got ${rootfs.diff_ids.length}`,
      );
    }
    const layers = item.Layers.map((path, n) => checkedLayer(memberContent(members, path), rootfs.diff_ids[n]!, n));
    return { json, tags: item.RepoTags ?? [], layers };
  });
}

function checkedLayer(content: Content, expected: Digest, n: number): Content {
  const got = 'bytes' in content ? digestOf(content.bytes) : content.digest;
  if (got === expected) return content;
  throw new UsageError(`invalid diffID for layer ${n}: expected "${expected}", got "${got}"`);
}

function textOf(members: ReadonlyMap<string, TarEntry>, path: string): string {
  return contentText(memberContent(members, path));
}

/** Layers that an archive has twice are symlinks to the first one. */
function memberContent(members: ReadonlyMap<string, TarEntry>, path: string): Content {
  const member = members.get(path);
  if (member?.type === 'symlink' && member.target !== undefined) {
    return memberContent(members, member.target.replace(/^\.\.\//, ''));
  }
  if (member?.content === undefined) throw new UsageError(`open ${path}: no such file or directory`);
  return member.content;
}
