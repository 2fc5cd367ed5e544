/**
 * The words for what the container machine refuses: one table, state by event, in the daemon's own words (Docker 20.10). The
 * machine says *that* an event is refused, this file only how that is said.
 */
import type { ContainerEventType, ContainerState } from './container.ts';

export interface Refusal {
  readonly message: string;
  /** `client`: the client refuses by itself, without asking the daemon. */
  readonly by: 'daemon' | 'client';
}

type Words = (who: { readonly id: string; readonly name: string }) => string;

const notRunning: Words = ({ id }) => `Container ${id} is not running`;
const restarting: Words = ({ id }) => `Container ${id} is restarting, wait until the container is running`;
const notPaused: Words = ({ id }) => `Container ${id} is not paused`;
const beingRemoved: Words = () => 'container is marked for removal and cannot be started';
const notKillable: Words = (who) => `Cannot kill container: ${who.name}: ${notRunning(who)}`;
const inProgress: Words = ({ id }) => `removal of container ${id} is already in progress`;
const notUpdatable: Words = ({ id }) =>
  `Cannot update container ${id}: container is marked for removal and cannot be "update"`;

/** Answers that are the same in every state that refuses. */
const usual: Readonly<Partial<Record<ContainerEventType, Words>>> = {
  START: beingRemoved,
  RESTART: (who) => `Cannot restart container ${who.name}: ${beingRemoved(who)}`,
  KILL: notKillable,
  PAUSE: notRunning,
  UNPAUSE: notPaused,
  EXEC: notRunning,
  TOP: notRunning,
  ATTACH: () => 'You cannot attach to a stopped container, start it first',
  REMOVE: inProgress,
  FORCE_REMOVE: inProgress,
  UPDATE: notUpdatable,
  STOP: notRunning,
};

const special: Readonly<Partial<Record<ContainerState, Partial<Record<ContainerEventType, Words>>>>> = {
  running: {
    REMOVE: ({ id }) =>
      `You cannot remove a running container ${id}. Stop the container before attempting removal or force remove`,
  },
  paused: {
    START: () => 'cannot start a paused container, try unpause instead',
    PAUSE: ({ id }) => `Container ${id} is already paused`,
    EXEC: ({ name }) => `Container ${name} is paused, unpause the container before exec`,
    ATTACH: () => 'You cannot attach to a paused container, unpause it first',
    REMOVE: ({ id }) =>
      `You cannot remove a paused container ${id}. Unpause and then stop the container before attempting removal or force remove`,
  },
  restarting: {
    PAUSE: restarting,
    EXEC: restarting,
    TOP: restarting,
    ATTACH: () => 'You cannot attach to a restarting container, wait until it is running',
    REMOVE: ({ id }) =>
      `You cannot remove a restarting container ${id}. Stop the container before attempting removal or force remove`,
  },
  removing: {
    COMMIT: ({ id }) => `You cannot commit container ${id} which is being removed`,
    EXPORT: ({ id }) => `You cannot export container ${id} which is being removed`,
  },
  dead: {
    COMMIT: ({ id }) => `You cannot commit container ${id} which is Dead`,
    EXPORT: ({ id }) => `You cannot export container ${id} which is dead`,
  },
};

/** What Docker says when `event` is refused in `state`. `who.name` is what the person typed. */
export function refusal(
  state: ContainerState,
  event: ContainerEventType,
  who: { readonly id: string; readonly name: string },
): Refusal {
  const words = special[state]?.[event] ?? usual[event] ?? notRunning;
  return { message: words(who), by: event === 'ATTACH' ? 'client' : 'daemon' };
}
