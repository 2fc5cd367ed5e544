/**
 * Housekeeping before and after every command: which containers have ended meanwhile? Which does their restart policy start
 * again? Docker learns such things from events; here one looks, so that a command's effects are all in its own steps.
 */
import type { Flow } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { type Engine, statusOf } from '../world.ts';
import { finish, look } from './end.ts';
import { startById } from './start.ts';

export function* settle(engine: Engine): Flow<void> {
  for (const id of Object.keys(engine.world.containers)) {
    const end = yield* look(engine, id, 0);
    if (end !== undefined) yield* finish(engine, id, end);
    yield* restartIfDue(engine, id);
  }
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
