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
    const width = Number(options.get('w') ?? '80');
    if (!Number.isInteger(width)) throw new Die(`invalid number '${options.get('w')}'`);
    yield* eachLine(ctx, options.rest, (line, end) => ctx.out.raw(folded(line + end, width, options.has('s'))));
    return ctx.status;
  },
};

function folded(line: string, width: number, atSpaces: boolean): string {
  let rest = line.endsWith('\n') ? line.slice(0, -1) : line;
  let done = '';
  while (rest.length > width) {
    const space = atSpaces ? rest.lastIndexOf(' ', width - 1) : -1;
    const cut = space >= 0 ? space + 1 : width;
    done += `${rest.slice(0, cut)}\n`;
    rest = rest.slice(cut);
  }
  return `${done}${rest}${line.endsWith('\n') ? '\n' : ''}`;
}
