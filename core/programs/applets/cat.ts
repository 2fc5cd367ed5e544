/** cat [-nbvteA] [FILE]... */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, reason } from '../lib/applet.ts';
import type { Options } from '../lib/getopt.ts';
import { Lines, WriteError } from '../lib/io.ts';

export const cat: Applet = {
  usage: '[-nbvteA] [FILE]...',
  *main(ctx) {
    const options = ctx.options('nbvteuA');
    const plain = options.order.every((letter) => letter === 'u');
    const counter: Counter = { line: 0, open: false };
    for (const path of options.rest.length === 0 ? ['-'] : options.rest) {
      const fd = yield* ctx.open(path, shows(options) || plain ? undefined : path);
      if (fd === undefined) continue;
      try {
        yield* plain ? copy(ctx, fd) : decorated(ctx, fd, options, counter);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* ctx.warn(`read error: ${reason(error)}`);
      }
      ctx.close(fd);
    }
    return ctx.status;
  },
};

interface Counter {
  line: number;
  /** The last line had no newline: where bytes are shown, the next file goes on with it. */
  open: boolean;
}

function* copy(ctx: Ctx, fd: number): Call<void> {
  for (;;) {
    const bytes = yield* ctx.sys.read(fd);
    if (bytes.length === 0) return;
    try {
      yield* ctx.sys.write(1, bytes);
    } catch (error) {
      if (error instanceof SysError) throw new WriteError(error);
      throw error;
    }
  }
}

const shows = (options: Options): boolean => ['v', 'e', 't', 'A'].some((each) => options.has(each));

function* decorated(ctx: Ctx, fd: number, options: Options, counter: Counter): Call<void> {
  const all = options.has('A');
  const ends = all || options.has('e');
  const tabs = all || options.has('t');
  const visible = shows(options);
  const lines = new Lines(ctx.sys, fd);
  for (;;) {
    const line = yield* lines.next();
    if (line === undefined) break;
    const body = line.endsWith('\n') ? line.slice(0, -1) : line;
    const numbered = (body !== '' || !options.has('b')) && !(visible && counter.open);
    if (numbered && (options.has('n') || options.has('b')))
      ctx.out.raw(`${String(++counter.line).padStart(6)}${visible ? '  ' : '\t'}`);
    ctx.out.raw(visible ? [...body].map((c) => shown(c, tabs)).join('') : body);
    // Who only numbers makes a line of what had no newline.
    counter.open = !line.endsWith('\n');
    if (!counter.open) ctx.out.raw(ends ? '$\n' : '\n');
    else if (!visible) ctx.out.raw('\n');
    yield* ctx.out.drain();
  }
  if (visible && lines.failed !== undefined) ctx.status = 1;
}

function shown(c: string, tabs: boolean): string {
  const code = c.charCodeAt(0);
  if (c === '\t') return tabs ? '^I' : c;
  if (code >= 128) return `M-${shown(String.fromCharCode(code - 128), true)}`;
  if (code < 32) return `^${String.fromCharCode(code + 64)}`;
  return code === 127 ? '^?' : c;
}
