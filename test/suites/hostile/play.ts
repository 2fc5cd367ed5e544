/** One hostile archive given to a target: what it said, and the layers that came of it. */
import type { Observation, Target, TreeEntry } from '../../../core/index.ts';
import type { HostileCase } from './case.ts';

export interface Played {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Names that the store knows afterwards, that of the base image left out. */
  readonly tags: readonly string[];
  /** Trees of the new image's layers, bottom first, a line an entry. */
  readonly layers: readonly (readonly string[])[];
}

const lineOf: Readonly<Record<HostileCase['verb'], string>> = {
  load: 'docker load -i hostile.tar',
  import: 'docker import hostile.tar hostile:latest',
};

export async function play(target: Target, one: HostileCase): Promise<Played> {
  const before = await target.observe();
  await target.putFile!('hostile.tar', one.bytes());
  const { exitCode, stdout, stderr } = await target.run(lineOf[one.verb]);
  const said = { code: exitCode, stdout: plain(stdout), stderr: plain(stderr) };
  try {
    return { ...said, ...gained(before, await target.observe()) };
  } catch (error) {
    // Names that are not UTF-8 lie on the real engine's disk, where we cannot follow.
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
    return { ...said, tags: [], layers: [['names that cannot be read']] };
  }
}

function gained(before: Observation, after: Observation): Pick<Played, 'tags' | 'layers'> {
  const known = new Set(before.images.map(({ id }) => id));
  const images = after.images.filter(({ id }) => !known.has(id));
  // Of the image with 125 layers the last few are enough.
  const layers = images.flatMap((image) => image.layers.slice(-3));
  return {
    tags: after.images
      .flatMap(({ tags }) => tags)
      .filter((tag) => tag !== 'busybox:latest')
      .sort(),
    layers: layers.map(({ chainId }) => (after.layers[chainId] ?? []).slice(0, 60).map(entryLine)),
  };
}

const entryLine = ({ path, type, mode, uid, gid, size, digest, target, rdev, opaque }: TreeEntry): string =>
  [
    // Modes of links mean nothing; a whiteout's is what mknod(2) left.
    `${JSON.stringify(path)} ${type}`,
    type === 'symlink' || type === 'whiteout' ? '' : mode.toString(8),
    `${uid}:${gid}`,
    type === 'file' ? `${size} ${digest?.slice(7, 19)}` : '',
    target === undefined ? '' : `-> ${target.length > 60 ? `${target.slice(0, 60)}… (${target.length})` : target}`,
    rdev === undefined ? '' : rdev.join(),
    opaque === true ? 'opaque' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');

/** Names that differ from run to run. */
const plain = (text: string): string =>
  text
    .replace(/\S*\/docker-import-\d+/g, '/var/lib/docker/tmp/docker-import-NNN')
    .replace(/sha256:[0-9a-f]{64}\n$/, (id) => id);
