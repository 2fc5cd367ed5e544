/** The door to what reads the flags about networks and ports (network-values.ts), a part that a page loads with the first of them. */
import type { CreateSpec } from '../engine/index.ts';
import { PartNeeded } from '../errors.ts';
import type { FlagValues } from './flags.ts';
import { CliError } from './spec.ts';

export type NetworkAsked = Pick<CreateSpec, 'network' | 'ports' | 'exposed' | 'publishAll' | 'place'>;

/** Flags of `docker run` and `create` that need the engine's bridge, but for some values of `network`. */
export const networkFlags: readonly string[] = [
  ...['expose', 'ip', 'net', 'net-alias', 'network', 'network-alias', 'publish', 'publish-all'],
];

/** What the flags ask for. Throws CliError. */
export type NetworkValues = (flags: FlagValues) => NetworkAsked;

let known: NetworkValues | undefined;

export function registerNetworkFlags(values: NetworkValues): void {
  known = values;
}

/** Throws PartNeeded. */
export function networkValues(): NetworkValues {
  if (known === undefined) throw new PartNeeded('networks');
  return known;
}

/** What needs the engine's bridge, on an engine that was started without one. */
export const withoutBridge = (what: string): CliError =>
  new CliError(
    `cutaway: docker ${what} needs docker0, and this engine was started without it: begin anew with --bridge (in the page: the host button, docker0)`,
    125,
  );
