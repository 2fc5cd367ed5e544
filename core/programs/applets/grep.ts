/** grep, egrep, fgrep. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, Usage } from '../lib/applet.ts';
import { byteString, fromBytes } from '../lib/bytes.ts';
import type { Options } from '../lib/getopt.ts';
import { Lines, readAll, splitLines } from '../lib/io.ts';
import { BadRegex, posixRegex } from '../lib/regex.ts';

interface Pattern {
  readonly regex: RegExp;
  /** With -F: what `-o` shows of a hit. */
  readonly fixed: string | undefined;
}

interface Search {
  readonly ctx: Ctx;
  readonly options: Options;
  readonly patterns: readonly Pattern[];
  readonly named: boolean;
  readonly before: number;
  readonly after: number;
  /** What ends a line. */
  readonly end: string;
  /** Lines of one file at most. */
  readonly limit: number;
  /** Number of the line that was printed last, of whichever file. */
  last: number | undefined;
  found: boolean;
  done: boolean;
}

export const grep: Applet = {
  usage: '[-HhnlLoqvsrRiwFEz] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...',
  usageCode: 2,
  *main(ctx) {
    const options = ctx.options('lnqvscFiHhe:f:LorRm:wxEA:B:C:azO::', { color: 'O' });
    const patterns = [...options.all('e')];
    for (const file of options.all('f')) patterns.push(...(yield* patternFile(ctx, file)));
    let files = options.rest;
    if (!options.has('e') && !options.has('f')) {
      if (files.length === 0) throw new Usage();
      patterns.push(...files[0]!.split('\n'));
      files = files.slice(1);
    }
    const recursive = options.has('r') || options.has('R');
    if (files.length === 0) files = ['-'];
    const number = (letter: string, otherwise: number): number => {
      const text = options.get(letter);
      if (text !== undefined && !/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`, 2);
      return text === undefined ? otherwise : Number(text);
    };
    const context = number('C', 0);
    // A single file is named when it is a directory that is gone through.
    const several = files.length > 1 || (recursive && attempt(() => ctx.sys.stat(files[0]!))?.type === 'dir');
    const search: Search = {
      ctx,
      options,
      // The one that was given last is tried first, and `-o` shows what fits the one that was found.
      patterns: patterns.map((pattern) => compile(pattern, options, ctx.name)).reverse(),
      named: options.last('h', 'H') === 'H' || (options.last('h', 'H') !== 'h' && several),
      before: number('B', context),
      after: number('A', context),
      limit: number('m', Number.POSITIVE_INFINITY),
      last: undefined,
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
  if (fd === undefined) throw new Die('', 2);
  const text = fromBytes(yield* readAll(ctx.sys, fd));
  ctx.close(fd);
  return splitLines(text);
}

function compile(pattern: string, options: Options, name: string): Pattern {
  const flags = options.has('i') ? 'gi' : 'g';
  const bytes = byteString(pattern);
  const fixed = options.has('F') || name === 'fgrep';
  const extended = options.has('E') || name === 'egrep';
  // Extended expressions may begin with a star, which repeats nothing.
  const text = extended && !fixed ? bytes.replace(/^\*+/, '') : bytes;
  try {
    const regex = posixRegex(text, extended, flags, { fixed, whole: options.has('x'), word: options.has('w') });
    return { regex, fixed: fixed ? bytes : undefined };
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
      // A link to a directory is gone into with -R only; one to a file is a file.
      const gone = entry.type === 'symlink' ? attempt(() => ctx.sys.stat(inner)) : undefined;
      if (entry.type === 'symlink' && gone === undefined) {
        if (!search.options.has('s')) yield* ctx.complain(`${ctx.name}: ${inner}: No such file or directory\n`);
      } else if (gone?.type !== 'dir' || search.options.has('R')) yield* visit(search, inner, true);
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
  const { limit } = search;
  const only = options.has('q') || options.has('l') || options.has('L');
  const quiet = only || options.has('c');
  const before: string[] = [];
  let count = 0;
  let trailing = 0;
  for (let i = 0; count < Math.max(1, limit) || trailing > 0; i++) {
    const next = yield* lines.next();
    if (next === undefined) break;
    const line = next.endsWith(search.end) ? next.slice(0, -1) : next;
    const fits = fitting(search.patterns, line);
    if ((fits !== undefined) === options.has('v')) {
      if (trailing > 0) {
        trailing--;
        if (!quiet) print(search, path, i, line, '-');
      } else if (search.before > 0 && before.push(line) > search.before) before.shift();
      yield* ctx.out.drain();
      continue;
    }
    if (count >= Math.max(1, limit)) break;
    count++;
    if (only) break;
    if (limit === 0) break;
    if (quiet) continue;
    const from = i - before.length;
    before.splice(0).forEach((text, j) => {
      print(search, path, from + j, text, '-');
    });
    if (!options.has('o')) print(search, path, i, line, ':');
    else if (fits !== undefined) for (const hit of hits(fits, line)) print(search, path, i, hit, ':');
    trailing = search.after;
    yield* ctx.out.drain();
  }
  search.found ||= count > 0 ? options.has('q') || options.has('l') || !options.has('L') : options.has('L');
  if (count > 0 && only) {
    search.done = options.has('q');
    if (!search.done && options.has('l')) ctx.out.put(`${path}\n`);
  } else {
    if (options.has('c')) ctx.out.put(`${search.named ? `${path}:` : ''}${count}\n`);
    if (options.has('L')) ctx.out.put(`${path}\n`);
  }
  yield* ctx.out.drain();
}

function fitting(patterns: readonly Pattern[], line: string): Pattern | undefined {
  return patterns.find(({ regex }) => {
    regex.lastIndex = 0;
    return regex.test(line);
  });
}

/** What `-o` shows of a line; a fixed pattern once, as it was given. */
function hits({ regex, fixed }: Pattern, line: string): string[] {
  if (fixed !== undefined) return [fixed];
  regex.lastIndex = 0;
  return [...line.matchAll(regex)].map(([hit]) => hit).filter((hit) => hit !== '');
}

function print(search: Search, path: string, index: number, text: string, mark: ':' | '-'): void {
  const { ctx, options } = search;
  const context = search.before > 0 || search.after > 0;
  if (context && search.last !== undefined && search.last !== index) ctx.out.put('--\n');
  search.last = index + 1;
  ctx.out.put(`${search.named ? `${path}${mark}` : ''}${options.has('n') ? `${index + 1}${mark}` : ''}`);
  // Of what -o and -v leave together, only that stands there.
  if (!(options.has('o') && options.has('v'))) ctx.out.raw(text + search.end);
}
