/**
 * unshare(2) and setns(2): how a process leaves namespaces for new ones, or for those of others.
 *
 * Kept true: a new mount namespace has copies of all mounts and its maker stands at the same place in them; a new PID namespace
 * begins with the next child; all that is made together with a user namespace belongs to that one.
 */
import { SysError } from '../../errors.ts';
import type { NsKind } from '../../op.ts';
import type { Kernel } from '../kernel.ts';
import { type Mount, movePath } from '../mount.ts';
import { cross, samePlace } from '../namei.ts';
import type { MntNamespace, Namespace, Namespaces, PidNamespace, UserNamespace } from '../namespace.ts';
import type { Process } from '../process.ts';
import { nsOf } from './nsfile.ts';
import { becomes } from './propagation.ts';
import { isBare } from './stack.ts';
import { enterUser, isWithin, NewUserNamespace } from './user.ts';

type Changed = { -readonly [K in NsKind]?: Namespaces[K] };

export function unshare(kernel: Kernel, self: Process, kinds: readonly NsKind[]): void {
  const { namespaces: make } = kernel;
  const wants = (kind: NsKind): boolean => kinds.includes(kind);
  if (wants('user')) demandUser(self);
  const user = wants('user') ? new NewUserNamespace(make.plain('user').ino, self) : undefined;
  // Docker's profile refuses the call itself, new user namespaces included.
  if (self.filtered && !self.can('CAP_SYS_ADMIN')) throw new SysError('EPERM');
  if (user === undefined && kinds.length > 0 && !self.can('CAP_SYS_ADMIN', self.ns.user)) throw new SysError('EPERM');
  if (wants('pid') && self.pidForChildren !== undefined) throw new SysError('EINVAL');
  const owner: UserNamespace = user ?? self.ns.user;
  const owned = <N extends Namespace>(ns: N): N => Object.assign(ns, owner.may === undefined ? {} : { owner });
  const changed: Changed = {};
  if (user !== undefined) changed.user = user;
  if (wants('uts')) changed.uts = owned(make.uts(self.ns.uts.hostname));
  if (wants('ipc')) changed.ipc = owned(make.plain('ipc'));
  if (wants('net')) {
    changed.net = owned(make.plain('net'));
    isBare(changed.net);
  }
  if (wants('cgroup')) changed.cgroup = owned(make.cgroup(self.cgroups));
  if (wants('mnt')) changed.mnt = owned(copyMounts(kernel, self, owner));
  if (wants('pid')) self.pidForChildren = owned(make.pid(self.ns.pid));
  self.ns = { ...self.ns, ...changed };
  if (user !== undefined) enterUser(kernel, self);
}

/** EPERM in a chroot, and for who has no ID in the own user namespace: create_user_ns() of kernel/user_namespace.c. */
function demandUser(self: Process): void {
  const { user, mnt } = self.ns;
  const top = mnt.root;
  const inRoot = samePlace(self.root, cross({ mount: top, ino: top.root, name: '' }));
  if (!inRoot || user.knows?.(self) === false) throw new SysError('EPERM');
}

/** Copies of all mounts; where the copies belong to somebody with less power they stay where they are, and take but do not give. */
function copyMounts(kernel: Kernel, self: Process, owner: UserNamespace): MntNamespace {
  const { mnt } = self.ns;
  const copies = new Map<Mount, Mount>();
  const root = kernel.mounts.cloneTree(mnt.root, copies);
  const isWeaker = owner !== (mnt.owner ?? kernel.init.ns.user);
  for (const [from, to] of copies) {
    from.sharing?.copied(to, true);
    to.locked = isWeaker && to !== root;
    if (isWeaker && from.sharing !== undefined) becomes(kernel, to, 'slave');
  }
  self.root = movePath(self.root, copies);
  self.cwd = movePath(self.cwd, copies);
  return kernel.namespaces.mnt(root);
}

export function setns(kernel: Kernel, self: Process, fd: number, kind?: NsKind): void {
  const ns = nsOf(self.file(fd));
  if (kind !== undefined && kind !== ns.kind) throw new SysError('EINVAL');
  if (ns.kind === 'user') joinUser(kernel, self, ns as UserNamespace);
  else if (ns.kind === 'pid') joinPid(self, ns as PidNamespace);
  else if (ns.kind === 'mnt') joinMnt(self, ns as MntNamespace);
  else {
    demandPower(self, ns);
    self.ns = { ...self.ns, [ns.kind]: ns };
  }
}

function demandPower(self: Process, ns: Namespace): void {
  if (!self.can('CAP_SYS_ADMIN', ns) || !self.can('CAP_SYS_ADMIN', self.ns.user)) throw new SysError('EPERM');
}

/** Only into another one, and only into one below. */
function joinUser(kernel: Kernel, self: Process, user: UserNamespace): void {
  if (user === self.ns.user) throw new SysError('EINVAL');
  if (!isWithin(user, self.ns.user) || !self.can('CAP_SYS_ADMIN', user)) throw new SysError('EPERM');
  self.ns = { ...self.ns, user };
  enterUser(kernel, self);
}

/** The children of the process are born in the own PID namespace or in one below it. */
function joinPid(self: Process, pid: PidNamespace): void {
  demandPower(self, pid);
  let at: PidNamespace | undefined = pid;
  while (at !== undefined && at !== self.ns.pid) at = at.parent;
  if (at === undefined) throw new SysError('EINVAL');
  self.pidForChildren = pid === self.ns.pid ? undefined : pid;
}

function joinMnt(self: Process, mnt: MntNamespace): void {
  demandPower(self, mnt);
  if (!self.can('CAP_SYS_CHROOT', self.ns.user)) throw new SysError('EPERM');
  self.ns = { ...self.ns, mnt };
  const root = cross({ mount: mnt.root, ino: mnt.root.root, name: '' });
  self.root = root;
  self.cwd = root;
}
