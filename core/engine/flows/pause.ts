/** `docker pause` and `docker unpause`: the cgroup freezer. */
import type { Flow } from '../../op.ts';
import { findContainer } from '../lookup.ts';
import { recorded } from '../records.ts';
import { transit } from '../transit.ts';
import type { Engine } from '../world.ts';
import { demandGroups } from './signals.ts';

export function* pauseContainer(engine: Engine, container: string): Flow<void> {
  const { id } = findContainer(engine, container);
  demandGroups(engine, 'pause');
  yield* recorded(engine, id, transit(engine, id, { type: 'PAUSE' }, container));
}

export function* unpauseContainer(engine: Engine, container: string): Flow<void> {
  const { id } = findContainer(engine, container);
  yield* recorded(engine, id, transit(engine, id, { type: 'UNPAUSE' }, container));
}
