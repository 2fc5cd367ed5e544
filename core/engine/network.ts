/**
 * What `docker inspect` says of a container's network. Containers have a network namespace of their own with nothing but
 * loopback in it; the settings have the shape that dockerd --bridge none writes for the network mode. Such an engine has the
 * networks `none` and `host`; who asks for `bridge` gets no network at all, and so no id of one.
 */
import { digestOf } from '../image/digest.ts';
import type { Json } from './json.ts';
import type { Container, Engine } from './world.ts';

/** The networks that are there from the start. */
const predefined: readonly string[] = ['host', 'none'];

/** Whether containers of this mode are joined to a network, by an endpoint that lives as long as PID 1. */
export const hasNetwork = (container: Container): boolean => predefined.includes(container.hostConfig.NetworkMode);

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
  const joined = hasNetwork(container);
  const name = container.hostConfig.NetworkMode === 'default' ? 'bridge' : container.hostConfig.NetworkMode;
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
