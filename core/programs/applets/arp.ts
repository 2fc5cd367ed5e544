/** arp: the neighbours whose hardware addresses are known. */
import type { Call } from '../../kernel/sys.ts';
import type { Applet, Ctx } from '../lib/applet.ts';
import { addressOf, dotted } from '../lib/net.ts';
import { nameOf } from '../lib/netshow.ts';

export const arp: Applet = {
  usage: `
[-vn]	[-H HWTYPE] [-i IF] -a [HOSTNAME]
[-v]		    [-i IF] -d HOSTNAME [pub]
[-v]	[-H HWTYPE] [-i IF] -s HOSTNAME HWADDR [temp]
[-v]	[-H HWTYPE] [-i IF] -s HOSTNAME HWADDR [netmask MASK] pub
[-v]	[-H HWTYPE] [-i IF] -Ds HOSTNAME IFACE [netmask MASK] pub

Manage ARP cache

	-a		Display (all) hosts
	-d		Delete ARP entry
	-s		Set new entry
	-v		Verbose
	-n		Don't resolve names
	-i IF		Network interface
	-D		Read HWADDR from IFACE
	-A,-p AF	Protocol family
	-H HWTYPE	Hardware address type`,
  *main(ctx) {
    const options = ctx.options('A:p:H:i:adnDsv');
    const [host] = options.rest;
    const wanted = host === undefined ? undefined : yield* addressOf(ctx, host);
    const device = options.get('i');
    const found = ctx.sys.more.net
      .neighbours()
      .filter(({ ip, dev }) => (wanted === undefined || ip === wanted) && (device === undefined || dev === device));
    for (const { ip, mac, dev } of found) {
      const name = options.has('n') ? undefined : yield* named(ctx, ip);
      ctx.out.put(`${name ?? '?'} (${dotted(ip)}) at ${mac} [ether]  on ${dev}\n`);
    }
    if (found.length > 0 || host === undefined) return 0;
    ctx.out.put(`arp: in ${ctx.sys.more.net.neighbours().length} entries no match found\n`);
    return 1;
  },
};

const named = (ctx: Ctx, ip: number): Call<string | undefined> => nameOf(ctx, ip);
