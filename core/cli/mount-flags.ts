/** Flags of `docker run` and `create` that give a container mounts of its own. */
import type { CreateSpec } from '../engine/index.ts';
import type { FlagDef, FlagValues } from './flags.ts';
import { flag } from './flags.ts';
import { mountValues } from './mount-door.ts';

export const mountFlag: FlagDef = flag('--mount', 'mount', 'Attach a filesystem mount to the container', {
  check: (value) => mountValues().check(value),
});

export const mountFlags: readonly string[] = ['mount', 'tmpfs', 'volume', 'volume-driver', 'volumes-from'];

/** Throws PartNeeded. */
export const mountsAsked = (flags: FlagValues): Pick<CreateSpec, 'mounting' | 'volumes'> =>
  mountFlags.some((name) => flags.has(name)) ? mountValues().mounting(flags) : {};
