/**
 * What dockerd sets up of the network: docker0 and its rules on the host, a pair of devices for each container that runs.
 * Devices are made when somebody first looks at a network, from what the engine asked for when it started the container
 * (`NetNamespace.wanted`); so nobody waits for what nobody looks at.
 *
 * Kept true: what is seen does not depend on when one looks: numbers and names were given at the start.
 */
import type { Kernel } from '../kernel.ts';
import type { NetNamespace } from '../namespace.ts';
import { type Chain, emptyTables, type Rule } from './netfilter.ts';
import { addDevice, changeRoute, type Device, giveAddress, type Stack, setUp, stackOf } from './stack.ts';

const BRIDGE = 'docker0';
const SUBNET = { ip: 0xac110000, prefix: 16 };
const GATEWAY = 0xac110001;
const LOOPBACK = { ip: 0x7f000000, prefix: 8 };

/** As the engine counts hardware addresses: by the address, RFC 7042 aside. */
const macOf = (ip: number): string =>
  `02:42:${[24, 16, 8, 0].map((shift) => ((ip >>> shift) & 255).toString(16).padStart(2, '0')).join(':')}`;

/** Makes what is wanted and not there yet, and the rules for the containers that run. */
export function settleBridge(kernel: Kernel, living: ReadonlySet<NetNamespace>): void {
  if (!kernel.bridge) return;
  const host = stackOf(kernel, kernel.init.ns.net);
  const bridge = host.devices.find(({ name }) => name === BRIDGE) ?? firstBridge(kernel, host);
  let changed = host.tables === undefined;
  for (const ns of living) {
    const { wanted } = ns;
    if (wanted === undefined || joined.has(ns)) continue;
    joined.add(ns);
    join(stackOf(kernel, ns), bridge, wanted);
    changed = true;
  }
  const wanted = [...living].filter((ns) => ns.wanted !== undefined);
  if (!changed && wanted.length === published.get(host)) return;
  published.set(host, wanted.length);
  host.net.changes += 1;
  host.tables = tablesFor(wanted);
}

const joined = new WeakSet<NetNamespace>();
/** For how many containers the rules of a host were made. */
const published = new WeakMap<Stack, number>();

/** The bridge is there from the engine's start, once; who removes it by hand does without. */
function firstBridge(kernel: Kernel, host: Stack): Device {
  const device = addDevice(host, BRIDGE, 'bridge', { index: 2, mac: '02:42:8d:4a:6b:10', queue: 0 });
  giveAddress(device, { ip: GATEWAY, prefix: SUBNET.prefix, brd: true });
  setUp(device, true);
  kernel.init.ns.net.forwards = true;
  return device;
}

function join(stack: Stack, bridge: Device, { endpoint, index }: NonNullable<NetNamespace['wanted']>): void {
  const inside = addDevice(stack, 'eth0', 'veth', { index, mac: macOf(endpoint.ip), queue: 0 });
  const outside = addDevice(bridge.stack, endpoint.host, 'veth', { index: index + 1, queue: 0 });
  [inside.peer, outside.peer] = [outside, inside];
  outside.master = bridge;
  setUp(outside, true);
  giveAddress(inside, { ip: endpoint.ip, prefix: SUBNET.prefix, brd: true });
  setUp(inside, true);
  changeRoute(stack, { to: 0, prefix: 0, via: GATEWAY }, true);
}

const on = { name: BRIDGE };
const off = { name: BRIDGE, not: true };

/** The rules that libnetwork writes, in its order. */
function tablesFor(namespaces: readonly NetNamespace[]): NonNullable<Stack['tables']> {
  const tables = emptyTables();
  const chain = (table: 'nat' | 'filter', name: string, rules: readonly Rule[], policy?: Chain['policy']): void => {
    const before = tables[table].get(name)?.policy;
    tables[table].set(name, {
      rules,
      ...(policy === undefined ? (before === undefined ? {} : { policy: before }) : { policy }),
    });
  };
  const ports = namespaces.flatMap(({ wanted }) =>
    wanted!.endpoint.ports.map((each) => ({ ...each, ip: wanted!.endpoint.ip })),
  );
  chain('nat', 'PREROUTING', [{ toLocal: true, target: 'DOCKER' }]);
  chain('nat', 'OUTPUT', [{ dst: { ...LOOPBACK, not: true }, toLocal: true, target: 'DOCKER' }]);
  chain('nat', 'POSTROUTING', [
    { src: SUBNET, out: off, target: 'MASQUERADE' },
    ...ports.map(({ ip, port }): Rule => {
      const own = { ip, prefix: 32 };
      return { src: own, dst: own, proto: 'tcp', dport: port, target: 'MASQUERADE' };
    }),
  ]);
  chain('nat', 'DOCKER', [
    { in: on, target: 'RETURN' },
    ...ports.map(({ ip, port, hostIp, hostPort }): Rule => {
      const to = hostIp === '' ? {} : { dst: { ip: numberOf(hostIp), prefix: 32 } };
      return { ...to, in: off, proto: 'tcp', dport: hostPort, target: 'DNAT', to: { ip, port } };
    }),
  ]);
  chain(
    'filter',
    'FORWARD',
    [
      { target: 'DOCKER-USER' },
      { target: 'DOCKER-ISOLATION-STAGE-1' },
      { out: on, established: true, target: 'ACCEPT' },
      { out: on, target: 'DOCKER' },
      { in: on, out: off, target: 'ACCEPT' },
      { in: on, out: on, target: 'ACCEPT' },
    ],
    'DROP',
  );
  chain(
    'filter',
    'DOCKER',
    ports.map(({ ip, port }) => ({
      dst: { ip, prefix: 32 },
      in: off,
      out: on,
      proto: 'tcp',
      dport: port,
      target: 'ACCEPT',
    })),
  );
  chain('filter', 'DOCKER-ISOLATION-STAGE-1', [
    { in: on, out: off, target: 'DOCKER-ISOLATION-STAGE-2' },
    { target: 'RETURN' },
  ]);
  chain('filter', 'DOCKER-ISOLATION-STAGE-2', [{ out: on, target: 'DROP' }, { target: 'RETURN' }]);
  chain('filter', 'DOCKER-USER', [{ target: 'RETURN' }]);
  return tables;
}

const numberOf = (dotted: string): number => dotted.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
