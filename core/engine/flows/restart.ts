/** `docker restart`: stop, when it runs, then start; the layers stay (daemon/restart.go). */
import type { Flow } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { findContainer } from '../lookup.ts';
import { ask } from '../transit.ts';
import { type Engine, isAlive, patchContainer } from '../world.ts';
import { startById } from './start.ts';
import { stopById } from './stop.ts';

export function* restartContainer(engine: Engine, container: string, options: { timeout?: number } = {}): Flow<void> {
  const found = findContainer(engine, container);
  const { id } = found;
  ask(found, { type: 'RESTART' }, container);
  if (isAlive(found)) yield* stopKeeping(engine, id, container, options.timeout);
  patchContainer(engine, id, { manuallyStopped: false });
  try {
    yield* startById(engine, id, container);
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    throw new DockerError(`Cannot restart container ${container}: ${error.message}`, error.kind);
  }
}

/** A container made with `--rm` is not removed by the stop that is half of a restart. */
function* stopKeeping(engine: Engine, id: string, typed: string, timeout?: number): Flow<void> {
  const { hostConfig } = engine.world.containers[id]!;
  patchContainer(engine, id, { hostConfig: { ...hostConfig, AutoRemove: false } });
  try {
    yield* stopById(engine, id, `Cannot restart container ${typed}: `, timeout);
  } finally {
    if (engine.world.containers[id] !== undefined) patchContainer(engine, id, { hostConfig });
  }
}
