/**
 * What a command that was typed on the host changes by its system calls, as it happens: for who wants to see inside of it.
 *
 * Kept true: only calls that succeeded, and only those that change how the system is put together: mounts, namespaces, roots,
 * control groups, files of the kernel's, network devices. Nobody is told of anything unless somebody listens.
 */
import { PartNeeded } from '../errors.ts';
import type { NsKind } from '../op.ts';
import type { Process } from './process.ts';
import type { NetSys, Propagation } from './sys.ts';

/** The messages of rtnetlink(7) that change something: the names that NetSys has for them. */
export type NetChange = 'add' | 'remove' | 'up' | 'rename' | 'master' | 'move' | 'address' | 'route';

export type Change =
  | {
      readonly call: 'mount';
      readonly source: string;
      readonly target: string;
      readonly type: string;
      readonly options: readonly string[];
    }
  | { readonly call: 'umount'; readonly target: string; readonly lazy: boolean }
  | { readonly call: 'propagate'; readonly target: string; readonly kind: Propagation; readonly all: boolean }
  | { readonly call: 'moveMount'; readonly from: string; readonly to: string }
  | { readonly call: 'pivotRoot'; readonly newRoot: string; readonly putOld: string }
  | { readonly call: 'chroot'; readonly path: string }
  | { readonly call: 'sethostname'; readonly name: string }
  | { readonly call: 'unshare'; readonly kinds: readonly NsKind[] }
  | { readonly call: 'setns'; readonly fd: number; readonly kind: NsKind; readonly number: number }
  /** A child that is the first in a new PID namespace, or is born into another than its parent is in. */
  | { readonly call: 'clone'; readonly pid: number; readonly inside: number }
  | { readonly call: 'mkdir' | 'rmdir'; readonly path: string }
  /** Into a file that the kernel makes up: of a control group, of /proc. */
  | { readonly call: 'write'; readonly path: string; readonly text: string }
  | { readonly call: 'netlink'; readonly what: NetChange; readonly args: readonly unknown[] };

export type Trace = (by: Process, change: Change) => void;

/** A change in words, and the call as strace(1) writes it. */
export interface Told {
  readonly title: string;
  readonly shell: string;
}

let known: ((change: Change) => Told) | undefined;

export function registerTelling(tell: (change: Change) => Told): void {
  known = tell;
}

/** Throws PartNeeded. */
export function told(change: Change): Told {
  if (known === undefined) throw new PartNeeded('shell');
  return known(change);
}

/** The arguments of a NetSys method that changes something. */
export type NetArgs<K extends NetChange> = Parameters<NetSys[K]>;
