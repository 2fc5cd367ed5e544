/**
 * Processes of containers, read from /proc of this host: what a container's own PID namespace shows, and which namespaces it
 * shares, proc(5), pid_namespaces(7), namespaces(7).
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type NsKind, nsKinds, type ProcessFacts } from '../../core/index.ts';

/** One process of this host that is in a PID namespace below ours. */
export interface HostProcess {
  readonly pid: number;
  readonly ppid: number;
  /** PIDs from our namespace inwards; the last is that of its own. */
  readonly nspid: readonly number[];
  readonly pidNamespace: string;
  readonly state: string;
  readonly args: readonly string[];
}

/** All processes of the host that live in another PID namespace than ours. */
export function innerProcesses(): HostProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((found) => found !== undefined);
}

function readProcess(pid: number): HostProcess | undefined {
  const status = readText(`/proc/${pid}/status`);
  const nspid = field(status, 'NSpid').split(/\s+/).map(Number);
  if (nspid.length < 2) return undefined;
  return {
    pid,
    ppid: Number(field(status, 'PPid')),
    nspid,
    pidNamespace: namespaceOf(pid, 'pid'),
    state: field(status, 'State').slice(0, 1),
    args: readText(`/proc/${pid}/cmdline`).split('\0').slice(0, -1),
  };
}

function field(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
}

/** `pid:[4026531836]`; empty when the process is gone. */
export function namespaceOf(pid: number, kind: NsKind): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return '';
  }
}

export function namespacesOf(pid: number): Readonly<Record<NsKind, string>> {
  return Object.fromEntries(nsKinds.map((kind) => [kind, namespaceOf(pid, kind)])) as Record<NsKind, string>;
}

/**
 * The processes of the PID namespace that `init` is in, as they see each other. A parent outside is 0. Those that have ended
 * and wait to be reaped are left out, as the control group and `docker top` leave them out.
 */
export function processesAround(init: number, all: readonly HostProcess[]): ProcessFacts[] {
  const namespace = namespaceOf(init, 'pid');
  const members = new Map(
    all.filter((one) => one.pidNamespace === namespace && one.state !== 'Z').map((one) => [one.pid, one]),
  );
  return [...members.values()]
    .map(({ pid, ppid, nspid, args }) => {
      const parent = members.get(ppid)?.nspid.at(-1) ?? 0;
      return { pid: nspid.at(-1) ?? 0, ppid: parent, args, hostPid: pid };
    })
    .sort((a, b) => a.pid - b.pid);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
