/** What is behind the door of living.ts. */
import { containerFacts } from './containerfacts.ts';
import { settleOne } from './flows/settleone.ts';
import type { Living } from './living.ts';

export const allLiving: Living = { settle: settleOne, facts: containerFacts };
