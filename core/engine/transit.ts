/**
 * Where law and work meet: a container's machine is asked, the flows that its actions stand for are carried out, and the new
 * state is kept when all of them succeeded. Every verb that depends on a container's state goes through here.
 */
import { advance } from '../machines/advance.ts';
import { type ContainerEvent, type ContainerWork, containerMachine } from '../machines/container.ts';
import { refusal } from '../machines/refusals.ts';
import type { Flow } from '../op.ts';
import { DockerError } from './errors.ts';
import { atomically } from './undo.ts';
import { work } from './work.ts';
import { type Container, type Engine, patchContainer, statusOf } from './world.ts';

/** `typed` is what the person called the container; some refusals repeat it. */
export function* transit(engine: Engine, id: string, event: ContainerEvent, typed?: string): Flow<void> {
  const { next, actions } = ask(engine.world.containers[id]!, event, typed);
  yield* atomically(engine, function* () {
    for (const action of actions) yield* work[action.type as ContainerWork](engine, id, event);
    if (engine.world.containers[id] !== undefined) patchContainer(engine, id, { state: next });
  });
}

/** The machine's answer; throws its refusal in Docker's words. */
export function ask(container: Container, event: ContainerEvent, typed = container.name) {
  const answer = advance(containerMachine, container.state, event);
  if (answer !== undefined) return answer;
  const { message } = refusal(statusOf(container), event.type, { id: container.id, name: typed });
  throw new DockerError(message, 'conflict');
}
