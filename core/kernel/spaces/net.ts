/**
 * The network namespace of a process as it sees and changes it: rtnetlink(7), and sockets (socket.ts).
 */
import { SysError } from '../../errors.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';
import type { NetRoute, NetSys } from '../sys.ts';
import { settle } from './docker.ts';
import { counterOf, newTrack, policyCounter } from './netfilter.ts';
import { socketCalls } from './socket.ts';
import {
  addDevice,
  changeRoute,
  type Device,
  giveAddress,
  moveTo,
  newCounter,
  remove,
  setUp,
  shown,
  stackOf,
  takeAddress,
} from './stack.ts';
import { answers, type Packet, send, sourceFor } from './travel.ts';

export function netOf(kernel: Kernel, self: Process): NetSys {
  settle(kernel);
  const stack = stackOf(kernel, self.ns.net);
  const demand = (): void => {
    if (!self.can('CAP_NET_ADMIN', self.ns.net)) throw new SysError('EPERM');
    stack.net.changes += 1;
  };
  const named = (name: string): Device => {
    const found = stack.devices.find((each) => each.name === name);
    if (found === undefined) throw new SysError('ENODEV');
    demand();
    return found;
  };
  return {
    devices: () => stack.devices.map((device) => shown(stack, device)).sort((a, b) => a.index - b.index),
    routes: () => stack.routes.map((route): NetRoute => ({ ...route, dev: route.dev.name })),
    add(name, type) {
      demand();
      if (stack.devices.some((each) => each.name === name)) throw new SysError('EEXIST');
      if (type === 'bridge') {
        addDevice(stack, name, type);
        return;
      }
      let n = 0;
      while (stack.devices.some((each) => each.name === `veth${n}`)) n += 1;
      const peer = addDevice(stack, `veth${n}`, 'veth');
      const device = addDevice(stack, name, 'veth');
      device.peer = peer;
      peer.peer = device;
    },
    remove(name) {
      const device = named(name);
      if (device.type === 'loopback') throw new SysError('EOPNOTSUPP');
      remove(device);
    },
    up: (name, up) => setUp(named(name), up),
    rename(name, to) {
      const device = named(name);
      // net/core/dev.c dev_valid_name
      if (/^\.{0,2}$|[/:\s]/.test(to)) throw new SysError('EINVAL');
      if (stack.devices.some((each) => each.name === to)) throw new SysError('EEXIST');
      device.name = to;
    },
    master(name, bridge) {
      const device = named(name);
      const master = bridge === undefined ? undefined : named(bridge);
      if (master === undefined) delete device.master;
      else if (master.type !== 'bridge') throw new SysError('EOPNOTSUPP');
      // net/bridge/br_if.c br_add_if
      else if (device.type !== 'veth') throw new SysError(device.type === 'bridge' ? 'ELOOP' : 'EINVAL');
      else device.master = master;
    },
    move(name, pid) {
      const device = named(name);
      const target = self.ns.pid.table.get(pid);
      if (target === undefined) throw new SysError('ESRCH');
      if (device.type !== 'veth') throw new SysError('EINVAL');
      moveTo(stackOf(kernel, target.ns.net), device);
    },
    mtu(name, bytes) {
      const device = named(name);
      const [least, most] = device.type === 'loopback' ? [0, 2 ** 31 - 1] : [68, 65535];
      if (!(bytes >= least && bytes <= most)) throw new SysError('EINVAL');
      device.mtu = bytes;
    },
    mac(name, mac) {
      const device = named(name);
      if (Number.parseInt(mac, 16) % 2 === 1 || /^[0:]*$/.test(mac)) throw new SysError('EADDRNOTAVAIL');
      device.mac = mac;
    },
    forget(neighbour) {
      demand();
      stack.neighbours.delete(neighbour);
    },
    neighbours: () => [...stack.neighbours].map(([ip, { mac, dev }]) => ({ ip, mac, dev: dev.name })),
    address(name, ip, prefix, add, brd = false) {
      const device = named(name);
      const known = device.addresses.some((each) => each.ip === ip && each.prefix === prefix);
      if (add ? known : !known) throw new SysError(add ? 'EEXIST' : 'EADDRNOTAVAIL');
      if (add) giveAddress(device, { ip, prefix, ...(brd ? { brd } : {}) });
      else takeAddress(device, ip);
    },
    route(route, add) {
      demand();
      changeRoute(stack, route, add);
    },
    ping(ip) {
      const packet: Packet = { kind: 'icmp', src: 0, dst: ip, sport: 0, dport: 0, track: newTrack() };
      const there = send(stack, packet);
      if (there === 'lost') return false;
      if (!('errno' in there)) return answers(stack, packet, there);
      // What somebody on the way says comes as a packet of its own, which ping does not look at.
      if (there.errno === 'EPERM' || sourceFor(stack, ip) === undefined) throw new SysError(there.errno);
      return false;
    },
    tables: () => stack.tables,
    used(table, chain, rule) {
      if (rule === undefined) return table === 'filter' ? policyCounter(stack, chain) : newCounter();
      return counterOf(stack, stack.tables?.[table] ?? new Map(), chain, rule);
    },
    ...socketCalls(stack, self),
  };
}
