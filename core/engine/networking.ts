/**
 * The door to networks: bridges, places of containers on them, published ports. The code behind it (networks/) is a part that
 * a page loads when an engine with a bridge first needs it (core/parts.ts); one without has only loopbacks.
 */
import { PartNeeded } from '../errors.ts';
import type * as all from './networks/index.ts';

export type Networking = typeof all;

let known: Networking | undefined;

export function registerNetworking(code: Networking): void {
  known = code;
}

/** Throws PartNeeded. */
export function networking(): Networking {
  if (known === undefined) throw new PartNeeded('networks');
  return known;
}

/** Undefined while nobody has needed it. */
export const networkingSoFar = (): Networking | undefined => known;
