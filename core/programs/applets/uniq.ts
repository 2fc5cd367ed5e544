/** uniq: runs of equal lines, each once (busybox coreutils/uniq.c). */
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import type { Options } from '../lib/getopt.ts';
import { LineInput } from '../lib/textin.ts';

export const uniq: Applet = {
  usage: '[-cduiz] [-f,s,w N] [FILE [OUTFILE]]',
  *main(ctx) {
    const options = ctx.options('cduf:s:w:iz');
    const [input, output, more] = options.rest;
    if (more !== undefined) throw new Usage();
    const keyOf = comparing(options);
    const end = options.has('z') ? '\0' : '\n';
    if (input !== undefined && input !== '-') {
      const fd = yield* ctx.open(input);
      if (fd === undefined) return 1;
      ctx.close(fd);
    }
    if (output !== undefined && output !== '-') redirect(ctx, output);
    // A NUL ends a line too, with or without -z.
    let waiting: string[] = [];
    const lines = new LineInput(ctx, input === undefined ? [] : [input], '\n', {
      unopened: (path) => `can't open '${path}'`,
      *unread() {
        throw new Die(`${input ?? '(null)'}: I/O error`);
      },
    });
    let run: { readonly line: string; readonly key: string; count: number } | undefined;
    const show = (): void => {
      if (run === undefined || (options.has('d') && run.count === 1) || (options.has('u') && run.count > 1)) return;
      ctx.out.raw(`${options.has('c') ? `${String(run.count).padStart(7)} ` : ''}${run.line}${end}`);
    };
    for (;;) {
      if (waiting.length === 0) waiting = ((yield* lines.next()) ?? '').match(/[^\0\n]*[\0\n]|[^\0\n]+/g) ?? [];
      const line = waiting.shift()?.replace(/[\0\n]$/, '');
      const key = line === undefined ? undefined : keyOf(line);
      if (run !== undefined && run.key === key) run.count++;
      else {
        show();
        run = line === undefined || key === undefined ? undefined : { line, key, count: 1 };
      }
      if (line === undefined) return ctx.status;
      yield* ctx.out.drain();
    }
  },
};

/** What of a line is compared: not the fields and characters that are skipped, and so many after them. */
function comparing(options: Options): (line: string) => string {
  const number = (letter: string, otherwise: number): number => {
    const text = options.get(letter);
    if (text !== undefined && !/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`);
    return text === undefined ? otherwise : Number(text);
  };
  const [fields, chars, width] = [number('f', 0), number('s', 0), number('w', Number.POSITIVE_INFINITY)];
  return (line) => {
    let text = line;
    for (let i = 0; i < fields; i++) text = text.replace(/^\s*\S*/, '');
    text = text.slice(chars, chars + width);
    return options.has('i') ? text.toLowerCase() : text;
  };
}

function redirect(ctx: Ctx, path: string): void {
  try {
    const fd = ctx.sys.open(path, { write: true, create: true, truncate: true }, 0o666);
    ctx.sys.dup2(fd, 1);
    ctx.sys.close(fd);
  } catch (error) {
    throw new Die(`can't open '${path}': ${reason(error)}`);
  }
}
