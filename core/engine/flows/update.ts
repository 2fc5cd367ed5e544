/** `docker update`: new limits, in the records and, when it runs, in the cgroup at once. */
import type { Flow } from '../../op.ts';
import type { RestartPolicy } from '../config.ts';
import { DockerError } from '../errors.ts';
import { findContainer } from '../lookup.ts';
import { writeRecords } from '../records.ts';
import { type Resources, resourceWork } from '../resources.ts';
import { transit } from '../transit.ts';
import { atomically } from '../undo.ts';
import { type Container, type Engine, isAlive, patchContainer } from '../world.ts';
import { checkMemory, writeLimits } from './limits.ts';
import { demandGroups } from './signals.ts';

export interface LimitChange {
  readonly memory?: number;
  readonly memorySwap?: number;
  readonly pidsLimit?: number;
  readonly resources?: Resources;
  readonly restart?: RestartPolicy;
}

export function* updateContainer(
  engine: Engine,
  container: string,
  change: LimitChange,
): Flow<{ warnings: readonly string[] }> {
  const found = findContainer(engine, container);
  if (Object.keys(change).some((key) => key !== 'restart')) demandGroups(engine, 'a limit');
  checkMemory(change.memory ?? 0, change.memorySwap, true);
  const { resources, warnings = [] } =
    change.resources === undefined
      ? { resources: undefined }
      : resourceWork().verify(engine.facts, change.memory ?? 0, change.resources);
  const hostConfig = changed(found, resources === undefined ? change : { ...change, resources });
  // On v2 what is written is the swap alone, which runc cannot tell then.
  if (engine.facts.cgroup === 'v2' && isAlive(found) && (change.memorySwap ?? 0) > 0 && !change.memory)
    throw new DockerError(
      `Cannot update container ${found.id}: runc did not terminate successfully: exit status 1: unable to set swap limit without memory limit\n: unknown`,
      'system',
    );
  yield* atomically(engine, function* () {
    yield* transit(engine, found.id, { type: 'UPDATE' }, container);
    patchContainer(engine, found.id, { hostConfig });
    if (isAlive(found)) yield* writeLimits(engine, found.id, found.hostConfig);
    yield* writeRecords(engine, found.id, found);
  });
  return { warnings };
}

function changed({ id, hostConfig }: Container, change: LimitChange): Container['hostConfig'] {
  const refuse = (why: string): never => {
    throw new DockerError(`Cannot update container ${id}: ${why}`, 'conflict');
  };
  const resources = mergedResources(hostConfig.resources, change, refuse) ?? hostConfig.resources;
  const memory = change.memory || hostConfig.Memory;
  const swap = change.memorySwap || hostConfig.MemorySwap;
  if (change.memory && !change.memorySwap && memory > swap)
    refuse('Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time');
  const { restart = hostConfig.RestartPolicy } = change;
  if (change.restart !== undefined && hostConfig.AutoRemove && restart.Name !== 'no')
    refuse('Restart policy cannot be updated because AutoRemove is enabled for the container');
  const pids = change.pidsLimit === undefined ? hostConfig.PidsLimit : Math.max(0, change.pidsLimit);
  const plain = { ...hostConfig, Memory: memory, MemorySwap: swap, PidsLimit: pids, RestartPolicy: restart };
  return resources === undefined ? plain : { ...plain, resources };
}

function mergedResources(
  old: Resources | undefined,
  change: LimitChange,
  refuse: (why: string) => never,
): Resources | undefined {
  if (change.resources === undefined) return undefined;
  try {
    return resourceWork().merged(old ?? {}, change.resources);
  } catch (error) {
    if (error instanceof DockerError) refuse(error.message);
    throw error;
  }
}
