/** Has a container ended meanwhile? Does its restart policy start it again? */
import type { Flow } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { type Engine, statusOf } from '../world.ts';
import { finish, look } from './end.ts';
import { startById } from './start.ts';

export function* settleOne(engine: Engine, id: string): Flow<void> {
  const end = yield* look(engine, id, 0);
  if (end !== undefined) yield* finish(engine, id, end);
  yield* restartIfDue(engine, id);
}

function* restartIfDue(engine: Engine, id: string): Flow<void> {
  const container = engine.world.containers[id];
  if (container === undefined || statusOf(container) !== 'restarting') return;
  if ((container.restartAt ?? 0) > engine.host.now()) return;
  try {
    yield* startById(engine, id);
  } catch (error) {
    // The container keeps the reason; nobody is there to be told.
    if (!(error instanceof DockerError)) throw error;
  }
}
