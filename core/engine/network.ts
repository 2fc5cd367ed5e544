/**
 * The network of a container where the engine has no bridge, and what `docker inspect` says of it: a network namespace of its own
 * with nothing but loopback in it, and settings in the shape that dockerd --bridge none writes for the network mode: such an
 * engine has the networks `none` and `host`; who asks for `bridge` gets no network at all, and so no id of one. With a bridge
 * all that is behind the door networking.ts.
 */
import { digestOf } from '../image/digest.ts';
import type { Json } from './json.ts';
import { networking } from './networking.ts';
import type { Container, Engine } from './world.ts';

/** The networks that are there from the start. */
const predefined: readonly string[] = ['host', 'none'];

/** Whether containers of this mode are joined to a network, by an endpoint that lives as long as PID 1. */
export const hasNetwork = ({ facts }: Engine, container: Container): boolean =>
  facts.bridge !== true && predefined.includes(container.hostConfig.NetworkMode);

/** The network that it was started for. */
export const modeOf = ({ hostConfig: { NetworkMode } }: Container): string =>
  NetworkMode === 'default' ? 'bridge' : NetworkMode;

/** It is in the network namespace of another container. */
export const sharesNetwork = ({ hostConfig }: Container): boolean => hostConfig.NetworkMode.startsWith('container:');

/** The container whose network namespace this one shares, `--network container:…`. */
export function networkOwner({ world }: Engine, { hostConfig: { NetworkMode } }: Container): Container | undefined {
  if (!NetworkMode.startsWith('container:')) return undefined;
  const name = NetworkMode.slice(10);
  const id = world.names[name] ?? Object.keys(world.containers).find((each) => each.startsWith(name));
  return id === undefined ? undefined : world.containers[id];
}

export const dottedIp = (ip: number): string => [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');
export const macOf = (ip: number): string =>
  `02:42:${[24, 16, 8, 0].map((shift) => ((ip >>> shift) & 255).toString(16).padStart(2, '0')).join(':')}`;

/** Drawn by libnetwork when an engine first starts; here it follows from the host's name, so that it is the same at every start. */
export const networkId = (engine: Engine, name: string): string =>
  digestOf(`network ${name} of ${engine.facts.hostname}`).slice('sha256:'.length);

/** What never differs between the files of containers that are joined to no network. */
const files = new Map<string, { readonly [key: string]: Json }>();

/** `inspect`: as `docker inspect` shows it; `file`: as config.v2.json has it. */
export function networkJson(
  engine: Engine,
  container: Container,
  form: 'inspect' | 'file',
): { readonly [key: string]: Json } {
  if (engine.facts.bridge === true) return networking().settingsJson(engine, container, form);
  const joined = hasNetwork(engine, container);
  const name = modeOf(container);
  const nameless = container.nameless === true;
  const key = `${name} ${nameless}`;
  const known = form === 'file' && !joined ? files.get(key) : undefined;
  if (known !== undefined) return known;
  const addresses = { IPAddress: '', IPPrefixLen: 0, IPv6Gateway: '' };
  const linkLocal = { LinkLocalIPv6Address: '', LinkLocalIPv6PrefixLen: 0 };
  const endpoint: { [key: string]: Json } = {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    // It is looked up at the first start, and kept.
    NetworkID: joined && container.hasBeenStarted ? networkId(engine, name) : '',
    EndpointID: container.endpoint ?? '',
    Gateway: '',
    ...addresses,
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    MacAddress: '',
    DriverOpts: null,
  };
  if (form === 'file') {
    const file = {
      Bridge: '',
      SandboxID: '',
      HairpinMode: false,
      ...linkLocal,
      Networks: { [name]: { ...endpoint, IPAMOperational: false } },
      Service: null,
      Ports: container.endpoint === undefined ? null : {},
      SandboxKey: '',
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
    SandboxID: '',
    HairpinMode: false,
    ...linkLocal,
    Ports: {},
    SandboxKey: '',
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: '',
    Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    ...addresses,
    MacAddress: '',
    Networks: { [name]: endpoint },
  };
}
