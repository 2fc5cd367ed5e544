/** Reading the operands of a text applet one after the other, as byte strings: each as a whole, or line by line as they come. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Ctx, reason } from './applet.ts';
import { fromBytes } from './bytes.ts';
import { Lines, readAll } from './io.ts';

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

/** All operands as one sequence of lines; each is asked for only when it is needed, so that the input may have no end. */
export class LineInput {
  private at = 0;
  private fd: number | undefined;
  private lines: Lines | undefined;

  constructor(
    private readonly ctx: Ctx,
    private readonly paths: readonly string[],
    private readonly separator = '\n',
    private readonly message = (path: string): string => path,
  ) {
    if (paths.length === 0) this.paths = ['-'];
  }

  /** The next line with what ends it (the last one of a file may have nothing); undefined at the end of the last file. */
  *next(): Call<string | undefined> {
    for (;;) {
      if (this.lines === undefined && !(yield* this.open())) return undefined;
      try {
        const line = yield* this.lines!.next();
        if (line !== undefined) return line;
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        const path = this.paths[this.at - 1]!;
        yield* this.ctx.warn(path === '-' ? `read error: ${reason(error)}` : `${path}: ${reason(error)}`);
      }
      this.ctx.close(this.fd!);
      this.lines = undefined;
    }
  }

  private *open(): Call<boolean> {
    while (this.at < this.paths.length) {
      const path = this.paths[this.at++]!;
      this.fd = yield* this.ctx.open(path, this.message(path));
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
  separator = '\n',
): Call<void> {
  const input = new LineInput(ctx, paths, separator);
  for (;;) {
    const line = yield* input.next();
    if (line === undefined) return;
    const ended = line.endsWith(separator);
    each(ended ? line.slice(0, -1) : line, ended ? separator : '');
    yield* ctx.out.drain();
  }
}
