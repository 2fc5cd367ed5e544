/** `docker update`: new limits, in the records and, when it runs, in the cgroup at once. */
import type { Flow } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { findContainer } from '../lookup.ts';
import { writeRecords } from '../records.ts';
import { transit } from '../transit.ts';
import { atomically } from '../undo.ts';
import { type Container, type Engine, isAlive, patchContainer } from '../world.ts';
import { MINIMUM_MEMORY, writeLimits } from './limits.ts';

export interface LimitChange {
  readonly memory?: number;
  readonly memorySwap?: number;
  readonly pidsLimit?: number;
}

export function* updateContainer(
  engine: Engine,
  container: string,
  change: LimitChange,
): Flow<{ warnings: readonly string[] }> {
  if (change.memory !== undefined && change.memory !== 0 && change.memory < MINIMUM_MEMORY) {
    throw new DockerError('Minimum memory limit allowed is 6MB', 'invalid');
  }
  const found = findContainer(engine, container);
  yield* atomically(engine, function* () {
    yield* transit(engine, found.id, { type: 'UPDATE' }, container);
    patchContainer(engine, found.id, { hostConfig: changed(found, change) });
    if (isAlive(found)) yield* writeLimits(engine, found.id, found.hostConfig);
    yield* writeRecords(engine, found.id, found);
  });
  return { warnings: [] };
}

function changed({ id, hostConfig }: Container, change: LimitChange): Container['hostConfig'] {
  const memory = change.memory ?? hostConfig.Memory;
  const swap = change.memorySwap ?? hostConfig.MemorySwap;
  if (change.memory !== undefined && change.memorySwap === undefined && swap > 0 && memory > swap) {
    throw new DockerError(
      `Cannot update container ${id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
      'conflict',
    );
  }
  return { ...hostConfig, Memory: memory, MemorySwap: swap, PidsLimit: change.pidsLimit ?? hostConfig.PidsLimit };
}
