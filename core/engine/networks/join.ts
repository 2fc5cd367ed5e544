/**
 * A container's places on networks: at its start, by `docker network connect` and `disconnect`, and at its end
 * (moby/daemon/container_operations.go, libnetwork/sandbox.go).
 *
 * Kept true: one of the networks leads out (the first by name; those that are internal come last), and it is the one on which
 * ports are published; places are held exactly while PID 1 lives.
 */
import { type Endpoint, type Flow, perform, StepError } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { newId } from '../ids.ts';
import { findContainer } from '../lookup.ts';
import { dottedIp, modeOf, sharesNetwork } from '../network.ts';
import { writeState } from '../records.ts';
import { atomically, twiceAtMost } from '../undo.ts';
import {
  type Attachment,
  type Container,
  type Engine,
  isAlive,
  type Network,
  type Place,
  patchContainer,
  putContainer,
  without,
} from '../world.ts';
import { demandOwn, newAddress } from './addresses.ts';
import { findNetwork, isUserMade, lookUpNetwork } from './model.ts';
import { writeNames } from './names.ts';
import { newPorts, portTaken } from './ports.ts';

const plain: Attachment = { ipam: null, aliases: null };

/** What a container is to be on. */
export const attachments = (container: Container): Readonly<Record<string, Attachment>> =>
  container.networks ?? (sharesNetwork(container) ? {} : { [modeOf(container)]: plain });

const shortId = ({ id }: Container): string => id.slice(0, 12);

/** Names on a network of people's own: its ID is one of them. */
function aliasesOf(container: Container, network: Network, { aliases }: Attachment): readonly string[] | null {
  if (!isUserMade(network)) return aliases;
  const own = shortId(container);
  return [...(aliases ?? []).filter((each) => each !== own), own];
}

/** The network that was meant at the first start, also when another of the same name has been made since. */
function networkOf(engine: Engine, name: string, { networkId }: Attachment): Network {
  if (networkId === undefined) return findNetwork(engine, name);
  const found = lookUpNetwork(engine, networkId);
  if (found === undefined) throw new DockerError(`network ${networkId} not found`, 'notFound');
  return found;
}

const leadsBefore = (a: Network, b: Network): number =>
  Number(a.internal) - Number(b.internal) || (a.name < b.name ? -1 : 1);

/** Places for a container that starts; the pairs of devices for them are made. */
export function* takePlaces(engine: Engine, id: string): Flow<void> {
  const container = engine.world.containers[id]!;
  const wanted = attachments(container);
  const mode = modeOf(container);
  const names = Object.keys(wanted).sort((a, b) => Number(b === mode) - Number(a === mode) || (a < b ? -1 : 1));
  if (names.length === 0 && sharesNetwork(container)) return;
  const sandbox = newId(engine.host);
  patchContainer(engine, id, { sandbox });
  for (const name of names) {
    const network = networkOf(engine, name, wanted[name]!);
    const joined = engine.world.containers[id]!;
    const attachment = { ...wanted[name]!, aliases: aliasesOf(joined, network, wanted[name]!), networkId: network.id };
    const { [name]: _, ...others } = { ...attachments(joined) };
    putContainer(engine, { ...joined, networks: sorted({ ...others, [network.name]: attachment }) });
    const place = newPlace(engine, engine.world.containers[id]!, network, attachment);
    setPlaces(engine, id, { ...engine.world.containers[id]!.places, [network.name]: place });
  }
  choosePorts(engine, id);
  for (const { device } of Object.values(engine.world.containers[id]!.places ?? {}))
    if (device !== undefined) yield* makePair(device);
}

const sorted = <T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

const setPlaces = (engine: Engine, id: string, places: Readonly<Record<string, Place>>): void =>
  void patchContainer(engine, id, { places });

function newPlace(engine: Engine, container: Container, network: Network, { ipam }: Attachment): Place {
  const endpoint = newId(engine.host);
  const place = { network: network.id, endpoint };
  const { bridge, subnet } = network;
  if (bridge === undefined || subnet === undefined) return place;
  // On the default network nobody may choose, and who does is not told.
  const ip = newAddress(engine, network, isUserMade(network) ? ipam?.IPv4Address : undefined);
  const [host, peer] = [newId(engine.host), newId(engine.host)].map((each) => `veth${each.slice(0, 7)}`);
  return {
    ...place,
    device: {
      ...{ host: host!, peer: peer!, bridge: bridge.name, ip, prefix: subnet.prefix, ports: [] },
      ...(isUserMade(network) ? { known: namesOn(container, network) } : {}),
    },
  };
}

function namesOn(container: Container, network: Network): NonNullable<Endpoint['known']> {
  const { aliases } = attachments(container)[network.name] ?? plain;
  return { network: network.name, names: [container.name, ...(aliases ?? [])] };
}

/** The network that leads out. */
function leading(engine: Engine, { places }: Container): string | undefined {
  const networks = Object.entries(places ?? {}).flatMap(([, { network, device }]) =>
    device === undefined ? [] : [lookUpNetwork(engine, network)!],
  );
  return networks.sort(leadsBefore)[0]?.name;
}

/** Gives the way out and the ports to the network that leads. */
function choosePorts(engine: Engine, id: string): void {
  const container = engine.world.containers[id]!;
  const name = leading(engine, container);
  const place = name === undefined ? undefined : container.places?.[name];
  if (name === undefined || place?.device === undefined) return;
  const network = lookUpNetwork(engine, place.network)!;
  const ports = network.internal ? [] : newPorts(engine, container, place.endpoint);
  const device = { ...place.device, gateway: network.bridge!.ip, ports };
  setPlaces(engine, id, { ...engine.world.containers[id]!.places, [name]: { ...place, device } });
}

function makePair(endpoint: Endpoint): Flow<undefined> {
  const { host, bridge } = endpoint;
  return perform(
    `make a pair of devices, ${host} and the container’s, and put ${host} on ${bridge}`,
    { op: 'pairAdd', endpoint },
    {
      why: 'What goes in at one end comes out at the other: the container’s end will be moved into its network namespace.',
      undo: { op: 'linkRemove', device: host },
    },
  );
}

/** The devices for a container that starts, in the order in which they are to be called eth0, eth1 … */
export function endpointsOf(engine: Engine, { places }: Container): readonly Endpoint[] {
  const all = Object.values(places ?? {}).flatMap(({ network, device }) =>
    device === undefined ? [] : [{ network: lookUpNetwork(engine, network)!, device }],
  );
  return all.sort((a, b) => leadsBefore(a.network, b.network)).map(({ device }) => device);
}

/** The end of its places. The pairs go with the namespace, if nobody else is in it. */
export function* leavePlaces(_engine: Engine, { places }: Container): Flow<void> {
  for (const { device } of Object.values(places ?? {}))
    if (device !== undefined)
      yield* twiceAtMost({
        title: `remove the pair of ${device.host}`,
        op: { op: 'linkRemove', device: device.host },
        quiet: true,
      });
}

/** Its devices are called otherwise by their name server from now on. */
export function* callAnew(engine: Engine, id: string): Flow<void> {
  const container = engine.world.containers[id]!;
  for (const [name, place] of Object.entries(container.places ?? {})) {
    if (place.device?.known === undefined) continue;
    const device = { ...place.device, known: namesOn(container, lookUpNetwork(engine, place.network)!) };
    yield* rejoin(container, place.device, device, 'tell its networks the new name');
    setPlaces(engine, id, { ...engine.world.containers[id]!.places, [name]: { ...place, device } });
  }
}

function rejoin(container: Container, before: Endpoint, endpoint: Endpoint, title: string): Flow<undefined> {
  const { pid } = container;
  return perform(title, { op: 'rejoin', pid, endpoint }, { undo: { op: 'rejoin', pid, endpoint: before } });
}

export interface ConnectOptions {
  readonly ip?: string;
  readonly aliases: readonly string[];
}

/** `docker network connect`. Throws DockerError. */
export function* connectContainer(engine: Engine, given: string, who: string, options: ConnectOptions): Flow<void> {
  const container = findContainer(engine, who);
  const network = isAlive(container) ? findNetwork(engine, given) : lookUpNetwork(engine, given);
  if (network === undefined) return yield* rememberNetwork(engine, container, given, options);
  if (isAlive(container) && sharesNetwork(container)) throw sharedNetwork();
  if (options.ip !== undefined && !isUserMade(network))
    throw new DockerError('user specified IP address is supported on user defined networks only', 'invalid');
  if (options.ip !== undefined) demandOwn(network, options.ip);
  demandConnectable(container, network);
  const isOn = attachments(container)[network.name] !== undefined;
  if (isOn && isAlive(container))
    throw new DockerError(`endpoint with name ${container.name} already exists in network ${network.name}`, 'conflict');
  const attachment: Attachment = {
    ipam: options.ip === undefined ? {} : { IPv4Address: options.ip },
    aliases: isUserMade(network) ? [...options.aliases, shortId(container)] : options.aliases,
    later: true,
    ...(isAlive(container) ? { networkId: network.id } : {}),
  };
  yield* atomically(engine, function* () {
    putContainer(engine, {
      ...container,
      networks: sorted({ ...attachments(container), [network.name]: attachment }),
    });
    if (isAlive(container)) yield* joinRunning(engine, container.id, network, attachment);
    yield* writeState(engine, container.id);
  });
}

/** Who does not run may be told a network that there is not: it is looked for at the start. */
function* rememberNetwork(engine: Engine, container: Container, name: string, options: ConnectOptions): Flow<void> {
  const attachment: Attachment = {
    ipam: options.ip === undefined ? {} : { IPv4Address: options.ip },
    aliases: options.aliases,
    later: true,
  };
  yield* atomically(engine, function* () {
    putContainer(engine, { ...container, networks: sorted({ ...attachments(container), [name]: attachment }) });
    yield* writeState(engine, container.id);
  });
}

const sharedNetwork = (): DockerError =>
  new DockerError(
    'container sharing network namespace with another container or host cannot be connected to any other network',
    'conflict',
  );

function demandConnectable(container: Container, network: Network): void {
  if (network.name === 'host')
    throw new DockerError(
      'container cannot be disconnected from host network or connected to host network',
      'conflict',
    );
  if (modeOf(container) === 'host' || sharesNetwork(container)) throw sharedNetwork();
  const others = Object.keys(attachments(container));
  if (others.includes('none') || (network.name === 'none' && others.length > 0))
    throw new DockerError(
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
      'conflict',
    );
}

function* joinRunning(engine: Engine, id: string, network: Network, attachment: Attachment): Flow<void> {
  const place = newPlace(engine, engine.world.containers[id]!, network, attachment);
  setPlaces(engine, id, { ...engine.world.containers[id]!.places, [network.name]: place });
  if (place.device === undefined) return;
  yield* makePair(place.device);
  const container = engine.world.containers[id]!;
  const { pid, name } = container;
  const old = Object.entries(container.places ?? {}).find(([, { device }]) => device?.gateway !== undefined);
  const leads = leading(engine, container) === network.name;
  if (leads && old !== undefined) yield* keepIn(engine, id, old[0]);
  const { gateway, ports = newPortsIf(engine, container, leads && !network.internal, place.endpoint) } = leads
    ? (old?.[1].device ?? {})
    : { ports: [] };
  void gateway;
  const device: Endpoint = { ...place.device, ...(leads ? { gateway: network.bridge!.ip } : {}), ports };
  try {
    yield* perform(
      `move the container’s end into its network namespace, with the address ${dottedIp(device.ip)}`,
      { op: 'join', pid, endpoint: device },
      { why: 'It becomes the next eth<n> there.' },
    );
  } catch (error) {
    if (error instanceof StepError && error.errno === 'EADDRINUSE')
      throw portTaken(name, place.endpoint, `Error starting userland proxy: ${error.message}`);
    throw error;
  }
  setPlaces(engine, id, { ...engine.world.containers[id]!.places, [network.name]: { ...place, device } });
  yield* writeNames(engine, id, (hosts) => `${hosts}${dottedIp(device.ip)}\t${container.config.Hostname}\n`);
}

const newPortsIf = (engine: Engine, container: Container, wanted: boolean, endpoint: string) =>
  wanted ? newPorts(engine, container, endpoint) : [];

/** Another network leads out from now on. */
function* keepIn(engine: Engine, id: string, name: string): Flow<void> {
  const container = engine.world.containers[id]!;
  const place = container.places![name]!;
  const { gateway: _, ...rest } = place.device!;
  const device: Endpoint = { ...rest, ports: [] };
  yield* rejoin(container, place.device!, device, `${name} leads out no longer`);
  setPlaces(engine, id, { ...engine.world.containers[id]!.places, [name]: { ...place, device } });
}

/** `docker network disconnect`. Throws DockerError. */
export function* disconnectContainer(engine: Engine, given: string, who: string, force: boolean): Flow<void> {
  const container = lookUpContainer(engine, who, force);
  if (container === undefined) {
    findNetwork(engine, given);
    throw new DockerError(`endpoint ${who} not found`, 'notFound');
  }
  const { id } = container;
  const network = lookUpNetwork(engine, given);
  if (network === undefined && isAlive(container) && !force) findNetwork(engine, given);
  const name = network?.name ?? given;
  // Whether it runs is found out first: the words for who does not are others.
  const runs = isAlive(container) && network !== undefined;
  if (runs && name === 'host' && modeOf(container) === 'host')
    throw new DockerError(
      'container cannot be disconnected from host network or connected to host network',
      'conflict',
    );
  if (attachments(container)[name] === undefined)
    throw new DockerError(`container ${id} is not connected to ${runs ? '' : 'the '}network ${name}`, 'conflict');
  yield* atomically(engine, function* () {
    putContainer(engine, { ...container, networks: without(attachments(container), name) });
    if (runs) yield* leaveRunning(engine, id, network);
    yield* writeState(engine, id);
  });
}

function lookUpContainer(engine: Engine, who: string, force: boolean): Container | undefined {
  try {
    return findContainer(engine, who);
  } catch (error) {
    if (force && error instanceof DockerError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

function* leaveRunning(engine: Engine, id: string, network: Network): Flow<void> {
  const { [network.name]: place, ...left } = engine.world.containers[id]!.places ?? {};
  setPlaces(engine, id, left);
  if (place?.device === undefined) return;
  const { host, gateway, ports } = place.device;
  yield* perform(
    `remove the pair of ${host}`,
    { op: 'linkRemove', device: host },
    { why: 'With one end the other goes, and the routes over it.' },
  );
  const container = engine.world.containers[id]!;
  const next = gateway === undefined ? undefined : leading(engine, container);
  if (next !== undefined) {
    const other = container.places![next]!;
    const { bridge, internal } = lookUpNetwork(engine, other.network)!;
    const device: Endpoint = { ...other.device!, gateway: bridge!.ip, ports: internal ? [] : ports };
    yield* rejoin(container, other.device!, device, `${next} leads out from now on`);
    setPlaces(engine, id, { ...container.places, [next]: { ...other, device } });
  }
  // libnetwork takes out what it knows by a name of that network, at whatever address.
  if (isUserMade(network))
    yield* writeNames(engine, id, (hosts) =>
      hosts
        .split('\n')
        .filter((line) => !line.endsWith(`\t${shortId(container)}`))
        .join('\n'),
    );
}
