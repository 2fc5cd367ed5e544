/**
 * What `docker inspect` says of a container's network. Containers have a network namespace of their own with nothing but
 * loopback in it; the settings have the shape that the engine writes for the network mode.
 */
import type { Json } from './json.ts';
import type { Container } from './world.ts';

/** What never differs between the files of containers of one network mode. */
const files = new Map<string, { readonly [key: string]: Json }>();

/** `inspect`: as `docker inspect` shows it; `file`: as config.v2.json has it. */
export function networkJson(container: Container, form: 'inspect' | 'file'): { readonly [key: string]: Json } {
  const name = container.hostConfig.NetworkMode === 'default' ? 'bridge' : container.hostConfig.NetworkMode;
  const nameless = container.nameless === true;
  const key = `${name} ${nameless}`;
  const known = form === 'file' ? files.get(key) : undefined;
  if (known !== undefined) return known;
  const addresses = { IPAddress: '', IPPrefixLen: 0, IPv6Gateway: '' };
  const linkLocal = { LinkLocalIPv6Address: '', LinkLocalIPv6PrefixLen: 0 };
  const endpoint: { [key: string]: Json } = {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    NetworkID: '',
    EndpointID: '',
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
      Ports: null,
      SandboxKey: '',
      SecondaryIPAddresses: null,
      SecondaryIPv6Addresses: null,
      IsAnonymousEndpoint: nameless,
      HasSwarmEndpoint: false,
    };
    files.set(key, file);
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
