/** The part of the kernel that is loaded when somebody makes or enters namespaces by hand, see ../more.ts. */
import { SysError } from '../../errors.ts';
import type { MoreKernel } from '../more.ts';
import { statOf } from '../namei.ts';
import type { Process } from '../process.ts';
import type { NetSys } from '../sys.ts';
import type { NetChange, Trace } from '../trace.ts';
import { iptables } from './iptables.ts';
import { netOf } from './net.ts';
import { netFile } from './netfiles.ts';
import { NsFile, nsOf } from './nsfile.ts';
import { bindBelow, moveMount, pivotRoot } from './pivot.ts';
import { propagate } from './propagation.ts';
import { publish } from './proxy.ts';
import { setns, unshare } from './unshare.ts';
import { setId } from './user.ts';

function fchdir(self: Process, fd: number): void {
  const { path } = self.file(fd);
  if (path === undefined || statOf(path).type !== 'dir') throw new SysError('ENOTDIR');
  self.cwd = path;
}

const changing: readonly NetChange[] = ['add', 'remove', 'up', 'rename', 'master', 'move', 'address', 'route'];

/** The same, telling of what is changed. */
function tracedNet(net: NetSys, trace: Trace, self: Process): NetSys {
  const traced = changing.map((what) => {
    const call = net[what] as (...args: readonly unknown[]) => void;
    return [
      what,
      (...args: readonly unknown[]) => {
        call(...args);
        trace(self, { call: 'netlink', what, args });
      },
    ] as const;
  });
  return { ...net, ...Object.fromEntries(traced) };
}

export const spaces: MoreKernel = {
  nsFile: (ns) => new NsFile(ns),
  bindBelow,
  iptables,
  netFile,
  publish,
  calls: (kernel, self) => ({
    unshare: (kinds) => {
      unshare(kernel, self, kinds);
      if (kinds.length > 0) kernel.trace?.(self, { call: 'unshare', kinds });
    },
    setns: (fd, kind) => {
      const ns = nsOf(self.file(fd));
      setns(kernel, self, fd, kind);
      kernel.trace?.(self, { call: 'setns', fd, kind: ns.kind, number: ns.ino });
    },
    pivotRoot: (newRoot, putOld) => {
      pivotRoot(kernel, self, newRoot, putOld);
      kernel.trace?.(self, { call: 'pivotRoot', newRoot, putOld });
    },
    propagate: (target, kind, all) => {
      propagate(kernel, self, target, kind, all);
      kernel.trace?.(self, { call: 'propagate', target, kind, all });
    },
    get net() {
      const net = netOf(kernel, self);
      return kernel.trace === undefined ? net : tracedNet(net, kernel.trace, self);
    },
    fchdir: (fd) => fchdir(self, fd),
    setuid: (uid) => setId(self, 'uid', uid),
    setgid: (gid) => setId(self, 'gid', gid),
    moveMount: (from, to) => {
      moveMount(kernel, self, from, to);
      kernel.trace?.(self, { call: 'moveMount', from, to });
    },
  }),
};
