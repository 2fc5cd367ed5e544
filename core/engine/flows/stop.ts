/**
 * `docker stop`: the stop signal, time to end in good order, then SIGKILL (daemon/stop.go). Exit code 143 or 137 tells a
 * learner which of the two it was.
 */
import type { Flow } from '../../op.ts';
import { findContainer } from '../lookup.ts';
import { transit } from '../transit.ts';
import { type Engine, isAlive, patchContainer } from '../world.ts';
import { finish, look, lookAfterKill } from './end.ts';
import { parseSignal } from './kill.ts';
import { signalInit } from './signals.ts';

const GRACE = 10;

/** `timeout` in seconds; negative: wait for ever. */
export function* stopContainer(engine: Engine, container: string, options: { timeout?: number } = {}): Flow<void> {
  const { id } = findContainer(engine, container);
  yield* stopById(engine, id, `cannot stop container: ${container}: `, options.timeout, container);
}

/** `failing`: how the message begins when it cannot be killed. */
export function* stopById(engine: Engine, id: string, failing: string, timeout?: number, typed?: string): Flow<void> {
  const { config } = engine.world.containers[id]!;
  const wasAlive = isAlive(engine.world.containers[id]!);
  const signal = parseSignal(config.StopSignal ?? 'TERM') ?? 'TERM';
  yield* transit(engine, id, { type: 'STOP', signal }, typed);
  if (!wasAlive) return;
  patchContainer(engine, id, { manuallyStopped: true });
  const seconds = timeout ?? config.StopTimeout ?? GRACE;
  let end = yield* look(engine, id, seconds < 0 ? undefined : seconds * 1000);
  if (end === undefined) {
    yield* signalInit(engine, id, 'KILL');
    end = yield* lookAfterKill(engine, id, failing);
  }
  if (end !== undefined) yield* finish(engine, id, end);
}
