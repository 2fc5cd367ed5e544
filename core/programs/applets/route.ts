/** route: shows and changes the routes of the network namespace, in the words of before ip(8). */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { addressOf, ipNumber } from '../lib/net.ts';
import { maskOf, routeTable } from '../lib/netshow.ts';

export const route: Applet = {
  usage: `[-ne] [-A inet[6]] [{add|del} [-net|-host] TARGET [netmask MASK]
	[gw GATEWAY] [metric N] [mss BYTES] [window BYTES] [reject] [IFACE]]

Show or edit kernel routing tables

	-n	Don't resolve names
	-e	Display other/more information
	-A inet[6]	Select address family`,
  *main(ctx) {
    const at = ctx.args.findIndex((word) => !word.startsWith('-') || word === '-net' || word === '-host');
    const given = at < 0 ? ctx.args : ctx.args.slice(0, at);
    const letters = given.join('').replaceAll('-', '');
    if (/[^ne]/.test(letters)) {
      if (letters.includes('A')) ctx.have('-A');
      throw new Usage();
    }
    const [action, ...words] = at < 0 ? [] : ctx.args.slice(at);
    if (action === undefined) {
      ctx.out.put(routeTable(ctx.sys.more.net.routes(), letters.includes('n'), letters.includes('e')));
      return 0;
    }
    if (!['add', 'del', 'delete'].includes(action) || words.length === 0) throw new Usage();
    return yield* change(ctx, action === 'add', words);
  },
};

function* change(ctx: Ctx, add: boolean, words: readonly string[]): Call<number> {
  const kind = words[0] === '-net' || words[0] === '-host' ? words[0] : undefined;
  const [target = '', ...rest] = kind === undefined ? words : words.slice(1);
  if (target === '') throw new Usage();
  let [mask, via, dev]: [number | undefined, number | undefined, string | undefined] = [
    undefined,
    undefined,
    undefined,
  ];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === 'netmask') mask = yield* resolved(ctx, rest[++i] ?? '');
    else if (word === 'gw') via = yield* resolved(ctx, rest[++i] ?? '');
    else if (['metric', 'mss', 'window', 'irtt'].includes(word)) i += 1;
    else if (word === 'dev') dev = rest[++i];
    else if (word === 'reject') ctx.lack('reject');
    else dev = word;
  }
  const { to, prefix } = yield* targetOf(ctx, target, mask, kind === '-net');
  const wanted = { to, prefix, ...(via === undefined ? {} : { via }), ...(dev === undefined ? {} : { dev }) };
  try {
    if (add && via === undefined && dev === undefined) throw new SysError('ENODEV');
    ctx.sys.more.net.route(wanted, add);
    return 0;
  } catch (error) {
    if (error instanceof SysError) throw new Die(`${add ? 'SIOCADDRT' : 'SIOCDELRT'}: ${reason(error)}`);
    throw error;
  }
}

function* resolved(ctx: Ctx, name: string): Call<number> {
  const found = yield* addressOf(ctx, name);
  if (found === undefined) throw new Die(`resolving ${name}`);
  return found;
}

function* targetOf(
  ctx: Ctx,
  text: string,
  mask: number | undefined,
  isNet: boolean,
): Call<{ readonly to: number; readonly prefix: number }> {
  if (text === 'default') return { to: 0, prefix: 0 };
  const [base = '', length] = text.split('/');
  const to = ipNumber(base) ?? (yield* resolved(ctx, base));
  if (length !== undefined) {
    // As the machine has it in memory: this busybox prints it so.
    const shown = [0, 8, 16, 24].reduce((sum, shift) => sum * 256 + ((maskOf(Number(length)) >>> shift) & 255), 0);
    if (!isNet && Number(length) !== 32)
      throw new Die(`netmask ${shown.toString(16).padStart(8, '0')} and host route conflict`);
    return { to, prefix: Number(length) };
  }
  const whole = mask ?? (isNet ? classMask(to) : 0xffffffff);
  return { to, prefix: whole === 0 ? 0 : Math.clz32(~whole >>> 0) };
}

/** What a network without a mask had before there were masks. */
export const classMask = (ip: number): number =>
  ip >>> 31 === 0 ? 0xff000000 : ip >>> 30 === 2 ? 0xffff0000 : 0xffffff00;
