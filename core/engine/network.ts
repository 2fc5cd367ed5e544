/**
 * The network of a container, and what `docker inspect` says of it. On a host with the engine's bridge a container gets the
 * lowest free address of 172.17.0.0/16 while it runs. Elsewhere it has a network namespace of its own with nothing but loopback
 * in it, and the settings have the shape that dockerd --bridge none writes for the network mode: such an engine has the
 * networks `none` and `host`; who asks for `bridge` gets no network at all, and so no id of one.
 */
import { digestOf } from '../image/digest.ts';
import type { Endpoint, PublishedPort } from '../op.ts';
import { DockerError } from './errors.ts';
import { newId } from './ids.ts';
import type { Json } from './json.ts';
import type { Container, Engine } from './world.ts';

/** The networks that are there from the start. */
const predefined: readonly string[] = ['host', 'none'];

/** Whether the container gets an address on docker0. */
export const isBridged = ({ facts }: Engine, { hostConfig: { NetworkMode } }: Container): boolean =>
  facts.bridge === true && (NetworkMode === 'default' || NetworkMode === 'bridge');

/** Whether containers of this mode are joined to a network, by an endpoint that lives as long as PID 1. */
export const hasNetwork = (engine: Engine, container: Container): boolean =>
  predefined.includes(container.hostConfig.NetworkMode) || isBridged(engine, container);

/** The container whose network namespace this one shares, `--network container:…`. */
export function networkOwner({ world }: Engine, { hostConfig: { NetworkMode } }: Container): Container | undefined {
  if (!NetworkMode.startsWith('container:')) return undefined;
  const name = NetworkMode.slice(10);
  const id = world.names[name] ?? Object.keys(world.containers).find((each) => each.startsWith(name));
  return id === undefined ? undefined : world.containers[id];
}

const GATEWAY = 0xac110001;
const PREFIX = 16;
export const dottedIp = (ip: number): string => [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');
export const macOf = (ip: number): string =>
  `02:42:${[24, 16, 8, 0].map((shift) => ((ip >>> shift) & 255).toString(16).padStart(2, '0')).join(':')}`;

/** The first port that is given to who asks for any. */
const ANY_PORT = 32768;

/** A place on docker0 for a container that starts. Throws DockerError for a port that another container has. */
export function newAddress({ world, host }: Engine, { name, hostConfig }: Container, endpoint: string): Endpoint {
  const others = Object.values(world.containers).flatMap(({ address }) => address ?? []);
  const taken = new Set(others.map(({ ip }) => ip));
  let ip = GATEWAY + 1;
  while (taken.has(ip)) ip += 1;
  const used = new Set(others.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort)));
  const ports = Object.entries(hostConfig.PortBindings ?? {}).flatMap(([port, bindings]) =>
    bindings.map(({ HostIp, HostPort }): PublishedPort => {
      let hostPort = HostPort === '' ? ANY_PORT : Number(HostPort);
      while (HostPort === '' && used.has(hostPort)) hostPort += 1;
      if (used.has(hostPort))
        throw portTaken(
          name,
          endpoint,
          `Bind for ${HostIp || '0.0.0.0'}:${hostPort} failed: port is already allocated`,
        );
      used.add(hostPort);
      return { port: Number.parseInt(port, 10), hostIp: HostIp, hostPort };
    }),
  );
  return { host: `veth${newId(host).slice(0, 7)}`, ip, ports };
}

export const portTaken = (name: string, endpoint: string, why: string): DockerError =>
  new DockerError(
    `driver failed programming external connectivity on endpoint ${name} (${endpoint}): ${why}`,
    'system',
  );

/** `0.0.0.0:8080->80/tcp`: what is published on all addresses is so for both versions of IP. */
export const publishedOn = ({ address }: Container): readonly (PublishedPort & { readonly shown: string })[] =>
  (address?.ports ?? []).flatMap((each) =>
    (each.hostIp === '' ? ['0.0.0.0', '::'] : [each.hostIp]).map((shown) => ({ ...each, shown })),
  );

/** Drawn by libnetwork when an engine first starts; here it follows from the host's name, so that it is the same at every start. */
const networkId = (engine: Engine, name: string): string =>
  digestOf(`network ${name} of ${engine.facts.hostname}`).slice('sha256:'.length);

/** What never differs between the files of containers that are joined to no network. */
const files = new Map<string, { readonly [key: string]: Json }>();

/** `inspect`: as `docker inspect` shows it; `file`: as config.v2.json has it. */
export function networkJson(
  engine: Engine,
  container: Container,
  form: 'inspect' | 'file',
): { readonly [key: string]: Json } {
  const joined = hasNetwork(engine, container);
  const { address, sandbox = '' } = container;
  const shared = container.hostConfig.NetworkMode.startsWith('container:');
  const name = container.hostConfig.NetworkMode === 'default' ? 'bridge' : container.hostConfig.NetworkMode;
  const nameless = container.nameless === true;
  const key = `${name} ${nameless}`;
  const known = form === 'file' && !joined ? files.get(key) : undefined;
  if (known !== undefined) return known;
  const addresses =
    address === undefined
      ? { IPAddress: '', IPPrefixLen: 0, IPv6Gateway: '' }
      : { IPAddress: dottedIp(address.ip), IPPrefixLen: PREFIX, IPv6Gateway: '' };
  const Gateway = address === undefined ? '' : dottedIp(GATEWAY);
  const MacAddress = address === undefined ? '' : macOf(address.ip);
  const SandboxKey = sandbox === '' ? '' : `/run/docker/netns/${sandbox.slice(0, 12)}`;
  const linkLocal = { LinkLocalIPv6Address: '', LinkLocalIPv6PrefixLen: 0 };
  const endpoint: { [key: string]: Json } = {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    // It is looked up at the first start, and kept.
    NetworkID: joined && container.hasBeenStarted ? networkId(engine, name) : '',
    EndpointID: container.endpoint ?? '',
    Gateway,
    ...addresses,
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    MacAddress,
    DriverOpts: null,
  };
  if (form === 'file') {
    const file = {
      Bridge: '',
      SandboxID: sandbox,
      HairpinMode: false,
      ...linkLocal,
      Networks: shared ? {} : { [name]: { ...endpoint, IPAMOperational: false } },
      Service: null,
      Ports: container.endpoint === undefined ? null : portsJson(container),
      SandboxKey,
      SecondaryIPAddresses: null,
      SecondaryIPv6Addresses: null,
      IsAnonymousEndpoint: nameless,
      HasSwarmEndpoint: false,
    };
    if (!joined) files.set(key, file);
    return file;
  }
  return {
    Bridge: '',
    SandboxID: sandbox,
    HairpinMode: false,
    ...linkLocal,
    Ports: portsJson(container),
    SandboxKey,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: address === undefined ? '' : (container.endpoint ?? ''),
    Gateway,
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    ...addresses,
    MacAddress,
    Networks: shared ? {} : { [name]: endpoint },
  };
}

/** Ports that are exposed, and where they are published. */
function portsJson(container: Container): { readonly [key: string]: Json } {
  const { address, config } = container;
  if (address === undefined) return {};
  const published = publishedOn(container);
  return Object.fromEntries(
    Object.keys(config.ExposedPorts ?? {}).map((port) => {
      const bindings = published
        .filter((each) => each.port === Number.parseInt(port, 10))
        .map(({ shown, hostPort }) => ({ HostIp: shown, HostPort: String(hostPort) }));
      return [port, bindings.length === 0 ? null : bindings];
    }),
  );
}
