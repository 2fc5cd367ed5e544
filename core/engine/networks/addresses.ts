/**
 * Which subnets networks get and which addresses containers (libnetwork/ipam, ipamutils): subnets from the default pools one
 * after the other, and only when all were had again from the beginning; the lowest address that is free.
 */
import { DockerError } from '../errors.ts';
import { dottedIp } from '../network.ts';
import type { Engine, Network, Subnet } from '../world.ts';
import { allNetworks } from './model.ts';

export const ipNumber = (text: string): number | undefined => {
  const parts = text.split('.').map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
};

const masked = (ip: number, prefix: number): number => (prefix === 0 ? 0 : (ip & (-1 << (32 - prefix))) >>> 0);

/** `10.5.0.7/16`; undefined when it is no such thing. */
export function readSubnet(text: string): (Subnet & { readonly given: number }) | undefined {
  const [address = '', length = '', ...more] = text.split('/');
  const ip = ipNumber(address);
  if (ip === undefined || more.length > 0 || !/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined;
  return { text, ip: masked(ip, Number(length)), prefix: Number(length), given: ip };
}

export const within = (ip: number, subnet: Pick<Subnet, 'ip' | 'prefix'>): boolean =>
  masked(ip, subnet.prefix) === subnet.ip;

export const overlap = (a: Pick<Subnet, 'ip' | 'prefix'>, b: Pick<Subnet, 'ip' | 'prefix'>): boolean =>
  within(a.ip, b) || within(b.ip, a);

/** 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 and so on. */
const pools: readonly Subnet[] = [
  ...Array.from({ length: 15 }, (_, n) => ({ ip: 0xac110000 + n * 0x10000, prefix: 16 })),
  ...Array.from({ length: 16 }, (_, n) => ({ ip: 0xc0a80000 + n * 0x1000, prefix: 20 })),
].map(({ ip, prefix }) => ({ ip, prefix, text: `${dottedIp(ip)}/${prefix}` }));

const subnetsIn = (engine: Engine): readonly Subnet[] => allNetworks(engine).flatMap(({ subnet }) => subnet ?? []);

/** The next default subnet that is free; it counts as given also when the network does not come about. */
export function nextSubnet(engine: Engine): Subnet {
  const taken = subnetsIn(engine);
  const from = engine.world.pool ?? 0;
  for (let n = 0; n < pools.length; n++) {
    const at = (from + n) % pools.length;
    const subnet = pools[at]!;
    if (taken.some((each) => overlap(each, subnet))) continue;
    engine.world = { ...engine.world, pool: (at + 1) % pools.length };
    return subnet;
  }
  throw new DockerError(
    'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    'system',
  );
}

export function demandFree(engine: Engine, subnet: Subnet): void {
  if (subnetsIn(engine).some((each) => overlap(each, subnet)))
    throw new DockerError('Pool overlaps with other one on this address space', 'system');
}

/** The lowest that is free, of the range where the network has one; neither the first nor the last of the whole subnet. */
export function lowest(network: Pick<Network, 'subnet' | 'range'>, taken: ReadonlySet<number>): number | undefined {
  const { subnet, range = subnet } = network;
  if (subnet === undefined || range === undefined) return undefined;
  const last = range.ip + 2 ** (32 - range.prefix) - 1;
  const end = subnet.ip + 2 ** (32 - subnet.prefix) - 1;
  for (let ip = range.ip; ip <= last; ip++) if (ip !== subnet.ip && ip !== end && !taken.has(ip)) return ip;
  return undefined;
}

/** Addresses of a network that somebody has: its bridge, and containers that run. */
export function takenIn({ world }: Engine, { id, bridge }: Network): ReadonlySet<number> {
  const places = Object.values(world.containers).flatMap((each) => Object.values(each.places ?? {}));
  const ips = places.flatMap((place) => (place.network === id && place.device !== undefined ? [place.device.ip] : []));
  return new Set([...(bridge === undefined ? [] : [bridge.ip]), ...ips]);
}

/** An address for a container. `wanted`: the one that was asked for. */
export function newAddress(engine: Engine, network: Network, wanted?: string): number {
  const taken = takenIn(engine, network);
  if (wanted === undefined) {
    const found = lowest(network, taken);
    if (found !== undefined) return found;
    const whose = `${network.name} (${network.id})`;
    throw new DockerError(`no available IPv4 addresses on this network's address pools: ${whose}`, 'system');
  }
  const ip = demandOwn(network, wanted);
  if (taken.has(ip)) throw new DockerError('Address already in use', 'system');
  return ip;
}

/** Refuses an address that is none of the network's, or that nobody may choose there. */
export function demandOwn({ subnet, chosen }: Network, wanted: string): number {
  if (chosen !== true)
    throw new DockerError(
      'user specified IP address is supported only when connecting to networks with user configured subnets',
      'invalid',
    );
  const ip = ipNumber(wanted);
  if (ip === undefined) throw new DockerError(`invalid IPv4 address: ${wanted}`, 'invalid');
  if (subnet === undefined || !within(ip, subnet))
    throw new DockerError(`Invalid address ${wanted}: It does not belong to any of this network's subnets`, 'system');
  return ip;
}
