/** Facts about the lab's processes, read back from /proc (proc(5)) and from the cgroups. */
import { readFileSync } from 'node:fs';
import { type NsKind, nsKinds, type ProcessInfo } from '../core/index.ts';
import type { Cgroups } from './cgroup.ts';
import { isErrno, Refused } from './errno.ts';
import type { Lab } from './lab.ts';
import { namespaceOf } from './namespace.ts';

/** Clock ticks a second in /proc; 100 on every architecture that Node runs on. */
const ticks = 100;
const bootTime = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0) * 1000;

/** Processes of a cgroup, sorted by PID. One that ends while we look is left out. */
export function processes(cgroups: Cgroups, group: string): readonly ProcessInfo[] {
  if (!cgroups.exists(group)) throw new Refused('ENOENT', `no cgroup ${group}`);
  return cgroups
    .pids(group)
    .map(processInfo)
    .filter((info) => info !== undefined)
    .sort((a, b) => a.pid - b.pid);
}

export function namespaces(lab: Lab, pid: number): Readonly<Record<NsKind, string>> {
  try {
    return Object.fromEntries(nsKinds.map((kind) => [kind, namespaceOf(lab, pid, kind)])) as Record<NsKind, string>;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw new Refused('ESRCH');
    throw error;
  }
}

function processInfo(hostPid: number): ProcessInfo | undefined {
  try {
    const status = statusOf(hostPid);
    const stat = readFileSync(`/proc/${hostPid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const numbers = numbersOf(status.NSpid);
    const parent = numbersOf(statusOf(Number(fields[1])).NSpid);
    return {
      pid: numbers[1] ?? 0,
      ppid: parent[1] ?? 0,
      inner: numbers.at(-1) ?? 0,
      innerParent: parent.length === numbers.length ? (parent.at(-1) ?? 0) : 0,
      uid: numbersOf(status.Uid)[0] ?? 0,
      comm: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
      args: argumentsOf(hostPid, 'RD'.includes(fields[0] ?? '')),
      state: stateOf(fields[0] ?? 'S'),
      startedAt: bootTime + (Number(fields[19]) * 1000) / ticks,
      cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / ticks,
    };
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return undefined;
    throw error;
  }
}

/** How long a process in the midst of execve(2) is waited for. */
const EXEC_MS = 200;

/** A process that works and shows no arguments has let go of the old ones in execve(2), and shows the new ones in a moment. */
function argumentsOf(hostPid: number, works: boolean): readonly string[] {
  for (const end = performance.now() + EXEC_MS; ; ) {
    const text = readFileSync(`/proc/${hostPid}/cmdline`, 'utf8');
    if (text !== '' || !works || performance.now() > end) return text.split('\0').slice(0, -1);
  }
}

/** Lines of /proc/<pid>/status; PID 0, the parent of a first process, has none. */
function statusOf(hostPid: number): Readonly<Record<string, string>> {
  if (hostPid === 0) return {};
  const text = readFileSync(`/proc/${hostPid}/status`, 'utf8');
  return Object.fromEntries(text.split('\n').map((line) => line.split(':\t') as [string, string]));
}

const numbersOf = (text: string | undefined): readonly number[] =>
  (text ?? '').split(/\s+/).filter(Boolean).map(Number);

/** Idle kernel states (I) and tracing stops (t) count as what a person would call them. */
function stateOf(letter: string): ProcessInfo['state'] {
  if (letter === 't') return 'T';
  return 'RSDTZ'.includes(letter) ? (letter as ProcessInfo['state']) : 'S';
}
