/** Ops about networks as a person would type them: ip(8) and iptables(8). */
import type { Bridge, OpOf } from './op.ts';

type NetworkOp = OpOf<
  'bridgeAdd' | 'addressAdd' | 'linkUp' | 'linkRemove' | 'rulesAdd' | 'rulesRemove' | 'pairAdd' | 'join' | 'rejoin'
>;

const dotted = (ip: number): string => [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');

/** The hardware address that goes with an address, as the engine counts them. */
const mac = (ip: number): string =>
  `02:42:${[24, 16, 8, 0].map((shift) => ((ip >>> shift) & 255).toString(16).padStart(2, '0')).join(':')}`;

/** No queue before them: they hand on at once. */
const quick = ['txqueuelen', '0'];

/** The words of each call; calls that follow each other are joined by whoever quotes them. */
export function networkCalls(op: NetworkOp): readonly (readonly string[])[] {
  switch (op.op) {
    case 'bridgeAdd':
      return [['ip', 'link', 'add', op.bridge, ...quick, 'type', 'bridge']];
    case 'addressAdd':
      return [['ip', 'addr', 'add', `${dotted(op.ip)}/${op.prefix}`, 'brd', '+', 'dev', op.device]];
    case 'linkUp':
      return [['ip', 'link', 'set', op.device, 'up']];
    case 'linkRemove':
      return [['ip', 'link', 'del', op.device]];
    case 'rulesAdd':
    case 'rulesRemove':
      return rules(op.bridge, op.op === 'rulesAdd' ? '-I' : '-D');
    case 'pairAdd': {
      const { host, peer, bridge, ip } = op.endpoint;
      return [
        [
          ...['ip', 'link', 'add', host, ...quick],
          ...['type', 'veth', 'peer', 'name', peer, ...quick, 'address', mac(ip)],
        ],
        ['ip', 'link', 'set', host, 'master', bridge, 'up'],
      ];
    }
    case 'join': {
      const { peer, ip, prefix, gateway } = op.endpoint;
      const inside = (...words: readonly string[]) => ['nsenter', '-t', String(op.pid), '-n', 'ip', ...words];
      return [
        ['ip', 'link', 'set', peer, 'netns', String(op.pid)],
        inside('addr', 'add', `${dotted(ip)}/${prefix}`, 'brd', '+', 'dev', peer),
        inside('link', 'set', peer, 'up'),
        ...(gateway === undefined ? [] : [inside('route', 'replace', 'default', 'via', dotted(gateway))]),
      ];
    }
    case 'rejoin': {
      const { gateway } = op.endpoint;
      const how = gateway === undefined ? ['del', 'default'] : ['replace', 'default', 'via', dotted(gateway)];
      return [['nsenter', '-t', String(op.pid), '-n', 'ip', 'route', ...how]];
    }
  }
}

function rules(
  { name, ip, prefix, internal, apart, unmasked }: Bridge,
  how: '-I' | '-D',
): readonly (readonly string[])[] {
  const subnet = `${dotted((ip & (prefix === 0 ? 0 : -1 << (32 - prefix))) >>> 0)}/${prefix}`;
  const nat = (chain: string, ...words: readonly string[]) => ['iptables', '-t', 'nat', how, chain, ...words];
  const filter = (chain: string, ...words: readonly string[]) => ['iptables', how, chain, ...words];
  // What does not let pass comes after all that does.
  const between =
    apart === true
      ? ['iptables', how === '-I' ? '-A' : how, 'FORWARD', '-i', name, '-o', name, '-j', 'DROP']
      : filter('FORWARD', '-i', name, '-o', name, '-j', 'ACCEPT');
  // People's own rules and the isolation are asked before all others, whichever come after them.
  const first = (how === '-I' ? ['DOCKER-ISOLATION-STAGE-1', 'DOCKER-USER'] : []).flatMap((chain) =>
    ['-D', '-I'].map((each) => ['iptables', each, 'FORWARD', '-j', chain]),
  );
  if (internal === true)
    return [
      between,
      filter('DOCKER-ISOLATION-STAGE-1', '!', '-d', subnet, '-i', name, '-j', 'DROP'),
      filter('DOCKER-ISOLATION-STAGE-1', '!', '-s', subnet, '-o', name, '-j', 'DROP'),
      ...first,
    ];
  return [
    ...(unmasked === true
      ? []
      : [
          nat('POSTROUTING', '-s', subnet, '!', '-o', name, '-j', 'MASQUERADE'),
          nat('DOCKER', '-i', name, '-j', 'RETURN'),
        ]),
    between,
    filter('FORWARD', '-i', name, '!', '-o', name, '-j', 'ACCEPT'),
    filter('FORWARD', '-o', name, '-j', 'DOCKER'),
    filter('FORWARD', '-o', name, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', '-j', 'ACCEPT'),
    filter('DOCKER-ISOLATION-STAGE-1', '-i', name, '!', '-o', name, '-j', 'DOCKER-ISOLATION-STAGE-2'),
    filter('DOCKER-ISOLATION-STAGE-2', '-o', name, '-j', 'DROP'),
    ...first,
  ];
}
