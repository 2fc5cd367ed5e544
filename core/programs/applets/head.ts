/** head and tail; `tail -f` follows one file until it is ended. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, reason } from '../lib/applet.ts';
import { fromBytes } from '../lib/bytes.ts';
import { getopt, type Options } from '../lib/getopt.ts';
import { Lines, readAll } from '../lib/io.ts';
import { parseSize } from '../lib/size.ts';
import { duration } from './trivial.ts';

/** `-5` is `-n 5`. */
function classic(args: readonly string[]): string[] {
  return args.map((arg, i) => (i === 0 && /^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg));
}

function count(text: string): number {
  const size = parseSize(text.replace(/^[-+]/, ''));
  if (size === undefined) throw new Die(`invalid number '${text}'`);
  return size;
}

function header(ctx: Ctx, path: string, first: boolean): void {
  ctx.out.put(`${first ? '' : '\n'}==> ${path === '-' ? 'standard input' : path} <==\n`);
}

export const head: Applet = {
  usage: '[OPTIONS] [FILE]...',
  *main(ctx) {
    const options = getoptOf(ctx, 'n:c:qv');
    const bytes = options.has('c');
    const text = options.get(bytes ? 'c' : 'n') ?? '10';
    const amount = count(text);
    const paths = options.rest.length === 0 ? ['-'] : options.rest;
    const titled = (paths.length > 1 && !options.has('q')) || options.has('v');
    for (const [i, path] of paths.entries()) {
      const fd = yield* ctx.open(path, path);
      if (fd === undefined) continue;
      if (titled) header(ctx, path, i === 0);
      if (text.startsWith('-')) yield* allBut(ctx, fd, amount, bytes);
      else if (bytes) yield* firstBytes(ctx, fd, amount);
      else yield* firstLines(ctx, fd, amount);
      ctx.close(fd);
    }
    return ctx.status;
  },
};

function getoptOf(ctx: Ctx, spec: string): Options {
  return getopt(classic(ctx.args), spec);
}

function* firstLines(ctx: Ctx, fd: number, amount: number): Call<void> {
  const lines = new Lines(ctx.sys, fd);
  for (let i = 0; i < amount; i++) {
    const line = yield* lines.next();
    if (line === undefined) return;
    ctx.out.raw(line);
    yield* ctx.out.drain();
  }
}

function* firstBytes(ctx: Ctx, fd: number, amount: number): Call<void> {
  for (let left = amount; left > 0; ) {
    const chunk = yield* ctx.sys.read(fd, Math.min(left, 65_536));
    if (chunk.length === 0) return;
    yield* ctx.out.bytes(chunk);
    left -= chunk.length;
  }
}

function* allBut(ctx: Ctx, fd: number, amount: number, bytes: boolean): Call<void> {
  const text = fromBytes(yield* readAll(ctx.sys, fd));
  const units = bytes ? [...text] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
  ctx.out.raw(units.slice(0, Math.max(0, units.length - amount)).join(''));
}

export const tail: Applet = {
  usage: '[OPTIONS] [FILE]...',
  *main(ctx) {
    const [lead, ...others] = ctx.args;
    // The old way to say `-n +NUMBER`.
    const args = /^\+\d+$/.test(lead ?? '') ? ['-n', lead!, ...others] : classic(ctx.args);
    const options = getopt(args, 'fFn:c:qvs:');
    const bytes = options.has('c');
    const text = options.get(bytes ? 'c' : 'n') ?? '10';
    const amount = count(text);
    const paths = options.rest.length === 0 ? ['-'] : options.rest;
    const titled = (paths.length > 1 && !options.has('q')) || options.has('v');
    const open: Followed[] = [];
    for (const path of paths) {
      const fd = yield* ctx.open(path);
      if (fd === undefined) continue;
      if (titled) header(ctx, path, open.length === 0);
      open.push({ path, fd });
      try {
        ctx.out.raw(ending(fromBytes(yield* readAll(ctx.sys, fd)), amount, bytes, text.startsWith('+')));
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* ctx.warn(`read error: ${reason(error)}`);
      }
    }
    if (open.length === 0) throw new Die('no files');
    if (options.has('f') || options.has('F')) yield* follow(ctx, open, titled, options);
    return ctx.status;
  },
};

function ending(text: string, amount: number, bytes: boolean, from: boolean): string {
  if (bytes) return from ? text.slice(Math.max(0, amount - 1)) : amount === 0 ? '' : text.slice(-amount);
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  if (from) return lines.slice(Math.max(0, amount - 1)).join('');
  return amount === 0 ? '' : lines.slice(-amount).join('');
}

interface Followed {
  readonly path: string;
  /** Absent: it is not there at the moment. */
  fd?: number | undefined;
}

/** Looks once in a while (-s) whether there is more; with -F also whether the name stands for another file by now. */
function* follow(ctx: Ctx, open: readonly Followed[], titled: boolean, options: Options): Call<void> {
  const wait = duration(options.get('s') ?? '1');
  let last = open.at(-1)!.path;
  for (;;) {
    yield* ctx.out.flush();
    yield* ctx.sys.sleep(wait);
    for (const file of open) {
      if (options.has('F')) yield* reopen(ctx, file);
      const { fd, path } = file;
      const stat = fd === undefined ? undefined : attempt(() => ctx.sys.fstat(fd));
      if (fd === undefined || stat === undefined) continue;
      // What was cut off is read from its beginning again.
      if (stat.type === 'file' && stat.size < ctx.sys.lseek(fd, 0, 'cur')) ctx.sys.lseek(fd, 0, 'set');
      const more = fromBytes(yield* readAll(ctx.sys, fd));
      if (more === '') continue;
      if (titled && last !== path) header(ctx, path, false);
      last = path;
      ctx.out.raw(more);
    }
  }
}

function* reopen(ctx: Ctx, file: Followed): Call<void> {
  const { sys } = ctx;
  const { path, fd } = file;
  const there = attempt(() => sys.stat(path));
  if (fd !== undefined && there !== undefined && sys.fstat(fd).ino === there.ino) return;
  if (fd !== undefined) sys.close(fd);
  try {
    file.fd = sys.open(path, { read: true });
    yield* ctx.warn(`${path} has ${fd === undefined ? 'appeared' : 'been replaced'}; following end of new file`);
  } catch (error) {
    file.fd = undefined;
    yield* ctx.refused(`${path} has been renamed or deleted`, error);
  }
}
