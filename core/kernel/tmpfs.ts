/**
 * tmpfs(5): its options as mount(2) reads and /proc/mounts shows them (mm/shmem.c shmem_show_options), and whose memory its
 * pages are.
 *
 * Kept true: a page belongs to the control group of the process that first wrote it, until it is freed; when the group goes,
 * to the one above it.
 */
import { SysError } from '../errors.ts';
import { DISK_SIZE } from '../vfs/content.ts';
import type { Fs } from '../vfs/fs.ts';
import { TreeFs } from '../vfs/tree.ts';
import { type Cgroup, tallyOf } from './cgroup.ts';
import type { Kernel } from './kernel.ts';
import { MEMORY } from './limits.ts';
import { mountsOf } from './mount.ts';

const PAGE = 4096;

/** Without `size` as much as the simulation holds in memory for any file system. */
const INITIAL = DISK_SIZE;

export interface TmpfsOptions {
  /** Bytes, whole pages. */
  readonly limit: number;
  /** Inodes; 0: any number. */
  readonly inodes: number;
  /** Permission bits of the root. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** As the kernel shows them. */
  readonly shown: readonly string[];
}

/** As many as half of the memory has pages. */
const INODES = MEMORY / PAGE / 2;

const before: TmpfsOptions = { limit: INITIAL, inodes: INODES, mode: 0o1777, uid: 0, gid: 0, shown: [] };

/** memparse(), with a `%` of all memory where there may be one. EINVAL. */
function countOf(text: string, percent = 0): number {
  const match = /^(\d+)([kmg%]?)$/i.exec(text);
  if (match === null || (match[2] === '%' && percent === 0)) throw new SysError('EINVAL');
  return Number(match[1]) * ({ '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, '%': percent }[match[2]!.toLowerCase()] ?? 1);
}

/** Rounded up to pages. 0: as much as there is. EINVAL. */
const sizeOf = (text: string): number => Math.ceil(countOf(text, MEMORY / 100) / PAGE) * PAGE;

const octal = (text: string): number => {
  if (!/^[0-7]+$/.test(text)) throw new SysError('EINVAL');
  return Number.parseInt(text, 8) & 0o7777;
};
const id = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new SysError('EINVAL');
  return Number(text);
};

/** Options besides those of every mount. EINVAL: an unknown one, or a wrong value. */
export function tmpfsOptions(own: readonly string[], old: TmpfsOptions = before): TmpfsOptions {
  // A remount changes how much there may be, and nothing else.
  const fresh = old === before;
  let { limit, inodes, mode, uid, gid } = old;
  let given = old.shown.some((option) => option.startsWith('size='));
  for (const option of own) {
    const at = option.indexOf('=');
    const [name, value] = at < 0 ? [option, ''] : [option.slice(0, at), option.slice(at + 1)];
    if (name === 'size' || name === 'nr_blocks') {
      limit = name === 'size' ? sizeOf(value) : sizeOf(value) * PAGE;
      given = true;
    } else if (name === 'mode') mode = fresh ? octal(value) : mode;
    else if (name === 'uid') uid = fresh ? id(value) : uid;
    else if (name === 'gid') gid = fresh ? id(value) : gid;
    else if (name === 'nr_inodes') inodes = countOf(value);
    else if (!['huge', 'mpol', 'inode32', 'inode64', 'noswap'].includes(name)) throw new SysError('EINVAL');
  }
  const shown = [
    ...(given ? [`size=${limit / 1024}k`] : []),
    ...(inodes === INODES ? [] : [`nr_inodes=${inodes}`]),
    ...(mode === 0o1777 ? [] : [`mode=${mode.toString(8).padStart(3, '0')}`]),
    ...(uid === 0 ? [] : [`uid=${uid}`]),
    ...(gid === 0 ? [] : [`gid=${gid}`]),
  ];
  return { limit, inodes, mode, uid, gid, shown };
}

/** What each was mounted with. */
export const optionsOf = new WeakMap<Fs, TmpfsOptions>();

/** No more than the simulation holds; a size of 0 is no limit of its own. */
export const bounded = (limit: number): number => (limit === 0 ? INITIAL : Math.min(limit, INITIAL));

/** A file system in memory whose pages count. */
export function makeTmpfs(kernel: Kernel, options: TmpfsOptions): TreeFs {
  const { limit, inodes, mode, uid, gid } = options;
  const counted = inodes === 0 ? {} : { inodes };
  const fs = new TreeFs('tmpfs', { mode, now: kernel.now(), limit: bounded(limit), ...counted });
  if (uid !== 0 || gid !== 0) fs.setattr(fs.root, { uid, gid }, kernel.now());
  charged(kernel, fs);
  optionsOf.set(fs, options);
  return fs;
}

/** Bytes that the files of all tmpfs take, by group of the memory controller. */
export function charged(kernel: Kernel, fs: TreeFs): void {
  const owners = new Map<number, Map<Cgroup, number>>();
  fs.onUsage = (ino, more) => {
    const groups = owners.get(ino) ?? new Map<Cgroup, number>();
    owners.set(ino, groups);
    if (more > 0) grow(kernel, groups, more);
    else shrink(kernel, groups, -more);
    if (groups.size === 0) owners.delete(ino);
    if (owners.size === 0) kernel.charges.delete(fs);
    else if (!kernel.charges.has(fs)) {
      kernel.charges.set(fs, () => {
        for (const each of owners.values()) shrink(kernel, each, Number.POSITIVE_INFINITY);
        owners.clear();
      });
    }
  };
}

/** What is mounted nowhere any more, neither on the host nor where a process lives, gives its memory back. */
export function freeUnmounted(kernel: Kernel): void {
  const namespaces = new Set([kernel.init.ns.mnt]);
  for (const { alive, ns } of kernel.processes.values()) if (alive) namespaces.add(ns.mnt);
  const mounted = new Set<Fs>();
  for (const { root } of namespaces) for (const { fs } of mountsOf(root)) mounted.add(fs);
  for (const [fs, free] of [...kernel.charges]) {
    if (mounted.has(fs)) continue;
    free();
    kernel.charges.delete(fs);
  }
}

function grow(kernel: Kernel, groups: Map<Cgroup, number>, more: number): void {
  const { cgroups } = kernel.current ?? kernel.init;
  const group = cgroups.find(({ hierarchy }) => hierarchy.controllers.includes('memory'));
  if (group === undefined) return;
  tallyOf(group).shmem += more;
  kernel.shmem += more;
  groups.set(group, (groups.get(group) ?? 0) + more);
}

/** Who wrote last gives back first. */
function shrink(kernel: Kernel, groups: Map<Cgroup, number>, less: number): void {
  let left = less;
  for (const [group, bytes] of [...groups].reverse()) {
    const part = Math.min(bytes, left);
    left -= part;
    if (part === bytes) groups.delete(group);
    else groups.set(group, bytes - part);
    let at = group;
    while (at.removed && at.parent !== undefined) at = at.parent;
    tallyOf(at).shmem -= part;
    kernel.shmem -= part;
    if (left === 0) return;
  }
}
