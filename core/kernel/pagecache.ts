/**
 * Cached pages of files on a disk, and the disk itself: whose memory they are, and how fast a control group may read and write.
 * Documentation/admin-guide/cgroup-v1/memory.rst, blkio-controller.rst; cgroup-v2.rst "Memory", "IO".
 *
 * Kept true: a page is charged to the group of who first read or wrote it, until the file is cut or gone or the page is reclaimed,
 * the longest unused first; pages are given up before anybody is killed. What is in the cache is not read from the disk
 * again. Only what goes to the disk is throttled: in v1 reads, and writes that do not wait in the cache; in v2 all.
 */
import { contentSize } from '../vfs/content.ts';
import type { Fs, Ino } from '../vfs/fs.ts';
import { limitsOfIo } from './blkio.ts';
import { type Cgroup, type Tally, tallyOf } from './cgroup.ts';
import type { Kernel } from './kernel.ts';
import { cacheOf, excess, memoryLimit } from './memory.ts';
import { stalled } from './pressure.ts';
import type { Process } from './process.ts';
import type { Call } from './sys.ts';

const PAGE = 4096;
/** So many files are remembered of one group. */
const MOST_FILES = 10_000;
/** With more groups than this those that are gone are looked for. */
const MOST_GROUPS = 32;

interface Cached {
  readonly fs: Fs;
  readonly ino: Ino;
  readonly group: Cgroup;
  bytes: number;
}

/** The pages of one kernel. */
class PageCache {
  private readonly files = new WeakMap<Fs, Map<Ino, Cached>>();
  /** By the group that is charged, the longest unused first. */
  private readonly groups = new Map<Cgroup, Set<Cached>>();

  of(fs: Fs, ino: Ino): number {
    return this.files.get(fs)?.get(ino)?.bytes ?? 0;
  }

  /** `bytes` from the start of a file are in the cache from now on. */
  keep(fs: Fs, ino: Ino, bytes: number, group: Cgroup): void {
    const entry = this.entry(fs, ino, group);
    const used = this.usedBy(entry.group);
    used.delete(entry);
    used.add(entry);
    this.resize(entry, Math.max(entry.bytes, Math.ceil(bytes / PAGE) * PAGE));
    const [oldest] = used;
    if (used.size > MOST_FILES && oldest !== undefined) this.resize(oldest, 0);
  }

  private entry(fs: Fs, ino: Ino, group: Cgroup): Cached {
    const inos = this.files.get(fs) ?? new Map<Ino, Cached>();
    const entry = inos.get(ino) ?? { fs, ino, group, bytes: 0 };
    if (inos.size === 0) this.files.set(fs, inos);
    inos.set(ino, entry);
    return entry;
  }

  private usedBy(group: Cgroup): Set<Cached> {
    const known = this.groups.get(group);
    if (known !== undefined) return known;
    const fresh = new Set<Cached>();
    this.groups.set(group, fresh);
    if (this.groups.size > MOST_GROUPS) for (const each of [...this.groups.keys()]) if (each.removed) this.drop(each);
    return fresh;
  }

  private resize(entry: Cached, bytes: number): void {
    tallyOf(entry.group).cache += bytes - entry.bytes;
    entry.bytes = bytes;
    if (bytes > 0) return;
    this.files.get(entry.fs)?.delete(entry.ino);
    this.groups.get(entry.group)?.delete(entry);
  }

  /** Gives up so many bytes of a group and those below it; how many there were. */
  reclaim(group: Cgroup, bytes: number): number {
    let left = bytes;
    for (const entry of [...(this.groups.get(group) ?? [])]) {
      if (left <= 0) break;
      const part = Math.min(entry.bytes, Math.ceil(left / PAGE) * PAGE);
      this.resize(entry, entry.bytes - part);
      left -= part;
    }
    for (const child of group.children.values()) if (left > 0) left -= this.reclaim(child, left);
    return bytes - left;
  }

  /** Forgets what was cut or is gone. */
  refresh(group: Cgroup): void {
    for (const entry of [...(this.groups.get(group) ?? [])]) {
      const now = sizeOf(entry);
      if (now < entry.bytes) this.resize(entry, now);
    }
    for (const child of group.children.values()) this.refresh(child);
  }

  dropAll(): void {
    for (const group of [...this.groups.keys()]) this.drop(group);
  }

  drop(group: Cgroup): void {
    for (const entry of [...(this.groups.get(group) ?? [])]) this.resize(entry, 0);
    this.groups.delete(group);
  }
}

function sizeOf({ fs, ino }: Cached): number {
  try {
    return Math.ceil(contentSize(fs.read(ino)) / PAGE) * PAGE;
  } catch {
    return 0;
  }
}

const caches = new WeakMap<Kernel, PageCache>();

function pagesOf(kernel: Kernel): PageCache {
  const cache = caches.get(kernel) ?? new PageCache();
  caches.set(kernel, cache);
  return cache;
}

/** Bytes of cached pages of a group and those below it, as they are now. */
export function cachedBytes(kernel: Kernel, group: Cgroup): number {
  caches.get(kernel)?.refresh(group);
  return cacheOf(group);
}

/** Gives up cached pages of a group; false when there are none. */
export const reclaim = (kernel: Kernel, group: Cgroup, bytes: number): boolean =>
  (caches.get(kernel)?.reclaim(group, bytes) ?? 0) > 0;

export const dropCaches = (kernel: Kernel): void => caches.get(kernel)?.dropAll();

/** After a file was read or written up to `to`: its pages are cached, and as many others given up as a limit demands. */
export function usedPages(by: Process, fs: Fs, ino: Ino, to: number): number {
  const group = by.cgroups[by.kernel.cgroups.memoryAt];
  if (group === undefined) return to;
  const { kernel } = by;
  pagesOf(kernel).keep(fs, ino, to, group);
  if (kernel.cgroups.memoryLimited) {
    for (let at: Cgroup | undefined = group; at !== undefined; at = at.parent) {
      const over = excess(at);
      if (over <= 0) continue;
      const tally = tallyOf(at);
      tally.refused += 1;
      tally.peak = Math.max(tally.peak, memoryLimit(at));
      pagesOf(kernel).reclaim(at, over);
    }
  }
  return to;
}

type Way = 'read' | 'write';

/** Time on the disk: `bytes` in one request, as fast as the groups of a process may. */
export function* disk(by: Process, way: Way, bytes: number): Call<void> {
  const { kernel } = by;
  const group = by.cgroups[kernel.cgroups.ioAt];
  if (group === undefined) return;
  countDisk(by, group, way, bytes);
  let until = kernel.now();
  for (
    let at: Cgroup | undefined = group;
    at !== undefined;
    at = at.hierarchy.version === 'v2' ? at.parent : undefined
  ) {
    const { bps, iops } = limitsOfIo(at, way);
    const ms = Math.max(bytes / bps, 1 / iops) * 1000;
    if (!(ms > 0)) continue;
    const tally = tallyOf(at);
    const free = way === 'read' ? 'readFree' : 'writeFree';
    tally[free] = Math.max(kernel.now(), tally[free]) + ms;
    until = Math.max(until, tally[free]);
  }
  if (until > kernel.now()) stalled(kernel, by, 'io', until, group);
  while (kernel.now() < until) {
    yield { why: 'disk', until };
    by.checkAlive();
  }
}

function countDisk(by: Process, group: Cgroup, way: Way, bytes: number): void {
  const tally: Tally = tallyOf(group);
  if (way === 'read') {
    by.fromDisk += bytes;
    tally.diskRead += bytes;
    tally.diskReads += 1;
  } else {
    by.toDisk += bytes;
    tally.diskWritten += bytes;
    tally.diskWrites += 1;
  }
}

/** A transfer that nothing slows down. What v1 writes by way of the cache is the whole system's. */
export function transferred(by: Process, way: Way, bytes: number): void {
  const group = by.cgroups[by.kernel.cgroups.ioAt];
  if (group === undefined) return;
  const { root, version } = group.hierarchy;
  countDisk(by, way === 'write' && version === 'v1' ? root : group, way, bytes);
}

/** How much of a read ending at `end` is not in the cache. */
export const uncached = (kernel: Kernel, fs: Fs, ino: Ino, from: number, end: number): number =>
  Math.max(0, end - Math.max(from, caches.get(kernel)?.of(fs, ino) ?? 0));
