/** The part of the kernel that is loaded when somebody makes or enters namespaces by hand, see ../more.ts. */
import { SysError } from '../../errors.ts';
import { ipcOf, makeIpc, removeIpc } from '../ipc.ts';
import type { Kernel } from '../kernel.ts';
import type { MoreKernel } from '../more.ts';
import { statOf } from '../namei.ts';
import type { Process } from '../process.ts';
import type { NetSys } from '../sys.ts';
import type { NetChange, Trace } from '../trace.ts';
import * as xattrs from '../xattrcalls.ts';
import { network } from './docker.ts';
import { ipcTools } from './ipctools.ts';
import { iptables } from './iptables.ts';
import { netOf } from './net.ts';
import { netFile } from './netfiles.ts';
import { NsFile, nsOf } from './nsfile.ts';
import { bindBelow, moveMount, pivotRoot } from './pivot.ts';
import { followTied, placeTied, propagate } from './propagation.ts';
import { remount } from './remount.ts';
import { netSpaces } from './seen.ts';
import { fillNet } from './sysnet.ts';
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

function targetOf(self: Process, pid: number): Process {
  const target = pid === 0 ? self : self.ns.pid.table.get(pid);
  if (target === undefined) throw new SysError('ESRCH');
  return target;
}

function setNice(self: Process, target: Process, asked: number): void {
  const nice = Math.max(-20, Math.min(19, asked));
  const mighty = self.can('CAP_SYS_NICE');
  if (target.uid !== self.uid && !mighty) throw new SysError('EPERM');
  if (nice < target.nice && !mighty) throw new SysError('EACCES');
  target.nice = nice;
}

/** A number by chance. */
const keyOf = (kernel: Kernel): number => kernel.random(4).reduce((key, byte) => key * 256 + byte, 0);

export const spaces: MoreKernel = {
  xattrs,
  nsFile: (ns) => new NsFile(ns),
  bindBelow,
  remount,
  placeTied,
  followTied,
  fillNet,
  iptables,
  ipcTools,
  netFile,
  network,
  netSpaces,
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
    ipc: {
      // A key of its own, as for IPC_PRIVATE made public.
      make: (kind, size, mode) => makeIpc(self, kind, keyOf(kernel), size, mode),
      remove: (kind, id) => removeIpc(self, kind, id),
      list: (kind) => [...ipcOf(self.ns.ipc)[kind].objects.values()],
      limit: (name) => ipcOf(self.ns.ipc).limits.get(name) ?? 0n,
    },
    getpriority: (pid) => targetOf(self, pid).nice,
    setpriority: (pid, nice) => setNice(self, targetOf(self, pid), nice),
    fchdir: (fd) => fchdir(self, fd),
    setuid: (uid) => setId(self, 'uid', uid),
    setgid: (gid) => setId(self, 'gid', gid),
    moveMount: (from, to) => {
      moveMount(kernel, self, from, to);
      kernel.trace?.(self, { call: 'moveMount', from, to });
    },
  }),
};
