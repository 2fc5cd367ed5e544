/** tee [-ai] [FILE]..., seq, tac, rev, nl: lines in, lines out. */
import { SysError } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import { type Applet, Die, Usage } from '../lib/applet.ts';
import { byteString, fromBytes } from '../lib/bytes.ts';
import { getopt } from '../lib/getopt.ts';
import { readAll, readSome } from '../lib/io.ts';
import { eachLine } from '../lib/textin.ts';

export const tee: Applet = {
  usage: '[-ai] [FILE]...',
  *main(ctx) {
    const options = ctx.options('ai');
    if (options.has('i')) ctx.sys.sigaction('INT', 'ignore');
    const fds = [1];
    for (const path of options.rest) {
      if (path === '-') {
        fds.push(1);
        continue;
      }
      const append = options.has('a');
      try {
        fds.push(ctx.sys.open(path, { write: true, create: true, append, truncate: !append }, 0o666));
      } catch (error) {
        yield* ctx.refused(path, error);
      }
    }
    for (;;) {
      const bytes = yield* readSome(ctx.sys, 0, () => {
        ctx.status = 1;
      });
      if (bytes.length === 0) return ctx.status;
      for (const fd of fds) yield* writeQuietly(ctx.sys, fd, bytes);
    }
  },
};

/** busybox's tee does not look at whether a file took what was written. */
function* writeQuietly(sys: Sys, fd: number, bytes: Uint8Array): Call<void> {
  try {
    yield* sys.write(fd, bytes);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}

export const seq: Applet = {
  usage: '[-w] [-s SEP] [FIRST [INC]] LAST',
  *main(ctx) {
    const args = ctx.args.map((arg) => (/^-[\d.]/.test(arg) ? ` ${arg}` : arg));
    const options = getopt(args, '+ws:');
    const rest = options.rest.map((each) => each.trim());
    if (rest.length === 0 || rest.length > 3) throw new Usage();
    if (rest.some((each) => !/^[-+]?(\d+\.?\d*|\.\d+)$/.test(each))) throw new Usage();
    const [first, step, last] =
      rest.length === 1 ? ['1', '1', rest[0]!] : rest.length === 2 ? [rest[0]!, '1', rest[1]!] : rest;
    const digits = Math.max(...[first, step].map((each) => each!.split('.')[1]?.length ?? 0));
    const [from, by, to] = [Number(first), Number(step), Number(last)];
    const width = options.has('w') ? Math.max(from.toFixed(digits).length, to.toFixed(digits).length) : 0;
    const separator = options.get('s') ?? '\n';
    let any = false;
    for (let i = 0; ; i++) {
      const value = from + i * by;
      if (by >= 0 ? value > to + 1e-12 : value < to - 1e-12) break;
      const text = value.toFixed(digits);
      ctx.out.put(`${any ? separator : ''}${value < 0 ? text : text.padStart(width, '0')}`);
      any = true;
      if (i % 256 === 255) yield* ctx.sys.burn(0.01);
      yield* ctx.out.drain();
    }
    if (any) ctx.out.put('\n');
    return 0;
  },
};

export const tac: Applet = {
  usage: '[FILE]...',
  *main(ctx) {
    // Read from the last one on.
    const texts: string[] = [];
    const { rest } = ctx.options('');
    for (const path of rest.length === 0 ? ['-'] : [...rest].reverse()) {
      const fd = yield* ctx.open(path, path);
      if (fd === undefined) continue;
      let failed: SysError | undefined;
      texts.push(
        fromBytes(
          yield* readAll(ctx.sys, fd, (error) => {
            failed = error;
          }),
        ),
      );
      ctx.close(fd);
      if (failed !== undefined) yield* ctx.refused(path, failed);
    }
    for (const text of texts.reverse()) ctx.out.raw((text.match(/[^\n]*\n|[^\n]+$/g) ?? []).reverse().join(''));
    return ctx.status;
  },
};

export const rev: Applet = {
  usage: '[FILE]...',
  *main(ctx) {
    yield* eachLine(ctx, ctx.options('').rest, (line, end) => ctx.out.raw([...line].reverse().join('') + end));
    return ctx.status;
  },
};

export const nl: Applet = {
  usage: '[OPTIONS] [FILE]...',
  *main(ctx) {
    const options = ctx.options('pb:i:s:v:w:');
    const number = (letter: string, otherwise: number): number => {
      const text = options.get(letter) ?? String(otherwise);
      if (!/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`);
      return Number(text);
    };
    const [width, step] = [number('w', 6), number('i', 1)];
    const style = options.get('b') ?? 't';
    let line = number('v', 1) - step;
    const between = byteString(options.get('s') ?? '\t');
    yield* eachLine(ctx, options.rest, (text) => {
      const counted = style === 'a' || (style === 't' && text !== '');
      if (counted) line += step;
      if (counted) ctx.out.raw(`${String(line).padStart(width)}${between}${text}\n`);
      else ctx.out.raw(`${' '.repeat(width + between.length)}${text}\n`);
    });
    return ctx.status;
  },
};
