/**
 * Published ports: which the host gives at a start, and how they are shown (libnetwork/portallocator, drivers/bridge
 * port_mapping.go, docker CLI formatter DisplayablePorts).
 */
import type { PublishedPort } from '../../op.ts';
import { DockerError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Container, Engine } from '../world.ts';
import { portRange, splitProto } from './portspec.ts';

/** The first port that is given to who asks for any, and the last. */
const [FIRST_PORT, LAST_PORT] = [32768, 60999];

export const portTaken = (name: string, endpoint: string, why: string): DockerError =>
  new DockerError(
    `driver failed programming external connectivity on endpoint ${name} (${endpoint}): ${why}`,
    'system',
  );

interface Wanted {
  readonly port: number;
  readonly proto: PublishedPort['proto'];
  readonly hostIp: string;
  /** `8080`, `8000-8010` or nothing. */
  readonly hostPort: string;
}

/** In the order in which the engine sees to them. */
function wantedPorts({ config, hostConfig }: Container): readonly Wanted[] {
  const bindings = hostConfig.PortBindings ?? {};
  const exposed = Object.keys(config.ExposedPorts ?? {}).filter((key) => bindings[key] === undefined);
  const all = [
    ...Object.entries(bindings).flatMap(([key, of]) => of.map((each) => [key, each] as const)),
    ...(hostConfig.PublishAllPorts === true ? exposed.map((key) => [key, { HostIp: '', HostPort: '' }] as const) : []),
  ];
  return all
    .map(([key, { HostIp, HostPort }]) => ({ ...portOf(key), hostIp: HostIp, hostPort: HostPort }))
    .sort((a, b) => Number.parseInt(b.hostPort || '0', 10) - Number.parseInt(a.hostPort || '0', 10) || b.port - a.port);
}

function portOf(key: string): Pick<PublishedPort, 'port' | 'proto'> {
  const [port = '', proto] = key.split('/');
  return { port: Number(port), proto: proto === 'udp' ? 'udp' : 'tcp' };
}

/** Ports of the host for a container that starts. Throws DockerError for one that another container has. */
export function newPorts(engine: Engine, container: Container, endpoint: string): readonly PublishedPort[] {
  const found: PublishedPort[] = [];
  for (const wanted of wantedPorts(container)) {
    const { port, proto, hostIp } = wanted;
    const isTaken = (ip: string, on: number): boolean =>
      [...portsInUse(engine), ...found].some(
        (each) =>
          each.proto === proto && each.hostPort === on && (ip === each.hostIp || (ip !== '' && each.hostIp === '')),
      );
    const meets = (on: number): boolean =>
      [...portsInUse(engine), ...found].some(
        (each) =>
          each.proto === proto &&
          each.hostPort === on &&
          (hostIp === '' || each.hostIp === '' || each.hostIp === hostIp),
      );
    const [first, last] = rangeOf(wanted);
    if (first !== undefined) {
      let on = first;
      while (on < last! && isTaken(hostIp, on)) on += 1;
      const at = hostIp || '0.0.0.0';
      if (isTaken(hostIp, on))
        throw portTaken(
          container.name,
          endpoint,
          first === last
            ? `Bind for ${at}:${on} failed: port is already allocated`
            : 'Bind for failed: all ports are allocated',
        );
      // What has only part of the addresses is noticed by who listens.
      if (meets(on))
        throw portTaken(
          container.name,
          endpoint,
          `Error starting userland proxy: listen ${proto}4 ${at}:${on}: bind: address already in use`,
        );
      found.push({ port, proto, hostIp, hostPort: on });
      continue;
    }
    const hostPort = anyPort(engine, hostIp || '0.0.0.0', proto, (on) => isTaken(hostIp, on) || meets(on));
    const six =
      hostIp === ''
        ? anyPort(engine, '::', proto, (on) => isTakenSix([...portsInUse(engine), ...found], proto, on))
        : hostPort;
    found.push({ port, proto, hostIp, hostPort, ...(six === hostPort ? {} : { hostPort6: six }) });
  }
  return found;
}

const isTakenSix = (ports: readonly PublishedPort[], proto: string, on: number): boolean =>
  ports.some((each) => each.proto === proto && each.hostIp === '' && (each.hostPort6 ?? each.hostPort) === on);

const portsInUse = ({ world }: Engine): readonly PublishedPort[] =>
  Object.values(world.containers).flatMap(({ places }) =>
    Object.values(places ?? {}).flatMap(({ device }) => device?.ports ?? []),
  );

function rangeOf({ hostPort }: Wanted): [number, number] | [undefined] {
  if (hostPort === '') return [undefined];
  const [first, last = first] = hostPort.split('-').map(Number);
  return [first!, last!];
}

/** Each address and protocol counts on from the last port that it gave. */
function anyPort(engine: Engine, ip: string, proto: string, isTaken: (port: number) => boolean): number {
  const key = `${ip} ${proto}`;
  const last = engine.world.lastPorts?.[key] ?? FIRST_PORT - 1;
  for (let n = 1; n <= LAST_PORT - FIRST_PORT + 1; n++) {
    const port = FIRST_PORT + ((last - FIRST_PORT + n) % (LAST_PORT - FIRST_PORT + 1));
    if (isTaken(port)) continue;
    engine.world = { ...engine.world, lastPorts: { ...engine.world.lastPorts, [key]: port } };
    return port;
  }
  throw new DockerError('all ports are allocated', 'system');
}

/** One line of what a container has open; without an address: only exposed. */
export interface ShownPort {
  readonly port: number;
  readonly proto: string;
  readonly ip?: string;
  readonly hostPort?: number;
}

/** What is published on all addresses is so for both versions of IP. */
export const publishedOn = ({ places }: Container): readonly Required<ShownPort>[] =>
  Object.values(places ?? {})
    .flatMap(({ device }) => device?.ports ?? [])
    .flatMap(({ port, proto, hostIp, hostPort, hostPort6 = hostPort }) =>
      hostIp === ''
        ? [
            { port, proto, ip: '0.0.0.0', hostPort },
            { port, proto, ip: '::', hostPort: hostPort6 },
          ]
        : [{ port, proto, ip: hostIp, hostPort }],
    );

/** `NetworkSettings.Ports`. */
export function portsJson(container: Container): { readonly [key: string]: Json } {
  const isOn = Object.values(container.places ?? {}).some(({ device }) => device !== undefined);
  if (!isOn) return {};
  const published = publishedOn(container);
  const keys = Object.keys(container.config.ExposedPorts ?? {}).sort();
  return Object.fromEntries(
    keys.map((key) => {
      const found = published.filter(({ port, proto }) => `${port}/${proto}` === key);
      return [
        key,
        found.length === 0 ? null : found.map(({ ip, hostPort }) => ({ HostIp: ip, HostPort: String(hostPort) })),
      ];
    }),
  );
}

/** `docker port`: `80/tcp -> 0.0.0.0:8080`. */
export const portLines = (container: Container): readonly string[] =>
  publishedOn(container)
    .map(({ port, proto, ip, hostPort }) => `${port}/${proto} -> ${ip}:${hostPort}`)
    .sort();

/** What it has open, while it is on a network. */
function openPorts(container: Container): readonly ShownPort[] {
  const isOn = Object.values(container.places ?? {}).some(({ device }) => device !== undefined);
  if (!isOn) return [];
  const published = publishedOn(container);
  const exposed = Object.keys(container.config.ExposedPorts ?? {})
    .map(portOf)
    .filter(({ port, proto }) => !published.some((each) => each.port === port && each.proto === proto));
  return [...exposed, ...published];
}

/**
 * `docker ps --filter publish=` and `expose=`: asks for a port of the host or one of the container, or a range; of one that is
 * only exposed the host's port is 0 (moby daemon/list.go portOp).
 *
 * Throws DockerError for what is no port.
 */
export function portFilter(name: 'publish' | 'expose', value: string): (container: Container) => boolean {
  if (value.includes(':')) throw new DockerError(`filter for '${name}' should not contain ':': ${value}`, 'system');
  const [proto, text] = splitProto(value);
  try {
    const [first, last] = portRange(text);
    return (container) =>
      openPorts(container).some((each) => {
        const port = name === 'publish' ? (each.hostPort ?? 0) : each.port;
        return each.proto === proto && port >= first && port <= last;
      });
  } catch (error) {
    throw new DockerError(`error while looking up for ${name} ${value}: ${(error as Error).message}`, 'system');
  }
}

/** What `docker ps` says: neighbours are drawn together where host and container call them the same. */
export function portsText(container: Container): string {
  const all = openPorts(container).toSorted(
    (a, b) =>
      a.port - b.port ||
      order(a.ip ?? '', b.ip ?? '') ||
      (a.hostPort ?? 0) - (b.hostPort ?? 0) ||
      order(a.proto, b.proto),
  );
  const groups = new Map<string, [first: number, last: number]>();
  const done: string[] = [];
  const elsewhere: string[] = [];
  for (const { port, proto, ip, hostPort } of all) {
    if (ip !== undefined && hostPort !== port) {
      elsewhere.push(`${ip}:${hostPort}->${port}/${proto}`);
      continue;
    }
    const key = ip === undefined ? proto : `${ip}/${proto}`;
    const group = groups.get(key);
    if (group !== undefined && group[1] === port - 1) group[1] = port;
    else {
      if (group !== undefined) done.push(groupText(key, group));
      groups.set(key, [port, port]);
    }
  }
  return [...done, ...[...groups].map(([key, group]) => groupText(key, group)), ...elsewhere].join(', ');
}

const order = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

function groupText(key: string, [first, last]: readonly [number, number]): string {
  const [ip, proto = ip] = key.includes('/') ? key.split('/') : [undefined, key];
  const range = first === last ? `${first}` : `${first}-${last}`;
  return `${ip === undefined ? range : `${ip}:${range}->${range}`}/${proto}`;
}
