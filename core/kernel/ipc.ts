/**
 * System V IPC, sysvipc(7): shared memory segments, message queues and semaphore arrays of an IPC namespace, and its limits.
 *
 * Kept true: identifiers are given out as ipc/util.c does it, the lowest number on from the last one that was given; what
 * one namespace has no other sees; everything goes with the namespace.
 */
import { SysError } from '../errors.ts';
import type { IpcNamespace } from './namespace.ts';
import type { Process } from './process.ts';

export type IpcKind = 'shm' | 'msg' | 'sem';

export interface IpcObject {
  readonly id: number;
  readonly key: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a segment, semaphores of an array. */
  readonly size: number;
  readonly creator: number;
  /** Milliseconds since the epoch. */
  readonly changed: number;
}

interface Table {
  readonly objects: Map<number, IpcObject>;
  next: number;
}

export interface Ipc {
  readonly shm: Table;
  readonly msg: Table;
  readonly sem: Table;
  /** /proc/sys/kernel: shmmax shmall shmmni msgmax msgmnb msgmni shm_rmid_forced, and the four of sem. */
  readonly limits: Map<string, bigint>;
}

/** ULONG_MAX - (1 << 24), include/uapi/linux/shm.h. */
const AS_MUCH_AS_POSSIBLE = 18446744073692774399n;
const PAGE = 4096;

const firstLimits: readonly (readonly [string, bigint])[] = [
  ['shmmax', AS_MUCH_AS_POSSIBLE],
  ['shmall', AS_MUCH_AS_POSSIBLE],
  ['shmmni', 4096n],
  ['msgmax', 8192n],
  ['msgmnb', 16384n],
  ['msgmni', 32000n],
  ['shm_rmid_forced', 0n],
  ['semmsl', 32000n],
  ['semmns', 1024000000n],
  ['semopm', 500n],
  ['semmni', 32000n],
];

/** All that a namespace has; made when somebody first asks. */
export function ipcOf(ns: IpcNamespace): Ipc {
  const table = (): Table => ({ objects: new Map(), next: 0 });
  ns.ipc ??= { shm: table(), msg: table(), sem: table(), limits: new Map(firstLimits) };
  return ns.ipc;
}

const most = { shm: 'shmmni', msg: 'msgmni', sem: 'semmni' } as const;

/** shmget(2), msgget(2), semget(2) with IPC_CREAT | IPC_EXCL. EEXIST, EINVAL: a size that is not allowed; ENOSPC: too many. */
export function makeIpc(by: Process, kind: IpcKind, key: number, size: number, mode: number): number {
  const { shm, limits, ...others } = ipcOf(by.ns.ipc);
  const table = kind === 'shm' ? shm : others[kind];
  const limit = (name: string): number => Number(limits.get(name) ?? 0n);
  if (key !== 0 && [...table.objects.values()].some((each) => each.key === key)) throw new SysError('EEXIST');
  if (kind === 'shm' && (size < 1 || size > limit('shmmax'))) throw new SysError('EINVAL');
  if (kind === 'sem' && (size < 1 || size > limit('semmsl'))) throw new SysError('EINVAL');
  if (kind === 'shm' && pages(shm) + Math.ceil(size / PAGE) > limit('shmall')) throw new SysError('ENOSPC');
  if (table.objects.size >= limit(most[kind])) throw new SysError('ENOSPC');
  const id = table.next++;
  const { uid, gid, pid } = by;
  const changed = by.kernel.now();
  table.objects.set(id, { id, key, mode: mode & 0o777, uid, gid, size, creator: pid, changed });
  return id;
}

/** Whole pages of all segments. */
export const pages = ({ objects }: Table): number =>
  [...objects.values()].reduce((sum, { size }) => sum + Math.ceil(size / PAGE), 0);

/** IPC_RMID. EINVAL: no such one; EPERM: not the owner. */
export function removeIpc(by: Process, kind: IpcKind, id: number): void {
  const { objects } = ipcOf(by.ns.ipc)[kind];
  const object = objects.get(id);
  if (object === undefined) throw new SysError('EINVAL');
  if (object.uid !== by.uid && !by.can('CAP_SYS_ADMIN', by.ns.ipc)) throw new SysError('EPERM');
  objects.delete(id);
}
