/** head and tail; `tail -f` follows one file until it is ended. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, reason } from '../lib/applet.ts';
import { fromBytes } from '../lib/bytes.ts';
import { getopt, type Options } from '../lib/getopt.ts';
import { Lines, readAll, readSome } from '../lib/io.ts';
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
  ctx.out.put(`${first ? '' : '\n'}==> ${path} <==\n`);
}

export const head: Applet = {
  usage: '[OPTIONS] [FILE]...',
  *main(ctx) {
    const options = getoptOf(ctx, 'n:c:qv');
    const bytes = options.has('c');
    // Given both: bytes, and the number that comes last.
    const amount = count(options.get(options.last('n', 'c') ?? 'n') ?? '10');
    const leaves = [...options.all('n'), ...options.all('c')].some((text) => text.startsWith('-'));
    const paths = options.rest.length === 0 ? ['-'] : options.rest;
    const titled = (paths.length > 1 && !options.has('q')) || options.has('v');
    for (const [i, path] of paths.entries()) {
      const fd = yield* ctx.open(path, path);
      if (fd === undefined) continue;
      if (titled) header(ctx, path === '-' ? 'standard input' : path, i === 0);
      let failed = false;
      const unread = (): void => {
        failed = true;
      };
      if (leaves) yield* allBut(ctx, fd, amount, bytes, unread);
      else if (bytes) yield* firstBytes(ctx, fd, amount, unread);
      else yield* firstLines(ctx, fd, amount, unread);
      ctx.close(fd);
      if (failed) yield* ctx.warn(`${path === '-' ? 'standard input' : path}: Input/output error`);
    }
    return ctx.status;
  },
};

function getoptOf(ctx: Ctx, spec: string): Options {
  return getopt(classic(ctx.args), `=${spec}`);
}

function* firstLines(ctx: Ctx, fd: number, amount: number, unread: () => void): Call<void> {
  const lines = new Lines(ctx.sys, fd);
  for (let i = 0; i < amount; i++) {
    const line = yield* lines.next();
    if (line === undefined) {
      if (lines.failed !== undefined) unread();
      return;
    }
    ctx.out.raw(line);
    yield* ctx.out.drain();
  }
}

function* firstBytes(ctx: Ctx, fd: number, amount: number, unread: () => void): Call<void> {
  for (let left = amount; left > 0; ) {
    const chunk = yield* readSome(ctx.sys, fd, unread, Math.min(left, 65_536));
    if (chunk.length === 0) return;
    yield* ctx.out.bytes(chunk);
    left -= chunk.length;
  }
}

function* allBut(ctx: Ctx, fd: number, amount: number, bytes: boolean, unread: () => void): Call<void> {
  const text = fromBytes(yield* readAll(ctx.sys, fd, unread));
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
    // Given both: bytes, and the number of lines is how many.
    const amount = count(options.get('n') ?? options.get('c') ?? '10');
    const from = [options.get('n'), options.get('c')].some((text) => text?.startsWith('+'));
    const open: Followed[] = [];
    for (const path of options.rest.length === 0 ? ['-'] : options.rest) {
      const fd = yield* ctx.open(path);
      if (fd !== undefined) open.push({ path: options.rest.length === 0 ? 'standard input' : path, fd });
    }
    const titled = (open.length > 1 && !options.has('q')) || options.has('v');
    for (const [i, { path, fd }] of open.entries()) {
      if (titled) header(ctx, path, i === 0);
      try {
        ctx.out.raw(ending(fromBytes(yield* readAll(ctx.sys, fd!)), amount, bytes, from));
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
