/**
 * User namespaces other than the first, user_namespaces(7): maps of IDs, and what root in one may do.
 *
 * Kept true: inside the kernel all IDs are those of the first namespace; only what a process is told and what it says goes
 * through the maps. A capability in a user namespace counts over what belongs to it, or to one below it.
 */
import { SysError } from '../../errors.ts';
import type { Stat } from '../../vfs/fs.ts';
import { SysCalls } from '../calls.ts';
import type { Kernel } from '../kernel.ts';
import type { Namespace, UserNamespace } from '../namespace.ts';
import type { Process } from '../process.ts';
import type { Sys } from '../sys.ts';

/** Who has no ID here, /proc/sys/kernel/overflowuid. */
const NOBODY = 65534;
const MAX_ID = 0xffffffff;
/** Lines that a map may have, user_namespaces(7). */
const MAX_LINES = 340;

interface Range {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

type Ids = readonly Range[];

function inward(ids: Ids, id: number): number | undefined {
  const range = ids.find(({ outside, count }) => id >= outside && id < outside + count);
  return range === undefined ? undefined : range.inside + id - range.outside;
}

function outward(ids: Ids, id: number): number | undefined {
  const range = ids.find(({ inside, count }) => id >= inside && id < inside + count);
  return range === undefined ? undefined : range.outside + id - range.inside;
}

/** Is `user` the namespace `above`, or below it? */
export function isWithin(user: UserNamespace, above: UserNamespace): boolean {
  if (user === above) return true;
  return user instanceof NewUserNamespace && isWithin(user.parent, above);
}

/** Types that root in a user namespace may mount, FS_USERNS_MOUNT. */
const mountable = new Set(['tmpfs', 'ramfs', 'overlay', 'mqueue', 'devpts', 'cgroup', 'cgroup2']);

export class NewUserNamespace implements UserNamespace {
  readonly kind = 'user';
  readonly parent: UserNamespace;
  /** Who made it, by the IDs of the first namespace. */
  readonly uid: number;
  private uids: Ids = [];
  private gids: Ids = [];
  private setgroups: 'allow' | 'deny' = 'allow';

  constructor(
    readonly ino: number,
    maker: Process,
  ) {
    this.parent = maker.ns.user;
    this.uid = maker.uid;
    if (this.parent instanceof NewUserNamespace) this.setgroups = this.parent.setgroups;
  }

  may(who: Process, capability: string, over: Namespace | undefined): boolean {
    let target = over === undefined || over.kind === 'user' ? (over as UserNamespace | undefined) : over.owner;
    for (; target instanceof NewUserNamespace; target = target.parent) {
      if (target === this) return who.capabilities === undefined || who.capabilities.has(capability);
      if (target.parent === this && target.uid === who.uid) return true;
    }
    return false;
  }

  readonly overrides = (who: object, stat: Stat): boolean =>
    (who as Process).capabilities === undefined &&
    inward(this.uids, stat.uid) !== undefined &&
    inward(this.gids, stat.gid) !== undefined;

  knows({ uid, gid }: Process): boolean {
    return inward(this.uids, uid) !== undefined && inward(this.gids, gid) !== undefined;
  }

  calls(kernel: Kernel, who: Process): Sys {
    return new MappedCalls(kernel, who, this);
  }

  /** Only root keeps its capabilities over an execve(2), capabilities(7). */
  onExec(who: Process): void {
    who.capabilities = inward(this.uids, who.uid) === 0 ? undefined : new Set();
  }

  demandType(who: Process, type: string): void {
    const owner = type === 'proc' ? (who.ns.pid as Namespace) : type === 'sysfs' ? who.ns.net : undefined;
    if (owner === undefined ? !mountable.has(type) : !who.can('CAP_SYS_ADMIN', owner)) throw new SysError('EPERM');
  }

  uidIn(id: number): number {
    return inward(this.uids, id) ?? NOBODY;
  }

  gidIn(id: number): number {
    return inward(this.gids, id) ?? NOBODY;
  }

  /** An ID that a process of this namespace names. EINVAL: it stands for nobody; -1 is left as it is. */
  outer(kind: 'uid' | 'gid', id: number): number {
    const found = id === -1 ? id : outward(kind === 'uid' ? this.uids : this.gids, id);
    if (found === undefined) throw new SysError('EINVAL');
    return found;
  }

  text(file: string): string {
    if (file === 'setgroups') return `${this.setgroups}\n`;
    if (file === 'projid_map') return '';
    const cell = (n: number): string => String(n).padStart(10);
    return (file === 'uid_map' ? this.uids : this.gids)
      .map(({ inside, outside, count }) => `${cell(inside)} ${cell(this.told(file, outside))} ${cell(count)}\n`)
      .join('');
  }

  shown(kind: 'uid' | 'gid', id: number): number {
    return kind === 'uid' ? this.uidIn(id) : this.gidIn(id);
  }

  /** Told by the IDs of the namespace above. */
  private told(file: string, id: number): number {
    const { parent } = this;
    if (!(parent instanceof NewUserNamespace)) return id;
    return file === 'uid_map' ? parent.uidIn(id) : parent.gidIn(id);
  }

  write(file: string, text: string, by: Process): void {
    if (file === 'setgroups') this.writeSetgroups(text.trim(), by);
    else if (file === 'projid_map') throw new SysError('EPERM');
    else if (file === 'uid_map') this.uids = this.checked('uid', this.uids, text, by);
    else this.gids = this.checked('gid', this.gids, text, by);
  }

  private writeSetgroups(word: string, by: Process): void {
    if (!by.can('CAP_SYS_ADMIN', this)) throw new SysError('EPERM');
    if (word !== 'allow' && word !== 'deny') throw new SysError('EINVAL');
    if (word === this.setgroups) return;
    if (word === 'allow' || this.gids.length > 0) throw new SysError('EPERM');
    this.setgroups = word;
  }

  /** A map is written once, by somebody with power over the namespace, and only with IDs that the writer has. */
  private checked(kind: 'uid' | 'gid', known: Ids, text: string, by: Process): Ids {
    if (known.length > 0) throw new SysError('EPERM');
    if (!by.can('CAP_SYS_ADMIN', this)) throw new SysError('EPERM');
    const told = parse(text);
    if (by.ns.user !== this && by.ns.user !== this.parent) throw new SysError('EPERM');
    if (!this.mayMap(kind, told, by)) throw new SysError('EPERM');
    return told.map((range) => ({ ...range, outside: this.above(kind, range) }));
  }

  /** One's own ID alone (for groups: where setgroups(2) is denied), or any with CAP_SETUID, CAP_SETGID above. */
  private mayMap(kind: 'uid' | 'gid', told: Ids, by: Process): boolean {
    const [first] = told;
    const own = kind === 'uid' ? by.uid : this.setgroups === 'deny' ? by.gid : undefined;
    if (told.length === 1 && first?.count === 1 && this.above(kind, first) === own && by.uid === this.uid) return true;
    return by.can(kind === 'uid' ? 'CAP_SETUID' : 'CAP_SETGID', this.parent);
  }

  private above(kind: 'uid' | 'gid', { outside, count }: Range): number {
    const { parent } = this;
    if (!(parent instanceof NewUserNamespace)) return outside;
    const ids = kind === 'uid' ? parent.uids : parent.gids;
    const first = outward(ids, outside);
    if (first === undefined || outward(ids, outside + count - 1) !== first + count - 1) throw new SysError('EPERM');
    return first;
  }
}

/** EINVAL: not lines of three numbers, none or too many lines, or ranges that overlap or run over the end. */
function parse(text: string): Ids {
  const lines = text.replace(/\n$/, '').split('\n');
  if (lines.length > MAX_LINES) throw new SysError('EINVAL');
  const ids: Range[] = [];
  for (const line of lines) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line);
    if (match === null) throw new SysError('EINVAL');
    const [inside, outside, count] = match.slice(1).map(Number) as [number, number, number];
    const range = { inside, outside, count };
    if (count === 0 || inside + count > MAX_ID || outside + count > MAX_ID) throw new SysError('EINVAL');
    if (ids.some((other) => overlap(other, range))) throw new SysError('EINVAL');
    ids.push(range);
  }
  return ids;
}

function overlap(a: Range, b: Range): boolean {
  const meet = (x: number, y: number): boolean => x < y + b.count && y < x + a.count;
  return meet(a.inside, b.inside) || meet(a.outside, b.outside);
}

/** After a process came into its user namespace: all capabilities there, none elsewhere. */
export function enterUser(kernel: Kernel, self: Process): void {
  self.capabilities = undefined;
  kernel.equip(self);
}

/** setuid(2), setgid(2). EINVAL: nobody has that ID in this namespace; EPERM without the capability. */
export function setId(self: Process, kind: 'uid' | 'gid', id: number): void {
  const { user } = self.ns;
  const own = user instanceof NewUserNamespace ? user.outer(kind, id) : id;
  if (!self.can(kind === 'uid' ? 'CAP_SETUID' : 'CAP_SETGID', user)) throw new SysError('EPERM');
  self[kind] = own;
  if (kind === 'gid') self.groups = [];
}

/** The system calls of who is in a user namespace: IDs go through its maps. */
class MappedCalls extends SysCalls {
  constructor(
    kernel: Kernel,
    self: Process,
    private readonly user: NewUserNamespace,
  ) {
    super(kernel, self);
  }

  override get uid(): number {
    return this.user.uidIn(super.uid);
  }

  override get gid(): number {
    return this.user.gidIn(super.gid);
  }

  override get groups(): readonly number[] {
    return super.groups.map((id) => this.user.gidIn(id));
  }

  private mapped(stat: Stat): Stat {
    return { ...stat, uid: this.user.uidIn(stat.uid), gid: this.user.gidIn(stat.gid) };
  }

  override stat(path: string): Stat {
    return this.mapped(super.stat(path));
  }

  override lstat(path: string): Stat {
    return this.mapped(super.lstat(path));
  }

  override fstat(fd: number): Stat {
    return this.mapped(super.fstat(fd));
  }

  override chown(path: string, uid: number, gid: number, follow = true): void {
    super.chown(path, this.user.outer('uid', uid), this.user.outer('gid', gid), follow);
  }
}
