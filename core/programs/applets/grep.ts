/** grep, egrep, fgrep. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, Usage } from '../lib/applet.ts';
import { byteString, fromBytes } from '../lib/bytes.ts';
import type { Options } from '../lib/getopt.ts';
import { Lines, readAll, splitLines } from '../lib/io.ts';
import { BadRegex, posixRegex } from '../lib/regex.ts';

interface Search {
  readonly ctx: Ctx;
  readonly options: Options;
  readonly regexes: readonly RegExp[];
  readonly named: boolean;
  readonly before: number;
  readonly after: number;
  /** What ends a line. */
  readonly end: string;
  found: boolean;
  done: boolean;
}

export const grep: Applet = {
  usage: '[-HhnlLoqvsrRiwFEz] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...',
  usageCode: 2,
  *main(ctx) {
    const options = ctx.options('lnqvscFiHhe:f:LorRm:wxEA:B:C:az', { color: 'a' });
    const patterns = [...options.all('e')];
    for (const file of options.all('f')) patterns.push(...(yield* patternFile(ctx, file)));
    let files = options.rest;
    if (!options.has('e') && !options.has('f')) {
      if (files.length === 0) throw new Usage();
      patterns.push(...files[0]!.split('\n'));
      files = files.slice(1);
    }
    const recursive = options.has('r') || options.has('R');
    if (files.length === 0) files = recursive ? ['.'] : ['-'];
    const context = Number(options.get('C') ?? '0');
    const search: Search = {
      ctx,
      options,
      regexes: patterns.map((pattern) => compile(pattern, options, ctx.name)),
      named: options.last('h', 'H') === 'H' || (options.last('h', 'H') !== 'h' && (files.length > 1 || recursive)),
      before: Number(options.get('B') ?? context),
      after: Number(options.get('A') ?? context),
      end: options.has('z') ? '\0' : '\n',
      found: false,
      done: false,
    };
    for (const file of files) yield* visit(search, file, recursive);
    if (search.found && options.has('q')) return 0;
    return ctx.status !== 0 ? 2 : search.found ? 0 : 1;
  },
};

function* patternFile(ctx: Ctx, path: string): Call<string[]> {
  const fd = yield* ctx.open(path, path);
  if (fd === undefined) throw new Die(`can't open '${path}'`, 2);
  const text = fromBytes(yield* readAll(ctx.sys, fd));
  ctx.close(fd);
  return splitLines(text);
}

function compile(pattern: string, options: Options, name: string): RegExp {
  const flags = options.has('i') ? 'gi' : 'g';
  const bytes = byteString(pattern);
  const fixed = options.has('F') || name === 'fgrep';
  const extended = options.has('E') || name === 'egrep';
  try {
    return posixRegex(bytes, extended, flags, { fixed, whole: options.has('x'), word: options.has('w') });
  } catch (error) {
    if (error instanceof BadRegex) throw new Die(error.message, 2);
    throw error;
  }
}

function* visit(search: Search, path: string, recursive: boolean): Call<void> {
  if (search.done) return;
  const { ctx } = search;
  if (recursive && attempt(() => ctx.sys.stat(path))?.type === 'dir') {
    for (const entry of ctx.sys.readdir(path)) {
      const inner = `${path.replace(/\/+$/, '')}/${entry.name}`;
      if (entry.type !== 'symlink') yield* visit(search, inner, true);
    }
    return;
  }
  let fd: number | undefined;
  try {
    fd = path === '-' ? 0 : ctx.sys.open(path, { read: true });
    yield* one(search, path === '-' ? '(standard input)' : path, fd);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (search.options.has('s')) ctx.status = 2;
    else yield* ctx.refused(path, error);
  } finally {
    if (fd !== undefined) ctx.close(fd);
  }
}

/** Line by line, and no further than is needed to know. */
function* one(search: Search, path: string, fd: number): Call<void> {
  const { ctx, options } = search;
  const lines = new Lines(ctx.sys, fd, search.end);
  const limit = Number(options.get('m') ?? Number.POSITIVE_INFINITY);
  const quiet = options.has('q') || options.has('l') || options.has('L') || options.has('c');
  const before: string[] = [];
  let hits = 0;
  let printed = -1;
  let trailing = 0;
  for (let i = 0; hits < limit || trailing > 0; i++) {
    const next = yield* lines.next();
    if (next === undefined) break;
    const line = next.endsWith(search.end) ? next.slice(0, -1) : next;
    if (matches(search.regexes, line) === options.has('v')) {
      if (trailing > 0) {
        trailing--;
        printed = i;
        if (!quiet) print(search, path, i, line, '-');
      } else if (search.before > 0 && before.push(line) > search.before) before.shift();
      yield* ctx.out.drain();
      continue;
    }
    if (hits >= limit) break;
    hits++;
    if (quiet) {
      if (!options.has('c')) break;
      continue;
    }
    const from = i - before.length;
    if ((search.before > 0 || search.after > 0) && printed >= 0 && from > printed + 1) ctx.out.put('--\n');
    before.splice(0).forEach((text, j) => {
      print(search, path, from + j, text, '-');
    });
    print(search, path, i, line, ':');
    printed = i;
    trailing = search.after;
    yield* ctx.out.drain();
  }
  search.found ||= hits > 0 !== options.has('L');
  if (options.has('q')) search.done = search.found;
  else if (options.has('l') || options.has('L')) {
    if (hits > 0 === options.has('l')) ctx.out.put(`${path}\n`);
  } else if (options.has('c')) ctx.out.put(`${search.named ? `${path}:` : ''}${hits}\n`);
  yield* ctx.out.drain();
}

function matches(regexes: readonly RegExp[], line: string): boolean {
  return regexes.some((regex) => {
    regex.lastIndex = 0;
    return regex.test(line);
  });
}

function print(search: Search, path: string, index: number, line: string, mark: ':' | '-'): void {
  const { ctx, options } = search;
  const prefix = `${search.named ? `${path}${mark}` : ''}${options.has('n') ? `${index + 1}${mark}` : ''}`;
  if (!options.has('o')) {
    ctx.out.put(prefix);
    ctx.out.raw(line + search.end);
    return;
  }
  if (options.has('v')) return;
  for (const regex of search.regexes) {
    regex.lastIndex = 0;
    for (const [hit] of line.matchAll(regex)) {
      if (hit === '') continue;
      ctx.out.put(prefix);
      ctx.out.raw(hit + search.end);
    }
  }
}
