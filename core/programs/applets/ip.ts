/** ip: devices, addresses and routes of the network namespace. Objects and commands may be cut short, as busybox allows. */
import { SysError } from '../../errors.ts';
import type { NetDevice, NetRoute } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { dotted, ipNumber } from '../lib/net.ts';

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

/** `word value` pairs; a word that is not known is the name of the device. */
function pairs(args: readonly string[], known: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (!known.split(' ').includes(word)) found.dev ??= word;
    else if (args[i + 1] === undefined) throw new Die('command line is not complete, try "help"');
    else found[word] = args[++i]!;
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
  if (meant(typed, 'show flush') !== 'show') throw new Die(`invalid argument '${typed}' to 'ip'`);
  const { dev } = pairs(rest, 'dev to nud');
  if (dev !== undefined) device(ctx, dev, 1);
  for (const each of ctx.sys.more.net.neighbours())
    if (dev === undefined || each.dev === dev)
      ctx.out.put(`${dotted(each.ip)} dev ${each.dev} lladdr ${each.mac} used 0/0/0 probes 1 STALE\n`);
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
    const { name, dev, type } = pairs(rest, 'name type link');
    if (type !== 'veth' && type !== 'bridge')
      return rtnetlink(() => {
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

function set(ctx: Ctx, args: readonly string[]): number {
  const flags: readonly string[] = args.filter((word) => word === 'up' || word === 'down' || word === 'nomaster');
  const rest = args.filter((word) => !flags.includes(word));
  const { dev, name, master, netns } = pairs(rest, 'dev name master netns mtu qlen address arp multicast promisc');
  const { net } = ctx.sys.more;
  if (dev === undefined) throw new Die('"dev" required but not found');
  if (master !== undefined) device(ctx, master, 2);
  if (master !== undefined || netns !== undefined || flags.includes('nomaster')) device(ctx, dev, 2);
  if (master !== undefined || flags.includes('nomaster')) rtnetlink(() => net.master(dev, master));
  if (name !== undefined) asked('SIOCSIFNAME', () => net.rename(dev, name));
  if (netns !== undefined) rtnetlink(() => net.move(name ?? dev, Number(netns)));
  const state = flags.find((word) => word !== 'nomaster');
  if (state === undefined) return 0;
  const known = net.devices().some((each) => each.name === (name ?? dev));
  return asked(known ? 'SIOCSIFFLAGS' : 'SIOCGIFFLAGS', () => net.up(name ?? dev, state === 'up'));
}

/** `10.0.0.1/24`. */
function prefixed(text: string, what: string): { readonly ip: number; readonly prefix: number } {
  const [base = '', length = '32'] = text.split('/');
  const number = ipNumber(base);
  const prefix = Number(length);
  if (number === undefined || !/^\d+$/.test(length) || prefix > 32)
    throw new Die(`an ${what} is expected rather than "${text}"`);
  return { ip: number, prefix };
}

function address(ctx: Ctx, args: readonly string[], family: string | undefined): number {
  const [typed = 'show', ...rest] = args;
  const command = meant(typed, 'add delete show list flush');
  const { net } = ctx.sys.more;
  if (command === 'add' || command === 'delete') {
    const { dev, local, ...others } = pairs(
      rest.length > 0 ? ['local', ...rest] : rest,
      'dev local brd broadcast label scope peer',
    );
    const text = local ?? others.peer;
    if (text === undefined || dev === undefined) throw new Die('"dev" required but not found');
    const { name } = device(ctx, dev, 1);
    const { ip: number, prefix } = prefixed(text, 'inet prefix');
    return rtnetlink(() => net.address(name, number, prefix, command === 'add'));
  }
  const { dev } = pairs(rest, 'dev to');
  for (const each of dev === undefined ? net.devices() : [device(ctx, dev, 1)]) {
    if (family !== undefined && !hasAddress(each, family)) continue;
    ctx.out.put(heading(each));
    if (family === undefined) ctx.out.put(hardware(each));
    const scope = each.type === 'loopback' ? 'host' : 'global';
    const life = '       valid_lft forever preferred_lft forever\n';
    if (family !== 'inet6')
      for (const { ip: number, prefix, brd } of each.addresses) {
        const all = brd === true ? `brd ${dotted(number | (0xffffffff >>> prefix))} ` : '';
        const where = number >>> 24 === 127 ? scope : 'global';
        ctx.out.put(`    inet ${dotted(number)}/${prefix} ${all}scope ${where} ${each.name}\n${life}`);
      }
    if (family !== 'inet' && each.six) ctx.out.put(`    inet6 ::1/128 scope host \n${life}`);
  }
  return 0;
}

/** ::1 is the only address of the other family that there is. */
const hasAddress = ({ type, up, addresses }: NetDevice, family: string): boolean =>
  family === 'inet' ? addresses.length > 0 : type === 'loopback' && up;

const routeText = ({ to, prefix, via, dev, src }: NetRoute): string => {
  const target = prefix === 0 ? 'default' : prefix === 32 ? dotted(to) : `${dotted(to)}/${prefix}`;
  const gateway = via === undefined ? '' : `via ${dotted(via)} `;
  const scope = via === undefined ? 'scope link ' : '';
  return `${target} ${gateway}dev ${dev} ${scope}${src === undefined ? '' : ` src ${dotted(src)} `}\n`;
};

/** Which way a packet would take. */
function way(ctx: Ctx, [target = '']: readonly string[]): number {
  const { ip: to } = prefixed(target, 'inet prefix');
  const { net } = ctx.sys.more;
  const own = net
    .devices()
    .find(
      ({ up, type, addresses }) =>
        up && addresses.some((each) => each.ip === to || (type === 'loopback' && to >>> 24 === each.ip >>> 24)),
    );
  if (own !== undefined) {
    ctx.out.put(`local ${dotted(to)} dev lo  src ${dotted(to)} \n`);
    return 0;
  }
  const fits = ({ to: base, prefix }: NetRoute): boolean => prefix === 0 || (to ^ base) >>> (32 - prefix) === 0;
  const [best] = net
    .routes()
    .filter(fits)
    .sort((a, b) => b.prefix - a.prefix);
  if (best === undefined)
    return rtnetlink(() => {
      throw new SysError('ENETUNREACH');
    });
  const src = net.devices().find(({ name }) => name === best.dev)?.addresses[0]?.ip;
  const via = best.via === undefined ? '' : `via ${dotted(best.via)} `;
  const source = best.src ?? src;
  ctx.out.put(`${dotted(to)} ${via}dev ${best.dev} ${source === undefined ? '' : ` src ${dotted(source)} `}\n`);
  return 0;
}

function route(ctx: Ctx, args: readonly string[]): number {
  const [typed = 'list', ...rest] = args;
  const command = meant(typed, 'list show add delete get');
  if (command === 'get') return way(ctx, rest);
  const { net } = ctx.sys.more;
  if (command === 'list' || command === 'show') {
    const sorted = [...net.routes()].sort((a, b) => a.to - b.to || b.prefix - a.prefix);
    for (const each of sorted) ctx.out.put(routeText(each));
    return 0;
  }
  if (command === undefined) throw new Die(`invalid argument '${typed}' to 'ip'`);
  const [target = '', ...more] = rest;
  const { ip: to, prefix } = target === 'default' ? { ip: 0, prefix: 0 } : prefixed(target, 'inet prefix');
  const { via, dev } = pairs(more, 'via dev src scope metric');
  const gateway = via === undefined ? {} : { via: prefixed(via, 'inet address').ip };
  if (dev !== undefined) device(ctx, dev, 1);
  const wanted = { to, prefix, ...gateway, ...(dev === undefined ? {} : { dev }) };
  return rtnetlink(() => net.route(wanted, command === 'add'));
}
