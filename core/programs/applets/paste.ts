/** paste, fold and shuf. */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, Die } from '../lib/applet.ts';
import { byteString, fromBytes } from '../lib/bytes.ts';
import { unescapeText } from '../lib/escapes.ts';
import { readAll, splitLines } from '../lib/io.ts';
import { eachFile } from '../lib/textin.ts';

export const paste: Applet = {
  usage: '[-d LIST] [-s] [FILE]...',
  *main(ctx) {
    const options = ctx.options('d:s');
    const between = [...unescapeText(byteString(options.get('d') ?? '\t'), 'printf').text];
    const separator = (i: number): string => (between[i % between.length] ?? '').replace('\0', '');
    const files: string[][] = [];
    for (const path of options.rest.length === 0 ? ['-'] : options.rest) {
      const fd = yield* ctx.open(path, path);
      if (fd === undefined) return 1;
      files.push(splitLines(fromBytes(yield* readAll(ctx.sys, fd))));
      ctx.close(fd);
    }
    if (!options.has('s')) ctx.out.raw(inParallel(files, separator));
    else {
      for (const lines of files)
        ctx.out.raw(lines.map((line, i) => line + (i < lines.length - 1 ? separator(i) : '\n')).join(''));
    }
    return 0;
  },
};

/** As busybox does it: a file at its end is passed over, its separator too, and only the last one's line ends the row. */
function inParallel(files: readonly (readonly string[])[], separator: (i: number) => string): string {
  let text = '';
  const longest = Math.max(...files.map((lines) => lines.length));
  for (let row = 0; row < longest; row++) {
    let used = 0;
    for (const [i, lines] of files.entries()) {
      if (lines[row] === undefined) continue;
      text += lines[row]! + (i === files.length - 1 ? '\n' : separator(used++));
    }
  }
  return text;
}

export const fold: Applet = {
  usage: '[-bs] [-w WIDTH] [FILE]...',
  *main(ctx) {
    const options = ctx.options('bsw:');
    const width = Number(options.get('w') ?? '80');
    if (!Number.isInteger(width)) throw new Die(`invalid number '${options.get('w')}'`);
    yield* eachFile(ctx, options.rest, function* each({ text }): Call<void> {
      for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) ctx.out.raw(folded(line, width, options.has('s')));
    });
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
