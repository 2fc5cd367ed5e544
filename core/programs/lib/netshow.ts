/** How busybox's older network tools show addresses, routes and names. */
import type { Call, NetRoute } from '../../kernel/sys.ts';
import type { Ctx } from './applet.ts';
import { askedFor } from './dns.ts';
import { slurp } from './io.ts';
import { dotted, nameServers } from './net.ts';

export const maskOf = (prefix: number): number => (prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0);

/** The name of an address: of /etc/hosts, or what a name server says. Undefined when nobody knows. */
export function* nameOf(ctx: Ctx, ip: number): Call<string | undefined> {
  const hosts = (yield* slurp(ctx.sys, '/etc/hosts')) ?? '';
  for (const line of hosts.split('\n')) {
    const [address, name] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address === dotted(ip) && name !== undefined) return name;
  }
  const asked = `${dotted(ip).split('.').reverse().join('.')}.in-addr.arpa`;
  for (const server of yield* nameServers(ctx)) {
    const said = yield* askedFor(ctx.sys, server, asked, 'PTR');
    if (said !== undefined) return said.names[0];
  }
  return undefined;
}

/** As the kernel lists them: by where they lead, the narrower first. */
export const inOrder = (routes: readonly NetRoute[]): readonly NetRoute[] =>
  [...routes].sort((a, b) => a.to - b.to || b.prefix - a.prefix);

/** `route` and `netstat -r`; `wide`: with the columns of the latter. */
export function routeTable(routes: readonly NetRoute[], numeric: boolean, wide: boolean): string {
  const columns = wide ? 'Flags   MSS Window  irtt Iface' : 'Flags Metric Ref    Use Iface';
  const rows = inOrder(routes).map(({ to, prefix, via, dev }) => {
    const target = prefix === 0 && !numeric ? 'default' : dotted(to);
    const gateway = via === undefined ? (numeric ? '0.0.0.0' : '*') : dotted(via);
    const flags = `U${via === undefined ? '' : 'G'}${prefix === 32 ? 'H' : ''}`.padEnd(6);
    const numbers = wide ? `    0 0          0` : `0      0        0`;
    return `${target.padEnd(16)}${gateway.padEnd(16)}${dotted(maskOf(prefix)).padEnd(16)}${flags}${numbers} ${dev}\n`;
  });
  return `Kernel IP routing table\nDestination     Gateway         Genmask         ${columns}\n${rows.join('')}`;
}
