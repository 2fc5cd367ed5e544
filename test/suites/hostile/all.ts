/** All hostile archives, in the order of their tables. */
import { bombCases } from './bombs.ts';
import type { HostileCase } from './case.ts';
import { imageCases } from './images.ts';
import { memberCases } from './members.ts';
import { pathCases } from './paths.ts';

export const hostileCases: readonly HostileCase[] = [...pathCases, ...memberCases, ...imageCases, ...bombCases];
