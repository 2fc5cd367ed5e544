/** Network devices as a person makes them: loopback, veth pairs, a bridge, addresses, routes, and who reaches whom. */

import { settled } from './settled.ts';

export const setup = settled;

/** What differs from call to call: hardware addresses, times, and index numbers of peers. */
const plain = `sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/; s/time=[0-9.]+/time=T/; s/@if[0-9]+/@ifN/; s/^[0-9]+:/N:/'`;
const ping = (to: string): string => `ping -c 1 -W 1 ${to} >/dev/null 2>&1; echo $?`;
/** A device that has just come up may take a moment until it carries anything. */
const reached = (to: string): string =>
  `for n in 1 2 3 4 5 6 7 8 9; do ping -c 1 -W 1 ${to} >/dev/null 2>&1 && break; done; echo $?`;
/** Two namespaces joined by a pair: `v0` here with 10.0.0.1, `veth0` in a namespace of its own with 10.0.0.2. */
const pair = [
  'unshare -n sleep 300 >/dev/null 2>&1 & settled $!; echo $! >/tmp/b',
  'ip link add v0 type veth; ip link set veth0 netns $(cat /tmp/b)',
  'ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; nsenter -t $(cat /tmp/b) -n sh -c "ip addr add 10.0.0.2/24 dev veth0; ip link set veth0 up; ip link set lo up"',
] as const;
const inB = (line: string): string => `nsenter -t $(cat /tmp/b) -n ${line}`;
const end = 'kill -9 $(cat /tmp/b)';
const v4 = `ip link | ${plain}`;

export const cases: Readonly<Record<string, readonly string[]>> = {
  'a new namespace has a loopback that is down': [
    'unshare -n ip link',
    'unshare -n ip addr',
    'unshare -n ip route',
    'unshare -n ping -c 1 127.0.0.1',
    'unshare -n ping -c 1 10.0.0.1',
  ],
  'loopback up': [
    `unshare -n sh -c "ip link set lo up; ip -f inet addr; ping -c 2 127.0.0.1 | head -n 3 | ${plain}"`,
    `unshare -n sh -c 'ip link set lo up; ip link set lo down; ip link; ${ping('127.0.0.1')}'`,
    `unshare -n sh -c 'ip link set lo up; ${ping('127.8.9.1')}; ${ping('10.0.0.1')}'`,
  ],
  refused: [
    'ip link set nothing up',
    'ip addr add 10.0.0.1/24 dev nothing',
    'ip link show nothing',
    'ip link del dev nothing',
    "unshare -n sh -c 'ip link add b0 type bridge; ip link add b0 type bridge'",
    "unshare -n sh -c 'ip link add b0 type bridge; ip addr add 10.0.0.1/24 dev b0; ip addr add 10.0.0.1/24 dev b0'",
  ],
  'only root of the namespace may': ["unshare -r -n sh -c 'ip link set lo up; ip link show lo | head -n 1'"],
  'a pair': [
    `unshare -n sh -c "ip link add v0 type veth; ${v4}"`,
    "unshare -n sh -c 'ip link add v0 type veth; ip link del dev v0; ip link | grep -c veth'",
    `unshare -n sh -c "ip link add v0 type veth; ip link set v0 up; ${v4}; ip link set veth0 up; ${v4}"`,
    `unshare -n sh -c "ip link add v0 type veth; ip link set v0 name w0; ${v4}"`,
  ],
  'one end in another namespace': [
    ...pair,
    `ip link show v0 | ${plain}`,
    `${inB('ip -f inet addr show veth0')} | ${plain}`,
    'ip route',
    ping('10.0.0.2'),
    inB(ping('10.0.0.1')),
    `ping -c 1 10.0.0.2 | head -n 2 | ${plain}`,
    ping('10.0.0.3'),
    'ping -c 1 10.0.1.1',
    `ip link set v0 down; ${ping('10.0.0.2')}; ip route; ip link set v0 up; ${reached('10.0.0.2')}`,
    end,
    'while ip link show v0 >/dev/null 2>&1; do usleep 10000; done; ip link show v0',
  ],
  'a bridge joins two namespaces': [
    'unshare -n sleep 300 >/dev/null 2>&1 & settled $!; echo $! >/tmp/1; unshare -n sleep 300 >/dev/null 2>&1 & settled $!; echo $! >/tmp/2',
    'ip link add br0 type bridge; ip addr add 10.1.0.1/24 dev br0; ip link set br0 up',
    'for n in 1 2; do ip link add p$n type veth; ip link set veth0 name e$n; ip link set e$n netns $(cat /tmp/$n); ip link set p$n master br0; ip link set p$n up; nsenter -t $(cat /tmp/$n) -n sh -c "ip addr add 10.1.0.1$n/24 dev e$n; ip link set e$n up"; done',
    'ip link | grep -c "master br0"',
    `nsenter -t $(cat /tmp/1) -n ${ping('10.1.0.12')}`,
    `nsenter -t $(cat /tmp/1) -n ${ping('10.1.0.1')}`,
    ping('10.1.0.12'),
    `ip link set p2 nomaster; nsenter -t $(cat /tmp/1) -n ${ping('10.1.0.12')}`,
    'kill -9 $(cat /tmp/1) $(cat /tmp/2)',
  ],
  routes: [
    ...pair,
    'ip route add 10.9.0.0/24 via 10.0.0.2; ip route',
    `${inB('ip addr add 10.9.0.1/24 dev lo')}; ${ping('10.9.0.1')}`,
    'ip route add default via 10.0.0.2; ip route | head -n 1',
    'ip route del 10.9.0.0/24; ip route',
    'ip route add 10.9.0.0/24 via 172.16.0.1',
    'ip route del 10.77.0.0/24',
    'ip addr del 10.0.0.1/24 dev v0; ip route',
    end,
  ],
};
