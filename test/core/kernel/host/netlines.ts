/**
 * Sequences of `ip` calls by chance, for the world of world.ts: devices, addresses and routes, on the host and in a namespace
 * that somebody holds; right ones and wrong ones.
 *
 * Kept true: every line ends, and says the same however fast the machine is.
 */
import * as fc from 'fast-check';
import type { Played, Sequence } from './world.ts';

type Lines = fc.Arbitrary<string>;

const pick = (...words: readonly string[]): Lines => fc.constantFrom(...words);
const say = (texts: TemplateStringsArray, ...parts: readonly Lines[]): Lines =>
  fc.tuple(...parts).map((found) => texts.reduce((text, each, i) => `${text}${found[i - 1]}${each}`));
const some = (...rows: readonly (readonly [weight: number, lines: Lines])[]): Lines =>
  fc.oneof(...rows.map(([weight, arbitrary]) => ({ weight, arbitrary })));

const device = pick('v0', 'veth0', 'b0', 'b1', 'v0', 'veth0', 'b0', 'lo', 'w0', 'zz');
const address = pick(
  '10.0.0.1/24',
  '10.0.0.1/255.255.0.0',
  '10.0.0.3/',
  '10.0.0.300/24',
  '10.0.0/24',
  '10.0.0.1/33',
  'nonsense',
  '10.0.0.2/24',
  '10.0.1.1/24',
  '10.0.0.1',
  '10.0.0.1/16',
  '127.0.0.5/8',
);
const subnet = pick(
  '10.9.0.300/24',
  'nonsense',
  '10.9/24',
  '10.9.0.0/33',
  '10.8.0.0/255.255.0.0',
  '10.9.0.0/16',
  '10.0.0.0/24',
  '10.9.1.0/24',
  'default',
  '10.9.0.1',
  '10.9.0.1/16',
);
const gateway = pick('nonsense', '10.0.0', '10.0.0.9', '10.0.1.9', '10.0.0.1', '10.77.0.1');

const linkLine = some(
  [4, pick('ip link add v0 type veth', 'ip link add b0 type bridge', 'ip link add b1 type bridge')],
  [1, pick('ip link add w0 type veth', 'ip link add v0 type nosuch', 'ip link add b0')],
  [2, say`ip link del ${device}`],
  [6, say`ip link set ${device} ${pick('up', 'up', 'up', 'down')}`],
  [3, say`ip link set ${device} master ${pick('b0', 'b1', 'lo', 'zz')}`],
  [1, say`ip link set ${device} nomaster`],
  [2, say`ip link set ${device} mtu ${pick('1400', '1000', '9000', '68', '65535', '65536', 'abc')}`],
  [
    2,
    say`ip link set ${device} ${pick('', 'address 02:00:00:00:00:07 ')}name ${pick('w0', 'v1', 'thenamethatistoolong', 'x/y', 'b1')}`,
  ],
  [1, say`ip link set ${pick('zz nosuch', 'zz arp on', 'zz qlen 10', 'v0 netns 99999', 'b0 nosuch')}`],
  [
    1,
    say`ip link set ${device} address ${pick('02:00:00:00:00:07', '02:00:00:00:00', 'nonsense')}; ip link show ${device} | grep -c 02:00:00:00:00:07`,
  ],
  [1, say`ip neigh ${pick('', 'show', 'show dev v0', 'flush dev v0', 'add 10.0.0.9 dev v0')}`],
  [1, say`ip link show ${device} | sed 's/^[0-9]*/N/; s/..:..:..:..:..:.. /MAC /g; s/@if[0-9]*/@ifN/; s/,LOWER_UP//'`],
);
const addressLine = some(
  [5, say`ip addr add ${address} ${pick('', '', 'brd + ')}dev ${device}`],
  [3, say`ip addr del ${address} dev ${device}`],
  [1, say`ip addr flush dev ${device}`],
  [1, say`ip -f inet addr show ${device} | sed 's/^[0-9]*/N/; s/@if[0-9]*/@ifN/; s/,LOWER_UP//'`],
);
const routeLine = some(
  [4, say`ip route add ${subnet} via ${gateway}`],
  [3, say`ip route add ${subnet} dev ${device}`],
  [1, say`ip route add ${subnet}`],
  [2, say`ip route del ${subnet}`],
  [1, say`ip route replace ${subnet} via ${gateway}`],
  [1, say`ip route replace ${subnet} dev ${device}`],
  [1, say`ip route del ${subnet} dev ${device}`],
  [1, say`ip route del ${subnet} via ${gateway}`],
  [1, say`ip route add ${subnet} via ${gateway} ${pick('src 10.0.0.1', 'nosuch')}`],
  [2, say`ip route add ${subnet} via ${gateway} dev ${device}`],
  [2, say`ip route get ${pick('10.0.0.1', '10.0.0.7', '10.9.0.3', '127.0.0.1', '8.8.8.8')}`],
  [1, pick('ip route', 'ip route show', 'ip route list')],
);
const reachLine = some(
  [2, say`ping -c 1 -W 1 ${pick('127.0.0.1', '10.77.0.2')} >/dev/null; echo $?`],
  [1, say`nc ${pick('10.0.0.1', '127.0.0.1', '8.8.8.8')} 81 </dev/null; echo $?`],
);
const netLine = some([6, linkLine], [4, addressLine], [3, routeLine], [1, reachLine]);
const within = some(
  [2, pick('unshare -n sleep 300 >/dev/null 2>&1 & settled $!; echo $! >/tmp/p')],
  [3, say`ip link set ${device} netns $(cat /tmp/p || echo 99999)`],
  [
    3,
    say`nsenter -t $(cat /tmp/p || echo 99999) -n sh -c '${some([1, linkLine], [1, addressLine], [1, routeLine]).map((line) => line.replaceAll("'", '"'))}; ip -f inet addr | sed "s/^[0-9]*/N/; s/@if[0-9]*/@ifN/; s/,LOWER_UP//"; ip route'`,
  ],
  // Its devices go a moment after the last process has.
  [
    1,
    pick(
      'end /tmp/p; n=0; while ip link | grep -q @if && [ $n -lt 200 ]; do usleep 5000; n=$((n + 1)); done; ip link | grep -c v',
    ),
  ],
);

export const netLines: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 3, arbitrary: fc.array(netLine, { minLength: 4, maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(some([2, netLine], [1, within]), { minLength: 4, maxLength: 9 })
      .map((lines) => [
        'unshare -n sleep 300 >/dev/null 2>&1 & settled $!; echo $! >/tmp/p',
        'ip link add v0 type veth',
        ...lines,
      ]),
  },
);

/** Without what a device comes to know a moment later, whether somebody is at its other end. */
export function settled({ lines }: Sequence): readonly Played[] {
  return lines.map((played) => {
    const { net = '', ...others } = played.view;
    const rows = net.replaceAll('NO-CARRIER,', '').split('\n').sort();
    const changed = rows.filter(
      (row) => row !== '' && !rows.includes(`${row.startsWith('+') ? '-' : '+'}${row.slice(1)}`),
    );
    return { ...played, view: changed.length === 0 ? others : { ...others, net: changed.join('\n') } };
  });
}
