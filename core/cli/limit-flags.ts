/** Flags of `docker run`, `create` and `update` that set limits beyond memory and number of processes. */
import type { Resources } from '../engine/resources.ts';
import type { FlagDef, FlagValues } from './flags.ts';
import { flag } from './flags.ts';
import { limitValues } from './limit-door.ts';

/** A row of a flag table whose values are checked by the part. */
export const limitFlag = (name: string, kind: FlagDef['kind'], usage: string, initial?: string): FlagDef =>
  flag(`--${name}`, kind, usage, {
    ...(initial === undefined ? {} : { default: initial }),
    check: (value) => limitValues().check(name, value),
  });

/** Flags that can be changed while a container runs. */
export const updateLimits: readonly string[] = [
  ...['blkio-weight', 'cpu-period', 'cpu-quota', 'cpu-shares', 'cpus', 'cpuset-cpus', 'cpuset-mems'],
  ...['kernel-memory', 'memory-reservation'],
];

export const createLimits: readonly string[] = [
  ...updateLimits,
  ...['blkio-weight-device', 'device', 'device-cgroup-rule', 'device-read-bps', 'device-read-iops'],
  ...['device-write-bps', 'device-write-iops', 'memory-swappiness', 'oom-kill-disable', 'oom-score-adj'],
];

/** What the flags ask for; undefined when none of them was given. Throws CliError, PartNeeded. */
export function limitsAsked(flags: FlagValues, names: readonly string[]): Resources | undefined {
  return names.some((name) => flags.has(name)) ? limitValues().resources(flags) : undefined;
}
