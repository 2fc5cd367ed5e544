/**
 * What `docker run` and `create` ask of networks and ports (docker CLI cli/command/container/opts.go, go-connections
 * nat.ParsePortSpec).
 */

import type { PortBindings } from '../engine/index.ts';
import { portRange, splitProto } from '../engine/networks/portspec.ts';
import type { FlagValues } from './flags.ts';
import type { NetworkAsked } from './network-door.ts';
import { CliError } from './spec.ts';

export function networkAsked(flags: FlagValues): NetworkAsked {
  const ports = publishedPorts(flags.list('publish'));
  const exposed = exposedPorts(flags.list('expose'));
  const network = flags.text('network') || flags.text('net');
  const aliases = [...flags.list('network-alias'), ...flags.list('net-alias')];
  const ip = flags.text('ip');
  if (network !== '' && aliases.length > 0 && !isUserDefined(network))
    throw new CliError('network-scoped aliases are only supported for user-defined networks');
  return {
    ...(network === '' ? {} : { network }),
    ...(flags.has('publish') ? { ports } : {}),
    ...(exposed.length === 0 ? {} : { exposed }),
    ...(flags.bool('publish-all') ? { publishAll: true } : {}),
    ...(aliases.length > 0 || ip !== '' ? { place: { aliases, ...(ip === '' ? {} : { ip }) } } : {}),
  };
}

const isUserDefined = (network: string): boolean =>
  !['default', 'bridge', 'host', 'none'].includes(network) && !network.startsWith('container:');

/** `[[IP:]HOST:]PORT[/PROTO]`, each a port or a range of them. */
function publishedPorts(given: readonly string[]): PortBindings {
  const ports: Record<string, { readonly HostIp: string; readonly HostPort: string }[]> = {};
  for (const raw of given)
    for (const { key, ip, host } of readPorts(raw)) {
      ports[key] ??= [];
      ports[key].push({ HostIp: ip, HostPort: host });
    }
  return ports;
}

function readPorts(raw: string): readonly { readonly key: string; readonly ip: string; readonly host: string }[] {
  const parts = raw.split(':');
  const [proto, container] = splitProto(parts.at(-1) ?? '');
  const ip = hostAddress(parts.slice(0, -2).join(':'));
  const host = parts.length > 1 ? parts.at(-2)! : '';
  if (container === '') throw new CliError(`No port specified: ${raw}<empty>`);
  const [first, last] = asRange(container, `Invalid containerPort: ${container}`);
  const [hostFirst, hostLast] = host === '' ? [0, 0] : asRange(host, `Invalid hostPort: ${host}`);
  const dynamic = first === last && hostFirst !== hostLast;
  if (host !== '' && !dynamic && last - first !== hostLast - hostFirst)
    throw new CliError(`Invalid ranges specified for container and host Ports: ${container} and ${host}`);
  if (!['tcp', 'udp', 'sctp'].includes(proto.toLowerCase())) throw new CliError(`Invalid proto: ${proto}`);
  if (proto.toLowerCase() === 'sctp')
    throw new CliError(`cutaway: docker run --publish ${raw} is not simulated yet`, 125);
  return Array.from({ length: last - first + 1 }, (_, n) => ({
    key: `${first + n}/${proto.toLowerCase()}`,
    ip,
    host: host === '' ? '' : dynamic ? host : String(hostFirst + n),
  }));
}

function hostAddress(text: string): string {
  if (/^\[.*\]$/.test(text)) throw new CliError(`cutaway: docker run --publish ${text}:… is not simulated yet`, 125);
  if (text.includes(':'))
    throw new CliError(`Invalid ip address ${text}: address ${text}:: too many colons in address`);
  const isAddress = /^(\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((part) => Number(part) < 256);
  if (text !== '' && !isAddress) throw new CliError(`Invalid ip address: ${text}`);
  return text;
}

function asRange(text: string, complaint: string): readonly [number, number] {
  try {
    return portRange(text);
  } catch {
    throw new CliError(complaint);
  }
}

/** As `80/tcp`. */
function exposedPorts(given: readonly string[]): readonly string[] {
  return given.flatMap((text) => {
    if (text.includes(':')) throw new CliError(`invalid port format for --expose: ${text}`);
    const [proto, port] = splitProto(text);
    try {
      const [first, last] = portRange(port);
      return Array.from({ length: last - first + 1 }, (_, n) => `${first + n}/${proto}`);
    } catch (error) {
      throw new CliError(`invalid range format for --expose: ${text}, error: ${(error as Error).message}`);
    }
  });
}
