/**
 * `docker network create`, `rm` and `prune`: a network is a bridge of the host with an address, and rules that let its members
 * reach each other and the world, and keep other networks out.
 */
import { type Bridge, type Flow, perform, type Step } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { newId } from '../ids.ts';
import { dottedIp } from '../network.ts';
import { atomically, twiceAtMost } from '../undo.ts';
import { type Engine, type Network, type Subnet, without } from '../world.ts';
import { demandFree, ipNumber, lowest, nextSubnet, readSubnet } from './addresses.ts';
import { allNetworks, isUserMade, lookUpNetwork, membersOf, predefined, putNetwork } from './model.ts';

/** One subnet as the command line has it. */
export interface PoolSpec {
  readonly subnet: string;
  readonly range?: string;
  readonly gateway?: string;
}

export interface NetworkSpec {
  readonly name: string;
  readonly driver: string;
  readonly pools: readonly PoolSpec[];
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export function* createNetwork(engine: Engine, spec: NetworkSpec): Flow<string> {
  demandNew(engine, spec);
  const subnet = subnetOf(engine, spec);
  const range = rangeOf(spec);
  const id = newId(engine.host);
  const gateway = gatewayOf(spec, subnet, range);
  const bridge = bridgeOf(engine, spec, id, gateway, subnet);
  const given = spec.pools[0];
  const network: Network = {
    id,
    name: spec.name,
    driver: 'bridge',
    created: engine.host.now(),
    internal: spec.internal,
    attachable: spec.attachable,
    labels: spec.labels,
    options: spec.options,
    ipam: [
      {
        Subnet: given?.subnet ?? subnet.text,
        ...(given?.range === undefined ? {} : { IPRange: given.range }),
        // One that was not asked for is shown only where nothing was.
        ...(given === undefined || given.gateway !== undefined ? { Gateway: given?.gateway ?? dottedIp(gateway) } : {}),
      },
    ],
    subnet,
    ...(range === undefined ? {} : { range }),
    ...(given === undefined ? {} : { chosen: true }),
    bridge,
  };
  yield* atomically(engine, function* () {
    yield* makeBridge(bridge, spec.name);
    putNetwork(engine, network);
  });
  return id;
}

function demandNew(engine: Engine, { name, driver, pools }: NetworkSpec): void {
  if (predefined.includes(name))
    throw new DockerError(`operation is not permitted on predefined ${name} network`, 'conflict');
  if (driver === 'host' || driver === 'null')
    throw new DockerError(`only one instance of "${driver}" network is allowed`, 'conflict');
  if (driver !== 'bridge') throw new DockerError(`plugin "${driver}" not found`, 'notFound');
  if (name === '' || allNetworks(engine).some((each) => each.name === name))
    throw new DockerError(`network with name ${name} already exists`, 'conflict');
  const wrong = pools.find(({ subnet }) => readSubnet(subnet) === undefined)?.subnet;
  if (wrong !== undefined) throw new DockerError(`Invalid subnet ${wrong} : invalid CIDR address: ${wrong}`, 'invalid');
  if (pools.length > 1) throw new DockerError("bridge driver doesn't support multiple subnets", 'conflict');
}

function subnetOf(engine: Engine, { pools: [first] }: NetworkSpec): Subnet {
  if (first === undefined) return nextSubnet(engine);
  const { ip, prefix } = readSubnet(first.subnet)!;
  const subnet = { ip, prefix, text: `${dottedIp(ip)}/${prefix}` };
  demandFree(engine, subnet);
  return subnet;
}

function rangeOf({ pools: [first] }: NetworkSpec): Subnet | undefined {
  if (first?.range === undefined) return undefined;
  const read = readSubnet(first.range);
  if (read === undefined)
    throw new DockerError(`Invalid subnet ${first.range} : invalid CIDR address: ${first.range}`, 'invalid');
  return { ip: read.ip, prefix: read.prefix, text: first.range };
}

function gatewayOf({ pools: [first] }: NetworkSpec, subnet: Subnet, range: Subnet | undefined): number {
  const wanted = first?.gateway;
  const ip =
    wanted === undefined ? lowest({ subnet, ...(range === undefined ? {} : { range }) }, new Set()) : ipNumber(wanted);
  if (ip === undefined)
    throw new DockerError(
      `failed to allocate gateway (${wanted ?? ''}): No available addresses on this pool`,
      'system',
    );
  return ip;
}

const OPTION = 'com.docker.network.bridge.';

function bridgeOf(
  engine: Engine,
  { options, internal }: NetworkSpec,
  id: string,
  ip: number,
  { prefix }: Subnet,
): Bridge {
  const isOn = (name: string): boolean => {
    const value = options[`${OPTION}${name}`] ?? 'true';
    if (/^(1|t|true)$/i.test(value)) return true;
    if (/^(0|f|false)$/i.test(value)) return false;
    throw new DockerError(
      `failed to parse ${OPTION}${name} value: ${value} (strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax)`,
      'invalid',
    );
  };
  const [together, mask] = [isOn('enable_icc'), isOn('enable_ip_masquerade')];
  const asked = options[`${OPTION}name`];
  const name = asked === undefined || asked === '' ? `br-${id.slice(0, 12)}` : asked;
  if (allNetworks(engine).some(({ bridge }) => bridge?.name === name))
    throw new DockerError(
      `cannot create network ${id} (${name}): conflicts with network ${idOf(engine, name)} (${name}): networks have same bridge name`,
      'conflict',
    );
  return {
    ...{ name, ip, prefix },
    ...(internal ? { internal } : {}),
    ...(together ? {} : { apart: true }),
    ...(mask ? {} : { unmasked: true }),
  };
}

const idOf = (engine: Engine, bridge: string): string =>
  allNetworks(engine).find((each) => each.bridge?.name === bridge)?.id ?? '';

function* makeBridge(bridge: Bridge, network: string): Flow<void> {
  const { name, ip, prefix } = bridge;
  yield* perform(
    `make the bridge ${name}`,
    { op: 'bridgeAdd', bridge: name },
    {
      why: `It is the switch of the network ${network}: what comes in at one of its ports it passes on to the others.`,
      undo: { op: 'linkRemove', device: name },
    },
  );
  yield* perform(
    `give the bridge the address ${dottedIp(ip)}`,
    { op: 'addressAdd', device: name, ip, prefix },
    { why: 'So the host itself is in the network; it is the way out for containers.' },
  );
  yield* perform('switch the bridge on', { op: 'linkUp', device: name });
  yield* perform(
    'put the rules for its packets',
    { op: 'rulesAdd', bridge },
    {
      why:
        bridge.internal === true
          ? 'Nothing from outside comes in, and nothing goes out.'
          : 'Its members reach each other and the world; the stages of isolation drop what comes from another bridge.',
      undo: { op: 'rulesRemove', bridge },
    },
  );
}

/** The bridges of a host that was switched off are made again. */
export function* restoreNetworks(engine: Engine): Flow<void> {
  for (const { bridge, name } of Object.values(engine.world.networks ?? {}))
    if (bridge !== undefined) yield* makeBridge(bridge, name);
}

/** Throws DockerError for one that is predefined or has members. */
export function* removeNetwork(engine: Engine, given: string): Flow<void> {
  const network = lookUpNetwork(engine, given);
  if (network === undefined)
    throw new DockerError(`No such network: ${given}`, 'notFound', { type: 'network', name: given });
  if (!isUserMade(network))
    throw new DockerError(`${network.name} is a pre-defined network and cannot be removed`, 'conflict');
  if (membersOf(engine, network).length > 0)
    throw new DockerError(
      `error while removing network: network ${network.name} id ${network.id} has active endpoints`,
      'conflict',
    );
  yield* takeDown(engine, network);
}

/** A bridge that somebody has removed by hand is no reason to keep the network. */
function* takeDown(engine: Engine, network: Network): Flow<void> {
  const { bridge } = network;
  if (bridge !== undefined) {
    yield* perform(
      'take the rules for its packets away',
      { op: 'rulesRemove', bridge },
      { undo: { op: 'rulesAdd', bridge } },
    );
    const step: Step = { title: `remove the bridge ${bridge.name}`, op: { op: 'linkRemove', device: bridge.name } };
    yield* twiceAtMost(step);
  }
  engine.world = { ...engine.world, networks: without(engine.world.networks ?? {}, network.id) };
}

export interface PrunableNetworks {
  /** Made before that moment, milliseconds since the epoch. */
  readonly until?: number | undefined;
  readonly labels: (present: Readonly<Record<string, string>>) => boolean;
}

/** Networks of people's own that no container runs on; gives their names. */
export function* pruneNetworks(engine: Engine, { until, labels }: PrunableNetworks): Flow<readonly string[]> {
  const removed: string[] = [];
  for (const network of Object.values(engine.world.networks ?? {})) {
    if (membersOf(engine, network).length > 0 || !labels(network.labels)) continue;
    if (until !== undefined && network.created >= until) continue;
    yield* takeDown(engine, network);
    removed.push(network.name);
  }
  return removed;
}
