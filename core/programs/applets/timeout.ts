/** timeout, setsid, time: running another program with something added. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { signalNamed, signalNumber } from '../lib/signals.ts';
import { searchPath } from '../lib/spawn.ts';
import { become } from '../lib/start.ts';
import { duration, execOr } from './trivial.ts';

export const timeout: Applet = {
  usage: '[-s SIG] [-k KILL_SECS] SECS PROG ARGS',
  *main(ctx) {
    const options = ctx.options('+s:k:');
    const [seconds, ...argv] = options.rest;
    if (seconds === undefined || argv.length === 0) throw new Usage();
    const signal = signalNamed(options.get('s') ?? 'TERM');
    if (signal === undefined || signal === 0) throw new Die(`unknown signal '${options.get('s')}'`);
    const limit = duration(seconds);
    const given = options.get('k');
    const grace = given === undefined ? undefined : duration(given);
    const self = ctx.sys.pid;
    // As busybox does it: the program keeps this PID, and a helper of its own watches the clock.
    ctx.sys.fork(function* watch(sys) {
      yield* sys.sleep(limit);
      if (attempt(() => sys.kill(self, signal)) === undefined && attempt(() => sys.kill(self, 0)) === undefined)
        return 0;
      if (grace === undefined) return 0;
      yield* sys.sleep(grace);
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
    if (ctx.sys.pgrp !== ctx.sys.pid) {
      ctx.sys.setsid();
      return yield* execOr(ctx, options.rest);
    }
    // The leader of a process group cannot begin a session: a child does, and nobody waits for it.
    ctx.sys.fork(function* child(sys) {
      sys.setsid();
      const own = new Ctx(sys, ctx.name, ctx.args);
      try {
        return yield* execOr(own, options.rest);
      } catch (error) {
        if (!(error instanceof Die)) throw error;
        yield* own.complain(`${ctx.name}: ${error.message}\n`);
        return error.code;
      }
    });
    return 0;
  },
};

export const time: Applet = {
  usage: '[-vpa] [-o FILE] PROG ARGS',
  *main(ctx) {
    const options = ctx.options('+vpao:f:');
    const [name] = options.rest;
    if (name === undefined) throw new Usage();
    const posix = options.last('v', 'p', 'f') === 'p';
    const custom = options.get('f');
    const used = ctx.sys.times().children;
    const format = posix ? 'real %e\nuser %U\nsys %S' : (custom ?? 'real\t%E\nuser\t%T\nsys\t0m 0.00s');
    const start = ctx.sys.now();
    const ended = yield* outcome(ctx, options.rest);
    const spent = { ms: ctx.sys.now() - start, cpuMs: ctx.sys.times().children - used };
    const shown = report(ctx, format, options.rest, spent, ended);
    const text = `${ended.said}${shown}\n`;
    const file = options.get('o');
    if (file === undefined) yield* ctx.sys.write(2, text);
    else {
      const append = options.has('a');
      const fd = ctx.sys.open(file, { write: true, create: true, append, truncate: !append }, 0o666);
      yield* ctx.sys.write(fd, text);
      ctx.sys.close(fd);
    }
    return ended.code;
  },
};

interface Outcome {
  readonly code: number;
  /** What is told before the times, when it did not end well. */
  readonly said: string;
}

function* outcome(ctx: Ctx, argv: readonly string[]): Call<Outcome> {
  const pid = ctx.sys.fork(function* child(sys) {
    try {
      return yield* become(sys, argv, sys.environ, searchPath(sys.environ));
    } catch (error) {
      yield* sys.write(2, `time: can't execute '${argv[0]}': ${reason(error)}\n`);
      return error instanceof SysError && error.errno === 'ENOENT' ? 127 : 126;
    }
  });
  const result = yield* ctx.sys.wait(pid);
  if (result?.signal !== undefined) {
    const number = signalNumber(result.signal);
    return { code: number, said: `Command terminated by signal ${number}\n` };
  }
  const code = result?.code ?? 0;
  return { code, said: code === 0 ? '' : `Command exited with non-zero status ${code}\n` };
}

/** How long it took, and how much CPU time it used. */
interface Spent {
  readonly ms: number;
  readonly cpuMs: number;
}

const minutes = (seconds: number): string => `${Math.floor(seconds / 60)}m ${(seconds % 60).toFixed(2)}s`;

/** The format of `-f`: times and exit status. What getrusage(2) tells beyond, the simulation does not keep. */
function report(ctx: Ctx, format: string, argv: readonly string[], { ms, cpuMs }: Spent, { code }: Outcome): string {
  const seconds = ms / 1000;
  const fields: Readonly<Record<string, string>> = {
    C: argv.join(' '),
    E: minutes(seconds),
    e: seconds.toFixed(2),
    P: `${ms === 0 ? 0 : Math.floor((cpuMs / ms) * 100)}%`,
    S: '0.00',
    T: minutes(cpuMs / 1000),
    U: (cpuMs / 1000).toFixed(2),
    x: String(code),
    Z: '4096',
  };
  // What it does not know, and a backslash, it leaves out.
  return format.replace(/%(.?)|\\/g, (whole, letter?: string) => {
    ctx.have(whole);
    return fields[letter ?? ''] ?? '';
  });
}
