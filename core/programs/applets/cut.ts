/** cut and tr. */
import { type Applet, Die, reason, Usage } from '../lib/applet.ts';
import { byteString, fromBytes } from '../lib/bytes.ts';
import { unescapeText } from '../lib/escapes.ts';
import { readSome } from '../lib/io.ts';
import { eachLine } from '../lib/textin.ts';

type Range = readonly [from: number, to: number];

/** As busybox 1.35 reads them: 0 is as good as 1, and a range may end one before it begins: of bytes it is one then. */
function ranges(list: string, bytes: boolean): Range[] {
  const number = (text: string): number => {
    if (!/^\d+$/.test(text) || Number(text) > 0x7fffffff) throw new Die(`invalid number '${text}'`);
    return Number(text);
  };
  const parts = list.split(',').filter((part) => part !== '');
  if (parts.length === 0) throw new Die('missing list of positions');
  return parts.map((part) => {
    const at = part.indexOf('-');
    const [first, last] = at < 0 ? [part, undefined] : [part.slice(0, at), part.slice(at + 1)];
    const from = first === '' ? 1 : Math.max(1, number(first));
    if (last === undefined) return [from, from];
    if (last === '') return [from, Number.POSITIVE_INFINITY];
    const to = number(last);
    if (to < from - 1) throw new Die(`${to}<${from - 1}`);
    return [from, bytes ? Math.max(from, to) : to];
  });
}

const within = (at: number, list: readonly Range[]): boolean => list.some(([from, to]) => at >= from && at <= to);

export const cut: Applet = {
  usage: '[OPTIONS] [FILE]...',
  *main(ctx) {
    const options = ctx.options('b:c:f:F:d:O:snD');
    const kinds = (['F', 'f', 'c', 'b'] as const).filter((each) => options.has(each));
    if (kinds.length === 0) throw new Die('expected a list of bytes, characters, or fields');
    if (kinds.filter((each) => each !== 'F').length > 1) throw new Usage();
    if (['b', 'c', 'f'].some((each) => options.all(each).length > 1)) throw new Usage();
    const bytes = kinds[0] === 'c' || kinds[0] === 'b';
    if (bytes && options.has('s'))
      throw new Die('suppressing non-delimited lines makes sense only when operating on fields');
    if (bytes && options.has('d')) throw new Die('a delimiter may be specified only when operating on fields');
    const list = ranges(options.get(kinds[0]!)!, bytes);
    const unsorted = options.has('D') || kinds[0] === 'F';
    const delimiter = byteString(options.get('d') ?? '\t') || '\0';
    const pick = (line: string): string | undefined => {
      const chars = bytes;
      const fields = chars ? [...line] : line.split(kinds[0] === 'F' ? /[ \t]+/ : delimiter);
      if (!chars && fields.length === 1) return options.has('s') && line !== '' ? undefined : line;
      const between = chars ? '' : byteString(options.get('O') ?? (kinds[0] === 'F' ? ' ' : delimiter));
      if (!unsorted) return fields.filter((_, i) => within(i + 1, list)).join(between);
      return list.flatMap(([from, to]) => fields.slice(from - 1, to)).join(between);
    };
    yield* eachLine(ctx, options.rest, (line) => {
      const picked = pick(line);
      if (picked !== undefined) ctx.out.raw(`${picked}\n`);
    });
    return ctx.status;
  },
};

const classes: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /\d/,
  alnum: /[A-Za-z0-9]/,
  lower: /[a-z]/,
  upper: /[A-Z]/,
  space: /[\t-\r ]/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  cntrl: /[\x00-\x1f\x7f]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** `a-z`, `[:upper:]`, `[=e=]`, `\n` to the characters meant, from left to right. */
function expandSet(spec: string): string {
  const text = byteString(spec);
  let set = '';
  let at = 0;
  const next = (): string => {
    const escaped = text[at] === '\\' ? /^\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/.exec(text.slice(at)) : null;
    const taken = escaped?.[0] ?? text[at]!;
    at += taken.length;
    const { text: meant } = unescapeText(taken, 'printf');
    if (meant.length <= 1) return meant;
    // What is no escape is a backslash, and the character after it stays.
    at -= meant.length - 1;
    return meant[0]!;
  };
  while (at < text.length) {
    const start = at;
    const c = next();
    if (text[at] === '-' && at + 1 < text.length) {
      at++;
      const last = next();
      // A range that goes back is empty.
      for (let code = c.charCodeAt(0); code <= last.charCodeAt(0); code++) set += String.fromCharCode(code);
      continue;
    }
    if (c === '[' && text[at] === '=') {
      if (!/^=[\s\S]=\]/.test(text.slice(at))) throw new Usage();
      set += text[at + 1]!;
      at += 4;
      continue;
    }
    const named = c === '[' ? /^\[:([a-z]{5,6}):\]/.exec(text.slice(start)) : null;
    const members = named === null ? undefined : classes[named[1]!];
    if (named === null || members === undefined) {
      set += c;
      continue;
    }
    at = start + named[0].length;
    for (let i = 0; i < 256; i++) if (members.test(String.fromCharCode(i))) set += String.fromCharCode(i);
  }
  return set;
}

export const tr: Applet = {
  usage: '[-cds] STRING1 [STRING2]',
  *main(ctx) {
    const options = ctx.options('+Ccds');
    const [first, second] = options.rest;
    if (first === undefined) throw new Usage();
    let from = expandSet(first);
    if (options.has('c') || options.has('C')) {
      from = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i))
        .filter((c) => !from.includes(c))
        .join('');
    }
    if (second === '' && !options.has('d')) throw new Die('STRING2 cannot be empty');
    const to = second === undefined || second === '' ? undefined : expandSet(second);
    const map = new Map<string, string>();
    if (to !== undefined && !options.has('d')) {
      for (const [i, c] of [...from].entries()) map.set(c, to[Math.min(i, to.length - 1)]!);
    }
    const squeeze = options.has('s') ? new Set(to ?? from) : new Set<string>();
    const drop = options.has('d') ? new Set(from) : new Set<string>();
    let last = '';
    for (;;) {
      const bytes = yield* readSome(ctx.sys, 0, (error) => {
        throw new Die(`read error: ${reason(error)}`);
      });
      if (bytes.length === 0) return 0;
      let done = '';
      for (const c of fromBytes(bytes)) {
        if (drop.has(c)) continue;
        const mapped = map.get(c) ?? c;
        if (mapped === last && squeeze.has(mapped)) continue;
        last = mapped;
        done += mapped;
      }
      ctx.out.raw(done);
      yield* ctx.out.drain();
    }
  },
};
