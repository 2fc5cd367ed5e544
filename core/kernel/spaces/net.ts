/**
 * Network devices, addresses and routes of a network namespace, and who reaches whom: network_namespaces(7), veth(4), route(8).
 *
 * Kept true: a device is in one namespace; a pair goes together, also when the namespace of one end does. A packet goes by the
 * longest matching route, over a pair or a bridge to who has the next address, and its answer must find the way back.
 */
import { SysError } from '../../errors.ts';
import type { Kernel } from '../kernel.ts';
import type { Namespace } from '../namespace.ts';
import type { Process } from '../process.ts';
import type { NetDevice, NetRoute, NetSys } from '../sys.ts';

interface Address {
  readonly ip: number;
  readonly prefix: number;
}

interface Device {
  name: string;
  index: number;
  readonly type: NetDevice['type'];
  readonly mac: string;
  up: boolean;
  /** It was up once: then it has a queueing discipline. */
  wasUp: boolean;
  stack: Stack;
  peer?: Device;
  master?: Device;
  addresses: Address[];
}

interface Route {
  readonly to: number;
  readonly prefix: number;
  readonly via?: number;
  readonly dev: Device;
  readonly src?: number;
}

interface Stack {
  readonly ns: Namespace;
  devices: Device[];
  routes: Route[];
}

interface Net {
  readonly stacks: Map<Namespace, Stack>;
  made: number;
}

const nets = new WeakMap<Kernel, Net>();

/** Namespaces made by hand, in which the loopback is down; where a runtime made one it is up. */
const bare = new WeakSet<Namespace>();
export const isBare = (ns: Namespace): void => void bare.add(ns);

const masked = (ip: number, prefix: number): number => (prefix === 0 ? 0 : (ip & (-1 << (32 - prefix))) >>> 0);
const within = (ip: number, to: number, prefix: number): boolean => masked(ip, prefix) === masked(to, prefix);

function stackOf(kernel: Kernel, ns: Namespace): Stack {
  const net = nets.get(kernel) ?? { stacks: new Map<Namespace, Stack>(), made: 0 };
  nets.set(kernel, net);
  const known = net.stacks.get(ns);
  if (known !== undefined) return known;
  const stack: Stack = { ns, devices: [], routes: [] };
  net.stacks.set(ns, stack);
  const lo = addDevice(net, stack, 'lo', 'loopback');
  if (!bare.has(ns)) setUp(lo, true);
  return stack;
}

function addDevice(net: Net, stack: Stack, name: string, type: Device['type']): Device {
  if (stack.devices.some((each) => each.name === name)) throw new SysError('EEXIST');
  const number = (net.made++).toString(16).padStart(8, '0').match(/../g)!.join(':');
  const mac = type === 'loopback' ? '00:00:00:00:00:00' : `02:42:${number}`;
  const index = Math.max(0, ...stack.devices.map((each) => each.index)) + 1;
  const device: Device = { name, index, type, mac, up: false, wasUp: false, stack, addresses: [] };
  stack.devices.push(device);
  return device;
}

/** Namespaces in which nobody is any more go, and with them their devices and the other ends of these. */
function sweep(kernel: Kernel): void {
  const living = new Set<Namespace>();
  for (const process of kernel.processes.values()) if (process.alive) living.add(process.ns.net);
  const stacks = nets.get(kernel)?.stacks;
  for (const [ns, stack] of stacks ?? []) {
    if (living.has(ns)) continue;
    for (const device of [...stack.devices]) remove(device);
    stacks?.delete(ns);
  }
}

function remove(device: Device): void {
  const { stack, peer } = device;
  stack.devices = stack.devices.filter((each) => each !== device);
  stack.routes = stack.routes.filter(({ dev }) => dev !== device);
  for (const each of stack.devices) if (each.master === device) delete each.master;
  if (peer?.stack.devices.includes(peer) === true) remove(peer);
}

const connected = (dev: Device, { ip, prefix }: Address): Route => ({ to: masked(ip, prefix), prefix, dev, src: ip });

function setUp(device: Device, up: boolean): void {
  const { stack } = device;
  if (device.up === up) return;
  device.up = up;
  device.wasUp ||= up;
  if (!up) {
    stack.routes = stack.routes.filter(({ dev }) => dev !== device);
    return;
  }
  if (device.type === 'loopback' && device.addresses.length === 0) device.addresses.push({ ip: 0x7f000001, prefix: 8 });
  if (device.type !== 'loopback') for (const each of device.addresses) stack.routes.push(connected(device, each));
}

const isLocal = ({ devices }: Stack, ip: number): boolean =>
  devices.some(
    ({ up, type, addresses }) =>
      up && addresses.some((each) => each.ip === ip || (type === 'loopback' && within(ip, each.ip, each.prefix))),
  );

/** The longest prefix wins; of equal ones the older. */
function routeTo({ routes }: Stack, ip: number): Route | undefined {
  let best: Route | undefined;
  for (const route of routes)
    if (within(ip, route.to, route.prefix) && (best === undefined || route.prefix > best.prefix)) best = route;
  return best;
}

/** All devices that hear what is sent over this one. */
function heardBy(from: Device): Set<Device> {
  const heard = new Set<Device>();
  const wire = (device: Device): void => {
    const { peer } = device;
    if (device.up && peer?.up === true) arrive(peer);
  };
  const arrive = (device: Device): void => {
    if (heard.has(device) || device === from) return;
    heard.add(device);
    const { master } = device;
    if (master?.up === true) flood(master, device);
  };
  const flood = (bridge: Device, port: Device | undefined): void => {
    if (bridge !== from) heard.add(bridge);
    for (const each of bridge.stack.devices) if (each.master === bridge && each !== port) wire(each);
  };
  if (from.type === 'bridge') flood(from, undefined);
  else wire(from);
  return heard;
}

/** The stack to which a packet for `ip` comes from here; undefined: it is lost on the way. */
function arrival(stack: Stack, ip: number): { readonly at: Stack; readonly src: number } | undefined {
  if (isLocal(stack, ip)) return { at: stack, src: ip };
  const route = routeTo(stack, ip);
  if (route === undefined) return undefined;
  const src = route.src ?? route.dev.addresses[0]?.ip ?? 0;
  const next = route.via ?? ip;
  for (const device of heardBy(route.dev)) {
    // A port of a bridge hears for the bridge, and does not answer itself.
    if (device.master !== undefined || !isLocal(device.stack, next) || next >>> 24 === 127) continue;
    return isLocal(device.stack, ip) ? { at: device.stack, src } : undefined;
  }
  return undefined;
}

export function netOf(kernel: Kernel, self: Process): NetSys {
  sweep(kernel);
  const stack = stackOf(kernel, self.ns.net);
  const net = nets.get(kernel)!;
  const demand = (): void => {
    if (!self.can('CAP_NET_ADMIN', self.ns.net)) throw new SysError('EPERM');
  };
  const named = (name: string): Device => {
    const found = stack.devices.find((each) => each.name === name);
    if (found === undefined) throw new SysError('ENODEV');
    demand();
    return found;
  };
  return {
    devices: () => stack.devices.map((device) => shown(stack, device)).sort((a, b) => a.index - b.index),
    routes: () => stack.routes.map((route): NetRoute => ({ ...route, dev: route.dev.name })),
    add(name, type) {
      demand();
      if (stack.devices.some((each) => each.name === name)) throw new SysError('EEXIST');
      if (type === 'bridge') {
        addDevice(net, stack, name, type);
        return;
      }
      let n = 0;
      while (stack.devices.some((each) => each.name === `veth${n}`)) n += 1;
      const peer = addDevice(net, stack, `veth${n}`, 'veth');
      const device = addDevice(net, stack, name, 'veth');
      device.peer = peer;
      peer.peer = device;
    },
    remove(name) {
      const device = named(name);
      if (device.type === 'loopback') throw new SysError('EOPNOTSUPP');
      remove(device);
    },
    up: (name, up) => setUp(named(name), up),
    rename(name, to) {
      const device = named(name);
      if (stack.devices.some((each) => each.name === to)) throw new SysError('EEXIST');
      device.name = to;
    },
    master(name, bridge) {
      const device = named(name);
      if (bridge === undefined) delete device.master;
      else device.master = named(bridge);
    },
    move(name, pid) {
      const device = named(name);
      const target = self.ns.pid.table.get(pid);
      if (target === undefined) throw new SysError('ESRCH');
      if (device.type !== 'veth') throw new SysError('EINVAL');
      moveTo(stackOf(kernel, target.ns.net), device);
    },
    address(name, ip, prefix, add) {
      const device = named(name);
      const known = device.addresses.some((each) => each.ip === ip && each.prefix === prefix);
      if (add ? known : !known) throw new SysError(add ? 'EEXIST' : 'EADDRNOTAVAIL');
      if (add) giveAddress(device, { ip, prefix });
      else takeAddress(device, ip);
    },
    route(route, add) {
      demand();
      changeRoute(stack, route, add);
    },
    ping(ip) {
      if (!isLocal(stack, ip) && routeTo(stack, ip) === undefined) throw new SysError('ENETUNREACH');
      const there = arrival(stack, ip);
      return there !== undefined && arrival(there.at, there.src)?.at === stack;
    },
  };
}

function moveTo(to: Stack, device: Device): void {
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

function giveAddress(device: Device, address: Address): void {
  device.addresses.push(address);
  if (device.up && device.type !== 'loopback' && address.prefix < 32)
    device.stack.routes.push(connected(device, address));
}

/** With the last address of a device go all routes over it. */
function takeAddress(device: Device, ip: number): void {
  const { stack } = device;
  device.addresses = device.addresses.filter((each) => each.ip !== ip);
  const bare = device.addresses.length === 0;
  stack.routes = stack.routes.filter(({ dev, src }) => dev !== device || (!bare && src !== ip));
}

function changeRoute(stack: Stack, { to, prefix, via, dev }: Parameters<NetSys['route']>[0], add: boolean): void {
  const same = (route: Route): boolean => route.to === to && route.prefix === prefix;
  if (!add) {
    const known = stack.routes.find(same);
    if (known === undefined) throw new SysError('ESRCH');
    stack.routes = stack.routes.filter((route) => route !== known);
    return;
  }
  if (stack.routes.some(same)) throw new SysError('EEXIST');
  // A gateway must be a neighbour itself.
  const near = via === undefined ? undefined : routeTo(stack, via);
  const device = stack.devices.find(({ name }) => name === dev) ?? (near?.via === undefined ? near?.dev : undefined);
  if (device === undefined || !device.up) throw new SysError('ENETUNREACH');
  stack.routes.push({ to, prefix, dev: device, ...(via === undefined ? {} : { via }) });
}

function shown(stack: Stack, device: Device): NetDevice {
  const { name, index, type, mac, up, wasUp, addresses, peer, master } = device;
  const near = peer?.stack === stack;
  const ports = stack.devices.some((each) => each.master === device && each.up && each.peer?.up === true);
  const carrier = up && (type === 'loopback' || (type === 'veth' ? peer?.up === true : ports));
  return {
    ...{ name, index, type, mac, up, wasUp, carrier, addresses },
    ...(peer === undefined ? {} : { peer: near ? peer.name : `if${peer.index}`, peerUp: near && peer.up }),
    ...(master === undefined ? {} : { master: master.name }),
  };
}
