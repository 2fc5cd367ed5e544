/**
 * The init layer of a container: files and directories that the engine needs as mount points in every container
 * (moby/daemon/initlayer/setup_unix.go). It lies between image and read-write layer and never gets into an image.
 */
import type { NewEntry, TreeEntry } from '../op.ts';
import { dir, file } from './layerdb.ts';

const initTree: readonly NewEntry[] = [
  ...['/dev', '/dev/pts', '/dev/shm', '/etc', '/proc', '/sys'].map((path) => dir(path, 0o755)),
  ...['/.dockerenv', '/dev/console', '/etc/hostname', '/etc/hosts', '/etc/resolv.conf'].map((path) =>
    file(path, '', 0o755),
  ),
  { path: '/etc/mtab', type: 'symlink', target: '/proc/mounts' },
];

/**
 * What the layer holds, below `prefix`. `image`: what lies below. The engine makes it in a mounted view, so a directory that
 * the image has already is copied up as it is.
 */
export function initContent(image: readonly TreeEntry[], prefix = ''): readonly NewEntry[] {
  if (image.length === 0) return asItIs(prefix);
  const known = new Map(image.map((entry) => [entry.path, entry]));
  return initTree.map((entry) => {
    const path = prefix + entry.path;
    const found = entry.type === 'dir' ? known.get(entry.path) : undefined;
    if (entry.type !== 'dir' || found?.type !== 'dir') return { ...entry, path };
    return { ...entry, path, mode: found.mode, uid: found.uid, gid: found.gid };
  });
}

const prefixed = new Map<string, readonly NewEntry[]>();

/** The same for every container of an image without committed layers. */
function asItIs(prefix: string): readonly NewEntry[] {
  let content = prefixed.get(prefix);
  if (content === undefined) {
    content = initTree.map((entry) => ({ ...entry, path: prefix + entry.path }));
    prefixed.set(prefix, content);
  }
  return content;
}
