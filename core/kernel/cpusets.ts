/**
 * The CPUs that a group of v2 really has: what it asks for out of what its parent has, or all of that. A partition takes its CPUs
 * away from its parent's other children. Documentation/admin-guide/cgroup-v2.rst "Cpuset".
 */
import type { Cgroup } from './cgroup.ts';
import { CPUS } from './limits.ts';

/** `0-2,4` as numbers. */
export function cpuList(text: string): number[] {
  return text.split(',').flatMap((part) => {
    if (part === '') return [];
    const [from, to = from] = part.split('-').map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i);
  });
}

/** Numbers, ascending, as `0-2,4`. */
export function cpuRuns(cpus: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const cpu of cpus) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === cpu - 1) last[1] = cpu;
    else parts.push([cpu, cpu]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join();
}

const asked = (group: Cgroup): number[] => cpuList(group.values.get('cpuset.cpus') ?? '');

/** Does a neighbour ask for the same CPUs? */
function isExclusive(group: Cgroup): boolean {
  const own = asked(group);
  const others = [...(group.parent?.children.values() ?? [])].filter((each) => each !== group);
  return !others.some((other) => asked(other).some((cpu) => own.includes(cpu)));
}

/** What `cpuset.cpus.partition` says. */
export function partitionOf(group: Cgroup): string {
  const kind = group.values.get('cpuset.cpus.partition') ?? 'member';
  return kind === 'member' || isExclusive(group) ? kind : `${kind} invalid (Cpu list in cpuset.cpus not exclusive)`;
}

const isPartition = (group: Cgroup): boolean =>
  asked(group).length > 0 && ['root', 'isolated'].includes(partitionOf(group));

/** The CPUs of a group, ascending, with those that its partitions have been given taken off. */
function cpusOf(group: Cgroup): number[] {
  let cpus: number[];
  if (group.parent === undefined) cpus = Array.from({ length: CPUS }, (_, n) => n);
  else if (isPartition(group)) cpus = asked(group);
  else {
    const above = cpusOf(group.parent);
    const own = asked(group).filter((cpu) => above.includes(cpu));
    cpus = own.length > 0 ? own : above;
  }
  const given = [...group.children.values()].filter(isPartition).flatMap(asked);
  return cpus.filter((cpu) => !given.includes(cpu));
}

/** What `cpuset.cpus.effective` says. */
export const effectiveCpus = (group: Cgroup): string => cpuRuns(cpusOf(group));
