/** timeout, setsid, time: running another program with something added. */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { become } from '../lib/registry.ts';
import { signalNamed } from '../lib/signals.ts';
import { searchPath, spawnAndWait } from '../lib/spawn.ts';
import { duration, execOr } from './trivial.ts';

export const timeout: Applet = {
  usage: '[-s SIG] [-k KILL_SECS] SECS PROG ARGS',
  *main(ctx) {
    const options = ctx.options('+s:k:');
    const [seconds, ...argv] = options.rest;
    if (seconds === undefined || argv.length === 0) throw new Usage();
    const signal = signalNamed(options.get('s') ?? 'TERM');
    if (signal === undefined || signal === 0) throw new Die(`invalid signal '${options.get('s')}'`);
    const limit = duration(seconds);
    const grace = options.get('k');
    const self = ctx.sys.pid;
    // As busybox does it: the program keeps this PID, and a helper of its own watches the clock.
    ctx.sys.fork(function* watch(sys) {
      yield* sys.sleep(limit);
      if (attempt(() => sys.kill(self, signal)) === undefined && attempt(() => sys.kill(self, 0)) === undefined)
        return 0;
      if (grace === undefined) return 0;
      yield* sys.sleep(duration(grace));
      attempt(() => sys.kill(self, 'KILL'));
      return 0;
    });
    try {
      return yield* become(ctx.sys, argv, ctx.sys.environ, searchPath(ctx.sys.environ));
    } catch (error) {
      throw new Die(`can't execute '${argv[0]}': ${reason(error)}`, 127);
    }
  },
};

export const setsid: Applet = {
  usage: '[-c] PROG ARGS',
  *main(ctx) {
    const options = ctx.options('+c');
    if (options.rest.length === 0) throw new Usage();
    ctx.sys.setsid();
    return yield* execOr(ctx, options.rest);
  },
};

export const time: Applet = {
  usage: '[-vpa] [-o FILE] PROG ARGS',
  *main(ctx) {
    const options = ctx.options('+vpao:f:');
    if (options.rest.length === 0) throw new Usage();
    const start = ctx.sys.now();
    const code = yield* spawnAndWait(ctx, options.rest);
    yield* report(ctx, options.has('p'), ctx.sys.now() - start, code);
    return code;
  },
};

function* report(ctx: Ctx, posix: boolean, ms: number, code: number): Call<void> {
  if (code !== 0) yield* ctx.sys.write(2, `Command exited with non-zero status ${code}\n`);
  const seconds = ms / 1000;
  const long = `${Math.floor(seconds / 60)}m ${(seconds % 60).toFixed(2)}s`;
  const text = posix
    ? `real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n`
    : `real\t${long}\nuser\t0m 0.00s\nsys\t0m 0.00s\n`;
  yield* ctx.sys.write(2, text);
}
