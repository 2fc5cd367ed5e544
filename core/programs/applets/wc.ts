/** wc [-cmlwL] [FILE]... */
import { SysError } from '../../errors.ts';
import { type Applet, attempt, reason } from '../lib/applet.ts';
import { fromBytes } from '../lib/bytes.ts';
import { readAll } from '../lib/io.ts';

interface Counts {
  l: number;
  w: number;
  m: number;
  c: number;
  L: number;
}

function measure(text: string): Counts {
  const lines = text.split('\n');
  return {
    l: lines.length - 1,
    w: text.match(/[^\s]+/g)?.length ?? 0,
    m: text.length,
    c: text.length,
    L: Math.max(...lines.map((line) => line.length)),
  };
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
        counts = sizeOnly ? { l: 0, w: 0, m: 0, c: stat.size, L: 0 } : measure(fromBytes(yield* readAll(ctx.sys, fd)));
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* ctx.warn(`${path}: ${reason(error)}`);
        continue;
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
