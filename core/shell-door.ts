/**
 * The door to shell.ts, what an Op is as a utility call. A page loads it with its first line (core/parts.ts): a world that nobody
 * has done anything in has no steps to show.
 */
import type { HostFacts } from './driver.ts';
import { PartNeeded } from './errors.ts';
import type { Op } from './op.ts';

type ToShell = (op: Op, facts: HostFacts) => string;

let known: ToShell | undefined;

export function registerShell(toShell: ToShell): void {
  known = toShell;
}

/** The command line for an Op, on a host with these facts. Throws PartNeeded. */
export function shellOf(op: Op, facts: HostFacts): string {
  if (known === undefined) throw new PartNeeded('first');
  return known(op, facts);
}
