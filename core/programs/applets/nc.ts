/** nc: a stream between standard input and output and another program, as client or as server. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { getopt } from '../lib/getopt.ts';
import { connectTo, listenOn, lookup, portOf } from '../lib/net.ts';
import { searchPath } from '../lib/spawn.ts';
import { become } from '../lib/start.ts';

export const nc: Applet = {
  usage: '[-iN] [-wN] [-l] [-p PORT] [-f FILE|IPADDR PORT] [-e PROG]',
  *main(ctx) {
    // What comes after -e PROG are arguments of the program.
    const at = ctx.args.findIndex((arg) => /^-[li]*e$/.test(arg));
    const program = at < 0 ? undefined : ctx.args.slice(at + 1);
    const options = ctx.refuse(
      getopt(at < 0 ? ctx.args : [...ctx.args.slice(0, at), '-e', program?.[0] ?? ''], 'lp:w:i:f:e:'),
    );
    const server = options.all('l').length;
    const file = options.get('f');
    const { rest } = options;
    if (
      file !== undefined
        ? rest.length > 0 || server > 0
        : server > 0
          ? rest.length > 1
          : rest.length < 1 || rest.length > 2
    )
      throw new Usage();
    const delay = 1000 * Number(options.get('i') ?? 0);
    const wait = options.get('w');
    const until = wait === undefined || wait === '0' ? undefined : ctx.sys.now() + 1000 * Number(wait);
    if (server > 0) {
      const port = yield* portOf(ctx, options.get('p') ?? '0');
      return yield* serve(ctx, listenOn(ctx, rest[0] === undefined ? 0 : yield* lookup(ctx, rest[0]), port), {
        program,
        until,
        again: server > 1,
        delay,
      });
    }
    if (file !== undefined) return yield* copy(ctx, ctx.sys.open(file, { read: true, write: true }), delay);
    const fd = yield* reach(ctx, rest[0]!, yield* portOf(ctx, rest[1] ?? '0'), until);
    return program === undefined ? yield* copy(ctx, fd, delay) : yield* turnInto(ctx, fd, program);
  },
};

interface Serving {
  readonly program: readonly string[] | undefined;
  readonly until: number | undefined;
  readonly again: boolean;
  readonly delay: number;
}

/** connect(2) with the limit of -w, which is an alarm. */
function* reach(ctx: Ctx, host: string, port: number, until: number | undefined): Call<number> {
  const ip = yield* lookup(ctx, host);
  const calls = connectTo(ctx, ip, port);
  for (let next = calls.next(); ; next = calls.next()) {
    if (next.done === true) return next.value;
    const { until: own = Number.POSITIVE_INFINITY } = next.value;
    if (until !== undefined && ctx.sys.now() >= until) throw new Die('timed out');
    yield until === undefined ? next.value : { ...next.value, until: Math.min(own, until) };
  }
}

function* serve(ctx: Ctx, listener: number, { program, until, again, delay }: Serving): Call<number> {
  const { sys } = ctx;
  const { net } = sys.more;
  if (again && program !== undefined) sys.sigaction('CHLD', 'ignore');
  for (;;) {
    if (until !== undefined && (yield* net.poll([listener], until)).length === 0) throw new Die('timed out');
    const fd = yield* net.accept(listener);
    if (program === undefined) {
      sys.close(listener);
      return yield* copy(ctx, fd, delay);
    }
    if (!again) return yield* turnInto(ctx, fd, program);
    sys.fork(function* child(own) {
      own.sigaction('CHLD', 'default');
      own.close(listener);
      return yield* turnInto({ name: ctx.name, sys: own }, fd, program);
    });
    sys.close(fd);
  }
}

/** The stream becomes standard input and output of another program. */
function* turnInto({ sys, name }: Pick<Ctx, 'sys' | 'name'>, fd: number, program: readonly string[]): Call<number> {
  sys.dup2(fd, 0);
  sys.dup2(fd, 1);
  if (fd > 1) sys.close(fd);
  try {
    return yield* become(sys, program, sys.environ, searchPath(sys.environ));
  } catch (error) {
    yield* sys.write(2, `${name}: can't execute '${program[0]}': ${reason(error)}\n`);
    return 1;
  }
}

/** Both ways at once, until the other side has ended. */
function* copy(ctx: Ctx, fd: number, delay: number): Call<number> {
  const { sys } = ctx;
  let inputs = [0, fd];
  for (;;) {
    for (const from of yield* sys.more.net.poll(inputs)) {
      const bytes = yield* receive(ctx, from);
      if (bytes.length === 0 && from === fd) return 0;
      if (bytes.length > 0) yield* sys.write(from === fd ? 1 : fd, bytes);
      else {
        inputs = [fd];
        shut(ctx, fd);
      }
      if (delay > 0) yield* sys.sleep(delay);
    }
  }
}

/** Where reading fails it is as if all had been read. */
function* receive({ sys }: Ctx, fd: number): Call<Uint8Array> {
  try {
    return yield* sys.read(fd);
  } catch (error) {
    if (error instanceof SysError && error.errno !== 'EINTR') return new Uint8Array(0);
    throw error;
  }
}

/** A file (-f) has no half that could be closed. */
function shut({ sys }: Ctx, fd: number): void {
  try {
    sys.more.net.shutdown(fd);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}
