/**
 * The law of a container's life: which command is legal in which state, and what work it asks for. It decides legality and
 * nothing else does; flows (core/engine) ask it through advance.ts and do the work that the returned action names stand for.
 *
 * Kept true: states are those of `docker inspect -f {{.State.Status}}` (moby/container/state.go), plus the final `removed`;
 * an event that is legal but asks for no work (start of a running container, stop of a stopped one) has the action `alreadySo`; no `invoke` and no `after`, so that xstate/graph can walk the whole of it; context and events are small plain data
 * without ids, so that advance.ts can remember results.
 */
import { assign, setup } from 'xstate';
import type { Signal } from '../op.ts';

export interface ContainerContext {
  /** `State.ExitCode`: what a shell's `$?` would show for PID 1. */
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** `State.Error`: why the last start failed. */
  readonly error: string;
}

export type ContainerEvent =
  | { readonly type: 'START' }
  | { readonly type: 'START_FAILED'; readonly code: number; readonly error: string }
  | { readonly type: 'EXIT'; readonly code: number; readonly oomKilled?: boolean; readonly restart?: boolean }
  | { readonly type: 'STOP'; readonly signal: Signal }
  /** `wakes`: dockerd thaws a paused container after any signal that is meant to end it (daemon/kill.go). */
  | { readonly type: 'KILL'; readonly signal: Signal; readonly wakes: boolean }
  | { readonly type: 'PAUSE' }
  | { readonly type: 'UNPAUSE' }
  | { readonly type: 'RESTART' }
  | { readonly type: 'EXEC' }
  | { readonly type: 'ATTACH' }
  | { readonly type: 'TOP' }
  | { readonly type: 'COMMIT' }
  | { readonly type: 'EXPORT' }
  | { readonly type: 'RENAME' }
  | { readonly type: 'UPDATE' }
  | { readonly type: 'REMOVE' }
  | { readonly type: 'FORCE_REMOVE' }
  | { readonly type: 'REMOVED' }
  | { readonly type: 'REMOVE_FAILED' };

export type ContainerEventType = ContainerEvent['type'];

/** The work that actions stand for; core/engine/work.ts has a flow for each. */
export const containerWork = {
  makeContainerLayer: 'make the init layer and the read-write layer, write the container’s files',
  startProcess: 'mount the union view, make the cgroup, start PID 1 in new namespaces',
  sendSignal: 'send a signal to PID 1',
  freeze: 'freeze the cgroup',
  thaw: 'thaw the cgroup',
  killAll: 'kill every process in the PID namespace, by killing its PID 1',
  release: 'unmount the union view, remove the cgroup',
  removeLayers: 'remove the read-write layer, the init layer and the container’s files',
  runInside: 'start one more process in the namespaces of PID 1',
  listProcesses: 'list the processes of the cgroup',
  joinOutput: 'connect to the input and output of PID 1',
  commitLayer: 'make an image layer of what the read-write layer holds',
  packTree: 'pack the union view into an archive',
  changeName: 'change the name in the records',
  changeLimits: 'write new limits into the cgroup',
  alreadySo: 'nothing is left to do',
} as const;

export type ContainerWork = keyof typeof containerWork;

/** Actions without a body: the machine only names them, a flow does them. */
const work = Object.fromEntries(Object.keys(containerWork).map((name) => [name, () => {}])) as Record<
  Exclude<ContainerWork, 'sendSignal'>,
  () => void
>;

/** The signal travels from the command to the work as the action's parameter. */
const sendSignal = {
  type: 'sendSignal',
  params: ({ event }: { event: ContainerEvent }) => ({
    signal: event.type === 'KILL' || event.type === 'STOP' ? event.signal : ('TERM' as const),
  }),
} as const;

/** Legal in every state in which the container's layers exist. */
const records = {
  COMMIT: { actions: 'commitLayer', description: 'docker commit: the read-write layer becomes a layer of a new image' },
  EXPORT: { actions: 'packTree', description: 'docker export, docker cp: read the union view' },
  RENAME: { actions: 'changeName', description: 'docker rename' },
  UPDATE: { actions: 'changeLimits', description: 'docker update' },
} as const;

const removal = {
  REMOVE: { target: 'removing', actions: 'removeLayers', description: 'docker rm' },
  FORCE_REMOVE: { target: 'removing', actions: 'removeLayers', description: 'docker rm -f' },
} as const;

export const containerMachine = setup({
  types: { context: {} as ContainerContext, events: {} as ContainerEvent },
  actions: {
    ...work,
    sendSignal: (_, _params: { readonly signal: Signal }) => {},
    recordExit: assign(({ event }) =>
      event.type === 'EXIT' ? { exitCode: event.code, oomKilled: event.oomKilled ?? false, error: '' } : {},
    ),
    recordFailure: assign(({ event }) =>
      event.type === 'START_FAILED' ? { exitCode: event.code, oomKilled: false, error: event.error } : {},
    ),
    clearExit: assign({ exitCode: 0, oomKilled: false, error: '' }),
  },
  guards: {
    wakes: ({ event }) => event.type === 'KILL' && event.wakes,
    restarts: ({ event }) => event.type === 'EXIT' && event.restart === true,
  },
}).createMachine({
  id: 'container',
  description: 'The life of one container, as Docker 20.10 lives it',
  context: { exitCode: 0, oomKilled: false, error: '' },
  initial: 'created',
  entry: 'makeContainerLayer',
  states: {
    created: {
      description: 'Layers and records exist, no process has run yet (or the start failed)',
      on: {
        ...records,
        ...removal,
        START: { target: 'running', actions: ['clearExit', 'startProcess'], description: 'docker start' },
        RESTART: { target: 'running', actions: ['clearExit', 'startProcess'], description: 'docker restart' },
        START_FAILED: { actions: 'recordFailure', description: 'PID 1 could not be started' },
        STOP: { actions: 'alreadySo', description: 'docker stop: there is nothing to stop' },
      },
    },
    running: {
      description: 'PID 1 lives in its namespaces and cgroup, the union view is mounted',
      on: {
        ...records,
        START: { actions: 'alreadySo', description: 'docker start: it runs already' },
        EXIT: [
          {
            guard: 'restarts',
            target: 'restarting',
            actions: ['recordExit', 'release'],
            description: 'PID 1 ended, the restart policy starts it again',
          },
          { target: 'exited', actions: ['recordExit', 'release'], description: 'PID 1 ended, and all others with it' },
        ],
        STOP: {
          actions: sendSignal,
          description: 'docker stop: ask PID 1 to end, kill it when the grace period is over',
        },
        KILL: { actions: sendSignal, description: 'docker kill' },
        RESTART: { actions: [sendSignal, 'startProcess'], description: 'docker restart: stop, then start' },
        PAUSE: { target: 'paused', actions: 'freeze', description: 'docker pause' },
        EXEC: { actions: 'runInside', description: 'docker exec' },
        ATTACH: { actions: 'joinOutput', description: 'docker attach' },
        TOP: { actions: 'listProcesses', description: 'docker top' },
        FORCE_REMOVE: {
          target: 'removing',
          actions: ['killAll', 'release', 'removeLayers'],
          description: 'docker rm -f',
        },
      },
    },
    paused: {
      description: 'All processes are frozen by the cgroup freezer; memory, mounts and namespaces stay',
      on: {
        ...records,
        UNPAUSE: { target: 'running', actions: 'thaw', description: 'docker unpause' },
        KILL: [
          {
            guard: 'wakes',
            target: 'running',
            actions: [sendSignal, 'thaw'],
            description: 'docker kill: the signal works once the processes are thawed',
          },
          { actions: sendSignal, description: 'docker kill: the signal waits for the thaw' },
        ],
        STOP: { target: 'running', actions: [sendSignal, 'thaw'], description: 'docker stop: signal, then thaw' },
        RESTART: {
          target: 'running',
          actions: [sendSignal, 'thaw', 'startProcess'],
          description: 'docker restart: thaw, stop, start',
        },
        EXIT: { target: 'exited', actions: ['recordExit', 'release'], description: 'killed from outside while frozen' },
        TOP: { actions: 'listProcesses', description: 'docker top' },
        FORCE_REMOVE: {
          target: 'removing',
          actions: ['killAll', 'thaw', 'release', 'removeLayers'],
          description: 'docker rm -f',
        },
      },
    },
    exited: {
      description: 'PID 1 has ended; the read-write layer and the exit code are kept',
      on: {
        ...records,
        ...removal,
        START: { target: 'running', actions: ['clearExit', 'startProcess'], description: 'docker start' },
        RESTART: { target: 'running', actions: ['clearExit', 'startProcess'], description: 'docker restart' },
        START_FAILED: { actions: 'recordFailure', description: 'PID 1 could not be started' },
        STOP: { actions: 'alreadySo', description: 'docker stop: there is nothing to stop' },
      },
    },
    restarting: {
      description: 'PID 1 has ended, the restart policy waits a little before it starts it again',
      on: {
        ...records,
        START: { target: 'running', actions: ['clearExit', 'startProcess'], description: 'the waiting time is over' },
        START_FAILED: { target: 'exited', actions: 'recordFailure', description: 'PID 1 could not be started' },
        STOP: { target: 'exited', description: 'docker stop: no further restart' },
        KILL: { target: 'exited', description: 'docker kill: no further restart' },
        RESTART: { target: 'running', actions: ['clearExit', 'startProcess'], description: 'docker restart' },
        FORCE_REMOVE: { target: 'removing', actions: 'removeLayers', description: 'docker rm -f' },
      },
    },
    removing: {
      description: 'Its layers and records are being removed',
      on: {
        REMOVED: { target: 'removed', description: 'all of it is gone' },
        REMOVE_FAILED: { target: 'dead', description: 'something could not be removed' },
      },
    },
    dead: {
      description: 'The removal failed half-way; it can only be removed again',
      on: { ...removal, STOP: { actions: 'alreadySo', description: 'docker stop: there is nothing to stop' } },
    },
    removed: { type: 'final', description: 'Nothing is left of it' },
  },
});

export type ContainerState =
  | 'created'
  | 'running'
  | 'paused'
  | 'exited'
  | 'restarting'
  | 'removing'
  | 'dead'
  | 'removed';
