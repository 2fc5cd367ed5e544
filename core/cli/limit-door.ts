/** The door to what reads the values of limits (limit-values.ts), a part that a page loads with the first of them (core/parts.ts). */
import type { Resources } from '../engine/resources.ts';
import { PartNeeded } from '../errors.ts';
import type { FlagValues } from './flags.ts';
import type { profiles } from './seccomp-files.ts';

export interface LimitValues {
  /** Reads what `--security-opt seccomp=FILE` names. */
  readonly profiles: typeof profiles;
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
export function limitValues(): LimitValues {
  if (known === undefined) throw new PartNeeded('limits');
  return known;
}
