/**
 * Subnets, ranges and gateways of `docker network create` put together (docker CLI network/create.go consolidateIpam). What
 * does not fit is a RangeError in the client's words.
 */
import { ipNumber, overlap, readSubnet, within } from './addresses.ts';
import type { PoolSpec } from './create.ts';

export interface PoolsAsked {
  readonly subnets: readonly string[];
  readonly ranges: readonly string[];
  readonly gateways: readonly string[];
}

export function pools({ subnets, ranges, gateways }: PoolsAsked): readonly PoolSpec[] {
  if (subnets.length < ranges.length || subnets.length < gateways.length)
    throw new RangeError('every ip-range or gateway must have a corresponding subnet');
  const found = new Map<string, { subnet: string; range?: string; gateway?: string }>();
  for (const subnet of subnets) {
    const read = readSubnet(subnet);
    for (const known of found.keys()) {
      const other = readSubnet(known);
      if (read !== undefined && other !== undefined && overlap(read, other))
        throw new RangeError('multiple overlapping subnet configuration is not supported');
    }
    found.set(subnet, { subnet });
  }
  for (const range of ranges) {
    const pool = holding(found, range.split('/')[0]!);
    if (pool === undefined) throw new RangeError(`no matching subnet for range ${range}`);
    if (pool.range !== undefined)
      throw new RangeError(
        `cannot configure multiple ranges (${range}, ${pool.range}) on the same subnet (${pool.subnet})`,
      );
    pool.range = range;
  }
  for (const gateway of gateways) {
    const pool = holding(found, gateway);
    if (pool === undefined) throw new RangeError(`no matching subnet for gateway ${gateway}`);
    if (pool.gateway !== undefined)
      throw new RangeError(
        `cannot configure multiple gateways (${gateway}, ${pool.gateway}) for the same subnet (${pool.subnet})`,
      );
    pool.gateway = gateway;
  }
  return [...found.values()];
}

function holding<T extends { readonly subnet: string }>(pools: ReadonlyMap<string, T>, address: string): T | undefined {
  const ip = ipNumber(address);
  return [...pools.values()].find(({ subnet }) => {
    const read = readSubnet(subnet);
    return ip !== undefined && read !== undefined && within(ip, read);
  });
}
