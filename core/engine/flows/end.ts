/**
 * What happens when PID 1 has ended: the union view is unmounted, the cgroup removed, the processes forgotten. Found out by
 * looking (`settle`, wait, stop …), never by a callback.
 */
import type { ContainerEvent } from '../../machines/container.ts';
import { type ExitStatus, type Flow, type OpResults, perform, type Step, StepError } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { networking } from '../networking.ts';
import { writeState } from '../records.ts';
import { ownShm, sharesPids } from '../sharing.ts';
import { snapshotterOf } from '../storage.ts';
import { transit } from '../transit.ts';
import { hasMounts, mountWork } from '../volumes.ts';
import { type Container, type Engine, isAlive, patchContainer, putContainer } from '../world.ts';
import { tasksDir } from './home.ts';
import { deleteContainer } from './remove.ts';
import { groupOf, signalInit } from './signals.ts';

export interface End {
  readonly status: ExitStatus;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Kills PID 1, and with it all others. Frozen processes die only once they are thawed; `release` waits for them. */
export function* killAll(engine: Engine, id: string): Flow<void> {
  yield* signalInit(engine, id, 'KILL');
}

/** How long dockerd waits after SIGKILL, ms, and after another one (daemon/kill.go Kill). */
const PATIENCE = [10_000, 2000] as const;

/**
 * Waits for the end of a PID 1 that was sent SIGKILL; undefined as with `look`. DockerError when it does not come: PID 1 ends
 * after all others of its PID namespace, and one of a container that shares it may be frozen. `failing`: how its message begins.
 */
export function* lookAfterKill(engine: Engine, id: string, failing: string, quiet = false): Flow<End | undefined> {
  const { pid } = engine.world.containers[id]!;
  for (const [tries, patience] of PATIENCE.entries()) {
    if (tries > 0) yield* signalInit(engine, id, 'KILL');
    const end = yield* lookAt(engine, id, patience, quiet);
    if (end !== undefined || engine.world.containers[id]?.pid !== pid) return end;
  }
  throw new DockerError(`${failing}tried to kill container, but did not receive an exit event`, 'system');
}

/** Gives back what a running container holds. May be done again when it failed half-way. */
export function* release(engine: Engine, id: string, event: ContainerEvent): Flow<void> {
  const container = engine.world.containers[id]!;
  if (event.type !== 'EXIT')
    yield* lookAfterKill(engine, id, `Could not kill running container ${id}, cannot remove - `, true);
  if (sharesPids(container)) yield* killRest(id);
  const shm = ownShm(engine, container);
  if (shm !== undefined) yield* doneOrGone({ title: 'unmount the shared memory', op: { op: 'umount', at: shm } });
  const { mount, at, passing } = snapshotterOf(engine).view(container.layer, engine.world.layers);
  if (mount !== undefined) {
    yield* doneOrGone({
      title: 'unmount the union view',
      op: { op: 'umount', at },
      why: 'The layers stay on disk, the read-write layer too.',
    });
  }
  if (passing === true) {
    yield* perform('remove the empty mount point', { op: 'remove', path: at }, { quiet: true });
  }
  yield* perform(
    'remove containerd’s directory for it',
    { op: 'remove', path: `${tasksDir(engine)}/${id}` },
    { quiet: true },
  );
  if (engine.facts.groupless === undefined)
    yield* doneOrGone({
      title: 'remove the cgroup',
      op: { op: 'cgroupRemove', group: groupOf(id) },
      why: 'No process is left in it. The namespaces went with their last process.',
    });
  for (const { pid } of [...container.execs, container]) {
    yield { title: 'forget the ended process', op: { op: 'forget', pid }, quiet: true };
  }
  if (container.places !== undefined) yield* networking().leavePlaces(engine, container);
  const { endpoint: _, places: __, ...left } = engine.world.containers[id]!;
  putContainer(engine, { ...left, pid: 0, execs: [] });
  if (hasMounts(left)) yield* mountWork().unmountVolumes(engine, left);
}

/** PID 1 of the PID namespace is not the container's and lives on: the kernel kills nobody, so it is done by hand. */
function* killRest(id: string): Flow<void> {
  const op = { op: 'processes', group: groupOf(id) } as const;
  const left = yield* perform('list what is left in the cgroup', op, { quiet: true });
  for (const { pid, args, state } of left) {
    if (state === 'Z') continue;
    yield { title: `kill ${args.join(' ')}`, op: { op: 'signal', pid, signal: 'KILL' } };
  }
}

/** A step that may have been done before: umount(2) says EINVAL of what is no mount point, or ENOENT. */
function* doneOrGone(step: Step): Flow<void> {
  const outcome = yield step;
  if (outcome.ok || outcome.errno === 'EINVAL' || outcome.errno === 'ENOENT') return;
  throw new StepError(step, outcome.errno, outcome.message);
}

/** The container has ended like this: the machine moves on, `--rm` and restart policies do their work. */
export function* finish(engine: Engine, id: string, { status, at }: End): Flow<void> {
  const container = patchContainer(engine, id, { finishedAt: at });
  const restart = wantsRestart(container, status.code);
  const event = { type: 'EXIT', code: status.code, oomKilled: status.oomKilled ?? false, restart } as const;
  yield* transit(engine, id, event);
  if (restart) {
    const { restartCount } = container;
    patchContainer(engine, id, { restartAt: at + restartDelay(restartCount), restartCount: restartCount + 1 });
  }
  if (container.hostConfig.AutoRemove && !restart) yield* deleteContainer(engine, id, { volumes: true });
  else yield* writeState(engine, id);
}

/**
 * Whether PID 1 has ended by now. Waits up to `timeoutMs`; without: for as long as it takes. Undefined: it goes on, or another
 * flow has seen to its end meanwhile.
 */
export function* look(engine: Engine, id: string, timeoutMs?: number): Flow<End | undefined> {
  const container = engine.world.containers[id];
  if (container === undefined || !isAlive(container)) return undefined;
  return yield* lookAt(engine, id, timeoutMs, timeoutMs === 0);
}

function* lookAt(engine: Engine, id: string, timeoutMs: number | undefined, quiet: boolean): Flow<End | undefined> {
  const { pid } = engine.world.containers[id]!;
  const step: Step = {
    title: 'wait for PID 1 of the container',
    op: { op: 'wait', pid, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    ...(quiet ? { quiet: true } : { why: 'A container lives as long as its PID 1.' }),
    ...(timeoutMs === undefined ? { leavable: true } : {}),
  };
  const outcome = yield step;
  if (outcome.ok) {
    const result = outcome.value as OpResults['wait'];
    return result.exited ? { status: result.status, at: result.at } : undefined;
  }
  if (outcome.errno !== 'ECHILD') throw new StepError(step, outcome.errno, outcome.message);
  return engine.world.containers[id]?.pid === pid ? lost(engine) : undefined;
}

/** Nobody knows the process any more: the host was started anew. dockerd then says 255, too. */
const lost = (engine: Engine): End => ({ status: { code: 255 }, at: engine.host.now() });

/** daemon/restartmanager: 100 ms, doubled each time, at most a minute. */
const restartDelay = (count: number): number => Math.min(100 * 2 ** count, 60_000);

function wantsRestart(container: Container, code: number): boolean {
  if (container.manuallyStopped) return false;
  const { Name, MaximumRetryCount } = container.hostConfig.RestartPolicy;
  if (Name === 'always' || Name === 'unless-stopped') return true;
  if (Name !== 'on-failure' || code === 0) return false;
  return MaximumRetryCount === 0 || container.restartCount < MaximumRetryCount;
}
