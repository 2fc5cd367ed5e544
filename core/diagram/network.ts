/**
 * The network of a scene as plain data: network namespaces as boxes with the devices in them, pairs that join them, bridges with
 * their ports, routes, published ports, and the names that containers go by. All renderers of the network picture draw from it.
 *
 * Kept true: nothing is invented; a namespace made by hand is told from a container's by who is in it, and by nothing else; a
 * mark is set on exactly what differs from the moment before. Where no device but loopbacks was observed there is none.
 */
import type {
  ContainerFacts,
  DeviceFacts,
  ForwardFacts,
  NetSpaceFacts,
  NetworkFacts,
  Observation,
  RouteFacts,
} from '../observation.ts';
import type { Mark, Scene } from './scene.ts';

interface Markable {
  readonly mark?: Mark;
}

export interface NetDevice extends DeviceFacts, Markable {
  readonly key: string;
  /** The other end: its key, its name, and what its namespace is called. */
  readonly other?: { readonly key: string; readonly name: string; readonly where: string };
  /** The engine's network that it is the bridge of, or has a place on. */
  readonly network?: string;
  /** Nothing goes out of that network. */
  readonly internal?: true;
}

export interface NetRoute extends RouteFacts, Markable {
  readonly key: string;
}

export interface NetForward extends ForwardFacts, Markable {
  readonly key: string;
  /** Whose address it goes to: key of the device, and what its namespace is called. */
  readonly target?: { readonly key: string; readonly where: string };
}

export interface NetBox extends Markable {
  readonly key: string;
  readonly kind: 'host' | 'container' | 'hand';
  readonly title: string;
  /** Absent where it was not read. */
  readonly ino?: number;
  readonly frozen: boolean;
  /** Ids of the containers in it. */
  readonly containers: readonly string[];
  readonly devices: readonly NetDevice[];
  readonly routes: readonly NetRoute[];
  readonly forwards: readonly NetForward[];
  readonly masked: readonly string[];
  readonly apart: readonly string[];
  /** `web, db on front`. */
  readonly names: readonly string[];
}

export interface NetPicture {
  /** The host's first, then those of containers, then others. */
  readonly boxes: readonly NetBox[];
  readonly gone: readonly string[];
  /** Nobody looked at devices: what there is beside namespaces is not known. */
  readonly unknown: boolean;
}

/** What of an Observation the picture is made of; a Scene carries it. */
export type NetSeen = Pick<Observation, 'netSpaces' | 'networks' | 'containers' | 'byHand'>;

export interface SceneNet {
  readonly now: NetSeen;
  readonly before: NetSeen | undefined;
}

type Drawn = Omit<NetPicture, 'unknown'>;

const known = new WeakMap<SceneNet, Drawn>();

export function networkOf(scene: Pick<Scene, 'net' | 'store'>): NetPicture {
  const { net } = scene;
  if (net === undefined) return { boxes: [], gone: [], unknown: true };
  const made = known.get(net) ?? picture(net);
  known.set(net, made);
  // Who may look at the engine's files may look at devices, and found none.
  return { ...made, unknown: scene.store === undefined && net.now.netSpaces === undefined };
}

function picture({ now, before }: SceneNet): Drawn {
  const plain = boxesOf(now);
  if (before === undefined) return { boxes: plain, gone: [] };
  const old = boxesOf(before);
  const then = new Map(old.map((box) => [box.key, box]));
  return { boxes: plain.map((box) => markBox(box, then.get(box.key))), gone: goneSince(old, plain) };
}

interface Someone {
  readonly id: string;
  readonly name: string;
  readonly kind: 'container' | 'hand';
  readonly frozen: boolean;
  readonly facts: ContainerFacts;
}

/** Whoever runs and has a network namespace. */
function people({ containers, byHand = [] }: NetSeen): readonly Someone[] {
  const of = (kind: Someone['kind']) => (facts: ContainerFacts) => {
    const frozen = facts.status === 'paused';
    return facts.namespaces === undefined ? [] : [{ id: facts.id, name: facts.name, kind, frozen, facts }];
  };
  return [...containers.flatMap(of('container')), ...byHand.flatMap(of('hand'))];
}

/** A namespace and those who are in it. */
interface Space {
  readonly facts: NetSpaceFacts;
  readonly known: boolean;
  readonly members: readonly Someone[];
}

const loopback: DeviceFacts = {
  ...{ name: 'lo', type: 'loopback', mac: '', mtu: 65536, up: true },
  addresses: ['127.0.0.1/8'],
};

const nothing: NetSpaceFacts = {
  ...{ ino: 0, host: false, processes: [], devices: [loopback], routes: [], forwards: [], masked: [], apart: [] },
};

function spacesOf(seen: NetSeen): readonly Space[] {
  const all = people(seen);
  if (seen.netSpaces === undefined) return assumed(all);
  return seen.netSpaces.map((facts): Space => {
    const pids = new Set(facts.processes.map(({ hostPid }) => hostPid));
    const isIn = ({ facts: { processes, namespaces } }: Someone): boolean =>
      facts.host ? namespaces?.net === 'host' : processes.some(({ hostPid }) => pids.has(hostPid));
    return { facts, known: true, members: all.filter(isIn) };
  });
}

/** Nothing but loopbacks was found: the namespaces as the containers show them. */
function assumed(all: readonly Someone[]): readonly Space[] {
  const where = ({ facts: { namespaces } }: Someone): string => namespaces!.net;
  const owners = all.filter((each) => where(each) === 'own');
  return [
    { facts: { ...nothing, host: true }, known: false, members: all.filter((each) => where(each) === 'host') },
    ...owners.map((owner): Space => {
      const guests = all.filter((each) => where(each) === `container:${owner.name}`);
      return { facts: nothing, known: false, members: [owner, ...guests] };
    }),
  ];
}

function boxesOf(seen: NetSeen): readonly NetBox[] {
  const spaces = spacesOf(seen);
  const keys = new Map(spaces.map((space) => [space.facts.ino, keyOf(space)]));
  const titles = new Map(spaces.map((space) => [space.facts.ino, titleOf(space)]));
  const addresses = new Map<string, { key: string; where: string }>();
  for (const { facts, ...rest } of spaces) {
    const where = titleOf({ facts, ...rest });
    for (const { name, addresses: own } of facts.host ? [] : facts.devices)
      for (const each of own)
        addresses.set(each.replace(/\/.*/, ''), { key: deviceKey(keyOf({ facts, ...rest }), name), where });
  }
  const place: Placing = { keys, titles, addresses, networks: seen.networks ?? [] };
  const order = new Map(people(seen).map(({ id }, i) => [id, i]));
  const rank = ({ kind, containers }: NetBox): number =>
    kind === 'host' ? -1 : Math.min(...containers.map((id) => order.get(id) ?? order.size), order.size);
  return spaces
    .map((space) => boxOf(space, place))
    .map((box, i) => ({ box, i }))
    .sort((a, b) => rank(a.box) - rank(b.box) || a.i - b.i)
    .map(({ box }) => box);
}

/** What it takes to say where something leads. */
interface Placing {
  readonly keys: ReadonlyMap<number, string>;
  readonly titles: ReadonlyMap<number, string>;
  readonly addresses: ReadonlyMap<string, { readonly key: string; readonly where: string }>;
  readonly networks: readonly NetworkFacts[];
}

const keyOf = ({ facts, members }: Space): string => (facts.host ? 'host' : (members[0]?.id ?? `net ${facts.ino}`));

const deviceKey = (box: string, name: string): string => `${box} ${name}`;

function titleOf({ facts, members }: Space): string {
  const names = members.map(({ name }) => name).join(', ');
  if (facts.host) return names === '' ? 'host' : `host, ${names}`;
  if (names !== '') return names;
  const [first] = facts.processes;
  return first === undefined ? 'kept by a mount' : `PID ${first.hostPid} ${first.args.join(' ')}`.trim();
}

function boxOf(space: Space, place: Placing): NetBox {
  const { facts, members } = space;
  const key = keyOf(space);
  const ids = members.map(({ id }) => id);
  const made = members.some(({ kind }) => kind === 'container');
  return {
    key,
    kind: facts.host ? 'host' : made ? 'container' : 'hand',
    title: titleOf(space),
    ...(space.known ? { ino: facts.ino } : {}),
    frozen: !facts.host && members.length > 0 && members.every(({ frozen }) => frozen),
    containers: ids,
    devices: facts.devices.map((device) => deviceOf(device, key, place, ids)),
    routes: facts.routes.map((route) => ({ ...route, key: `${key} route ${route.to} ${route.dev}` })),
    forwards: facts.host ? facts.forwards.map((each) => forwardOf(each, key, place)) : [],
    masked: facts.host ? facts.masked : [],
    apart: facts.host ? facts.apart : [],
    names: place.networks.flatMap(({ name, members: all }) => {
      const own = all.filter(({ container, names }) => ids.includes(container) && names.length > 0);
      return own.map(({ names }) => `${names.map(shortened).join(', ')} on ${name}`);
    }),
  };
}

/** The short form of an ID is a name as well. */
const shortened = (name: string): string => (/^[0-9a-f]{12}$/.test(name) ? `${name.slice(0, 4)}…` : name);

function deviceOf(device: DeviceFacts, box: string, place: Placing, ids: readonly string[]): NetDevice {
  const { peer, type, name, addresses } = device;
  const at = peer === undefined ? undefined : place.keys.get(peer.space);
  const other =
    peer === undefined || at === undefined
      ? {}
      : { other: { key: deviceKey(at, peer.name), name: peer.name, where: place.titles.get(peer.space)! } };
  const own = addresses.map((each) => each.replace(/\/.*/, ''));
  const network = place.networks.find(({ bridge, members }) =>
    type === 'bridge'
      ? box === 'host' && bridge === name
      : members.some(({ container, ip }) => ids.includes(container) && own.includes(ip)),
  );
  return {
    ...device,
    key: deviceKey(box, name),
    ...other,
    ...(network === undefined ? {} : { network: network.name }),
    ...(network?.internal === true && type === 'bridge' ? { internal: true } : {}),
  };
}

function forwardOf(forward: ForwardFacts, box: string, { addresses }: Placing): NetForward {
  const { proto, hostIp, hostPort, ip } = forward;
  const target = addresses.get(ip);
  const key = `${box} forward ${hostIp}:${hostPort}/${proto}`;
  return { ...forward, key, ...(target === undefined ? {} : { target }) };
}

function markBox(box: NetBox, was: NetBox | undefined): NetBox {
  if (was === undefined) return { ...box, mark: 'new' };
  const marks = <T extends { readonly key: string }>(items: readonly T[], old: readonly T[]): readonly T[] => {
    const then = new Map(old.map((item) => [item.key, item]));
    return items.map((item) => ({ ...item, ...markOf(item, then.get(item.key)) }));
  };
  return {
    ...box,
    devices: marks(box.devices, was.devices),
    routes: marks(box.routes, was.routes),
    forwards: marks(box.forwards, was.forwards),
    ...(box.title !== was.title || box.names.join() !== was.names.join() || box.frozen !== was.frozen
      ? { mark: 'changed' as const }
      : {}),
  };
}

/** What is said of a thing beside what was read of it: others may be renamed, or be known only now. */
const beside: readonly string[] = ['other', 'network', 'internal', 'target'];
const facts = (item: object): string =>
  JSON.stringify(item, (key, value) => (beside.includes(key) ? undefined : (value as unknown)));

const markOf = (item: object, was: object | undefined): Markable =>
  was === undefined ? { mark: 'new' } : facts(item) === facts(was) ? {} : { mark: 'changed' };

function goneSince(old: readonly NetBox[], now: readonly NetBox[]): string[] {
  const is = new Map(now.map((box) => [box.key, box]));
  return old.flatMap((box): string[] => {
    const still = is.get(box.key);
    if (still === undefined) return [`network namespace of ${box.title}`];
    const missing = <T extends { readonly key: string }>(was: readonly T[], has: readonly T[]): readonly T[] =>
      was.filter(({ key }) => !has.some((each) => each.key === key));
    const devices = missing(box.devices, still.devices);
    const names = new Set(devices.map(({ name }) => name));
    // With a device its routes go without being said.
    const routes = missing(box.routes, still.routes).filter(({ dev }) => !names.has(dev));
    return [
      ...devices.map(({ name }) => `device ${name} of ${box.title}`),
      ...routes.map(({ to }) => `route to ${to} of ${box.title}`),
      ...missing(box.forwards, still.forwards).map((each) => `port ${portText(each)}`),
    ];
  });
}

export const portText = ({ hostIp, hostPort, proto }: ForwardFacts): string =>
  `${hostIp === '' ? '' : `${hostIp}:`}${hostPort}/${proto}`;

/** `default via 172.17.0.1 dev eth0`, as ip-route(8) writes it. */
export const routeText = ({ to, via, dev }: RouteFacts): string =>
  `${to}${via === undefined ? '' : ` via ${via}`} dev ${dev}`;

/** What a device is, beside name and addresses; what is as always is left out. */
export function deviceNotes(device: NetDevice): string[] {
  const { type, up, mtu, mac, network, internal } = device;
  const usual = type === 'loopback' ? 65536 : 1500;
  return [
    ...(type === 'bridge' ? [network === undefined ? 'bridge' : `bridge of network ${network}`] : []),
    ...(type !== 'bridge' && network !== undefined ? [`on ${network}`] : []),
    ...(internal === true ? ['internal: nothing goes out'] : []),
    ...(up ? [] : ['down']),
    ...(mtu === usual ? [] : [`mtu ${mtu}`]),
    ...(mac === '' || device.master !== undefined ? [] : [mac]),
  ];
}

/** Where the other end of a pair is. */
export const otherText = ({ other, type }: NetDevice): string =>
  type !== 'veth' ? '' : other === undefined ? 'its other end was not found' : `${other.name} of ${other.where}`;

/** What the host does to packets beside forwarding them to published ports. */
export function ruleLines({ masked, apart }: NetBox): string[] {
  return [
    ...(masked.length === 0 ? [] : [`${masked.join(', ')}: leave under the host’s address`]),
    ...(apart.length < 2 ? [] : [`${apart.join(', ')}: nothing passes from one to another`]),
  ];
}
