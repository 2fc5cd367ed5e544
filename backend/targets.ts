/**
 * Opens a target by its name. Each is loaded only when it is asked for: the simulation needs nothing of the machine, the
 * others need root and say so.
 */
import { type SimTargetOptions, type StorageDriver, type Target, type TargetName, UsageError } from '../core/index.ts';
import type { KeptPlace } from './kept-lab.ts';
import './native-hash.ts';

export interface OpenOptions {
  /** Keep the world between calls under this name, in this directory. */
  readonly lab?: KeptPlace;
  /** A fault to put into the simulation. */
  readonly fault?: string;
  /** Somebody types: input for a process may come later. */
  readonly interactive?: boolean;
  /** Simulated milliseconds that a foreground process may take unasked; default: as long as it takes. */
  readonly freeMs?: number;
  /** The engine has docker0; not that of the docker target. */
  readonly bridge?: boolean;
  /** How the engine keeps layers; default overlay2. */
  readonly storageDriver?: StorageDriver;
  /** Which control groups the host is to have; default: v1 in the simulation, elsewhere those of this machine. */
  readonly cgroup?: 'v1' | 'v2';
}

type Open = (options: OpenOptions) => Promise<Target>;

/** Ways to make the simulation wrong, so that one can see a comparison notice. */
const faults: Readonly<Record<string, NonNullable<SimTargetOptions['fault']>>> = {
  whiteouts: { ignoreWhiteouts: true },
};

function faultNamed(name: string): NonNullable<SimTargetOptions['fault']> {
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
  if (fault !== undefined) return fault;
  throw new UsageError(`there is no fault "${name}"`, undefined, `there is: ${Object.keys(faults).join(', ')}`);
}

const openers: Readonly<Record<TargetName, Open>> = {
  sim: async ({ bridge, cgroup, fault, freeMs, interactive = false, storageDriver }) => {
    const { createSimTarget } = await import('../core/index.ts');
    return createSimTarget({
      interactive,
      ...(freeMs === undefined ? {} : { freeMs }),
      ...(bridge === undefined ? {} : { bridge }),
      ...(fault === undefined ? {} : { fault: faultNamed(fault) }),
      ...(storageDriver === undefined ? {} : { storageDriver }),
      ...(cgroup === undefined ? {} : { cgroup }),
    });
  },
  linux: async ({ bridge, interactive = false, lab, storageDriver }) => {
    const { createLinuxTarget } = await import('./linux-target.ts');
    return createLinuxTarget({
      interactive,
      ...(bridge === undefined ? {} : { bridge }),
      ...(lab === undefined ? {} : { keep: lab }),
      ...(storageDriver === undefined ? {} : { storageDriver }),
    });
  },
  docker: async ({ storageDriver = 'overlay2' }) => {
    if (storageDriver !== 'overlay2') {
      throw new UsageError(`the docker target runs its engine with overlay2, not ${storageDriver}`);
    }
    const [{ createDockerTarget }, { baseArchives }] = await Promise.all([import('./docker.ts'), import('./base.ts')]);
    return createDockerTarget({ archives: await baseArchives() });
  },
};

export async function openTarget(name: string, options: OpenOptions = {}): Promise<Target> {
  if (!Object.hasOwn(openers, name)) {
    throw new UsageError(`there is no target "${name}"`, undefined, `there are: ${Object.keys(openers).join(', ')}`);
  }
  if (options.fault !== undefined && name !== 'sim') {
    throw new UsageError(`only the simulation can be made faulty, not "${name}"`);
  }
  if (options.bridge === true && name === 'docker') {
    throw new UsageError(`the engine of the ${name} target runs without a bridge`, undefined, 'leave --bridge out');
  }
  if (options.lab !== undefined && name === 'docker') {
    throw new UsageError(`the ${name} target keeps nothing between calls`, undefined, 'leave --lab out');
  }
  if (options.lab !== undefined && (options.storageDriver ?? 'overlay2') !== 'overlay2') {
    throw new UsageError(`a kept lab has overlay2, not ${options.storageDriver}`, undefined, 'leave --lab out');
  }
  if (options.cgroup !== undefined) await demandCgroup(name, options.cgroup, options.lab !== undefined);
  return openers[name as TargetName](options);
}

/** A machine has the control groups that it was booted with; a simulated lab is kept as its commands alone. */
async function demandCgroup(name: string, wanted: 'v1' | 'v2', kept: boolean): Promise<void> {
  if (name === 'sim') {
    if (kept && wanted === 'v2')
      throw new UsageError('a kept lab of the simulation has cgroup v1', undefined, 'leave --lab or --cgroup out');
    return;
  }
  const { cgroupVersion, hierarchies } = await import('./hierarchies.ts');
  const here = cgroupVersion(hierarchies());
  if (here === wanted) return;
  throw new UsageError(
    `this machine has cgroup ${here}, and the ${name} target has what the machine has`,
    undefined,
    `use --on sim, or boot the machine with cgroup ${wanted}`,
    3,
  );
}
