/** `docker network …`: making, connecting and removing networks (docker CLI reference, `docker network`). */
import { networking, type PoolSpec } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { type FlagValues, flag } from '../flags.ts';
import { withoutBridge } from '../network-door.ts';
import { type Cli, CliError, type CommandSpec } from '../spec.ts';
import { clientRefusal, each } from './common.ts';
import { asked, pruneFilters, pruneFlags } from './pruning.ts';

/** An engine without a bridge of its own, as `dockerd --bridge none`, makes none for others either. */
function demandBridge({ engine }: Cli, verb: string): void {
  if (engine.facts.bridge !== true) throw withoutBridge(`network ${verb}`);
}

/** pflag's StringSlice: commas separate as well. */
const strings = (flags: FlagValues, name: string): readonly string[] =>
  flags.list(name).flatMap((each) => each.split(','));

const pairs = (given: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    given.map((entry) => {
      const at = entry.indexOf('=');
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );

export const networkCreate: CommandSpec = {
  name: 'network create',
  usage: '[OPTIONS] NETWORK',
  summary: 'Create a network',
  flags: [
    flag('--attachable', 'bool', 'Enable manual container attachment'),
    flag('--aux-address', 'map', 'Auxiliary IPv4 or IPv6 addresses used by Network driver', { default: 'map[]' }),
    flag('--config-from', 'string', 'The network from which to copy the configuration'),
    flag('--config-only', 'bool', 'Create a configuration only network'),
    flag('-d, --driver', 'string', 'Driver to manage the Network', { default: 'bridge' }),
    flag('--gateway', 'strings', 'IPv4 or IPv6 Gateway for the master subnet'),
    flag('--ingress', 'bool', 'Create swarm routing-mesh network'),
    flag('--internal', 'bool', 'Restrict external access to the network'),
    flag('--ip-range', 'strings', 'Allocate container ip from a sub-range'),
    flag('--ipam-driver', 'string', 'IP Address Management Driver', { default: 'default' }),
    flag('--ipam-opt', 'map', 'Set IPAM driver specific options', { default: 'map[]' }),
    flag('--ipv6', 'bool', 'Enable IPv6 networking'),
    flag('--label', 'list', 'Set metadata on a network'),
    flag('-o, --opt', 'map', 'Set driver specific options', { default: 'map[]' }),
    flag('--scope', 'string', "Control the network's scope"),
    flag('--subnet', 'strings', 'Subnet in CIDR format that represents a network segment'),
  ],
  acts: ['attachable', 'driver', 'gateway', 'internal', 'ip-range', 'label', 'opt', 'subnet'],
  args: { rule: 'exactly', count: 1 },
  *run(cli, flags, [name = '']): Flow<number> {
    demandBridge(cli, 'create');
    const { createNetwork, pools } = networking();
    const asked = {
      subnets: strings(flags, 'subnet'),
      ranges: strings(flags, 'ip-range'),
      gateways: strings(flags, 'gateway'),
    };
    const id = yield* createNetwork(cli.engine, {
      name,
      driver: flags.text('driver'),
      pools: clientChecked(() => pools(asked)),
      internal: flags.bool('internal'),
      attachable: flags.bool('attachable'),
      labels: pairs(flags.list('label')),
      options: pairs(flags.list('opt')),
    });
    cli.out(`${id}\n`);
    return 0;
  },
};

function clientChecked(read: () => readonly PoolSpec[]): readonly PoolSpec[] {
  try {
    return read();
  } catch (error) {
    throw error instanceof RangeError ? new CliError(error.message) : error;
  }
}

export const networkRm: CommandSpec = {
  name: 'network rm',
  usage: 'NETWORK [NETWORK...]',
  summary: 'Remove one or more networks',
  aliases: ['rm', 'remove'],
  flags: [],
  acts: [],
  args: { rule: 'atLeast', count: 1 },
  *run(cli, _flags, names): Flow<number> {
    return yield* each(
      cli,
      names,
      function* (name) {
        yield* networking().removeNetwork(cli.engine, name);
        return name;
      },
      clientRefusal,
    );
  },
};

export const networkConnect: CommandSpec = {
  name: 'network connect',
  usage: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Connect a container to a network',
  flags: [
    flag('--alias', 'strings', 'Add network-scoped alias for the container'),
    flag('--driver-opt', 'strings', 'driver options for the network'),
    flag('--ip', 'string', 'IPv4 address (e.g., 172.30.100.104)'),
    flag('--ip6', 'string', 'IPv6 address (e.g., 2001:db8::33)'),
    flag('--link', 'list', 'Add link to another container'),
    flag('--link-local-ip', 'strings', 'Add a link-local address for the container'),
  ],
  acts: ['alias', 'ip'],
  args: { rule: 'exactly', count: 2 },
  *run(cli, flags, [network = '', container = '']): Flow<number> {
    demandBridge(cli, 'connect');
    const ip = flags.text('ip');
    const options = { aliases: strings(flags, 'alias'), ...(ip === '' ? {} : { ip }) };
    yield* networking().connectContainer(cli.engine, network, container, options);
    return 0;
  },
};

export const networkDisconnect: CommandSpec = {
  name: 'network disconnect',
  usage: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Disconnect a container from a network',
  flags: [flag('-f, --force', 'bool', 'Force the container to disconnect from a network')],
  acts: ['force'],
  args: { rule: 'exactly', count: 2 },
  *run(cli, flags, [network = '', container = '']): Flow<number> {
    demandBridge(cli, 'disconnect');
    yield* networking().disconnectContainer(cli.engine, network, container, flags.bool('force'));
    return 0;
  },
};

export const networkPrune: CommandSpec = {
  name: 'network prune',
  usage: '[OPTIONS]',
  summary: 'Remove all unused networks',
  flags: pruneFlags,
  acts: ['filter', 'force'],
  args: { rule: 'none' },
  *run(cli, flags): Flow<number> {
    if (!(yield* asked(cli, flags, 'all custom networks not used by at least one container'))) return 0;
    const [, prunable] = pruneFilters(cli, flags);
    const names = yield* networking().pruneNetworks(cli.engine, prunable);
    if (names.length > 0) cli.out(`Deleted Networks:\n${names.join('\n')}\n\n`);
    return 0;
  },
};
