/**
 * What dockerd sets up of the network: bridges and their rules on the host, a pair of devices for each place that a container
 * has on one, a name server in the container's namespace (resolver.ts), proxies for published ports (proxy.ts).
 *
 * Kept true: docker0 is there before anybody looks; rules are made anew from the bridges and from who has joined, in the order
 * that libnetwork puts them; who has ended has left.
 */
import { SysError } from '../../errors.ts';
import type { Bridge, Endpoint } from '../../op.ts';
import type { Kernel } from '../kernel.ts';
import type { NetworkOp } from '../more.ts';
import type { Process } from '../process.ts';
import { tablesFor } from './dockerrules.ts';
import { publish } from './proxy.ts';
import { answerNames } from './resolver.ts';
import {
  addDevice,
  changeRoute,
  type Device,
  giveAddress,
  moveTo,
  remove,
  type Stack,
  setUp,
  stackOf,
  sweep,
} from './stack.ts';

/** A place that a container has on a bridge. */
export interface Member {
  /** PID 1 of the container. */
  readonly process: Process;
  readonly stack: Stack;
  /** The end inside. */
  readonly device: Device;
  endpoint: Endpoint;
  /** Ends the proxies of its ports. */
  unpublish?: () => void;
}

export interface Docker {
  /** Those whose rules were put, oldest first. */
  bridges: readonly Bridge[];
  members: readonly Member[];
}

const dockers = new WeakMap<Kernel, Docker>();

const docker0: Bridge = { name: 'docker0', ip: 0xac110001, prefix: 16 };

/** As the engine counts hardware addresses: by the address. */
const macOf = (ip: number): string =>
  `02:42:${[24, 16, 8, 0].map((shift) => ((ip >>> shift) & 255).toString(16).padStart(2, '0')).join(':')}`;

/** Sees to docker0, and to what has ended since. */
export function settle(kernel: Kernel): void {
  const living = sweep(kernel);
  if (!kernel.bridge) return;
  const docker = dockerOf(kernel);
  const left = docker.members.filter(({ process, stack, device }) => {
    return process.alive && living.has(stack.ns) && device.stack === stack && stack.devices.includes(device);
  });
  if (left.length === docker.members.length) return;
  for (const member of docker.members) if (!left.includes(member)) dismiss(member);
  docker.members = left;
  rule(kernel, docker);
}

/** Who ends takes the pair along, also when others go on in the same namespace. */
function dismiss({ stack, device, unpublish }: Member): void {
  unpublish?.();
  if (stack.devices.includes(device)) remove(device);
}

function rule(kernel: Kernel, docker: Docker): void {
  const host = stackOf(kernel, kernel.init.ns.net);
  host.tables = tablesFor(docker);
  host.net.changes += 1;
}

/** docker0 is there from the engine's start, once; who removes it by hand does without. */
function dockerOf(kernel: Kernel): Docker {
  const known = dockers.get(kernel);
  if (known !== undefined) return known;
  const host = stackOf(kernel, kernel.init.ns.net);
  const device = addDevice(host, docker0.name, 'bridge', { index: 2, mac: '02:42:8d:4a:6b:10', queue: 0 });
  giveAddress(device, { ip: docker0.ip, prefix: docker0.prefix, brd: true });
  setUp(device, true);
  kernel.init.ns.net.forwards = true;
  const docker: Docker = { bridges: [docker0], members: [] };
  dockers.set(kernel, docker);
  rule(kernel, docker);
  return docker;
}

export function network(kernel: Kernel, op: NetworkOp): void {
  settle(kernel);
  const docker = dockerOf(kernel);
  const host = stackOf(kernel, kernel.init.ns.net);
  const named = (name: string): Device => {
    const found = host.devices.find((each) => each.name === name);
    if (found === undefined) throw new SysError('ENODEV', name);
    return found;
  };
  host.net.changes += 1;
  switch (op.op) {
    case 'bridgeAdd':
      addDevice(host, op.bridge, 'bridge', { index: kernel.nextNetIndex(1), queue: 0 });
      return;
    case 'addressAdd':
      giveAddress(named(op.device), { ip: op.ip, prefix: op.prefix, brd: true });
      return;
    case 'linkUp':
      setUp(named(op.device), true);
      return;
    case 'linkRemove':
      remove(named(op.device));
      settle(kernel);
      return;
    case 'rulesAdd':
      docker.bridges = [...docker.bridges.filter(({ name }) => name !== op.bridge.name), op.bridge];
      rule(kernel, docker);
      return;
    case 'rulesRemove':
      docker.bridges = docker.bridges.filter(({ name }) => name !== op.bridge.name);
      rule(kernel, docker);
      return;
    case 'pairAdd':
      pair(kernel, host, named(op.endpoint.bridge), op.endpoint);
      return;
    case 'join':
      join(kernel, docker, living(kernel, op.pid), op.endpoint);
      return;
    case 'rejoin':
      rejoin(kernel, docker, living(kernel, op.pid), op.endpoint);
      return;
  }
}

function living(kernel: Kernel, pid: number): Process {
  const process = kernel.processes.get(pid);
  if (process?.alive !== true) throw new SysError('ESRCH', String(pid));
  return process;
}

function pair(kernel: Kernel, host: Stack, bridge: Device, { host: outside, peer, ip }: Endpoint): void {
  const index = kernel.nextNetIndex();
  const ends = [
    addDevice(host, peer, 'veth', { index, mac: macOf(ip), queue: 0 }),
    addDevice(host, outside, 'veth', { index: index + 1, queue: 0 }),
  ] as const;
  [ends[0].peer, ends[1].peer] = [ends[1], ends[0]];
  ends[1].master = bridge;
  setUp(ends[1], true);
}

/** How many devices `eth<n>` a namespace has had: numbers are not given twice. */
const given = new WeakMap<Stack, number>();

function join(kernel: Kernel, docker: Docker, process: Process, endpoint: Endpoint): void {
  const host = stackOf(kernel, kernel.init.ns.net);
  const stack = stackOf(kernel, process.ns.net);
  const device = host.devices.find(({ name }) => name === endpoint.peer);
  if (device === undefined) throw new SysError('ENODEV', endpoint.peer);
  const member: Member = { process, stack, device, endpoint };
  if (endpoint.ports.length > 0) member.unpublish = publish(kernel, member);
  moveTo(stack, device);
  const number = given.get(stack) ?? 0;
  given.set(stack, number + 1);
  device.name = `eth${number}`;
  giveAddress(device, { ip: endpoint.ip, prefix: endpoint.prefix, brd: true });
  setUp(device, true);
  docker.members = [...docker.members, member];
  if (endpoint.gateway !== undefined) leadOut(stack, endpoint.gateway);
  if (endpoint.known !== undefined) answerNames(kernel, stack, () => dockerOf(kernel).members);
  rule(kernel, docker);
}

/** One way out; the one that there was before is forgotten. */
function leadOut(stack: Stack, gateway: number | undefined): void {
  stack.routes = stack.routes.filter(({ prefix }) => prefix !== 0);
  if (gateway !== undefined) changeRoute(stack, { to: 0, prefix: 0, via: gateway }, true);
}

function rejoin(kernel: Kernel, docker: Docker, process: Process, endpoint: Endpoint): void {
  const member = docker.members.find((each) => each.process === process && each.endpoint.host === endpoint.host);
  if (member === undefined) throw new SysError('ENODEV', endpoint.host);
  const before = member.endpoint;
  member.endpoint = endpoint;
  if (before.gateway !== endpoint.gateway && endpoint.gateway !== undefined) leadOut(member.stack, endpoint.gateway);
  if (before.ports.length > 0 && endpoint.ports.length === 0) {
    member.unpublish?.();
    delete member.unpublish;
  }
  if (before.ports.length === 0 && endpoint.ports.length > 0) member.unpublish = publish(kernel, member);
  rule(kernel, docker);
}
