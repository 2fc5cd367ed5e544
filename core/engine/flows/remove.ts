/**
 * `docker rm`: the read-write layer, the init layer and the records go. What half failed stays as `dead` and can be removed
 * again.
 */

import { advance } from '../../machines/advance.ts';
import { type ContainerWork, containerMachine } from '../../machines/container.ts';
import type { Flow } from '../../op.ts';
import { findContainer } from '../lookup.ts';
import { ask } from '../transit.ts';
import { hasMounts, mountWork } from '../volumes.ts';
import { work } from '../work.ts';
import { dropContainer, type Engine, patchContainer } from '../world.ts';
import { dropUnusedLayers } from './layers.ts';

export interface RemoveOptions {
  /** Also when it runs. */
  readonly force?: boolean;
  /** With its anonymous volumes. */
  readonly volumes?: boolean;
}

export function* removeContainer(engine: Engine, container: string, options: RemoveOptions = {}): Flow<void> {
  const { id } = findContainer(engine, container);
  yield* deleteContainer(engine, id, options, container);
}

/**
 * Removal cannot be taken back, so it is no transaction: the state is `removing` first, then `removed`, or `dead` when the
 * layers could not be removed. When PID 1 could not be killed, nothing has happened.
 */
export function* deleteContainer(engine: Engine, id: string, options: RemoveOptions = {}, typed?: string): Flow<void> {
  const container = engine.world.containers[id]!;
  const event = { type: options.force === true ? 'FORCE_REMOVE' : 'REMOVE' } as const;
  const before = engine.world;
  const { next, actions } = ask(container, event, typed);
  patchContainer(engine, id, { state: next, manuallyStopped: true });
  for (const action of actions) {
    try {
      yield* work[action.type as ContainerWork](engine, id, event);
    } catch (error) {
      if (action.type === 'removeLayers') {
        const dead = advance(containerMachine, next, { type: 'REMOVE_FAILED' });
        if (dead !== undefined) patchContainer(engine, id, { state: dead.next });
      } else engine.world = before;
      throw error;
    }
  }
  dropContainer(engine, id);
  if (options.volumes === true && hasMounts(container)) yield* mountWork().removeAnonymous(engine, container);
  yield* dropUnusedLayers(engine, container.layer.lower);
}
