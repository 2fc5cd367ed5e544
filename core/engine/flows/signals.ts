/**
 * Signals to PID 1, and the freezer: `freezer.state` in cgroup v1 (cgroups(7), freezer-subsystem.rst), `cgroup.freeze` in v2.
 */
import type { ContainerEvent } from '../../machines/container.ts';
import { type Flow, type OpOf, perform, type Signal, StepError } from '../../op.ts';
import { DockerError } from '../errors.ts';
import type { Engine } from '../world.ts';

export const groupOf = (id: string): string => `docker/${id}`;

const why: Readonly<Partial<Record<Signal, string>>> = {
  TERM: 'A polite request to end; PID 1 gets it only if it has a handler for it.',
  KILL: 'Cannot be caught or ignored. With PID 1 the kernel ends every process of its PID namespace.',
};

export function* sendSignal(engine: Engine, id: string, event: ContainerEvent): Flow<void> {
  const signal = event.type === 'KILL' || event.type === 'STOP' ? event.signal : 'TERM';
  yield* signalInit(engine, id, signal);
}

export function* signalInit(engine: Engine, id: string, signal: Signal): Flow<void> {
  const { pid } = engine.world.containers[id]!;
  const reason = why[signal];
  const step = { title: `send SIG${signal} to PID 1 of the container`, op: { op: 'signal', pid, signal } } as const;
  const outcome = yield reason === undefined ? step : { ...step, why: reason };
  // ESRCH: it ended by itself just now, which settle will notice.
  if (!outcome.ok && outcome.errno !== 'ESRCH') throw new StepError(step, outcome.errno, outcome.message);
}

export function* freeze(engine: Engine, id: string): Flow<void> {
  yield* perform('freeze all processes of the container', freezer(engine, id, true), {
    why: 'The cgroup freezer stops the whole group at once, and no process in it can tell.',
    undo: freezer(engine, id, false),
  });
}

export function* thaw(engine: Engine, id: string): Flow<void> {
  yield* perform('thaw all processes of the container', freezer(engine, id, false), {
    why: 'They go on where they were.',
    undo: freezer(engine, id, true),
  });
}

function freezer(engine: Engine, id: string, frozen: boolean): OpOf<'cgroupWrite'> {
  const group = groupOf(id);
  return hasV1Freezer(engine)
    ? { op: 'cgroupWrite', group, controller: 'freezer', file: 'freezer.state', value: frozen ? 'FROZEN' : 'THAWED' }
    : { op: 'cgroupWrite', group, controller: '', file: 'cgroup.freeze', value: frozen ? '1' : '0' };
}

/** Throws DockerError where there are no control groups. `what`: as in “pause needs …”. */
export function demandGroups({ facts }: Engine, what: string): void {
  if (facts.groupless !== undefined)
    throw new DockerError(`${what} needs control groups, and ${facts.groupless}`, 'system');
}

export const hasV1Freezer = ({ facts }: Engine): boolean =>
  facts.cgroup === 'v1' && facts.controllers.includes('freezer');
