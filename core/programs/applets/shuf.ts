/**
 * shuf: lines in another order. The simulation has no chance of its own (the same lines always give the same history), so the
 * order is drawn from the process' number and the clock, by a generator of 32 bits.
 */
import { type Applet, type Ctx, Die, Usage } from '../lib/applet.ts';
import { byteString, fromBytes, toBytes } from '../lib/bytes.ts';
import { readAll, splitLines } from '../lib/io.ts';

export const shuf: Applet = {
  usage: '[-n NUM] [-o FILE] [-z] [FILE | -e [ARG...] | -i L-H]',
  *main(ctx) {
    const options = ctx.options('ei:n:o:z');
    const range = options.get('i');
    if (options.rest.length > (range === undefined ? 1 : 0) && !options.has('e')) throw new Usage();
    if (range !== undefined && options.has('e')) throw new Usage();
    let lines: string[];
    if (options.has('e')) lines = options.rest.map(byteString);
    else if (range !== undefined) lines = numbers(range);
    else {
      const fd = yield* ctx.open(options.rest[0] ?? '-', options.rest[0]);
      if (fd === undefined) return 1;
      lines = splitLines(fromBytes(yield* readAll(ctx.sys, fd, () => undefined)));
    }
    const count = options.get('n') ?? String(lines.length);
    if (!/^\d+$/.test(count)) throw new Die(`invalid number '${count}'`);
    shuffle(lines, ctx);
    const end = options.has('z') ? '\0' : '\n';
    const text = lines
      .slice(0, Number(count))
      .map((line) => line + end)
      .join('');
    const file = options.get('o');
    if (file === undefined) ctx.out.raw(text);
    else {
      const fd = ctx.sys.open(file, { write: true, create: true, truncate: true }, 0o666);
      yield* ctx.sys.write(fd, toBytes(text));
    }
    return 0;
  },
};

function numbers(range: string): string[] {
  const [, low, high] = /^(\d+)-(\d+)$/.exec(range) ?? [];
  if (low === undefined || high === undefined || Number(low) > Number(high)) throw new Die(`bad range '${range}'`);
  return Array.from({ length: Number(high) - Number(low) + 1 }, (_, i) => String(Number(low) + i));
}

/** Fisher and Yates, with a generator by Marsaglia (xorshift). */
function shuffle(lines: string[], { sys }: Ctx): void {
  let state = (sys.pid * 2_654_435_761 + sys.now()) | 1;
  for (let i = lines.length - 1; i > 0; i--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const at = (state >>> 0) % (i + 1);
    [lines[i], lines[at]] = [lines[at]!, lines[i]!];
  }
}
