/** The door to what reads the flags of mounts (mount-values.ts), a part that a page loads with the first of them (core/parts.ts). */
import type { CreateSpec } from '../engine/index.ts';
import { PartNeeded } from '../errors.ts';
import type { FlagDef, FlagValues } from './flags.ts';
import { flag } from './flags.ts';
import { type Cli, CliError } from './spec.ts';

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
function mountValues(): MountValues {
  if (known === undefined) throw new PartNeeded('volumes');
  return known;
}

export const mountFlag: FlagDef = flag('--mount', 'mount', 'Attach a filesystem mount to the container', {
  check: (value) => mountValues().check(value),
});

export const mountFlags: readonly string[] = ['mount', 'tmpfs', 'volume', 'volume-driver', 'volumes-from'];

/** Throws PartNeeded, and CliError where containers can have no mounts. */
export function mountsAsked({ engine }: Cli, flags: FlagValues): Pick<CreateSpec, 'mounting' | 'volumes'> {
  const given = mountFlags.find((name) => flags.has(name));
  if (given === undefined) return {};
  if (engine.facts.plainContainers === true)
    throw new CliError(`cutaway: docker run --${given} is not on this target yet`, 125);
  return mountValues().mounting(flags);
}
