/**
 * The door to what is done about containers between the commands: their ends and restarts are noticed, and facts about them are
 * read. The code behind it (living-all.ts) is in the part that a page loads with the first line (core/parts.ts), since a host
 * without containers needs none of it.
 */
import { PartNeeded } from '../errors.ts';
import type { ContainerFacts, NetworkFacts } from '../observation.ts';
import type { Digest, Flow, TreeEntry } from '../op.ts';
import type { Container, Engine } from './world.ts';

/** Trees of read-only layers by chainID. */
export type LayerTrees = Record<Digest, readonly TreeEntry[]>;

export interface Living {
  /** Notices that a container has ended, and starts it again when its restart policy says so. */
  settle(engine: Engine, id: string): Flow<void>;
  facts(engine: Engine, container: Container, layers: LayerTrees): Flow<ContainerFacts>;
  /** None while the code of networks is not needed. */
  networkFacts(engine: Engine): readonly NetworkFacts[];
}

let known: Living | undefined;

export function registerLiving(code: Living): void {
  known = code;
}

/** Throws PartNeeded. */
export function living(): Living {
  if (known === undefined) throw new PartNeeded('first');
  return known;
}
