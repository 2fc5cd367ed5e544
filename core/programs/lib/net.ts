/** Addresses, names of hosts and connections, as busybox's network applets have them. */

import { SysError, strerror } from '../../errors.ts';
import { dotted } from '../../ip.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Ctx, Die } from './applet.ts';
import { asked } from './dns.ts';
import { slurp } from './io.ts';

export { dotted };

/** A dotted address as a number of 32 bits; undefined when it is none. */
export function ipNumber(text: string): number | undefined {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** Services by name, of /etc/services. */
const services: Readonly<Record<string, number>> = { http: 80, https: 443, domain: 53, ftp: 21, ssh: 22, telnet: 23 };

export function* portOf(ctx: Ctx, text: string): Call<number> {
  const known = /^\d+$/.test(text)
    ? Number(text)
    : (yield* slurp(ctx.sys, '/etc/services')) === undefined
      ? undefined
      : services[text];
  if (known === undefined || known > 65535) throw new Die(`bad port '${text}'`);
  return known;
}

/** The name servers of /etc/resolv.conf, three at most; the host itself where none is named. */
export function* nameServers(ctx: Ctx): Call<readonly number[]> {
  const text = (yield* slurp(ctx.sys, '/etc/resolv.conf')) ?? '';
  const found = [...text.matchAll(/^nameserver[ \t]+(\S+)/gm)].map(([, address]) => ipNumber(address!));
  const known = found.filter((each) => each !== undefined).slice(0, 3);
  return known.length === 0 ? [0x7f000001] : known;
}

/** The address of a host: written as one, of /etc/hosts, or what a name server says. */
export function* addressOf(ctx: Ctx, name: string): Call<number | undefined> {
  const number = ipNumber(name);
  if (number !== undefined) return number;
  const hosts = (yield* slurp(ctx.sys, '/etc/hosts')) ?? '';
  for (const line of hosts.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (names.includes(name) && ipNumber(address) !== undefined) return ipNumber(address);
  }
  for (let tries = 0; tries < 2; tries++)
    for (const server of yield* nameServers(ctx)) {
      const said = yield* asked(ctx.sys, server, name);
      if (said !== undefined) return said[0];
    }
  return undefined;
}

/** Dies with "bad address" for a name that nobody knows. */
export function* lookup(ctx: Ctx, name: string): Call<number> {
  const found = yield* addressOf(ctx, name);
  if (found === undefined) throw new Die(`bad address '${name}'`);
  return found;
}

/** A connected socket; dies in busybox's words when there is none. */
export function* connectTo(ctx: Ctx, ip: number, port: number): Call<number> {
  const { net } = ctx.sys.more;
  const fd = net.socket('tcp');
  try {
    yield* net.connect(fd, ip, port);
    return fd;
  } catch (error) {
    if (!(error instanceof SysError) || error.errno === 'EINTR') throw error;
    throw new Die(`can't connect to remote host (${dotted(ip)}): ${strerror[error.errno]}`);
  }
}

/** A bound socket that listens. */
export function listenOn(ctx: Ctx, ip: number, port: number): number {
  const { net } = ctx.sys.more;
  const fd = net.socket('tcp');
  try {
    net.bind(fd, ip, port);
  } catch (error) {
    if (error instanceof SysError) throw new Die(`bind: ${strerror[error.errno]}`);
    throw error;
  }
  net.listen(fd);
  return fd;
}
