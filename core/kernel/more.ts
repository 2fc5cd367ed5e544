/**
 * What the kernel can do beside running containers: what people do by hand with namespaces, propagation and network devices.
 * A part of its own, which a page loads when it is first needed (core/parts.ts); the work is done in spaces/.
 */
import { PartNeeded } from '../errors.ts';
import type { NetSpaceFacts } from '../observation.ts';
import type { OpOf } from '../op.ts';
import type { TreeFs } from '../vfs/tree.ts';
import type { OpenFile } from './file.ts';
import type { Kernel } from './kernel.ts';
import type { Mount } from './mount.ts';
import type { Path } from './namei.ts';
import type { Namespace, NetNamespace } from './namespace.ts';
import type { Process } from './process.ts';
import type { NetFile } from './procfs.ts';
import type { MoreSys, Program } from './sys.ts';
import type * as xattrs from './xattrcalls.ts';

export type NetworkOp = OpOf<
  'bridgeAdd' | 'addressAdd' | 'linkUp' | 'linkRemove' | 'rulesAdd' | 'rulesRemove' | 'pairAdd' | 'join' | 'rejoin'
>;

export interface MoreKernel {
  calls(kernel: Kernel, self: Process): MoreSys;
  /** What stands behind the link of a namespace in /proc/<pid>/ns. */
  nsFile(ns: Namespace): OpenFile;
  /** What stands in a file of /proc/<pid>/net. */
  netFile(kernel: Kernel, process: Process, name: NetFile): string;
  /** Puts the devices of a network namespace into a /sys. */
  fillNet(kernel: Kernel, ns: NetNamespace, fs: TreeFs): void;
  /** Extended attributes of files. */
  readonly xattrs: typeof xattrs;
  /** The host's program of that name. */
  iptables: Program;
  /** The host's programs for System V IPC. */
  readonly ipcTools: Readonly<Record<'ipcs' | 'ipcmk' | 'ipcrm', Program>>;
  /** What the engine does to devices and rules of the host. */
  network(kernel: Kernel, op: NetworkOp): void;
  /** All network namespaces; none while there are only loopbacks that are up. */
  netSpaces(kernel: Kernel): readonly NetSpaceFacts[];
  /** Puts copies of all that is mounted below `source` on `copy`, which shows the same directory. */
  bindBelow(kernel: Kernel, source: Path, copy: Mount): Mount;
  /** MS_REMOUNT of what lies there. */
  remount(kernel: Kernel, at: Path, options: readonly string[]): Mount;
  /** Puts a mount of a container on its place, where something is shared; a bind mount with its options. */
  placeTied(kernel: Kernel, mount: Mount, at: Path, options?: readonly string[]): void;
  /** Makes copies follow what they are copies of. */
  followTied(kernel: Kernel, copies: ReadonlyMap<Mount, Mount>): void;
}

let known: MoreKernel | undefined;

export function registerKernel(kernel: MoreKernel): void {
  known = kernel;
}

/** Throws PartNeeded. */
export function moreKernel(): MoreKernel {
  if (known === undefined) throw new PartNeeded('spaces');
  return known;
}

/** Undefined while nobody has needed it. */
export const moreKernelSoFar = (): MoreKernel | undefined => known;
