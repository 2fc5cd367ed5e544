/**
 * The door to what tells a container made by hand from the rest of the simulated host. The code behind it is loaded with the
 * programs that one makes such containers with (core/parts.ts): without them there is none to find.
 */
import type { SimDriver } from '../kernel/driver.ts';
import type { HandFacts, Observation } from '../observation.ts';

/** @param docker - PIDs, on the host, of the first processes of Docker's containers. */
export type HandLooker = (driver: SimDriver, docker: readonly number[], seen: Observation) => readonly HandFacts[];

let looker: HandLooker | undefined;

export function registerHandLooker(look: HandLooker): void {
  looker = look;
}

/** The observation with what was made by hand, where there is any. */
export function withHandMade(driver: SimDriver, docker: readonly number[], seen: Observation): Observation {
  const byHand = looker?.(driver, docker, seen) ?? [];
  return byHand.length === 0 ? seen : { ...seen, byHand };
}
