/**
 * What the storage drivers other than overlay2 need of the file systems: aufs, and trees that are told apart by comparing them.
 * A part of its own, which a page loads when it is first needed (core/parts.ts).
 */
import { PartNeeded } from '../errors.ts';
import type { AufsBranch, AufsFs } from './aufs.ts';
import type { copyDir, difference, fillDir } from './difference.ts';

export interface OtherTrees {
  readonly AufsBranch: typeof AufsBranch;
  readonly AufsFs: typeof AufsFs;
  readonly copyDir: typeof copyDir;
  readonly difference: typeof difference;
  readonly fillDir: typeof fillDir;
}

let known: OtherTrees | undefined;

export function registerTrees(trees: OtherTrees): void {
  known = trees;
}

/** Throws PartNeeded. */
export function otherTrees(): OtherTrees {
  if (known === undefined) throw new PartNeeded('storage');
  return known;
}
