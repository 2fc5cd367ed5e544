/** The door to the Ops of `docker cp` (ops/copies.ts), a part that a page loads with the verbs that need it. */
import { PartNeeded } from '../errors.ts';
import type * as work from './ops/copies.ts';

export type Copies = Pick<typeof work, 'copyIn' | 'copyOut' | 'lookIn'>;

let known: Copies | undefined;

export function registerCopies(copies: Copies): void {
  known = copies;
}

/** Throws PartNeeded. */
export function copies(): Copies {
  if (known === undefined) throw new PartNeeded('verbs');
  return known;
}
