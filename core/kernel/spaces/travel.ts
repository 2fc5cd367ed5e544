/**
 * The way of a packet: out of the namespace it is sent in, over pairs and bridges to who has the next address, through those that
 * forward it, to whose address it bears. And back: an answer has to find its own way.
 *
 * Kept true: nothing is delivered that the devices, addresses and routes of this moment do not carry.
 */
import type { Errno } from '../../errors.ts';
import { masqueraded, redirected, restored, type Track, verdict } from './netfilter.ts';
import { type Counter, type Device, isLocal, type Route, routeTo, type Stack } from './stack.ts';

export interface Packet {
  /** 0: not chosen yet, the route says. */
  readonly src: number;
  readonly dst: number;
  readonly kind: 'icmp' | 'tcp' | 'udp';
  readonly sport: number;
  readonly dport: number;
  readonly track: Track;
  /** It belongs to a connection that is there already. */
  readonly established?: boolean;
  /** Bytes, headers and all; absent: as many as one that only opens a connection has. */
  readonly size?: number;
  /** Nothing is sent: it is looked whether the way is open. Nobody counts it. */
  readonly probe?: boolean;
  /** It goes back to who began. */
  readonly answer?: boolean;
}

export interface Arrived {
  readonly at: Stack;
  readonly packet: Packet;
}

export type Fate =
  | Arrived
  /** Somebody on the way says that it goes no further; for a neighbour that does not answer, after a while. */
  | { readonly errno: Errno; readonly afterMs: number }
  | 'lost';

/** Three questions for a neighbour, one a second, arp(7). */
const ARP_MS = 3072;
const HOPS = 64;

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

/** The device that answers for `next` behind this one. A port of a bridge hears for the bridge, and does not answer itself. */
function neighbour(from: Device, next: number): Device | undefined {
  if (next >>> 24 === 127) return undefined;
  for (const device of heardBy(from)) if (device.master === undefined && isLocal(device.stack, next)) return device;
  return undefined;
}

/** Where a packet that is sent here ends up. */
export function send(stack: Stack, sent: Packet): Fate {
  const packet = redirected(
    stack,
    'OUTPUT',
    sent.src === 0 ? { ...sent, src: sourceFor(stack, sent.dst) ?? 0 } : sent,
    {},
  );
  if (isLocal(stack, packet.dst)) {
    const lo = stack.devices.find(({ type }) => type === 'loopback');
    if (lo !== undefined && packet.probe !== true) for (const way of [lo.sent, lo.got]) add(way, packet);
    return enter(stack, packet, undefined);
  }
  const route = routeTo(stack, packet.dst);
  if (route === undefined) return { errno: 'ENETUNREACH', afterMs: 0 };
  if (verdict(stack, 'OUTPUT', packet, { out: route.dev }) !== 'ACCEPT') return { errno: 'EPERM', afterMs: 0 };
  return pass(route, packet, HOPS);
}

const sourceOf = ({ src, dev }: Route): number => src ?? dev.addresses[0]?.ip ?? 0;

/** The address that a packet from here to there has as its own; undefined where no route leads. */
export function sourceFor(stack: Stack, ip: number): number | undefined {
  if (isLocal(stack, ip)) return ip;
  const route = routeTo(stack, ip);
  return route === undefined ? undefined : sourceOf(route);
}

function enter(at: Stack, packet: Packet, over: Device | undefined): Fate {
  const way = { in: over ?? at.devices.find(({ type }) => type === 'loopback') };
  const said = verdict(at, 'INPUT', packet, way);
  return said === 'ACCEPT' ? { at, packet: restored(at, packet) } : refused(said);
}

const refused = (said: 'DROP' | 'REJECT'): Fate => (said === 'DROP' ? 'lost' : { errno: 'ECONNREFUSED', afterMs: 0 });

/** What goes over a pair or from port to port of a bridge is counted at both ends. */
function count(from: Device, to: Device, packet: Packet): void {
  if (packet.probe === true) return;
  const ends = [
    [from.sent, from.type === 'veth' && from.peer !== to ? from.peer?.got : undefined],
    [to.got, to.type === 'veth' && to.peer !== from ? to.peer?.sent : undefined],
  ];
  for (const each of ends.flat()) if (each !== undefined) add(each, packet);
}

export function add(counter: Counter, { kind, size = kind === 'icmp' ? 84 : 60 }: Packet): void {
  counter.packets += 1;
  counter.bytes += size;
}

function pass(route: Route, packet: Packet, hops: number): Fate {
  const { dev } = route;
  const out = masqueraded(dev.stack, packet, dev, sourceOf(route));
  const next = route.via ?? packet.dst;
  const device = neighbour(dev, next);
  if (device === undefined) return { errno: 'EHOSTUNREACH', afterMs: ARP_MS };
  // Who is asked for his hardware address learns that of who asks.
  count(dev, device, packet);
  dev.stack.neighbours.set(next, { mac: device.mac, dev });
  const own = sourceOf(route);
  if (own !== 0) device.stack.neighbours.set(own, { mac: dev.mac, dev: device });
  return receive(device, out, hops - 1);
}

function receive(over: Device, came: Packet, hops: number): Fate {
  const { stack: at } = over;
  // What bears an address of the loopback does not come from outside.
  if (came.dst >>> 24 === 127 || came.src >>> 24 === 127) return 'lost';
  const packet = redirected(at, 'PREROUTING', came, { in: over });
  if (isLocal(at, packet.dst)) return enter(at, packet, over);
  if (at.ns.forwards !== true || hops === 0) return 'lost';
  const route = routeTo(at, packet.dst);
  if (route === undefined) return { errno: 'ENETUNREACH', afterMs: 0 };
  const said = verdict(at, 'FORWARD', packet, { in: over, out: route.dev });
  return said === 'ACCEPT' ? pass(route, packet, hops) : refused(said);
}

/** Does an answer to what arrived find the way back to who sent it, as coming from whom it was sent to? */
export function answers(from: Stack, sent: Packet, { at, packet }: Arrived): boolean {
  const { src, dst, sport, dport, kind, track } = packet;
  const back = send(at, {
    kind,
    src: dst,
    dst: src,
    sport: dport,
    dport: sport,
    track,
    answer: true,
    established: true,
    ...(sent.probe === true ? { probe: true } : {}),
    ...(sent.size === undefined ? {} : { size: sent.size }),
  });
  if (typeof back === 'string' || 'errno' in back || back.at !== from) return false;
  return back.packet.src === sent.dst;
}
