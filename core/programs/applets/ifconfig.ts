/** ifconfig: shows and changes devices and their addresses, in the words of before ip(8). */
import { SysError } from '../../errors.ts';
import type { Call, NetDevice } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason } from '../lib/applet.ts';
import { addressOf, dotted } from '../lib/net.ts';
import { maskOf } from '../lib/netshow.ts';
import { classMask } from './route.ts';

export const ifconfig: Applet = {
  usage: `[-a] [IFACE] [ADDRESS]

Configure a network interface

	[add ADDRESS[/PREFIXLEN]]
	[del ADDRESS[/PREFIXLEN]]
	[[-]broadcast [ADDRESS]] [[-]pointopoint [ADDRESS]]
	[netmask ADDRESS] [dstaddr ADDRESS]
	[outfill NN] [keepalive NN]
	[hw ether|infiniband ADDRESS] [metric NN] [mtu NN]
	[[-]trailers] [[-]arp] [[-]allmulti]
	[multicast] [[-]promisc] [txqueuelen NN] [[-]dynamic]
	[mem_start NN] [io_addr NN] [irq NN]
	[up|down] ...`,
  *main(ctx) {
    const all = ctx.args[0] === '-a';
    const [name, ...words] = all ? ctx.args.slice(1) : ctx.args;
    const devices = ctx.sys.more.net.devices();
    if (name === undefined) {
      const shown = devices.filter(({ up }) => all || up).sort(byName);
      for (const each of shown) ctx.out.put(text(each));
      return 0;
    }
    if (words.length > 0) return yield* change(ctx, name, words);
    const found = devices.find((each) => each.name === name);
    if (found === undefined) throw new Die(`${name}: error fetching interface information: Device not found`);
    ctx.out.put(text(found));
    return 0;
  },
};

const byName = (a: NetDevice, b: NetDevice): number => (a.name < b.name ? -1 : 1);

function text({ name, type, mac, up, carrier, mtu, queue, addresses, six, sent, got }: NetDevice): string {
  const loop = type === 'loopback';
  const indent = ' '.repeat(10);
  const link = loop ? 'Local Loopback' : `Ethernet  HWaddr ${mac.toUpperCase()}`;
  const first = addresses[0];
  const all = first?.brd === true ? dotted((first.ip | ~maskOf(first.prefix)) >>> 0) : '0.0.0.0';
  const address =
    first === undefined
      ? ''
      : `${indent}inet addr:${dotted(first.ip)}  ${loop ? '' : `Bcast:${all}  `}Mask:${dotted(maskOf(first.prefix))}\n`;
  const flags = [
    ...(up ? ['UP'] : []),
    loop ? 'LOOPBACK' : 'BROADCAST',
    ...(carrier ? ['RUNNING'] : []),
    ...(loop ? [] : ['MULTICAST']),
  ].join(' ');
  const faults = 'errors:0 dropped:0 overruns:0';
  return `${name.padEnd(9)} Link encap:${link}  \n${address}${six ? `${indent}inet6 addr: ::1/128 Scope:Host\n` : ''}${indent}${flags}  MTU:${mtu}  Metric:1
${indent}RX packets:${got.packets} ${faults} frame:0
${indent}TX packets:${sent.packets} ${faults} carrier:0
${indent}collisions:0 txqueuelen:${queue} 
${indent}RX bytes:${got.bytes} (${human(got.bytes)})  TX bytes:${sent.bytes} (${human(sent.bytes)})

`;
}

function human(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1024 && unit < 3) {
    size /= 1024;
    unit += 1;
  }
  return `${(Math.floor(size * 10) / 10).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][unit]}`;
}

function* change(ctx: Ctx, name: string, words: readonly string[]): Call<number> {
  const { net } = ctx.sys.more;
  const device = (): NetDevice | undefined => net.devices().find((each) => each.name === name);
  let lift = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === 'up' || word === 'down') {
      asked(device() === undefined ? 'SIOCGIFFLAGS' : 'SIOCSIFFLAGS', () => net.up(name, word === 'up'));
      lift = false;
    } else if (word === 'mtu') asked('SIOCSIFMTU', () => net.mtu(name, Number(words[++i])));
    else if (word === 'netmask') {
      const mask = yield* resolved(ctx, words[++i] ?? '');
      const old = device()?.addresses[0];
      if (old === undefined) throw new Die('SIOCSIFNETMASK: Cannot assign requested address');
      asked('SIOCSIFNETMASK', () => give(ctx, name, old.ip, Math.clz32(~mask >>> 0)));
    } else if (
      /^(add|del|hw|metric|txqueuelen|-?broadcast|-?pointopoint|dstaddr|-?arp|-?promisc|-?allmulti|-?dynamic|-?trailers|multicast)$/.test(
        word,
      )
    )
      ctx.lack(word);
    else {
      const ip = yield* resolved(ctx, word);
      const mask = classMask(ip);
      asked('SIOCSIFADDR', () => give(ctx, name, ip, ip === 0 ? undefined : Math.clz32(~mask >>> 0)));
      lift = ip !== 0;
    }
  }
  if (lift) asked('SIOCSIFFLAGS', () => net.up(name, true));
  return 0;
}

/** One address takes the place of the first that there was. */
function give({ sys }: Ctx, name: string, ip: number, prefix: number | undefined): void {
  const { net } = sys.more;
  const device = net.devices().find((each) => each.name === name);
  if (device === undefined) throw new SysError('ENODEV');
  const [old] = device.addresses;
  if (old !== undefined) net.address(name, old.ip, old.prefix, false);
  if (prefix !== undefined) net.address(name, ip, prefix, true, device.type !== 'loopback');
}

function asked(how: string, call: () => void): void {
  try {
    call();
  } catch (error) {
    if (error instanceof SysError) throw new Die(`${how}: ${reason(error)}`);
    throw error;
  }
}

function* resolved(ctx: Ctx, name: string): Call<number> {
  const found = yield* addressOf(ctx, name);
  if (found === undefined) throw new Die(`bad address '${name}'`);
  return found;
}
