/** ping: does an answer come? The simulated wire is the same length for all, so that every answer takes the same time. */
import { SysError } from '../../errors.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { dotted, ipNumber, lookup } from '../lib/net.ts';

const MS = 0.05;

export const ping: Applet = {
  usage: '[OPTIONS] HOST',
  *main(ctx) {
    const options = ctx.options('46c:s:i:At:I:W:w:qp:n');
    const [host] = options.rest;
    if (host === undefined) throw new Usage();
    const address = dotted(yield* lookup(ctx, host));
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
