/**
 * Every transition of the container machine as a list of command lines that walk it. A test of any target (simulation, linux,
 * docker) plays the lines and looks whether the container is in the state that the machine says; the list comes from the
 * machine by xstate/graph, so a transition that is added to the machine is asked for here.
 *
 * Kept true: each transition of the machine is listed exactly once, with commands or with the reason why no command walks it.
 */
import { getShortestPaths } from 'xstate/graph';
import { advance, type MachineState } from './advance.ts';
import { type ContainerEvent, type ContainerState, containerMachine } from './container.ts';

export interface LifecyclePath {
  readonly from: ContainerState;
  readonly event: ContainerEvent;
  readonly to: ContainerState;
  /** Lines to type, the last one makes the transition. Empty when `internal` says why none can. */
  readonly commands: readonly string[];
  /** What the container is called afterwards. */
  readonly name: string;
  /** `.State.Status` afterwards; undefined: the container is gone. Differs from `to` when that is a passing state. */
  readonly settles: ContainerState | undefined;
  readonly internal?: string;
}

/** Every event with every guard-relevant variant; what xstate/graph tries in each state. */
export const lifecycleEvents: readonly ContainerEvent[] = [
  { type: 'START' },
  { type: 'START_FAILED', code: 127, error: 'not found' },
  { type: 'EXIT', code: 0 },
  { type: 'EXIT', code: 1, restart: true },
  { type: 'STOP', signal: 'TERM' },
  { type: 'KILL', signal: 'KILL', wakes: true },
  { type: 'KILL', signal: 'USR1', wakes: false },
  { type: 'PAUSE' },
  { type: 'UNPAUSE' },
  { type: 'RESTART' },
  { type: 'EXEC' },
  { type: 'ATTACH' },
  { type: 'TOP' },
  { type: 'COMMIT' },
  { type: 'EXPORT' },
  { type: 'RENAME' },
  { type: 'UPDATE' },
  { type: 'REMOVE' },
  { type: 'FORCE_REMOVE' },
  { type: 'REMOVED' },
  { type: 'REMOVE_FAILED' },
];

const NAME = 'subject';
const OTHER = 'other';
const LONG = '--init busybox sleep 300';

/** How a container gets into each state from nothing. */
const setUp: Readonly<Partial<Record<ContainerState, readonly string[]>>> = {
  created: [`docker create --name ${NAME} ${LONG}`],
  running: [`docker run -d --name ${NAME} ${LONG}`],
  paused: [`docker run -d --name ${NAME} ${LONG}`, `docker pause ${NAME}`],
  exited: [`docker run -d --name ${NAME} ${LONG}`, `docker stop -t 1 ${NAME}`],
};

/** The command that sends each event to a container that is there already. */
const command: Readonly<Partial<Record<ContainerEvent['type'], string>>> = {
  START: `docker start ${NAME}`,
  STOP: `docker stop -t 1 ${NAME}`,
  PAUSE: `docker pause ${NAME}`,
  UNPAUSE: `docker unpause ${NAME}`,
  RESTART: `docker restart -t 1 ${NAME}`,
  EXEC: `docker exec ${NAME} true`,
  TOP: `docker top ${NAME}`,
  COMMIT: `docker commit ${NAME} subject-image`,
  EXPORT: `docker export -o subject.tar ${NAME}`,
  RENAME: `docker rename ${NAME} ${OTHER}`,
  UPDATE: `docker update --memory 64m --memory-swap 64m ${NAME}`,
  REMOVE: `docker rm ${NAME}`,
  FORCE_REMOVE: `docker rm -f ${NAME}`,
};

/** Commands of the few transitions that need a container of their own making. */
function special(from: ContainerState, event: ContainerEvent): readonly string[] | undefined {
  const missing = `docker create --name ${NAME} busybox nosuchprogram`;
  if (event.type === 'START_FAILED') {
    if (from === 'created') return [missing, `docker start ${NAME}`];
    // The program is there for the first start and takes itself away.
    const once = `docker run --name ${NAME} --entrypoint /once busybox-once`;
    if (from === 'exited') return [...onceImage, once, `docker start ${NAME}`];
    return undefined;
  }
  if (event.type === 'EXIT' && from === 'running' && event.restart !== true) {
    return [`docker run -d --name ${NAME} busybox sleep 1`, `docker wait ${NAME}`];
  }
  if (event.type === 'ATTACH')
    return [`docker run -d --name ${NAME} busybox sleep 2`, `docker attach --no-stdin ${NAME}`];
  if (event.type === 'KILL' && !event.wakes) {
    // Only with a stop signal of its own does a paused container sleep through another one.
    const own = `docker run -d --name ${NAME} --stop-signal TERM --init busybox sh -c 'trap : USR1; while :; do sleep 1; done'`;
    return from === 'paused'
      ? [own, `docker pause ${NAME}`, `docker kill -s USR1 ${NAME}`]
      : [own, `docker kill -s USR1 ${NAME}`];
  }
  if (event.type === 'KILL') return [...(setUp[from] ?? []), `docker kill ${NAME}`];
  return undefined;
}

/** An image with a program that removes itself when it runs. */
const onceImage: readonly string[] = [
  `docker run --name maker busybox sh -c "printf '#!/bin/sh\\nrm /once\\n' > /once; chmod 755 /once"`,
  'docker commit maker busybox-once',
  'docker rm maker',
];

const settled: Readonly<Partial<Record<ContainerEvent['type'], ContainerState | 'gone'>>> = {
  REMOVE: 'gone',
  FORCE_REMOVE: 'gone',
  STOP: 'exited',
  ATTACH: 'exited',
};

export function lifecyclePaths(): readonly LifecyclePath[] {
  return reachableStates().flatMap((state) =>
    lifecycleEvents.flatMap((event) => {
      const answer = advance(containerMachine, state, event);
      return answer === undefined
        ? []
        : [pathOf(state.value as ContainerState, event, answer.next.value as ContainerState)];
    }),
  );
}

/** A command that the machine refuses in a state: the non-transitions. */
export interface RefusedPath {
  readonly from: ContainerState;
  readonly event: ContainerEvent;
  /** Lines to type, the last one is refused. */
  readonly commands: readonly string[];
  readonly name: string;
}

/** Every state that commands can bring about, with every command that the machine refuses there. */
export function refusedPaths(): readonly RefusedPath[] {
  return reachableStates().flatMap((state) => {
    const from = state.value as ContainerState;
    const lines = setUp[from];
    if (lines === undefined) return [];
    return typedEvents
      .filter((event) => advance(containerMachine, state, event) === undefined)
      .map((event) => ({ from, event, commands: [...lines, typed(event)], name: NAME }));
  });
}

/** Events that a person can send by typing a command at a container in any state. */
const typedEvents = lifecycleEvents.filter((event) => typed(event) !== '');

function typed(event: ContainerEvent): string {
  if (event.type === 'KILL') return `docker kill -s ${event.signal} ${NAME}`;
  if (event.type === 'ATTACH') return `docker attach --no-stdin ${NAME}`;
  return command[event.type] ?? '';
}

/** Each state once, as xstate/graph finds it from the beginning. */
function reachableStates(): readonly MachineState[] {
  const states = new Map<string, MachineState>();
  const paths = getShortestPaths(containerMachine, { events: lifecycleEvents });
  for (const { state } of paths) {
    const name = String(state.value);
    if (!states.has(name)) states.set(name, { value: state.value, context: state.context });
  }
  return [...states.values()];
}

function pathOf(from: ContainerState, event: ContainerEvent, to: ContainerState): LifecyclePath {
  const internal = reasonNoCommand(from, event);
  if (internal !== undefined) return { from, event, to, commands: [], name: NAME, settles: to, internal };
  const commands = special(from, event) ?? [...(setUp[from] ?? []), command[event.type]!];
  const name = event.type === 'RENAME' ? OTHER : NAME;
  return { from, event, to, commands, name, settles: settlesIn(from, event, to) };
}

function reasonNoCommand(from: ContainerState, event: ContainerEvent): string | undefined {
  if (from === 'removing') return 'a passing state within one docker rm';
  if (from === 'dead') return 'only a removal that failed half-way leads here';
  if (from === 'restarting' || (event.type === 'EXIT' && event.restart === true))
    return 'lasts only for the restart delay, which no command line meets reliably';
  if (from === 'paused' && event.type === 'EXIT') return 'only a kill from outside of Docker ends a frozen process';
  return undefined;
}

function settlesIn(from: ContainerState, event: ContainerEvent, to: ContainerState): ContainerState | undefined {
  if (event.type === 'KILL' && event.wakes) return 'exited';
  if (event.type === 'STOP' && from === 'created') return 'created';
  const state = settled[event.type] ?? to;
  return state === 'gone' ? undefined : state;
}
