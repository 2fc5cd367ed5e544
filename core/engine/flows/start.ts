/** `docker start`, and the second half of `docker run`. */

import { advance } from '../../machines/advance.ts';
import { containerMachine } from '../../machines/container.ts';
import { type Flow, StepError } from '../../op.ts';
import { DockerError, startFailureCode } from '../errors.ts';
import { newId } from '../ids.ts';
import { findContainer } from '../lookup.ts';
import { hasNetwork } from '../network.ts';
import { writeStartFiles, writeState } from '../records.ts';
import { CannotJoin } from '../sharing.ts';
import { ask, transit } from '../transit.ts';
import { atomically } from '../undo.ts';
import { type Container, type Engine, isAlive, patchContainer, putContainer } from '../world.ts';
import { deleteContainer } from './remove.ts';

/** `stdin`: the whole of standard input, for a container made with `openStdin`. */
export function* startContainer(engine: Engine, container: string, options: { stdin?: string } = {}): Flow<void> {
  const found = findContainer(engine, container);
  ask(found, { type: 'START' }, container);
  if (isAlive(found)) return;
  if (options.stdin !== undefined) patchContainer(engine, found.id, { nextInput: options.stdin });
  patchContainer(engine, found.id, { manuallyStopped: false, restartCount: 0 });
  yield* startById(engine, found.id, container);
}

/** Starts PID 1; when that fails the container keeps the reason and the exit code, or goes with `--rm` (daemon/start.go). */
export function* startById(engine: Engine, id: string, typed?: string): Flow<void> {
  try {
    yield* atomically(engine, () => startAndRecord(engine, id, typed));
  } catch (error) {
    if (error instanceof DockerError) yield* startFailed(engine, id, error);
    else if (error instanceof StepError && engine.world.containers[id]!.hostConfig.AutoRemove)
      yield* deleteContainer(engine, id, { volumes: true });
    throw error;
  }
}

function* startAndRecord(engine: Engine, id: string, typed?: string): Flow<void> {
  yield* transit(engine, id, { type: 'START' }, typed);
  try {
    yield* writeState(engine, id);
  } catch (error) {
    yield* endAgain(engine.world.containers[id]!.pid);
    throw error;
  }
}

/** Takes back a start; what it gave does not matter. */
function* endAgain(pid: number): Flow<void> {
  const ops = [
    { op: 'signal', pid, signal: 'KILL' },
    { op: 'wait', pid },
    { op: 'forget', pid },
  ] as const;
  for (const op of ops) yield { title: 'end the process that was just started', op, quiet: true };
}

function* startFailed(engine: Engine, id: string, error: DockerError): Flow<void> {
  const { message } = error;
  const early = error instanceof CannotJoin;
  const { nextInput: _, ...container } = engine.world.containers[id]!;
  // What was made ready for it stays.
  yield* writeStartFiles(engine, id, !early);
  // What only says that it did not start leaves the code of an earlier end.
  const { exitCode } = container.state.context;
  const code = startFailureCode(message) === 128 && exitCode !== 0 ? exitCode : startFailureCode(message);
  const event = { type: 'START_FAILED', code, error: message } as const;
  const failed = advance(containerMachine, container.state, event);
  if (failed === undefined) return;
  const roomless = early && (!container.hasBeenStarted || container.roomless === true);
  const left: Container = {
    ...container,
    state: failed.next,
    hasBeenStarted: true,
    ...(roomless ? { roomless } : {}),
  };
  // The engine writes it down before it takes the container off its network again.
  putContainer(engine, hasNetwork(engine, left) ? { ...left, endpoint: newId(engine.host) } : left);
  yield* writeState(engine, id);
  putContainer(engine, left);
  if (container.hostConfig.AutoRemove) yield* deleteContainer(engine, id, { volumes: true });
}
