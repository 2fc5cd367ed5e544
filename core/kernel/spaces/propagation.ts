/**
 * Propagation of mounts, mount_namespaces(7) "Shared subtrees": what is mounted on (or taken from) a shared mount appears on
 * (or goes from) its peers and on the slaves of these.
 *
 * Kept true: a mount is in at most one group of peers and is the slave of at most one; mounts of namespaces in which nobody
 * is any more take no part.
 */
import { SysError } from '../../errors.ts';
import type { Kernel } from '../kernel.ts';
import {
  attach,
  detach,
  type Mount,
  mountPoint,
  mountRootPath,
  mountsOf,
  pathInFs,
  type Sharing,
  topOf,
} from '../mount.ts';
import { demandCall } from '../mountcalls.ts';
import { cross, type Path, resolve } from '../namei.ts';
import type { Process } from '../process.ts';
import type { Propagation } from '../sys.ts';

interface Peers {
  readonly id: number;
  readonly mounts: Set<Mount>;
  readonly slaves: Set<Mount>;
}

const groups = new WeakMap<Kernel, Set<Peers>>();

/** The lowest number that is free, as the kernel gives them out. Those of namespaces in which nobody is any more are. */
function newPeers(kernel: Kernel): Peers {
  const all = groups.get(kernel) ?? new Set();
  groups.set(kernel, all);
  const roots = livingRoots(kernel);
  for (const group of all) if (![...group.mounts].some((mount) => roots.has(topOf(mount)))) all.delete(group);
  const taken = new Set([...all].map(({ id }) => id));
  let id = 1;
  while (taken.has(id)) id += 1;
  const peers: Peers = { id, mounts: new Set(), slaves: new Set() };
  all.add(peers);
  return peers;
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

  tags(root: Path): string {
    const { peers, master, unbindable } = this;
    const shared = peers === undefined ? '' : ` shared:${peers.id}`;
    const from = master === undefined ? undefined : dominating(master, topOf(this.mount), root);
    const far = from === undefined || from === master ? '' : ` propagate_from:${from.id}`;
    return `${shared}${master === undefined ? '' : ` master:${master.id}${far}`}${unbindable ? ' unbindable' : ''}`;
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

  copied(copy: Mount, whole = false): void {
    if (this.unbindable && !whole) throw new SysError('EINVAL');
    const theirs = sharingOf(this.kernel, copy);
    theirs.unbindable = this.unbindable;
    if (this.peers !== undefined) theirs.share(this.peers);
    if (this.master !== undefined) theirs.follow(this.master);
  }

  attached(child: Mount, at: Path): void {
    if (this.peers === undefined) return;
    for (const each of mountsOf(child)) sharingOf(this.kernel, each).share();
    const place = pathInFs(at);
    // The own tree may be one that nobody is in yet.
    const roots = livingRoots(this.kernel).add(topOf(this.mount));
    this.spread(this.peers, child, place, { roots, fresh: new Set(mountsOf(child)) });
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
    retellBelow(copy);
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

/** The nearest group above that has a mount which can be seen from `root`, in the tree below `top` (fs/pnode.c get_dominating_id). */
function dominating(master: Peers, top: Mount, root: Path): Peers | undefined {
  const seen = (mount: Mount): boolean => topOf(mount) === top && mountPoint(mount, root) !== undefined;
  for (let group: Peers | undefined = master; group !== undefined; ) {
    const mounts: readonly Mount[] = [...group.mounts];
    if (mounts.some(seen)) return group;
    group = mounts.map(({ sharing }) => (sharing as Shared).master).find((above) => above !== undefined);
  }
  return undefined;
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

/** What lies on a mount that hangs elsewhere now is on the way to there. */
export function retellBelow(mount: Mount): void {
  const root = mountRootPath(mount);
  const retold = (path: Path): Path =>
    path.ino === mount.root || path.parent === undefined ? root : { ...path, parent: retold(path.parent) };
  for (const child of mount.children.values()) {
    if (child.at !== undefined) child.at = retold(child.at);
    retellBelow(child);
  }
}

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

const asked: Readonly<Record<string, readonly [Propagation, all: boolean]>> = {
  private: ['private', false],
  rprivate: ['private', true],
  slave: ['slave', false],
  rslave: ['slave', true],
  shared: ['shared', false],
  rshared: ['shared', true],
};

/**
 * Puts a mount of a container on its place. A bind mount comes with its options, which name its propagation (none: rprivate):
 * what is not to be shared follows what it is a copy of before anything else, as runc does it.
 */
export function placeTied(kernel: Kernel, mount: Mount, at: Path, options?: readonly string[]): void {
  const [kind, all] = asked[options?.findLast((option) => option in asked) ?? 'rprivate']!;
  const every = mountsOf(mount);
  if (kind !== 'shared') enslave(kernel, every);
  attach(mount, at);
  at.mount.sharing?.attached(mount, at);
  if (options !== undefined) for (const each of all ? every : [mount]) becomes(kernel, each, kind);
}

function enslave(kernel: Kernel, mounts: Iterable<Mount>): void {
  for (const mount of mounts) if (mount.sharing !== undefined) becomes(kernel, mount, 'slave');
}

/** The mounts of a container's root: copies that follow what they are copies of. */
export function followTied(kernel: Kernel, copies: ReadonlyMap<Mount, Mount>): void {
  for (const [from, to] of copies) from.sharing?.copied(to);
  enslave(kernel, copies.values());
}

export function propagate(kernel: Kernel, by: Process, target: string, kind: Propagation, all: boolean): void {
  demandCall(by);
  const { mount, ino } = resolve(by, target);
  if (!by.can('CAP_SYS_ADMIN', by.ns.mnt)) throw new SysError('EPERM');
  if (ino !== mount.root || topOf(mount) !== by.ns.mnt.root) throw new SysError('EINVAL');
  for (const each of all ? mountsOf(mount) : [mount]) becomes(kernel, each, kind);
}

/** Does it pass on what is mounted on it? */
export const isShared = (mount: Mount | undefined): boolean =>
  (mount?.sharing as Shared | undefined)?.peers !== undefined;
