/**
 * Flags of `docker run`, `create` and `update` that set limits beyond memory and number of processes: their names, and the door
 * to what reads their values (limit-values.ts), a part that a page loads with the first of them (core/parts.ts).
 */
import type { Resources } from '../engine/resources.ts';
import { PartNeeded } from '../errors.ts';
import type { FlagDef, FlagValues } from './flags.ts';
import { flag } from './flags.ts';

export interface LimitValues {
  /** What the flags ask for. Throws CliError for what only the whole of them shows to be wrong. */
  resources(flags: FlagValues): Resources;
  /** Checks one value and gives it as it is kept. Throws a plain Error, see FlagDef.check. */
  check(name: string, value: string): string;
}

let known: LimitValues | undefined;

export function registerLimitFlags(values: LimitValues): void {
  known = values;
}

/** Throws PartNeeded. */
function values(): LimitValues {
  if (known === undefined) throw new PartNeeded('limits');
  return known;
}

/** A row of a flag table whose values are checked by the part. */
export const limitFlag = (name: string, kind: FlagDef['kind'], usage: string, initial?: string): FlagDef =>
  flag(`--${name}`, kind, usage, {
    ...(initial === undefined ? {} : { default: initial }),
    check: (value) => values().check(name, value),
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
  return names.some((name) => flags.has(name)) ? values().resources(flags) : undefined;
}
