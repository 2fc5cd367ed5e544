/**
 * Rules for packets as libnetwork 20.10 writes them, beside those of a bridge (core/shell-network.ts): what the engine puts at its
 * start (iptables/iptables.go, setup_ip_tables.go), what a published port and a name server need (portmapper, resolver_unix.go).
 * Each is a call of iptables(8) in words; `restoreText` makes of many what iptables-restore(8) reads.
 */
import type { Endpoint, PublishedPort } from '../../core/index.ts';

type Call = readonly string[];

export const dotted = (ip: number): string => [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');

const nat = (...words: readonly string[]): Call => ['iptables', '-t', 'nat', ...words];
const filter = (...words: readonly string[]): Call => ['iptables', ...words];
const toLocal = ['-m', 'addrtype', '--dst-type', 'LOCAL', '-j', 'DOCKER'];

/** The engine's chains, and the ways into them. */
export const baseRules: readonly Call[] = [
  nat('-N', 'DOCKER'),
  nat('-A', 'PREROUTING', ...toLocal),
  nat('-A', 'OUTPUT', '!', '-d', '127.0.0.0/8', ...toLocal),
  ...['DOCKER', 'DOCKER-ISOLATION-STAGE-1', 'DOCKER-ISOLATION-STAGE-2', 'DOCKER-USER'].map((chain) =>
    filter('-N', chain),
  ),
  filter('-P', 'FORWARD', 'DROP'),
  ...['DOCKER-ISOLATION-STAGE-1', 'DOCKER-ISOLATION-STAGE-2', 'DOCKER-USER'].map((chain) =>
    filter('-A', chain, '-j', 'RETURN'),
  ),
  ...['DOCKER-USER', 'DOCKER-ISOLATION-STAGE-1'].map((chain) => filter('-A', 'FORWARD', '-j', chain)),
];

type Port = PublishedPort & Pick<Endpoint, 'ip' | 'bridge'>;

/** The way in for others, and the way back for the container itself when it calls its own published port. */
export function portRules(how: '-A' | '-D', { ip, port, proto, hostIp, hostPort, bridge }: Port): readonly Call[] {
  const at = dotted(ip);
  const asked = hostIp === '' ? [] : ['-d', `${hostIp}/32`];
  const inner = ['-p', proto, '-m', proto, '--dport', String(port)];
  const outer = ['-p', proto, '-m', proto, '--dport', String(hostPort)];
  return [
    nat(how, 'DOCKER', ...asked, '!', '-i', bridge, ...outer, '-j', 'DNAT', '--to-destination', `${at}:${port}`),
    filter(how, 'DOCKER', '-d', `${at}/32`, '!', '-i', bridge, '-o', bridge, ...inner, '-j', 'ACCEPT'),
    nat(how, 'POSTROUTING', '-s', `${at}/32`, '-d', `${at}/32`, ...inner, '-j', 'MASQUERADE'),
  ];
}

const SERVER = '127.0.0.11';

/** In a container's namespace: what is sent to port 53 of the name server goes where it listens, and the answers seem to come from there. */
export function resolverRules(udp: number, tcp: number): readonly Call[] {
  const ports = [
    ['tcp', tcp],
    ['udp', udp],
  ] as const;
  return [
    nat('-N', 'DOCKER_OUTPUT'),
    nat('-N', 'DOCKER_POSTROUTING'),
    nat('-A', 'OUTPUT', '-d', `${SERVER}/32`, '-j', 'DOCKER_OUTPUT'),
    nat('-A', 'POSTROUTING', '-d', `${SERVER}/32`, '-j', 'DOCKER_POSTROUTING'),
    ...ports.flatMap(([proto, port]) => [
      nat(
        ...['-A', 'DOCKER_OUTPUT', '-d', `${SERVER}/32`, '-p', proto, '-m', proto, '--dport', '53'],
        ...['-j', 'DNAT', '--to-destination', `${SERVER}:${port}`],
      ),
      nat(
        ...['-A', 'DOCKER_POSTROUTING', '-s', `${SERVER}/32`, '-p', proto, '-m', proto, '--sport', String(port)],
        ...['-j', 'SNAT', '--to-source', ':53'],
      ),
    ]),
  ];
}

/** What iptables-restore reads: the calls table by table, in their order. */
export function restoreText(calls: readonly Call[]): string {
  const tables = new Map<string, string[]>();
  for (const words of calls) {
    const named = words[1] === '-t';
    const table = named ? words[2]! : 'filter';
    const rest = words.slice(named ? 3 : 1);
    const line =
      rest[0] === '-N' ? `:${rest[1]} - [0:0]` : rest[0] === '-P' ? `:${rest[1]} ${rest[2]} [0:0]` : rest.join(' ');
    tables.set(table, [...(tables.get(table) ?? []), line]);
  }
  return [...tables].map(([table, lines]) => `*${table}\n${lines.join('\n')}\nCOMMIT\n`).join('');
}
