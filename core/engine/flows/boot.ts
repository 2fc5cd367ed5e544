/**
 * The engine starts on a host that was switched off while containers ran, as with a power cut. What dockerd 20.10 then does
 * (moby/daemon restore): those that were alive are found exited with code 255, `--rm` ones are removed, and the restart
 * policy decides which run again, also of those that had ended before: `always` even when a person had stopped it,
 * `unless-stopped` not then, `on-failure` when its exit code says so and there are tries left.
 */
import type { Flow } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { networking } from '../networking.ts';
import { writeState } from '../records.ts';
import { transit } from '../transit.ts';
import { type Container, type Engine, isAlive, patchContainer, statusOf } from '../world.ts';
import { recover } from './recover.ts';
import { deleteContainer } from './remove.ts';
import { startById } from './start.ts';

/** Nothing of the host's processes, mounts and cgroups is left; its disk is as it was. */
export function* boot(engine: Engine): Flow<void> {
  yield* recover(engine);
  if (engine.world.networks !== undefined) yield* networking().restoreNetworks(engine);
  const ids = Object.keys(engine.world.containers);
  for (const id of ids) if (isAlive(engine.world.containers[id]!)) yield* foundDead(engine, id);
  for (const id of ids) {
    const container = engine.world.containers[id];
    if (container !== undefined && runsAgain(container)) yield* startAgain(engine, id);
  }
}

function* foundDead(engine: Engine, id: string): Flow<void> {
  const { hostConfig } = patchContainer(engine, id, { finishedAt: engine.host.now() });
  yield* transit(engine, id, { type: 'EXIT', code: 255 });
  if (hostConfig.AutoRemove) yield* deleteContainer(engine, id);
  else yield* writeState(engine, id);
}

function runsAgain(container: Container): boolean {
  const { hostConfig, state, hasBeenStarted, manuallyStopped, restartCount } = container;
  if (!hasBeenStarted || !['exited', 'restarting'].includes(statusOf(container))) return false;
  const { Name, MaximumRetryCount } = hostConfig.RestartPolicy;
  if (Name === 'always') return true;
  if (Name === 'unless-stopped') return !manuallyStopped;
  const triesLeft = MaximumRetryCount === 0 || restartCount < MaximumRetryCount;
  return Name === 'on-failure' && state.context.exitCode !== 0 && triesLeft;
}

function* startAgain(engine: Engine, id: string): Flow<void> {
  patchContainer(engine, id, { restartCount: 0, manuallyStopped: false });
  try {
    yield* startById(engine, id);
  } catch (error) {
    // The container keeps the reason; nobody is there to be told.
    if (!(error instanceof DockerError)) throw error;
  }
}
