/** Reading the operands of a text applet one after the other: each as a whole, as a byte string. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Ctx, reason } from './applet.ts';
import { fromBytes } from './bytes.ts';
import { readAll } from './io.ts';

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Calls `each` for every operand (none: standard input). Those that cannot be opened or read are reported and left out. */
export function* eachFile(
  ctx: Ctx,
  paths: readonly string[],
  each: (file: TextFile) => Call<void>,
  message: (path: string) => string = (path) => path,
): Call<void> {
  for (const path of paths.length === 0 ? ['-'] : paths) {
    const fd = yield* ctx.open(path, message(path));
    if (fd === undefined) continue;
    let text: string;
    try {
      text = fromBytes(yield* readAll(ctx.sys, fd));
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* ctx.warn(path === '-' ? `read error: ${reason(error)}` : `${path}: ${reason(error)}`);
      continue;
    } finally {
      ctx.close(fd);
    }
    yield* each({ path, text });
    yield* ctx.out.drain();
  }
}
