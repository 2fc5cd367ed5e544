/**
 * Limits of a process, getrlimit(2): what each is at first, and what those do that a simulated process can run into: the size of a file
 * (SIGXFSZ), open files (EMFILE), processes of a user (EAGAIN), CPU time (SIGXCPU, then SIGKILL), memory (ENOMEM). The others can be
 * set and read, and nothing here uses up what they limit.
 *
 * Kept true: a process without limits of its own costs nothing more; children share what their parent has set until one of them sets more.
 */
import { SysError } from '../errors.ts';
import type { Process } from './process.ts';

export interface Rlimit {
  readonly soft: number;
  readonly hard: number;
}

const NONE = Number.POSITIVE_INFINITY;
const same = (value: number): Rlimit => ({ soft: value, hard: value });

/** Of how many processes a signal may wait. */
export const MOST_PROCESSES = 31334;

/** In the order of /proc/<pid>/limits, with the words there. Bytes, seconds or pieces. */
const table = {
  CPU: ['Max cpu time', same(NONE), 'seconds'],
  FSIZE: ['Max file size', same(NONE), 'bytes'],
  DATA: ['Max data size', same(NONE), 'bytes'],
  STACK: ['Max stack size', { soft: 8388608, hard: NONE }, 'bytes'],
  CORE: ['Max core file size', { soft: 0, hard: NONE }, 'bytes'],
  RSS: ['Max resident set', same(NONE), 'bytes'],
  NPROC: ['Max processes', same(NONE), 'processes'],
  NOFILE: ['Max open files', same(1048576), 'files'],
  MEMLOCK: ['Max locked memory', same(8388608), 'bytes'],
  AS: ['Max address space', same(NONE), 'bytes'],
  LOCKS: ['Max file locks', same(NONE), 'locks'],
  SIGPENDING: ['Max pending signals', same(MOST_PROCESSES), 'signals'],
  MSGQUEUE: ['Max msgqueue size', same(819200), 'bytes'],
  NICE: ['Max nice priority', same(0), ''],
  RTPRIO: ['Max realtime priority', same(0), ''],
  RTTIME: ['Max realtime timeout', same(NONE), 'us'],
} as const satisfies Readonly<Record<string, readonly [string, Rlimit, string]>>;

export type Resource = keyof typeof table;
export type Rlimits = Readonly<Partial<Record<Resource, Rlimit>>>;

export const rlimitOf = ({ rlimits }: Process, resource: Resource): Rlimit => rlimits?.[resource] ?? table[resource][1];

/** setrlimit(2). EINVAL: soft above hard; EPERM: above the hard limit, without CAP_SYS_RESOURCE. */
export function setRlimit(process: Process, resource: Resource, limit: Rlimit): void {
  if (limit.soft > limit.hard) throw new SysError('EINVAL');
  if (limit.hard > rlimitOf(process, resource).hard && !process.can('CAP_SYS_RESOURCE')) throw new SysError('EPERM');
  process.rlimits = { ...process.rlimits, [resource]: limit };
}

/** After CPU time was used: a signal at the soft limit and at each second after it, the end at the hard one. */
export function checkCpu(process: Process, before: number): void {
  const { soft, hard } = rlimitOf(process, 'CPU');
  if (process.cpuMs >= hard * 1000) process.kernel.signal(process, 'KILL');
  else if (process.cpuMs >= soft * 1000 && Math.floor(process.cpuMs / 1000) > Math.floor(before / 1000))
    process.kernel.signal(process, 'XCPU');
}

/** ENOMEM: it would hold more than it may. */
export function checkMemory(process: Process, more: number): void {
  const most = Math.min(rlimitOf(process, 'AS').soft, rlimitOf(process, 'DATA').soft);
  if (process.data + more > most) throw new SysError('ENOMEM');
}

/** EAGAIN: the user has as many processes as this one allows. Root may have more, prlimit(2). */
export function checkProcesses(parent: Process): void {
  if (parent.uid === 0) return;
  let own = 0;
  for (const { uid } of parent.kernel.processes.values()) if (uid === parent.uid) own += 1;
  if (own >= rlimitOf(parent, 'NPROC').soft) throw new SysError('EAGAIN');
}

/** Why a write behind the end of what a file may have is refused: SIGXFSZ and EFBIG, or there is no room. */
export function fullOf(process: Process, offset: number): SysError {
  if (offset < rlimitOf(process, 'FSIZE').soft) return new SysError('ENOSPC');
  process.raise('XFSZ');
  return new SysError('EFBIG');
}

const row = (name: string, soft: string, hard: string, unit: string): string =>
  `${name.padEnd(25)} ${soft.padEnd(20)} ${hard.padEnd(20)} ${unit === '' ? '' : unit.padEnd(10)}\n`;

const words = (value: number): string => (value === NONE ? 'unlimited' : String(value));

/** /proc/<pid>/limits */
export function limitsText(process: Process): string {
  const rows = (Object.keys(table) as Resource[]).map((resource) => {
    const [name, , unit] = table[resource];
    const { soft, hard } = rlimitOf(process, resource);
    return row(name, words(soft), words(hard), unit);
  });
  return row('Limit', 'Soft Limit', 'Hard Limit', 'Units') + rows.join('');
}
