/**
 * Devices, addresses and routes of a network namespace: network_namespaces(7), veth(4), route(8).
 *
 * Kept true: a device is in one namespace; a pair goes together, also when the namespace of one end does. `changes` counts
 * everything after which a packet may fare otherwise, so that who waits for one need not look again before.
 */
import { SysError } from '../../errors.ts';
import type { Kernel } from '../kernel.ts';
import { type Mount, mountsOf } from '../mount.ts';
import type { Namespace, NetNamespace } from '../namespace.ts';
import type { NetDevice, NetSys } from '../sys.ts';
import type { Tables } from './netfilter.ts';
import { anyMounted, NsFile, NsFs } from './nsfile.ts';

export interface Address {
  readonly ip: number;
  readonly prefix: number;
  readonly brd?: boolean;
  /** Its device went down, and is down since: nothing for it is taken in. */
  readonly lost?: true;
}

export interface Device {
  name: string;
  index: number;
  readonly type: NetDevice['type'];
  mac: string;
  readonly queue: number;
  mtu: number;
  readonly sent: Counter;
  readonly got: Counter;
  up: boolean;
  /** It was up once: then it has a queueing discipline. */
  wasUp: boolean;
  stack: Stack;
  peer?: Device;
  master?: Device;
  addresses: Address[];
}

/** Packets and bytes that went over a device, or that a rule was for. */
export interface Counter {
  packets: number;
  bytes: number;
}

export const newCounter = (): Counter => ({ packets: 0, bytes: 0 });

export interface Route {
  readonly to: number;
  readonly prefix: number;
  readonly via?: number;
  readonly dev: Device;
  readonly src?: number;
}

/** A socket as the stack that it is bound in sees it. */
export interface Bound {
  readonly kind: 'tcp' | 'udp';
  /** 0: all addresses of the namespace. */
  readonly ip: number;
  readonly port: number;
}

export interface Stack {
  readonly ns: NetNamespace;
  readonly net: Net;
  devices: Device[];
  routes: Route[];
  readonly bound: Set<Bound>;
  nextPort: number;
  /** Neighbours that have been heard of, by address. */
  readonly neighbours: Map<number, { readonly mac: string; readonly dev: Device }>;
  /** Absent: everything passes. */
  tables?: Tables;
  /** How often rules were used (netfilter.ts). */
  readonly counters: Map<string, Counter>;
}

export interface Net {
  readonly stacks: Map<NetNamespace, Stack>;
  made: number;
  changes: number;
}

const nets = new WeakMap<Kernel, Net>();

/** Where ports begin that a socket gets unasked, ip_local_port_range. */
const FIRST_PORT = 32768;
const LAST_PORT = 60999;

/** A port that no socket of the namespace has. EADDRINUSE when all are taken. */
export function freePort(stack: Stack): number {
  for (let tries = FIRST_PORT; tries <= LAST_PORT; tries++) {
    const port = stack.nextPort;
    stack.nextPort = port === LAST_PORT ? FIRST_PORT : port + 1;
    if (![...stack.bound].some((each) => each.port === port)) return port;
  }
  throw new SysError('EADDRINUSE');
}

/** Namespaces made by hand, in which the loopback is down; where a runtime made one it is up. */
const bare = new WeakSet<Namespace>();
export const isBare = (ns: Namespace): void => void bare.add(ns);

export const masked = (ip: number, prefix: number): number => (prefix === 0 ? 0 : (ip & (-1 << (32 - prefix))) >>> 0);
export const within = (ip: number, to: number, prefix: number): boolean => masked(ip, prefix) === masked(to, prefix);

export function stackOf(kernel: Kernel, ns: NetNamespace): Stack {
  const net = nets.get(kernel) ?? { stacks: new Map<NetNamespace, Stack>(), made: 0, changes: 0 };
  nets.set(kernel, net);
  const known = net.stacks.get(ns);
  if (known !== undefined) return known;
  const stack: Stack = {
    ns,
    net,
    devices: [],
    routes: [],
    bound: new Set(),
    nextPort: FIRST_PORT,
    neighbours: new Map(),
    counters: new Map(),
  };
  net.stacks.set(ns, stack);
  const lo = addDevice(stack, 'lo', 'loopback');
  if (!bare.has(ns)) setUp(lo, true);
  return stack;
}

/** `given`: what a runtime has decided on already; otherwise the next number and an address of its own. */
export function addDevice(
  stack: Stack,
  name: string,
  type: Device['type'],
  given: { readonly index?: number; readonly mac?: string; readonly queue?: number } = {},
): Device {
  if (stack.devices.some((each) => each.name === name)) throw new SysError('EEXIST');
  const mac = given.mac ?? (type === 'loopback' ? '00:00:00:00:00:00' : nextMac(stack.net));
  const index = given.index ?? Math.max(0, ...stack.devices.map((each) => each.index)) + 1;
  const queue = given.queue ?? 1000;
  const device: Device = {
    ...{ name, index, type, mac, queue, up: false, wasUp: false, stack, addresses: [] },
    ...{ mtu: type === 'loopback' ? 65536 : 1500, sent: newCounter(), got: newCounter() },
  };
  stack.devices.push(device);
  return device;
}

/** Only those that need one take one: which namespaces were looked at before must not matter. */
const nextMac = (net: Net): string => `02:42:${(net.made++).toString(16).padStart(8, '0').match(/../g)!.join(':')}`;

/** All that somebody has looked into. */
export const stacksOf = (kernel: Kernel): readonly NetNamespace[] => [...(nets.get(kernel)?.stacks.keys() ?? [])];

/** Namespaces in which nobody is any more go, and with them their devices and the other ends of these. Gives those that stay. */
export function sweep(kernel: Kernel): ReadonlySet<NetNamespace> {
  const living = new Set<NetNamespace>();
  const trees = new Set<Mount>();
  for (const process of kernel.processes.values()) {
    if (!process.alive) continue;
    living.add(process.ns.net);
    trees.add(process.ns.mnt.root);
    for (const { file } of process.fds.values()) if (file instanceof NsFile) keepNet(living, file.ns);
  }
  // Whoever keeps a file of a namespace mounted keeps the namespace.
  const shown = anyMounted() ? [...trees].flatMap((root) => mountsOf(root)) : [];
  for (const { fs } of shown) if (fs instanceof NsFs) keepNet(living, fs.ns);
  const stacks = nets.get(kernel)?.stacks;
  for (const [ns, stack] of stacks ?? []) {
    if (living.has(ns)) continue;
    stack.net.changes += 1;
    for (const device of [...stack.devices]) remove(device);
    stacks?.delete(ns);
  }
  return living;
}

const keepNet = (living: Set<NetNamespace>, ns: Namespace): unknown => ns.kind === 'net' && living.add(ns);

export function remove(device: Device): void {
  const { stack, peer } = device;
  stack.devices = stack.devices.filter((each) => each !== device);
  stack.routes = stack.routes.filter(({ dev }) => dev !== device);
  forget(device);
  for (const each of stack.devices) if (each.master === device) delete each.master;
  if (peer?.stack.devices.includes(peer) === true) remove(peer);
}

/** The neighbours behind a device. */
function forget(device: Device): void {
  const { neighbours } = device.stack;
  for (const [ip, { dev }] of neighbours) if (dev === device) neighbours.delete(ip);
}

/** Others are behind the device by this address; of what begins with 0 that is not said (net/ipv4/fib_frontend.c). */
const hasSubnet = ({ ip, prefix }: Address): boolean => prefix < 32 && masked(ip, prefix) >>> 24 !== 0;

const connected = (dev: Device, { ip, prefix }: Address): Route => ({ to: masked(ip, prefix), prefix, dev, src: ip });

export function setUp(device: Device, up: boolean): void {
  const { stack } = device;
  if (device.up === up) return;
  device.up = up;
  device.wasUp ||= up;
  const { addresses } = device;
  device.addresses = addresses.map(({ lost: _, ...each }) => (up ? each : { ...each, lost: true }));
  if (!up) {
    forget(device);
    stack.routes = stack.routes.filter(({ dev }) => dev !== device);
    return;
  }
  if (device.type === 'loopback' && device.addresses.length === 0) device.addresses.push({ ip: 0x7f000001, prefix: 8 });
  if (device.type === 'loopback') return;
  for (const each of device.addresses) if (hasSubnet(each)) stack.routes.push(connected(device, each));
}

export const isLocal = ({ devices }: Stack, ip: number): boolean =>
  devices.some(
    ({ up, type, addresses }) =>
      addresses.some((each) => each.ip === ip && each.lost !== true) ||
      (up && type === 'loopback' && addresses.some((each) => hasSubnet(each) && within(ip, each.ip, each.prefix))),
  );

/** The longest prefix wins; of equal ones the older. */
export function routeTo({ routes }: Stack, ip: number): Route | undefined {
  let best: Route | undefined;
  for (const route of routes)
    if (within(ip, route.to, route.prefix) && (best === undefined || route.prefix > best.prefix)) best = route;
  return best;
}

export function moveTo(to: Stack, device: Device): void {
  setUp(device, false);
  const { stack } = device;
  stack.devices = stack.devices.filter((each) => each !== device);
  if (to.devices.some(({ name }) => name === device.name)) throw new SysError('EEXIST');
  delete device.master;
  device.addresses = [];
  if (to.devices.some(({ index }) => index === device.index))
    device.index = Math.max(...to.devices.map(({ index }) => index)) + 1;
  device.stack = to;
  to.devices.push(device);
}

export function giveAddress(device: Device, address: Address): void {
  device.addresses.push(address);
  if (device.up && device.type !== 'loopback' && hasSubnet(address))
    device.stack.routes.push(connected(device, address));
}

/** With the first address of a subnet go the others in it, which hang on it; with the last of a device all routes over it. */
export function takeAddress(device: Device, ip: number): void {
  const { stack } = device;
  const { prefix = 32 } = device.addresses.find((each) => each.ip === ip) ?? {};
  const first = device.addresses.find((each) => each.prefix === prefix && within(each.ip, ip, prefix));
  const goes = (each: Address): boolean =>
    each.ip === ip || (first?.ip === ip && each.prefix === prefix && within(each.ip, ip, prefix));
  device.addresses = device.addresses.filter((each) => !goes(each));
  const bare = device.addresses.length === 0;
  stack.routes = stack.routes.filter(({ dev, src }) => dev !== device || (!bare && src !== ip));
}

/** The device behind which a gateway is a neighbour; of the namespace itself, where it is one of its own addresses. */
function neighbouring(stack: Stack, via: number, wanted: Device | undefined): Device | undefined {
  const own = stack.devices.find(
    ({ up, type, addresses }) =>
      up &&
      addresses.some(
        (each) => each.ip === via || (type === 'loopback' && hasSubnet(each) && within(via, each.ip, each.prefix)),
      ),
  );
  if (own !== undefined && (wanted === undefined || wanted === own)) return own;
  const routes = stack.routes.filter((route) => wanted === undefined || route.dev === wanted);
  const near = routeTo({ ...stack, routes }, via);
  return near?.via === undefined ? near?.dev : undefined;
}

export function changeRoute(
  stack: Stack,
  { to, prefix, via, dev }: Parameters<NetSys['route']>[0],
  add: boolean,
): void {
  const same = (route: Route): boolean => route.to === to && route.prefix === prefix;
  if (!add) {
    const known = stack.routes.find(same);
    if (known === undefined) throw new SysError('ESRCH');
    stack.routes = stack.routes.filter((route) => route !== known);
    return;
  }
  if (stack.routes.some(same)) throw new SysError('EEXIST');
  const named = stack.devices.find(({ name }) => name === dev);
  const device = via === undefined ? named : neighbouring(stack, via, named);
  if (device === undefined) throw new SysError(via === undefined ? 'ENODEV' : 'ENETUNREACH');
  if (!device.up) throw new SysError('ENETDOWN');
  stack.routes.push({ to, prefix, dev: device, ...(via === undefined ? {} : { via }) });
}

export function shown(stack: Stack, device: Device): NetDevice {
  const { name, index, type, mac, queue, mtu, sent, got, up, wasUp, addresses, peer, master } = device;
  const six = type === 'loopback' && up && stack.ns.four !== true;
  // The other end is told by its number, which in another namespace may be somebody else's here.
  const near = stack.devices.find(({ index: own }) => own === peer?.index);
  const ports = stack.devices.some((each) => each.master === device && each.up && each.peer?.up === true);
  const carrier = up && (type === 'loopback' || (type === 'veth' ? peer?.up === true : ports));
  return {
    ...{ name, index, type, mac, queue, mtu, sent: { ...sent }, got: { ...got }, six, up, wasUp, carrier, addresses },
    ...(peer === undefined ? {} : { peer: near?.name ?? `if${peer.index}`, peerUp: near?.up === true }),
    ...(master === undefined ? {} : { master: master.name }),
  };
}
