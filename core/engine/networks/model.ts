/**
 * Networks: those that are there from the start (`bridge`, `host`, `none`) and those that people make, and how one is found by
 * what a person types (moby/daemon/network.go FindNetwork). What a container has to do with them stands in the container
 * (world.ts: `networks`, `places`).
 */
import type { Bridge } from '../../op.ts';
import { DockerError } from '../errors.ts';
import type { Json } from '../json.ts';
import { networkId } from '../network.ts';
import type { Container, Engine, Network, Subnet } from '../world.ts';

export const dockerBridge: Bridge = { name: 'docker0', ip: 0xac110001, prefix: 16 };
const bridgeSubnet: Subnet = { text: '172.17.0.0/16', ip: 0xac110000, prefix: 16 };

const bridgeOptions: Readonly<Record<string, string>> = {
  'com.docker.network.bridge.default_bridge': 'true',
  'com.docker.network.bridge.enable_icc': 'true',
  'com.docker.network.bridge.enable_ip_masquerade': 'true',
  'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
  'com.docker.network.bridge.name': 'docker0',
  'com.docker.network.driver.mtu': '1500',
};

const drivers = { bridge: 'bridge', host: 'host', none: 'null' } as const;

/** Names that nobody gives to a network of his own. */
export const predefined: readonly string[] = ['bridge', 'host', 'none', 'default'];

function builtIn(engine: Engine, name: keyof typeof drivers): Network {
  const bridged = name === 'bridge';
  return {
    id: networkId(engine, name),
    name,
    driver: drivers[name],
    created: engine.world.began ?? 0,
    internal: false,
    attachable: false,
    labels: {},
    options: bridged ? bridgeOptions : {},
    ipam: bridged ? [{ Subnet: bridgeSubnet.text }] : [],
    ...(bridged ? { subnet: bridgeSubnet, bridge: dockerBridge } : {}),
  };
}

/** All of them, by name. `dockerd --bridge none` has no `bridge`. */
export function allNetworks(engine: Engine): readonly Network[] {
  const names = (Object.keys(drivers) as (keyof typeof drivers)[]).filter(
    (name) => name !== 'bridge' || engine.facts.bridge === true,
  );
  const all = [...names.map((name) => builtIn(engine, name)), ...Object.values(engine.world.networks ?? {})];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whole IDs first, then names, then beginnings of IDs. */
export function lookUpNetwork(engine: Engine, given: string): Network | undefined {
  const all = allNetworks(engine);
  const exact = all.find(({ id }) => id === given) ?? all.find(({ name }) => name === given);
  if (exact !== undefined || given === '') return exact;
  const beginning = all.filter(({ id }) => id.startsWith(given));
  if (beginning.length > 1)
    throw new DockerError(
      `network ${given} is ambiguous (${beginning.length} matches found based on ID prefix)`,
      'invalid',
    );
  return beginning[0];
}

export function findNetwork(engine: Engine, given: string): Network {
  const found = lookUpNetwork(engine, given);
  if (found === undefined) throw new DockerError(`network ${given} not found`, 'notFound');
  return found;
}

export const putNetwork = (engine: Engine, network: Network): void => {
  const { world } = engine;
  engine.world = { ...world, networks: { ...world.networks, [network.id]: network } };
};

/** Containers that run with a place on it. */
export const membersOf = ({ world }: Engine, { id }: Network): readonly Container[] =>
  Object.values(world.containers).filter(({ places }) =>
    Object.values(places ?? {}).some((each) => each.network === id),
  );

export const isUserMade = ({ name }: Network): boolean => !predefined.includes(name);

export const jsonRecord = (record: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
