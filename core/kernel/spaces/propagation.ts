/**
 * Propagation of mounts, mount_namespaces(7) "Shared subtrees": what is mounted on (or taken from) a shared mount appears on
 * (or goes from) its peers and on the slaves of these.
 *
 * Kept true: a mount is in at most one group of peers and is the slave of at most one; mounts of namespaces in which nobody
 * is any more take no part.
 */
import { SysError } from '../../errors.ts';
import type { Kernel } from '../kernel.ts';
import { attach, detach, type Mount, mountsOf, pathInFs, type Sharing, topOf } from '../mount.ts';
import { cross, type Path, resolve } from '../namei.ts';
import type { Process } from '../process.ts';
import type { Propagation } from '../sys.ts';

interface Peers {
  readonly id: number;
  readonly mounts: Set<Mount>;
  readonly slaves: Set<Mount>;
}

const lastIds = new WeakMap<Kernel, number>();

function newPeers(kernel: Kernel): Peers {
  const id = (lastIds.get(kernel) ?? 0) + 1;
  lastIds.set(kernel, id);
  return { id, mounts: new Set(), slaves: new Set() };
}

/** One mount on its way to all who take it. */
interface Round {
  /** Of the namespaces that somebody is in. */
  readonly roots: ReadonlySet<Mount>;
  /** What is only now put somewhere takes no copies of itself. */
  readonly fresh: Set<Mount>;
}

class Shared implements Sharing {
  peers: Peers | undefined;
  master: Peers | undefined;
  unbindable = false;

  constructor(
    private readonly kernel: Kernel,
    private readonly mount: Mount,
  ) {}

  tags(): string {
    const { peers, master, unbindable } = this;
    const shared = peers === undefined ? '' : ` shared:${peers.id}`;
    return `${shared}${master === undefined ? '' : ` master:${master.id}`}${unbindable ? ' unbindable' : ''}`;
  }

  share(peers: Peers = newPeers(this.kernel)): void {
    if (this.peers !== undefined) return;
    this.peers = peers;
    peers.mounts.add(this.mount);
  }

  follow(master: Peers): void {
    this.master?.slaves.delete(this.mount);
    this.master = master;
    master.slaves.add(this.mount);
  }

  /** Out of the group of peers; its slaves go to what is left of it, or to its own master. */
  part(): Peers | undefined {
    const { peers } = this;
    if (peers === undefined) return undefined;
    this.peers = undefined;
    peers.mounts.delete(this.mount);
    if (peers.mounts.size > 0) return peers;
    for (const slave of peers.slaves) {
      const theirs = sharingOf(this.kernel, slave);
      theirs.master = undefined;
      if (this.master !== undefined) theirs.follow(this.master);
    }
    return this.master;
  }

  leave(): void {
    this.part();
    this.master?.slaves.delete(this.mount);
    this.master = undefined;
  }

  copied(copy: Mount): void {
    if (this.unbindable) throw new SysError('EINVAL');
    const theirs = sharingOf(this.kernel, copy);
    if (this.peers !== undefined) theirs.share(this.peers);
    if (this.master !== undefined) theirs.follow(this.master);
  }

  attached(child: Mount, at: Path): void {
    if (this.peers === undefined) return;
    for (const each of mountsOf(child)) sharingOf(this.kernel, each).share();
    const place = pathInFs(at);
    this.spread(this.peers, child, place, { roots: livingRoots(this.kernel), fresh: new Set(mountsOf(child)) });
  }

  /** Copies of `child` onto all mounts of the group but this one, and onto those that follow it. */
  private spread(peers: Peers, child: Mount, place: string, round: Round): void {
    const takes = (each: Mount): boolean => each !== this.mount && !round.fresh.has(each);
    const [mounts, slaves] = [[...peers.mounts].filter(takes), [...peers.slaves].filter(takes)];
    for (const peer of mounts) this.put(peer, child, place, round);
    for (const slave of slaves) {
      const copy = this.put(slave, child, place, round);
      const own = sharingOf(this.kernel, slave).peers;
      if (copy === undefined) continue;
      const theirs = sharingOf(this.kernel, copy);
      const master = theirs.part();
      if (master !== undefined) theirs.follow(master);
      if (own === undefined) continue;
      theirs.share();
      sharingOf(this.kernel, slave).spread(own, copy, place, round);
    }
  }

  private put(to: Mount, child: Mount, place: string, { roots, fresh }: Round): Mount | undefined {
    const at = roots.has(topOf(to)) ? placeIn(to, place) : undefined;
    if (at === undefined) return undefined;
    const copies = new Map<Mount, Mount>();
    const copy = this.kernel.mounts.cloneTree(child, copies);
    for (const [from, made] of copies) {
      fresh.add(made);
      from.sharing?.copied(made);
    }
    attach(copy, cross(at));
    return copy;
  }

  detached(child: Mount): void {
    if (this.peers === undefined || child.at === undefined) return;
    const place = pathInFs(child.at);
    for (const to of receivers(this.kernel, this.peers)) {
      const at = to === this.mount ? undefined : placeIn(to, place);
      const theirs = at === undefined ? undefined : to.children.get(at.ino);
      if (theirs !== undefined && theirs.children.size === 0) quietly(theirs);
    }
  }
}

/** Takes a mount away without telling others, who are told already. */
function quietly(mount: Mount): void {
  const on = mount.at?.mount;
  const kept = on?.sharing;
  if (on !== undefined) on.sharing = undefined;
  detach(mount);
  if (on !== undefined) on.sharing = kept;
}

function* receivers(kernel: Kernel, peers: Peers): Iterable<Mount> {
  yield* peers.mounts;
  for (const slave of peers.slaves) {
    const own = sharingOf(kernel, slave).peers;
    if (own === undefined) yield slave;
    else yield* receivers(kernel, own);
  }
}

function sharingOf(kernel: Kernel, mount: Mount): Shared {
  const known = mount.sharing as Shared | undefined;
  if (known !== undefined) return known;
  const fresh = new Shared(kernel, mount);
  mount.sharing = fresh;
  return fresh;
}

/** The roots of all mount namespaces that somebody is in. */
function livingRoots(kernel: Kernel): Set<Mount> {
  return new Set([...kernel.processes.values()].map(({ ns }) => ns.mnt.root));
}

/** A place of the file system as `mount` shows it; undefined when it does not. */
function placeIn(mount: Mount, place: string): Path | undefined {
  const base = mount.rootPath === '/' ? '' : mount.rootPath;
  if (place !== mount.rootPath && !place.startsWith(`${base}/`)) return undefined;
  let at: Path = { mount, ino: mount.root, name: mount.at?.name ?? '', ...parentOf(mount) };
  for (const name of place.slice(base.length).split('/').filter(Boolean)) {
    const ino = mount.fs.lookup(at.ino, name);
    if (ino === undefined) return undefined;
    at = { mount, ino, name, parent: at };
  }
  return at;
}

const parentOf = ({ at }: Mount): Pick<Path, 'parent'> => (at?.parent === undefined ? {} : { parent: at.parent });

/** Makes one mount shared, slave, private or unbindable. */
export function becomes(kernel: Kernel, mount: Mount, kind: Propagation): void {
  if (kind === 'private' && mount.sharing === undefined) return;
  const sharing = sharingOf(kernel, mount);
  sharing.unbindable = kind === 'unbindable';
  if (kind === 'shared') sharing.share();
  else if (kind === 'slave') {
    const master = sharing.part();
    if (master !== undefined) sharing.follow(master);
  } else sharing.leave();
}

export function propagate(kernel: Kernel, by: Process, target: string, kind: Propagation, all: boolean): void {
  const { mount, ino } = resolve(by, target);
  if (!by.can('CAP_SYS_ADMIN', by.ns.mnt)) throw new SysError('EPERM');
  if (ino !== mount.root || topOf(mount) !== by.ns.mnt.root) throw new SysError('EINVAL');
  for (const each of all ? mountsOf(mount) : [mount]) becomes(kernel, each, kind);
}

/** Does it pass on what is mounted on it? */
export const isShared = (mount: Mount | undefined): boolean =>
  (mount?.sharing as Shared | undefined)?.peers !== undefined;
