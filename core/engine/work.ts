/**
 * The table from the machine's action names to the flows that do them. Actions that need more than the container and the
 * event (what to run inside, which name to take) are done by their verb (flows/), after the machine was asked; here they are
 * the part that the machine's transition itself asks for.
 *
 * Kept true: there is an entry for every name in `containerWork`; no entry looks at the container's state.
 */
import type { ContainerEvent, ContainerWork } from '../machines/container.ts';
import type { Flow } from '../op.ts';
import { killAll, release } from './flows/end.ts';
import { makeContainerLayer, removeLayers } from './flows/layers.ts';
import { startProcess } from './flows/process.ts';
import { freeze, sendSignal, thaw } from './flows/signals.ts';
import type { Engine } from './world.ts';

type Work = (engine: Engine, id: string, event: ContainerEvent) => Flow<void>;

/** The verb that asked does it itself. */
function* byTheVerb(): Flow<void> {}

export const work: Readonly<Record<ContainerWork, Work>> = {
  makeContainerLayer,
  startProcess,
  sendSignal,
  freeze,
  thaw,
  killAll,
  release,
  removeLayers,
  runInside: byTheVerb,
  listProcesses: byTheVerb,
  joinOutput: byTheVerb,
  commitLayer: byTheVerb,
  packTree: byTheVerb,
  changeName: byTheVerb,
  changeLimits: byTheVerb,
  alreadySo: byTheVerb,
};
