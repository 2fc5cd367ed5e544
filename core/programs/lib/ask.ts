/** Questions on standard error that a line of standard input answers: `-i` of cp, mv and rm, `-p` of xargs. */
import type { Call, Sys } from '../../kernel/sys.ts';
import type { Ctx } from './applet.ts';

/** Asks, and reads one line byte by byte: what follows belongs to the next question. `y` and `Y` are yes. */
export function* ask(ctx: Ctx, question: string): Call<boolean> {
  yield* ctx.out.flush();
  yield* ctx.sys.write(2, question);
  return yield* answeredYes(ctx.sys, 0);
}

/** bb_ask_y_confirmation: the first byte that is no blank counts, up to the end of the line. */
export function* answeredYes(sys: Sys, fd: number): Call<boolean> {
  let first = 0;
  for (;;) {
    const [byte] = yield* sys.read(fd, 1);
    if (byte === undefined || byte === 10) return first === 121 || first === 89;
    if (first === 0 && byte !== 32 && byte !== 9) first = byte;
  }
}
