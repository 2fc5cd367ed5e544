/** paste, fold and shuf. */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die } from '../lib/applet.ts';
import { byteString } from '../lib/bytes.ts';
import { unescapeText } from '../lib/escapes.ts';
import { Lines } from '../lib/io.ts';
import { eachLine } from '../lib/textin.ts';

export const paste: Applet = {
  usage: '[-d LIST] [-s] [FILE]...',
  *main(ctx) {
    const options = ctx.options('d:s');
    const between = [...unescapeText(byteString(options.get('d') ?? '\t'), 'printf').text];
    if (between.length === 0) throw new Die("-d '' is not supported");
    const separator = (i: number): string => (between[i % between.length] ?? '').replace('\0', '');
    const files: Lines[] = [];
    const standard = new Lines(ctx.sys, 0);
    for (const path of options.rest.length === 0 ? ['-'] : options.rest) {
      const fd = yield* ctx.open(path, path);
      if (fd === undefined) return 1;
      files.push(fd === 0 ? standard : new Lines(ctx.sys, fd));
    }
    if (options.has('s')) for (const file of files) yield* serially(ctx, file, separator);
    else while (yield* inParallel(ctx, files, separator));
    return 0;
  },
};

function* serially(ctx: Ctx, file: Lines, separator: (i: number) => string): Call<void> {
  let line = yield* file.next();
  for (let i = 0; line !== undefined; i++) {
    const next = yield* file.next();
    ctx.out.raw(line.replace(/\n$/, '') + (next === undefined ? '\n' : separator(i)));
    yield* ctx.out.drain();
    line = next;
  }
}

/** As busybox does it: a file at its end is passed over, its separator too, and only the last one's line ends the row. */
function* inParallel(ctx: Ctx, files: readonly Lines[], separator: (i: number) => string): Call<boolean> {
  let text = '';
  let used = 0;
  let any = false;
  for (const [i, file] of files.entries()) {
    const line = yield* file.next();
    if (line === undefined) continue;
    any = true;
    text += line.replace(/\n$/, '') + (i === files.length - 1 ? '\n' : separator(used++));
  }
  ctx.out.raw(text);
  yield* ctx.out.drain();
  return any;
}

export const fold: Applet = {
  usage: '[-bs] [-w WIDTH] [FILE]...',
  *main(ctx) {
    const options = ctx.options('bsw:');
    const text = options.get('w') ?? '80';
    if (!/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`);
    const width = Number(text);
    if (width < 1 || width > 10_000) throw new Die(`number ${text} is not in 1..10000 range`);
    yield* eachLine(
      ctx,
      options.rest,
      (line, end) => ctx.out.raw(folded(line + end, width, options.has('s'), options.has('b'))),
      {
        *unread(path) {
          yield* ctx.warn(`${path}: Input/output error`);
        },
      },
    );
    return ctx.status;
  },
};

/** Columns: a tab goes on to the next one of eight, a backspace and a carriage return go back; with -b each byte is one. */
function folded(line: string, width: number, atSpaces: boolean, bytes: boolean): string {
  const step = (column: number, c: string): number => {
    if (bytes) return column + 1;
    if (c === '\b') return Math.max(0, column - 1);
    if (c === '\r') return 0;
    return c === '\t' ? column + 8 - (column % 8) : column + 1;
  };
  let done = '';
  let row = '';
  let column = 0;
  for (const c of line) {
    if (c === '\n') {
      done += row + c;
      [row, column] = ['', 0];
      continue;
    }
    for (;;) {
      const next = step(column, c);
      if (next <= width || row === '') {
        column = next;
        break;
      }
      const space = atSpaces ? Math.max(row.lastIndexOf(' '), row.lastIndexOf('\t')) : -1;
      done += `${space < 0 ? row : row.slice(0, space + 1)}\n`;
      row = space < 0 ? '' : row.slice(space + 1);
      column = [...row].reduce(step, 0);
    }
    row += c;
  }
  return done + row;
}
