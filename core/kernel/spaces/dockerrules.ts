/**
 * The rules that libnetwork 20.10 writes for its bridges and for published ports (libnetwork/drivers/bridge
 * setup_ip_tables.go, iptables/iptables.go), in the order that they come to stand in: those of the newest bridge first, those of
 * ports in the order they were published.
 */
import type { Bridge, Endpoint, PublishedPort } from '../../op.ts';
import type { Docker } from './docker.ts';
import { type Chain, emptyTables, type Rule, type Tables } from './netfilter.ts';

const LOOPBACK = { ip: 0x7f000000, prefix: 8 };

const subnetOf = ({ ip, prefix }: Bridge) => ({ ip: (ip & (prefix === 0 ? 0 : -1 << (32 - prefix))) >>> 0, prefix });
const on = ({ name }: Bridge) => ({ name });
const off = ({ name }: Bridge) => ({ name, not: true });

type Port = PublishedPort & Pick<Endpoint, 'ip' | 'bridge'>;

export function tablesFor({ bridges, members }: Docker): Tables {
  const tables = emptyTables();
  const chain = (table: 'nat' | 'filter', name: string, rules: readonly Rule[], policy?: Chain['policy']): void => {
    const kept = policy ?? tables[table].get(name)?.policy;
    tables[table].set(name, { rules, ...(kept === undefined ? {} : { policy: kept }) });
  };
  const newest = bridges.toReversed();
  const open = newest.filter(({ internal }) => internal !== true);
  const ports = members.flatMap(({ endpoint: { ip, bridge, ports: all } }): Port[] =>
    all.map((each) => ({ ...each, ip, bridge })),
  );
  chain('nat', 'PREROUTING', [{ toLocal: true, target: 'DOCKER' }]);
  chain('nat', 'OUTPUT', [{ dst: { ...LOOPBACK, not: true }, toLocal: true, target: 'DOCKER' }]);
  chain('nat', 'POSTROUTING', [
    ...open
      .filter(({ unmasked }) => unmasked !== true)
      .map((each): Rule => ({ src: subnetOf(each), out: off(each), target: 'MASQUERADE' })),
    ...ports.map(({ ip, proto, port }): Rule => {
      const own = { ip, prefix: 32 };
      return { src: own, dst: own, proto, dport: port, target: 'MASQUERADE' };
    }),
  ]);
  chain('nat', 'DOCKER', [
    ...open.filter(({ unmasked }) => unmasked !== true).map((each): Rule => ({ in: on(each), target: 'RETURN' })),
    ...ports.map(redirection),
  ]);
  chain('filter', 'FORWARD', forwarding(newest), 'DROP');
  chain('filter', 'DOCKER', ports.map(admission));
  chain('filter', 'DOCKER-ISOLATION-STAGE-1', [...newest.flatMap(isolation), { target: 'RETURN' }]);
  chain('filter', 'DOCKER-ISOLATION-STAGE-2', [
    ...open.map((each): Rule => ({ out: on(each), target: 'DROP' })),
    { target: 'RETURN' },
  ]);
  chain('filter', 'DOCKER-USER', [{ target: 'RETURN' }]);
  return tables;
}

const redirection = ({ ip, proto, port, hostIp, hostPort, bridge }: Port): Rule => ({
  ...(hostIp === '' ? {} : { dst: { ip: numberOf(hostIp), prefix: 32 } }),
  in: { name: bridge, not: true },
  proto,
  dport: hostPort,
  target: 'DNAT',
  to: { ip, port },
});

const admission = ({ ip, proto, port, bridge }: Port): Rule => ({
  dst: { ip, prefix: 32 },
  in: { name: bridge, not: true },
  out: { name: bridge },
  proto,
  dport: port,
  target: 'ACCEPT',
});

/** What keeps members of different networks apart. */
const isolation = (each: Bridge): Rule[] =>
  each.internal === true
    ? [
        { src: { ...subnetOf(each), not: true }, out: on(each), target: 'DROP' },
        { dst: { ...subnetOf(each), not: true }, in: on(each), target: 'DROP' },
      ]
    : [{ in: on(each), out: off(each), target: 'DOCKER-ISOLATION-STAGE-2' }];

/** Rules that let something pass come before all there are, those that do not come last. */
function forwarding(newest: readonly Bridge[]): Rule[] {
  const between = (each: Bridge): Rule => ({
    in: on(each),
    out: on(each),
    target: each.apart === true ? 'DROP' : 'ACCEPT',
  });
  return [
    { target: 'DOCKER-USER' },
    { target: 'DOCKER-ISOLATION-STAGE-1' },
    ...newest.flatMap((each): Rule[] => [
      ...(each.internal === true
        ? []
        : ([
            { out: on(each), established: true, target: 'ACCEPT' },
            { out: on(each), target: 'DOCKER' },
            { in: on(each), out: off(each), target: 'ACCEPT' },
          ] as const)),
      ...(each.apart === true ? [] : [between(each)]),
    ]),
    ...newest
      .toReversed()
      .filter(({ apart }) => apart === true)
      .map(between),
  ];
}

export const numberOf = (dotted: string): number =>
  dotted.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
