/** Flags of `docker run` and `create` that give a container mounts of its own. */
import type { CreateSpec } from '../engine/index.ts';
import type { FlagDef, FlagValues } from './flags.ts';
import { flag } from './flags.ts';
import { mountValues } from './mount-door.ts';
import { type Cli, CliError } from './spec.ts';

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
