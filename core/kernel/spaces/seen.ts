/**
 * Network namespaces as facts, for the Observation: devices, addresses, routes, and of the rules those that lead elsewhere.
 *
 * Kept true: looking changes nothing that anybody could notice.
 */
import { dotted } from '../../ip.ts';
import type { DeviceFacts, ForwardFacts, NetSpaceFacts, RouteFacts } from '../../observation.ts';
import type { Kernel } from '../kernel.ts';
import type { NetNamespace } from '../namespace.ts';
import type { Process } from '../process.ts';
import { settle } from './docker.ts';
import type { Rule } from './netfilter.ts';
import { type Device, type Route, type Stack, stackOf, stacksOf } from './stack.ts';

export function netSpaces(kernel: Kernel): readonly NetSpaceFacts[] {
  settle(kernel);
  const host = kernel.init.ns.net;
  const inside = new Map<NetNamespace, Process[]>([[host, []]]);
  for (const process of kernel.processes.values()) {
    const { net } = process.ns;
    if (!process.alive || net === host) continue;
    const known = inside.get(net);
    const from = process.parent?.ns;
    const enters = from?.net !== net || from.pid !== process.ns.pid;
    if (known === undefined) inside.set(net, enters ? [process] : []);
    else if (enters) known.push(process);
  }
  for (const ns of stacksOf(kernel)) if (!inside.has(ns)) inside.set(ns, []);
  const stacks = [...inside].map(([ns, processes]) => ({ stack: stackOf(kernel, ns), processes }));
  const plain = ({ devices }: Stack): boolean => devices.every(({ type, up }) => type === 'loopback' && up);
  if (stacks.every(({ stack }) => plain(stack))) return [];
  return stacks
    .map(({ stack, processes }) => spaceFacts(stack, stack.ns === host, processes))
    .sort((a, b) => Number(b.host) - Number(a.host) || a.ino - b.ino);
}

function spaceFacts(stack: Stack, host: boolean, processes: readonly Process[]): NetSpaceFacts {
  const { filter, nat } = stack.tables ?? {};
  const rules = (table: typeof filter, chain: string): readonly Rule[] => table?.get(chain)?.rules ?? [];
  const masked = rules(nat, 'POSTROUTING').filter(
    ({ target, src, dport }) => target === 'MASQUERADE' && src !== undefined && dport === undefined,
  );
  return {
    ino: stack.ns.ino,
    host,
    processes: processes.map(({ hostPid, argv }) => ({ hostPid, args: argv })).sort((a, b) => a.hostPid - b.hostPid),
    devices: [...stack.devices].sort((a, b) => a.index - b.index).map(deviceFacts),
    routes: stack.routes.map(routeFacts),
    forwards: [...(nat?.values() ?? [])].flatMap((chain) => chain.rules.flatMap(forwardFacts)),
    masked: masked.map(({ src }) => subnet(src!)),
    apart: rules(filter, 'DOCKER-ISOLATION-STAGE-2').flatMap(({ out, target }) =>
      target === 'DROP' && out !== undefined ? [out.name] : [],
    ),
  };
}

const subnet = ({ ip, prefix }: { readonly ip: number; readonly prefix: number }): string => `${dotted(ip)}/${prefix}`;

function deviceFacts({ name, type, mac, mtu, up, addresses, master, peer }: Device): DeviceFacts {
  return {
    name,
    type,
    mac: type === 'loopback' ? '' : mac,
    mtu,
    up,
    addresses: addresses.map(subnet),
    ...(master === undefined ? {} : { master: master.name }),
    ...(peer === undefined ? {} : { peer: { space: peer.stack.ns.ino, name: peer.name } }),
  };
}

const routeFacts = ({ to, prefix, via, dev }: Route): RouteFacts => ({
  to: prefix === 0 ? 'default' : subnet({ ip: to, prefix }),
  ...(via === undefined ? {} : { via: dotted(via) }),
  dev: dev.name,
});

function forwardFacts({ target, to, proto, dport, dst }: Rule): ForwardFacts[] {
  if (target !== 'DNAT' || to?.ip === undefined || dport === undefined) return [];
  const hostIp = dst === undefined ? '' : dotted(dst.ip);
  return [{ proto: proto ?? '', hostIp, hostPort: dport, ip: dotted(to.ip), port: to.port ?? dport }];
}
