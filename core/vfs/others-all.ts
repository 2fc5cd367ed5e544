/** The trees of the other storage drivers: what others.ts asks for. */
import { AufsBranch, AufsFs } from './aufs.ts';
import { copyDir, difference, fillDir } from './difference.ts';
import type { OtherTrees } from './others.ts';

export const allTrees: OtherTrees = { AufsBranch, AufsFs, copyDir, difference, fillDir };
