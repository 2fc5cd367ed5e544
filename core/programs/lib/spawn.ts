/** Starting another program from an applet and waiting for it: find -exec, xargs, timeout. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { attempt, type Ctx, reason } from './applet.ts';
import { known } from './registry.ts';
import { signalNumber } from './signals.ts';
import { becomeHere, findInPath } from './start.ts';

export function searchPath(environ: readonly string[]): string {
  return environ.find((each) => each.startsWith('PATH='))?.slice(5) ?? '/sbin:/usr/sbin:/bin:/usr/bin';
}

/** Starts a program that is an applet or stands in PATH; gives its PID. Throws ENOENT when there is none. */
export function startProgram(ctx: Ctx, argv: readonly string[]): number {
  const { sys } = ctx;
  const path = searchPath(sys.environ);
  const name = argv[0]!;
  const there =
    known.has(name) ||
    (name.includes('/') ? attempt(() => sys.stat(name)) !== undefined : findInPath(sys, name, path) !== undefined);
  if (!there) throw new SysError('ENOENT');
  return sys.fork(function* child(own) {
    try {
      return yield* becomeHere(own, argv, own.environ, path);
    } catch (error) {
      yield* own.write(2, `${ctx.name}: ${name}: ${reason(error)}\n`);
      return 126;
    }
  });
}

/** Exit status, or 128 + signal. A program that is not there: a message. */
export function* spawnAndWait(ctx: Ctx, argv: readonly string[]): Call<number> {
  let pid: number;
  try {
    pid = startProgram(ctx, argv);
  } catch (error) {
    if (!(error instanceof SysError) || error.errno !== 'ENOENT') throw error;
    yield* ctx.warn(`${argv[0]}: No such file or directory`);
    return 127;
  }
  const result = yield* ctx.sys.wait(pid);
  return result?.signal !== undefined ? 128 + signalNumber(result.signal) : (result?.code ?? 0);
}
