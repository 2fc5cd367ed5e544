/** Network namespaces and what goes between them: network_namespaces(7), veth(4), ip(7), tcp(7). */
import type { Fact } from './fact.ts';

/**
 * Two namespaces with a router between them: `a` (10.1.0.2) behind `r0` (10.1.0.1), `b` (10.2.0.2) behind `r1` (10.2.0.1). Each
 * is held by a `sleep` whose PID stands in /n/a, /n/b.
 */
const made = [
  'mkdir -p /n; ip link set lo up',
  'unshare -n sleep 900 >/dev/null 2>&1 & echo $! >/n/a; unshare -n sleep 900 >/dev/null 2>&1 & echo $! >/n/b',
  'for p in a b; do until [ "$(readlink /proc/$(cat /n/$p)/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do usleep 10000; done; done',
  'n=1; for p in a b; do ip link add r$n type veth; ip link set veth0 netns $(cat /n/$p); ip addr add 10.$n.0.1/24 dev r$n; ip link set r$n up; nsenter -t $(cat /n/$p) -n sh -c "ip link set lo up; ip addr add 10.$n.0.2/24 dev veth0; ip link set veth0 up; ip route add default via 10.$n.0.1"; n=2; done',
] as const;
const inside = (who: 'a' | 'b', line: string): string => `nsenter -t $(cat /n/${who}) -n ${line}`;
const ping = (to: string, wait = 1): string => `ping -c 1 -W ${wait} ${to} >/dev/null 2>&1; echo $?`;
/** Where an answer is expected, it may take its time. */
const reach = (to: string): string => ping(to, 20);
/** Until they have ended their port is taken. */
const endServers = 'killall httpd; while killall -0 httpd 2>/dev/null; do usleep 10000; done';
/** httpd puts itself into the background only when it listens. */
const serve = (port: number): string => `httpd -p ${port} -h /n`;

export const networkFacts: readonly Fact[] = [
  {
    fact: 'A new network namespace has a loopback that is down, and no route',
    lines: ["unshare -n sh -c 'ip link | wc -l; ip route; ping -c 1 10.0.0.1 2>&1 | tail -n 1'"],
    shows: '2\nping: sendto: Network is unreachable',
  },
  {
    fact: 'A pair joins two namespaces: each end reaches the other',
    lines: [...made, `${reach('10.1.0.2')}; ${inside('a', `sh -c '${reach('10.1.0.1')}'`)}`],
    shows: '0\n0',
  },
  {
    fact: 'The route of a device comes with its address',
    lines: ['ip route | grep r1'],
    shows: '10.1.0.0/24 dev r1 scope link  src 10.1.0.1',
  },
  {
    fact: 'Without forwarding nobody gets through a host that has a foot in both networks',
    lines: ['echo 0 >/proc/sys/net/ipv4/ip_forward', inside('a', `sh -c '${ping('10.2.0.2')}'`)],
    shows: '1',
  },
  {
    fact: 'With forwarding they do',
    lines: ['echo 1 >/proc/sys/net/ipv4/ip_forward', inside('a', `sh -c '${reach('10.2.0.2')}'`)],
    shows: '0',
  },
  {
    fact: 'A stream between two namespaces goes through the host between them',
    lines: ['echo fetched >/n/index.html', inside('b', serve(80)), inside('a', 'wget -q -O - http://10.2.0.2/')],
    shows: 'fetched',
  },
  {
    fact: 'Who is there and does not listen refuses',
    lines: [inside('a', 'nc 10.2.0.2 81')],
    shows: "nc: can't connect to remote host (10.2.0.2): Connection refused\nexit 1",
  },
  {
    fact: 'An address of the own network that nobody has cannot be reached',
    lines: [inside('a', 'nc 10.1.0.9 80')],
    shows: "nc: can't connect to remote host (10.1.0.9): No route to host\nexit 1",
  },
  {
    fact: 'Where no route leads there is no network',
    lines: ['nc 10.77.0.1 80'],
    shows: "nc: can't connect to remote host (10.77.0.1): Network is unreachable\nexit 1",
  },
  {
    fact: 'Ports belong to the namespace: what one has is free in another',
    lines: [`${serve(80)}; echo $?; ${endServers}; ${inside('b', serve(80))}; echo $?`],
    shows: '0\n0',
  },
  {
    fact: 'A port is taken once in a namespace',
    lines: [`${inside('b', serve(80))}`],
    shows: 'httpd: bind: Address already in use\nexit 1',
  },
  {
    fact: 'Nobody listens on an address that is not one’s own',
    lines: ['httpd -p 10.99.0.1:80'],
    shows: 'httpd: bind: Cannot assign requested address\nexit 1',
  },
  {
    fact: 'The loopback of one namespace is not that of another',
    lines: [inside('a', 'nc 127.0.0.1 80'), inside('a', 'nc 127.0.0.1 80')],
    shows: "nc: can't connect to remote host (127.0.0.1): Connection refused\nexit 1",
  },
  {
    fact: 'The end of a route is the end of a way',
    lines: [inside('b', 'ip route del default'), inside('a', `sh -c '${ping('10.2.0.2')}'`)],
    shows: '1',
  },
  {
    fact: 'A device that is down loses its routes',
    lines: [`ip link set r1 down; ip route | grep -c r1; ${ping('10.1.0.2')}`],
    shows: '0\n1',
  },
  {
    fact: 'A bridge joins its ports, and is a device of the host itself',
    lines: [
      'ip addr del 10.1.0.1/24 dev r1; ip addr del 10.2.0.1/24 dev r2; ip link add br0 type bridge; ip addr add 10.1.0.1/16 dev br0',
      'for p in 1 2; do ip link set r$p master br0; ip link set r$p up; done; ip link set br0 up',
      inside('b', 'sh -c "ip addr del 10.2.0.2/24 dev veth0; ip addr add 10.1.0.3/24 dev veth0"'),
      `until ping -c 1 -W 1 10.1.0.3 >/dev/null; do usleep 10000; done; ${inside('a', `sh -c '${reach('10.1.0.3')}; ${reach('10.1.0.1')}'`)}`,
    ],
    shows: '0\n0',
  },
  {
    fact: 'With the last process of a namespace its devices go, and the other ends with them',
    lines: [
      'killall httpd; kill -9 $(cat /n/a) $(cat /n/b)',
      'until [ $(ip link | grep -c "r[12]@") = 0 ]; do usleep 10000; done; ip link | grep -c r[12]; ip link del dev br0',
    ],
    shows: '0',
  },
];

/** Networks of the engine, on one with docker0: `web` on it; `one` and `two` on a network of their own. */
const engine = [
  'docker network create front',
  'docker run -d --name web busybox httpd -f -h /etc',
  'docker run -d --name one --network front busybox sleep 900',
  'docker run -d --name two --network front busybox httpd -f -h /etc',
] as const;

export const engineNetworkFacts: readonly Fact[] = [
  {
    fact: 'The loopback carries 65536 bytes at once, bridges and pairs 1500',
    lines: [
      ...engine,
      'cat /sys/class/net/lo/mtu /sys/class/net/docker0/mtu; docker exec web cat /sys/class/net/lo/mtu /sys/class/net/eth0/mtu',
    ],
    shows: '65536\n1500\n65536\n1500',
  },
  {
    fact: 'The way out of a container is its bridge',
    lines: ['docker exec web ip route'],
    shows: 'default via 172.17.0.1 dev eth0 \n172.17.0.0/16 dev eth0 scope link  src 172.17.0.2',
  },
  {
    fact: 'On a network that somebody made the engine itself is the name server',
    lines: ['docker exec one cat /etc/resolv.conf'],
    shows: 'nameserver 127.0.0.11\noptions ndots:0',
  },
  {
    fact: 'On docker0 it is not: a container is asked for by its address',
    lines: ['docker exec web grep -c 127.0.0.11 /etc/resolv.conf'],
    shows: '0\nexit 1',
  },
  {
    fact: 'Names are known on a network that somebody made',
    lines: [`docker exec one sh -c '${reach('two')}'`],
    shows: '0',
  },
  {
    fact: 'Names are not known on docker0',
    lines: ['docker run -d --name other busybox sleep 900', 'docker exec web ping -c 1 other'],
    shows: "ping: bad address 'other'\nexit 1",
  },
  {
    fact: 'From one network to another nothing comes, and nothing is said',
    lines: ['docker exec one nc -w 2 172.17.0.2 80'],
    shows: 'nc: timed out\nexit 1',
  },
  {
    fact: 'On the same network it does',
    lines: ['docker exec one wget -q -O - http://two/hostname | wc -l'],
    shows: '1',
  },
  {
    fact: 'Who is there and does not listen refuses, by name',
    lines: ['docker exec one nc two 81'],
    shows: "nc: can't connect to remote host (172.18.0.3): Connection refused\nexit 1",
  },
  {
    fact: 'An address of a bridge that nobody has cannot be reached',
    lines: ['docker exec one nc 172.18.0.77 80'],
    shows: "nc: can't connect to remote host (172.18.0.77): No route to host\nexit 1",
  },
  {
    fact: 'Without a network there is none',
    lines: ['docker run --rm --network none busybox nc 172.17.0.2 80'],
    shows: "nc: can't connect to remote host (172.17.0.2): Network is unreachable\nexit 1",
  },
  {
    fact: 'Whom one has spoken to is a neighbour, with the hardware address that follows from the address',
    lines: ["docker exec one ip neigh | grep '^172.18.0.3 ' | cut -d' ' -f1-5"],
    shows: '172.18.0.3 dev eth0 lladdr 02:42:ac:12:00:03',
  },
  {
    fact: 'A published port is open on the host’s own address, and the network stays its own',
    lines: [
      'docker run -d --name open --network front -p 8080:80 busybox httpd -f -h /etc',
      'until wget -q -O /dev/null http://172.18.0.1:8080/hostname; do usleep 10000; done; wget -q -O - http://172.18.0.1:8080/hostname | wc -l',
    ],
    shows: '1',
  },
  {
    fact: 'A network is left, and with it the way',
    lines: ['docker network disconnect front one', 'docker exec one nc 172.18.0.3 80'],
    shows: "nc: can't connect to remote host (172.18.0.3): Network is unreachable\nexit 1",
  },
];
