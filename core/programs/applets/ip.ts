/** ip: devices, addresses and routes of the network namespace. Objects and commands may be cut short, as busybox allows. */
import { SysError } from '../../errors.ts';
import type { NetDevice, NetRoute } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { dotted } from '../lib/net.ts';

/** The first of the words that begins with what was typed. */
const meant = (typed: string, words: string): string | undefined =>
  words.split(' ').find((word) => word.startsWith(typed));

/** Says a refusal of the kernel the way the call that made it is known to busybox. */
function asked(how: string, call: () => void): number {
  try {
    call();
    return 0;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new Die(`${how}: ${reason(error)}`, 2);
  }
}

const rtnetlink = (call: () => void): number => asked('RTNETLINK answers', call);

export const ip: Applet = {
  usage: '[OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]',
  *main(ctx) {
    const args = [...ctx.args];
    let family: string | undefined;
    while (args[0]?.startsWith('-') === true) {
      const option = args.shift()!;
      if (option === '-4') family = 'inet';
      else if (option === '-6') family = 'inet6';
      else if (/^-f(amily)?$/.test(option)) family = args.shift();
      else throw new Usage();
    }
    const object = args.shift();
    const what = object === undefined ? undefined : meant(object, 'address route link neighbor neighbour');
    if (what === undefined) throw new Usage();
    if (what === 'link') return link(ctx, args);
    if (what.startsWith('n')) return neighbours(ctx, args);
    return what === 'address' ? address(ctx, args, family) : route(ctx, args);
  },
};

/** What there is already when another word is not known, the exit code then, and what looks at values at once. */
interface Strict {
  readonly word: string;
  readonly code: number;
  readonly read?: (word: string, value: string) => void;
}

/** `word value` pairs; a word that is not known is the name of the device. `strict`: two such are refused. */
function pairs(args: readonly string[], known: string, strict?: Strict): Record<string, string> {
  const found: Record<string, string> = {};
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (!known.split(' ').includes(word)) {
      if (strict !== undefined && found[strict.word] !== undefined)
        throw new Die(`either "${strict.word}" is duplicate, or "${word}" is garbage`, strict.code);
      found.dev ??= word;
    } else if (args[i + 1] === undefined) throw new Die('command line is not complete, try "help"');
    else {
      found[word] = args[++i]!;
      strict?.read?.(word, found[word]);
    }
  }
  return found;
}

function device(ctx: Ctx, name: string | undefined, code: number): NetDevice {
  const found = ctx.sys.more.net.devices().find((each) => each.name === name);
  if (found === undefined) throw new Die(`can't find device '${name}'`, code);
  return found;
}

function neighbours(ctx: Ctx, args: readonly string[]): number {
  const [typed = 'show', ...rest] = args;
  const command = meant(typed, 'show flush');
  if (command === undefined) throw new Die(`invalid argument '${typed}' to 'ip'`);
  if (command === 'flush' && rest.length === 0) throw new Die('"ip neigh flush" requires an argument');
  const { dev, to } = pairs(rest, 'dev to nud');
  if (dev !== undefined) device(ctx, dev, 1);
  const net = ctx.sys.more.net;
  const wanted = to === undefined ? undefined : prefixed(to);
  const found = net
    .neighbours()
    .filter((each) => dev === undefined || each.dev === dev)
    .filter(({ ip: own }) => wanted === undefined || near(own, wanted.ip, wanted.prefix));
  for (const each of found) {
    const where = dev === undefined ? `dev ${each.dev} ` : '';
    ctx.out.put(`${dotted(each.ip)} ${where}lladdr ${each.mac} used 0/0/0 probes 1 STALE\n`);
  }
  if (command === 'show') return 0;
  for (const { ip: own } of found) rtnetlink(() => net.forget(own));
  const done = `\n*** Round 1, deleting ${found.length} entries ***\n*** Flush is complete after 1 round(s) ***\n`;
  ctx.out.put(found.length === 0 ? 'Nothing to flush\n' : done);
  return 0;
}

function heading({ name, index, type, up, wasUp, carrier, peer, peerUp, master, queue, mtu }: NetDevice): string {
  const flags = [
    ...(type === 'bridge' && up && !carrier ? ['NO-CARRIER'] : []),
    ...(type === 'loopback' ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST']),
    ...(up ? ['UP'] : []),
    ...(carrier ? ['LOWER_UP'] : []),
    ...(peer !== undefined && peerUp !== true ? ['M-DOWN'] : []),
  ];
  const bridge = master === undefined ? '' : `master ${master} `;
  const qdisc = wasUp ? 'noqueue' : 'noop';
  const full = peer === undefined ? name : `${name}@${peer}`;
  return `${index}: ${full}: <${flags.join()}> mtu ${mtu} qdisc ${qdisc} ${bridge}${queue > 0 ? `qlen ${queue}` : ''}\n`;
}

function hardware({ type, mac }: NetDevice): string {
  const [kind, all] = type === 'loopback' ? ['loopback', mac] : ['ether', 'ff:ff:ff:ff:ff:ff'];
  return `    link/${kind} ${mac} brd ${all}\n`;
}

function link(ctx: Ctx, args: readonly string[]): number {
  const [typed = 'show', ...rest] = args;
  const command = meant(typed, 'add delete set show list');
  const { net } = ctx.sys.more;
  if (command === 'add') {
    // What follows the type is the type's own, and busybox looks at it for none of these.
    const own = rest.indexOf('type') < 0 ? rest : rest.slice(0, rest.indexOf('type') + 2);
    const { name, dev, type } = pairs(own, 'name type link');
    if (type !== 'veth' && type !== 'bridge')
      return rtnetlink(() => {
        if (net.devices().some((each) => each.name === (name ?? dev))) throw new SysError('EEXIST');
        throw new SysError('EOPNOTSUPP');
      });
    return rtnetlink(() => net.add(name ?? dev ?? `${type}0`, type));
  }
  if (command === 'delete') {
    const { name } = device(ctx, pairs(rest, 'dev').dev, 2);
    return rtnetlink(() => net.remove(name));
  }
  if (command === 'set') return set(ctx, rest);
  if (command === undefined) throw new Die(`invalid argument '${typed}' to 'ip'`);
  const { dev } = pairs(rest, 'dev');
  for (const each of dev === undefined ? net.devices() : [device(ctx, dev, 2)])
    ctx.out.put(heading(each) + hardware(each));
  return 0;
}

/** How busybox finds the device for what the simulated ones do not have. */
const lookedUp = [
  ['address', 'SIOCGIFINDEX'],
  ['qlen', 'SIOCSIFTXQLEN'],
  ...['arp', 'multicast', 'promisc'].map((word) => [word, 'SIOCGIFFLAGS'] as const),
] as const;

/** As busybox reads one: bytes in base 16 with colons between. */
function hardwareAddress(text: string): string {
  const parts = text.split(':').slice(0, 6);
  const bytes = parts.map((part) => Number.parseInt(part, 16));
  if (bytes.some((byte) => !(byte >= 0 && byte < 256))) throw new Die(`"${text}" is invalid lladdr`);
  if (parts.length < 6) throw new Die(`wrong address (${parts[0]}) length: expected 6 bytes`, 2);
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function set(ctx: Ctx, args: readonly string[]): number {
  const flags: readonly string[] = args.filter((word) => word === 'up' || word === 'down' || word === 'nomaster');
  const rest = args.filter((word) => !flags.includes(word));
  const { dev, name, master, netns, mtu, ...others } = pairs(
    rest,
    'dev name master netns mtu qlen address arp multicast promisc',
    { word: 'dev', code: 2 },
  );
  const { net } = ctx.sys.more;
  if (dev === undefined) throw new Die('"dev" requires an argument', 2);
  if (mtu !== undefined && !/^\d+$/.test(mtu)) throw new Die(`invalid argument '${mtu}' to 'mtu'`, 2);
  if (master !== undefined) device(ctx, master, 2);
  if (master !== undefined || netns !== undefined || flags.includes('nomaster')) device(ctx, dev, 2);
  if (master !== undefined || flags.includes('nomaster')) rtnetlink(() => net.master(dev, master));
  for (const [word, how] of lookedUp)
    if (others[word] !== undefined && !net.devices().some((each) => each.name === dev))
      throw new Die(`${how}: No such device`, 2);
  const mac = others.address === undefined ? undefined : hardwareAddress(others.address);
  // The kernel keeps 15 characters.
  const now = name?.slice(0, 15) ?? dev;
  if (now !== dev) asked('SIOCSIFNAME', () => net.rename(dev, now));
  if (netns !== undefined) rtnetlink(() => net.move(now, Number(netns)));
  if (mtu !== undefined) asked('SIOCSIFMTU', () => net.mtu(now, Number(mtu)));
  if (mac !== undefined) asked('SIOCSIFHWADDR', () => net.mac(now, mac));
  const state = flags.find((word) => word !== 'nomaster');
  if (state === undefined) return 0;
  const known = net.devices().some((each) => each.name === now);
  return asked(known ? 'SIOCSIFFLAGS' : 'SIOCGIFFLAGS', () => net.up(now, state === 'up'));
}

/** `10.0.0.1/24`. */
/** What busybox reads as an address: each part below 256, missing ones are 0. */
function loose(text: string): number | undefined {
  const parts = text.split('.').map(Number);
  if (!/^[\d.]*$/.test(text) || parts.length > 4 || parts.some((part) => part > 255)) return undefined;
  return [0, 1, 2, 3].reduce((sum, n) => sum * 256 + (parts[n] ?? 0), 0);
}

/** Bits as a number or as a mask. */
function lengthOf(text: string): number | undefined {
  if (/^\d+$/.test(text) && Number(text) <= 32) return Number(text);
  const mask = loose(text);
  const bits = mask === undefined ? 0 : Math.clz32(~mask);
  return mask === (bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0) ? bits : undefined;
}

/** Undefined where there is no address in it: that is told to the kernel as none at all. */
function prefixed(text: string): { readonly ip: number; readonly prefix: number } | undefined {
  const [base = '', length = '32'] = text.split('/');
  const number = loose(base);
  if (number === undefined) return undefined;
  const prefix = lengthOf(length);
  if (prefix === undefined) throw new Die(`an inet prefix is expected rather than "${base}"`);
  return { ip: number, prefix };
}

function addressed(text: string): number {
  const found = loose(text);
  if (found === undefined) throw new Die(`an inet address is expected rather than "${text}"`);
  return found;
}

function address(ctx: Ctx, args: readonly string[], family: string | undefined): number {
  const [typed = 'show', ...rest] = args;
  const command = meant(typed, 'add delete show list flush');
  const { net } = ctx.sys.more;
  if (command === 'add' || command === 'delete') {
    const { dev, local, ...others } = pairs(
      rest.length > 0 && rest[0] !== 'dev' ? ['local', ...rest] : rest,
      'dev local brd broadcast label scope peer',
    );
    const text = local ?? others.peer;
    const found = text === undefined ? undefined : prefixed(text);
    if (dev === undefined) throw new Die('need "dev IFACE"');
    const { name } = device(ctx, dev, 1);
    if (found === undefined)
      return rtnetlink(() => {
        throw new SysError(text === undefined ? 'EOPNOTSUPP' : 'ERANGE');
      });
    const { ip: number, prefix } = found;
    const brd = prefix < 31 && (others.brd === '+' || others.broadcast === '+');
    return rtnetlink(() => net.address(name, number, prefix, command === 'add', brd));
  }
  const { dev } = pairs(rest, 'dev to');
  if (command === 'flush' && rest.length === 0) throw new Die('flush requires an argument');
  if (command === 'flush') {
    for (const each of dev === undefined ? [] : [device(ctx, dev, 1)])
      for (const { ip: number, prefix } of each.addresses.toReversed())
        rtnetlink(() => net.address(each.name, number, prefix, false));
    return 0;
  }
  for (const each of dev === undefined ? net.devices() : [device(ctx, dev, 1)]) {
    if (family !== undefined && !hasAddress(each, family)) continue;
    ctx.out.put(heading(each));
    if (family === undefined) ctx.out.put(hardware(each));
    const life = '       valid_lft forever preferred_lft forever\n';
    if (family !== 'inet6')
      for (const [at, { ip: number, prefix, brd }] of each.addresses.entries()) {
        const beside = each.addresses.slice(0, at).some((one) => one.prefix === prefix && near(one.ip, number, prefix));
        const second = beside ? 'secondary ' : '';
        const all = brd === true ? `brd ${dotted(number | (0xffffffff >>> prefix))} ` : '';
        const where = number >>> 24 === 127 ? 'host' : 'global';
        ctx.out.put(`    inet ${dotted(number)}/${prefix} ${all}scope ${where} ${second}${each.name}\n${life}`);
      }
    if (family !== 'inet' && each.six) ctx.out.put(`    inet6 ::1/128 scope host \n${life}`);
  }
  return 0;
}

/** ::1 is the only address of the other family that there is. */
const hasAddress = ({ type, up, addresses }: NetDevice, family: string): boolean =>
  family === 'inet' ? addresses.length > 0 : type === 'loopback' && up;

const near = (a: number, b: number, prefix: number): boolean => prefix === 0 || (a ^ b) >>> (32 - prefix) === 0;

const routeText = ({ to, prefix, via, dev, src }: NetRoute): string => {
  const target = prefix === 0 ? 'default' : prefix === 32 ? dotted(to) : `${dotted(to)}/${prefix}`;
  const gateway = via === undefined ? '' : `via ${dotted(via)} `;
  const scope = via === undefined ? 'scope link ' : '';
  return `${target} ${gateway}dev ${dev} ${scope}${src === undefined ? '' : ` src ${dotted(src)} `}\n`;
};

/** Which way a packet would take. */
function way(ctx: Ctx, [target = '']: readonly string[]): number {
  const found = prefixed(target);
  if (target === '' || found === undefined) throw new Die('need at least destination address');
  const { ip: to } = found;
  const { net } = ctx.sys.more;
  const own = net
    .devices()
    .find(
      ({ up, type, addresses }) =>
        addresses.some((each) => each.ip === to && each.lost !== true) ||
        (up && type === 'loopback' && addresses.some(({ ip: own }) => to >>> 24 === 127 && own >>> 24 === 127)),
    );
  if (own !== undefined) {
    ctx.out.put(`local ${dotted(to)} dev lo  src ${dotted(to)} \n`);
    return 0;
  }
  const fits = ({ to: base, prefix }: NetRoute): boolean => near(to, base, prefix);
  const [best] = net
    .routes()
    .filter(fits)
    .sort((a, b) => b.prefix - a.prefix);
  if (best === undefined)
    return rtnetlink(() => {
      throw new SysError('ENETUNREACH');
    });
  // Addresses of the loopback are good for nothing but itself.
  const src = net.devices().find(({ name, type }) => name === best.dev && type !== 'loopback')?.addresses[0]?.ip;
  const via = best.via === undefined ? '' : `via ${dotted(best.via)} `;
  const source = best.src ?? src;
  ctx.out.put(`${dotted(to)} ${via}dev ${best.dev} ${source === undefined ? '' : ` src ${dotted(source)} `}\n`);
  return 0;
}

function route(ctx: Ctx, args: readonly string[]): number {
  const [typed = 'list', ...rest] = args;
  const command = meant(typed, 'list show add delete get replace');
  if (command === 'get') return way(ctx, rest);
  const { net } = ctx.sys.more;
  if (command === 'list' || command === 'show') {
    const sorted = [...net.routes()].sort((a, b) => a.to - b.to || b.prefix - a.prefix);
    for (const each of sorted) ctx.out.put(routeText(each));
    return 0;
  }
  if (command === undefined) throw new Die(`invalid argument '${typed}' to 'ip'`);
  const [target = '', ...more] = rest;
  const { ip: to, prefix } = prefixed(target) ?? { ip: 0, prefix: 0 };
  const { via, dev } = pairs(['to', target, ...more], 'to via dev src scope metric', {
    word: 'to',
    code: 1,
    read: (word, value) => word === 'via' && addressed(value),
  });
  const gateway = via === undefined ? {} : { via: addressed(via) };
  if (dev !== undefined) device(ctx, dev, 1);
  const wanted = { to, prefix, ...gateway, ...(dev === undefined ? {} : { dev }) };
  return rtnetlink(() => {
    // A subnet ends where its addresses begin.
    if (prefix < 32 && to << prefix !== 0) throw new SysError('EINVAL');
    if (command === 'replace') replace(ctx, wanted);
    else net.route(wanted, command === 'add');
  });
}

/** The old one is back where the new one is refused. */
function replace(ctx: Ctx, wanted: Parameters<Ctx['sys']['more']['net']['route']>[0]): void {
  const { net } = ctx.sys.more;
  const old = net.routes().find(({ to, prefix }) => to === wanted.to && prefix === wanted.prefix);
  if (old !== undefined) net.route(old, false);
  try {
    net.route(wanted, true);
  } catch (error) {
    if (old !== undefined) net.route(old, true);
    throw error;
  }
}
