/**
 * Words for what was made by hand like a container, as all pictures say them; and what they say of Docker's at the same places.
 */
import { sizeText } from './parts.ts';
import { hasUnion, type SceneContainer, statusText } from './scene.ts';

/** The state in a word; of what was made by hand there is only whether somebody is in it. */
export function stateWords(container: SceneContainer): string {
  if (container.hand === undefined || container.status !== 'created') return statusText(container);
  return 'mounted';
}

/** Why it has no process space. */
export function idleWords(container: SceneContainer): string {
  if (container.hand !== undefined) return 'no process sees it as its root';
  if (container.status === 'created') return 'not started yet: only layers, no process';
  return 'its processes have ended; its layers stay';
}

/** Of what was made by hand: its control groups, and whose files it sees when it has no union. */
export function handLines(container: SceneContainer): string[] {
  const { hand, cgroup } = container;
  if (hand === undefined || !container.alive) return [];
  const limit = cgroup?.memoryLimit === undefined ? '' : `, memory limit ${sizeText(cgroup.memoryLimit)}`;
  return [
    hand.groups.length === 0 ? 'no control group of its own' : `cgroup ${hand.groups.join(' ')}${limit}`,
    hasUnion(container) ? '' : "its root is the host's, or a directory of it: no union",
  ];
}

/** Whose read-write layer it is, where that is a directory that somebody chose. */
export function upperTitle({ hand }: SceneContainer): string {
  if (hand === undefined) return 'read-write layer';
  return hand.upper === undefined ? 'nothing can be written' : `read-write: ${hand.upper}`;
}
