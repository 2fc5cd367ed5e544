/** Reading the operands of a text applet one after the other, as byte strings, line by line as they come. */
import type { Call } from '../../kernel/sys.ts';
import type { Ctx } from './applet.ts';
import { Lines } from './io.ts';

/** What a tool says of a file; most say nothing of one that opens and cannot be read, as stdio tells them nothing. */
export interface Said {
  readonly unopened?: (path: string) => string;
  readonly unread?: (path: string) => Call<void>;
}

/** All operands as one sequence of lines; each is asked for only when it is needed, so that the input may have no end. */
export class LineInput {
  private at = 0;
  private fd: number | undefined;
  private lines: Lines | undefined;

  constructor(
    private readonly ctx: Ctx,
    private readonly paths: readonly string[],
    private readonly separator = '\n',
    private readonly said: Said = {},
  ) {
    if (paths.length === 0) this.paths = ['-'];
  }

  /** The next line with what ends it (the last one of a file may have nothing); undefined at the end of the last file. */
  *next(): Call<string | undefined> {
    for (;;) {
      if (this.lines === undefined && !(yield* this.open())) return undefined;
      const line = yield* this.lines!.next();
      if (line !== undefined) return line;
      if (this.lines!.failed !== undefined && this.said.unread !== undefined)
        yield* this.said.unread(this.paths[this.at - 1]!);
      this.ctx.close(this.fd!);
      this.lines = undefined;
    }
  }

  private *open(): Call<boolean> {
    while (this.at < this.paths.length) {
      const path = this.paths[this.at++]!;
      this.fd = yield* this.ctx.open(path, this.said.unopened?.(path) ?? path);
      if (this.fd === undefined) continue;
      this.lines = new Lines(this.ctx.sys, this.fd, this.separator);
      return true;
    }
    return false;
  }
}

/** Calls `each` for every line of the operands (none: standard input); `end` is what stood behind it, or nothing. */
export function* eachLine(
  ctx: Ctx,
  paths: readonly string[],
  each: (line: string, end: string) => void,
  said: Said = {},
): Call<void> {
  const input = new LineInput(ctx, paths, '\n', said);
  for (;;) {
    const line = yield* input.next();
    if (line === undefined) return;
    const ended = line.endsWith('\n');
    each(ended ? line.slice(0, -1) : line, ended ? '\n' : '');
    yield* ctx.out.drain();
  }
}
