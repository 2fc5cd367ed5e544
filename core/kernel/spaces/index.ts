/** The part of the kernel that is loaded when somebody makes or enters namespaces by hand, see ../more.ts. */
import { SysError } from '../../errors.ts';
import type { MoreKernel } from '../more.ts';
import { statOf } from '../namei.ts';
import type { Process } from '../process.ts';
import { iptables } from './iptables.ts';
import { netOf } from './net.ts';
import { netFile } from './netfiles.ts';
import { NsFile } from './nsfile.ts';
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

export const spaces: MoreKernel = {
  nsFile: (ns) => new NsFile(ns),
  bindBelow,
  iptables,
  netFile,
  publish,
  calls: (kernel, self) => ({
    unshare: (kinds) => unshare(kernel, self, kinds),
    setns: (fd, kind) => setns(kernel, self, fd, kind),
    pivotRoot: (newRoot, putOld) => pivotRoot(kernel, self, newRoot, putOld),
    propagate: (target, kind, all) => propagate(kernel, self, target, kind, all),
    get net() {
      return netOf(kernel, self);
    },
    fchdir: (fd) => fchdir(self, fd),
    setuid: (uid) => setId(self, 'uid', uid),
    setgid: (gid) => setId(self, 'gid', gid),
    moveMount: (from, to) => moveMount(kernel, self, from, to),
  }),
};
