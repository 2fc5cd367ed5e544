/** What is behind the door of living.ts. */
import { containerFacts } from './containerfacts.ts';
import { settleOne } from './flows/settleone.ts';
import type { Living } from './living.ts';
import { networkingSoFar } from './networking.ts';
import type { Engine } from './world.ts';

const networkFacts = (engine: Engine) => networkingSoFar()?.networkFacts(engine) ?? [];

export const allLiving: Living = { settle: settleOne, facts: containerFacts, networkFacts };
