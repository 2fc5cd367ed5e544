/** renice: another weight for processes that run (busybox util-linux/renice.c). */

import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { readNames } from '../lib/users.ts';
import { tasks } from './proc.ts';

type Which = 'p' | 'g' | 'u';

export const renice: Applet = {
  usage: '[-n] PRIORITY [[-p|g|u] ID...]...',
  *main(ctx) {
    const args = [...ctx.args];
    let relative = false;
    if (args[0] === '-n') {
      relative = true;
      args.shift();
    } else if (args[0]?.startsWith('-n') === true) {
      relative = true;
      args[0] = args[0].slice(2);
    }
    const text = args.shift();
    if (text === undefined) throw new Usage();
    if (!/^[+-]?\d+$/.test(text)) throw new Die(`invalid number '${text.replace(/^-/, '')}'`);
    let which: Which = 'p';
    for (const arg of args) {
      const [, letter] = /^-([pgu])$/.exec(arg) ?? [];
      if (letter !== undefined) which = letter as Which;
      else yield* change(ctx, which, arg, { relative, value: Number(text) });
    }
    return ctx.status;
  },
};

interface Order {
  readonly relative: boolean;
  readonly value: number;
}

function* change(ctx: Ctx, which: Which, arg: string, { relative, value }: Order): Call<void> {
  const who = yield* idOf(ctx, which, arg);
  if (who === undefined) return;
  const { more } = ctx.sys;
  const all = which === 'p' ? [] : yield* tasks(ctx.sys);
  const pids =
    which === 'p' ? [who] : all.filter(({ pgid, uid }) => (which === 'g' ? pgid : uid) === who).map(({ pid }) => pid);
  let call = 'getpriority';
  try {
    if (pids.length === 0) throw new SysError('ESRCH');
    const base = relative ? Math.min(...pids.map((pid) => more.getpriority(pid))) : 0;
    call = 'setpriority';
    for (const pid of pids) more.setpriority(pid, base + value);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* ctx.warn(`${relative ? call : 'setpriority'}: ${reason(error)}`);
  }
}

function* idOf(ctx: Ctx, which: Which, arg: string): Call<number | undefined> {
  // 0: one's own, setpriority(2).
  const own = { p: ctx.sys.pid, g: ctx.sys.pgrp, u: ctx.sys.uid };
  if (/^\d+$/.test(arg)) return Number(arg) === 0 ? own[which] : Number(arg);
  if (which === 'u') {
    const id = (yield* readNames(ctx.sys)).uid(arg);
    if (id !== undefined) return id;
    yield* ctx.warn(`unknown user ${arg}`);
    return undefined;
  }
  yield* ctx.warn(`invalid number '${arg}'`);
  return undefined;
}
