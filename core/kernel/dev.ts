/**
 * What lies in /dev: the devices and links that runc makes in every container (OCI runtime spec, config-linux.md "Default
 * Devices" and "Default symbolic links") and that the host has as well.
 */
import type { TreeFs } from '../vfs/tree.ts';
import { deviceNumbers } from './device.ts';

const NODES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'] as const;

const LINKS: readonly (readonly [string, string])[] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['ptmx', 'pts/ptmx'],
];

const owner = { uid: 0, gid: 0 };

/** Makes nodes, links and the directories that get mounts of their own. Names that are there stay. */
export function fillDev(fs: TreeFs, now: number): void {
  const has = (name: string): boolean => fs.lookup(fs.root, name) !== undefined;
  for (const name of NODES) {
    if (has(name)) continue;
    fs.create(fs.root, name, { type: 'char', mode: 0o666, ...owner, mtime: now, rdev: deviceNumbers[name] });
  }
  for (const [name, target] of LINKS) {
    if (!has(name)) fs.create(fs.root, name, { type: 'symlink', mode: 0o777, ...owner, mtime: now, target });
  }
  for (const name of ['pts', 'shm', 'mqueue']) {
    if (!has(name)) fs.create(fs.root, name, { type: 'dir', mode: 0o755, ...owner, mtime: now });
  }
}
