/** ping: does an answer come? The simulated wire is the same length for all, so that every answer takes the same time. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { slurp } from '../lib/io.ts';

const MS = 0.05;

/** A dotted address as a number of 32 bits; undefined when it is none. */
export function ipNumber(text: string): number | undefined {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function* lookup(ctx: Ctx, name: string): Call<string> {
  if (ipNumber(name) !== undefined) return name;
  const hosts = (yield* slurp(ctx.sys, '/etc/hosts')) ?? '';
  for (const line of hosts.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (names.includes(name) && ipNumber(address) !== undefined) return address;
  }
  throw new Die(`bad address '${name}'`);
}

export const ping: Applet = {
  usage: '[OPTIONS] HOST',
  *main(ctx) {
    const options = ctx.options('46c:s:i:At:I:W:w:qp:n');
    const [host] = options.rest;
    if (host === undefined) throw new Usage();
    const address = yield* lookup(ctx, host);
    const count = Number(options.get('c') ?? Number.POSITIVE_INFINITY);
    const size = Number(options.get('s') ?? 56);
    const until = ctx.sys.now() + 1000 * Number(options.get('w') ?? Number.POSITIVE_INFINITY);
    ctx.out.put(`PING ${host} (${address}): ${size} data bytes\n`);
    let [sent, got] = [0, 0];
    for (; sent < count && ctx.sys.now() < until; sent++) {
      if (sent > 0) yield* ctx.sys.sleep(1000 * Number(options.get('i') ?? 1));
      if (!answered(ctx, address)) continue;
      got += 1;
      if (!options.has('q'))
        ctx.out.put(`${size + 8} bytes from ${address}: seq=${sent} ttl=64 time=${MS.toFixed(3)} ms\n`);
      yield* ctx.out.flush();
    }
    // Who got nothing goes on waiting for the last answer.
    if (got < sent) yield* ctx.sys.sleep(1000 * Number(options.get('W') ?? 10));
    const lost = sent === 0 ? 0 : Math.floor(((sent - got) * 100) / sent);
    ctx.out.put(`\n--- ${host} ping statistics ---\n`);
    ctx.out.put(`${sent} packets transmitted, ${got} packets received, ${lost}% packet loss\n`);
    if (got > 0) ctx.out.put(`round-trip min/avg/max = ${[MS, MS, MS].map((each) => each.toFixed(3)).join('/')} ms\n`);
    return got > 0 ? 0 : 1;
  },
};

function answered(ctx: Ctx, address: string): boolean {
  try {
    return ctx.sys.more.net.ping(ipNumber(address)!);
  } catch (error) {
    if (error instanceof SysError) throw new Die(`sendto: ${reason(error)}`);
    throw error;
  }
}
