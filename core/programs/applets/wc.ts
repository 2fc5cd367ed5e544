/** wc [-cmlwL] [FILE]... */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, reason } from '../lib/applet.ts';
import { fromBytes } from '../lib/bytes.ts';

interface Counts {
  l: number;
  w: number;
  m: number;
  c: number;
  L: number;
}

/** Counts piece by piece, so that what is counted may be as long as it likes. */
class Tally implements Counts {
  l = 0;
  w = 0;
  m = 0;
  c = 0;
  L = 0;
  private word = false;
  private line = 0;

  size(bytes: number): void {
    this.m += bytes;
    this.c += bytes;
  }

  add(text: string): void {
    this.size(text.length);
    const lines = text.split('\n');
    this.l += lines.length - 1;
    this.w += (text.match(/[^\s]+/g)?.length ?? 0) - (this.word && /^[^\s]/.test(text) ? 1 : 0);
    this.word = /[^\s]/.test(text.at(-1) ?? '');
    for (const [i, { length }] of lines.entries()) {
      this.line = i === 0 ? this.line + length : length;
      this.L = Math.max(this.L, this.line);
    }
  }
}

function* measure(ctx: Ctx, fd: number, sizeOnly: boolean): Call<Counts> {
  const tally = new Tally();
  for (;;) {
    const bytes = yield* ctx.sys.read(fd);
    if (bytes.length === 0) return tally;
    if (sizeOnly) tally.size(bytes.length);
    else tally.add(fromBytes(bytes));
  }
}

export const wc: Applet = {
  usage: '[-cmlwL] [FILE]...',
  *main(ctx) {
    const options = ctx.options('cmlwL');
    const order = ['l', 'w', 'm', 'c', 'L'] as const;
    const asked = order.filter((each) => options.has(each));
    const shown = asked.length === 0 ? (['l', 'w', 'c'] as const) : asked;
    const total: Counts = { l: 0, w: 0, m: 0, c: 0, L: 0 };
    const paths = options.rest.length === 0 ? ['-'] : options.rest;
    const row = (counts: Counts, name: string): string => {
      const width = shown.length === 1 && paths.length === 1 ? 0 : 9;
      return `${shown.map((each) => String(counts[each]).padStart(width)).join(' ')}${name === '' ? '' : ` ${name}`}\n`;
    };
    for (const path of paths) {
      const fd = yield* ctx.open(path, path);
      if (fd === undefined) continue;
      let counts: Counts;
      try {
        // The size of a file that is known only by its digest is known.
        const stat = attempt(() => ctx.sys.fstat(fd));
        const sizeOnly = shown.length === 1 && shown[0] === 'c' && stat?.type === 'file' && path !== '-';
        counts = sizeOnly
          ? { l: 0, w: 0, m: 0, c: stat.size, L: 0 }
          : yield* measure(
              ctx,
              fd,
              shown.every((each) => each === 'c'),
            );
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* ctx.warn(`${path}: ${reason(error)}`);
        counts = { l: 0, w: 0, m: 0, c: 0, L: 0 };
      } finally {
        ctx.close(fd);
      }
      for (const each of ['l', 'w', 'm', 'c'] as const) total[each] += counts[each];
      total.L = Math.max(total.L, counts.L);
      ctx.out.put(row(counts, options.rest.length === 0 ? '' : path));
    }
    if (paths.length > 1) ctx.out.put(row(total, 'total'));
    return ctx.status;
  },
};
