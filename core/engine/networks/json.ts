/** What inspect shows of a container's places on networks, and of a network (moby/api/types NetworkSettings, NetworkResource). */
import { goTime, type Json } from '../json.ts';
import { dottedIp, macOf, modeOf, networkId, sharesNetwork } from '../network.ts';
import type { Attachment, Container, Engine, Network, Place } from '../world.ts';
import { attachments } from './join.ts';
import { allNetworks, jsonRecord, membersOf } from './model.ts';
import { portsJson } from './ports.ts';

type Shown = { readonly [key: string]: Json };

function endpointJson(engine: Engine, attachment: Attachment, place: Place | undefined): Shown {
  const device = place?.device;
  const network = allNetworks(engine).find(({ id }) => id === place?.network);
  return {
    IPAMConfig: attachment.ipam,
    Links: null,
    Aliases: attachment.aliases,
    NetworkID: attachment.networkId ?? '',
    EndpointID: place?.endpoint ?? '',
    Gateway: device === undefined ? '' : dottedIp(network?.bridge?.ip ?? 0),
    IPAddress: device === undefined ? '' : dottedIp(device.ip),
    IPPrefixLen: device?.prefix ?? 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    MacAddress: device === undefined ? '' : macOf(device.ip),
    DriverOpts: attachment.later === true ? {} : null,
  };
}

/** `inspect`: as `docker inspect` shows it; `file`: as config.v2.json has it. */
export function settingsJson(engine: Engine, container: Container, form: 'inspect' | 'file'): Shown {
  const { places = {}, sandbox = '', nameless = false } = container;
  const asked = Object.entries(attachments(container));
  const networks = asked.map(([name, each]) => [name, endpointJson(engine, each, places[name])] as const);
  const key = modeOf(container) === 'host' ? 'default' : sandbox.slice(0, 12);
  const shared = {
    Bridge: '',
    SandboxID: sandbox,
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
  };
  const SandboxKey = sandbox === '' || sharesNetwork(container) ? '' : `/run/docker/netns/${key}`;
  if (form === 'file')
    return {
      ...shared,
      Networks: Object.fromEntries(networks.map(([name, each]) => [name, { ...each, IPAMOperational: false }])),
      Service: null,
      Ports: Object.keys(places).length === 0 ? null : portsJson(container),
      SandboxKey,
      SecondaryIPAddresses: null,
      SecondaryIPv6Addresses: null,
      IsAnonymousEndpoint: nameless,
      HasSwarmEndpoint: false,
    };
  // The fields of before there were other networks tell of the first one.
  const first = places.bridge === undefined ? undefined : networks.find(([name]) => name === 'bridge')?.[1];
  return {
    ...shared,
    Ports: portsJson(container),
    SandboxKey,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: first?.EndpointID ?? '',
    Gateway: first?.Gateway ?? '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: first?.IPAddress ?? '',
    IPPrefixLen: first?.IPPrefixLen ?? 0,
    IPv6Gateway: '',
    MacAddress: first?.MacAddress ?? '',
    Networks: Object.fromEntries(networks),
  };
}

/** `docker network inspect`. */
export function networkJson(engine: Engine, network: Network): Shown {
  const { id, name, driver, internal, attachable, ipam, options, labels } = network;
  return {
    Name: name,
    Id: id,
    Created: goTime(network.created),
    Scope: 'local',
    Driver: driver,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: id === networkId(engine, name) ? null : {}, Config: ipam },
    Internal: internal,
    Attachable: attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      [...membersOf(engine, network)]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map((each) => [each.id, memberJson(each, network)]),
    ),
    Options: jsonRecord(options),
    Labels: jsonRecord(labels),
  };
}

function memberJson({ name, places }: Container, { id }: Network): Json {
  const { endpoint, device } = Object.values(places ?? {}).find((each) => each.network === id)!;
  return {
    Name: name,
    EndpointID: endpoint,
    MacAddress: device === undefined ? '' : macOf(device.ip),
    IPv4Address: device === undefined ? '' : `${dottedIp(device.ip)}/${device.prefix}`,
    IPv6Address: '',
  };
}
