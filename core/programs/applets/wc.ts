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
    for (let i = 0; i < text.length; i++) {
      const byte = text.charCodeAt(i);
      // What is neither printable nor white space counts for nothing.
      if (byte > 32 && byte < 127) {
        if (!this.word) this.w++;
        this.word = true;
        this.line++;
      } else if (byte === 32 || (byte >= 9 && byte <= 13)) this.space(byte);
    }
    this.L = Math.max(this.L, this.line);
  }

  private space(byte: number): void {
    this.word = false;
    if (byte === 32) this.line++;
    else if (byte === 9) this.line = (this.line | 7) + 1;
    else {
      this.L = Math.max(this.L, this.line);
      if (byte === 10) this.l++;
      if (byte !== 11) this.line = 0;
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
        yield* ctx.warn(`${options.rest.length === 0 ? 'standard input' : path}: ${reason(error)}`);
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
