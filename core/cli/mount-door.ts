/** The door to what reads the flags of mounts (mount-values.ts), a part that a page loads with the first of them (core/parts.ts). */
import type { CreateSpec } from '../engine/index.ts';
import { PartNeeded } from '../errors.ts';
import type { FlagValues } from './flags.ts';

export interface MountValues {
  /** What the flags ask for. */
  mounting(flags: FlagValues): Pick<CreateSpec, 'mounting' | 'volumes'>;
  /** Checks one value of `--mount`. Throws a plain Error, see FlagDef.check. */
  check(value: string): string;
}

let known: MountValues | undefined;

export function registerMountFlags(values: MountValues): void {
  known = values;
}

/** Throws PartNeeded. */
export function mountValues(): MountValues {
  if (known === undefined) throw new PartNeeded('volumes');
  return known;
}
