/** mknod, mkfifo, mktemp, truncate, which, cmp: small tools about files. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { concat } from '../lib/bytes.ts';
import { readAll } from '../lib/io.ts';
import { parseMode } from '../lib/mode.ts';
import { parseSize } from '../lib/size.ts';
import { temporary } from '../lib/temporary.ts';

/** Makes a special file; with -m the mode is exactly that, whatever the umask takes away. */
function* make(ctx: Ctx, path: string, text: string | undefined, node: (mode: number) => void): Call<void> {
  const mode = text === undefined ? 0o666 : parseMode(text, 0o666, false, ctx.sys.umask());
  try {
    if (mode === undefined) throw new SysError('EINVAL');
    node(mode);
    if (text !== undefined) ctx.sys.chmod(path, mode);
  } catch (error) {
    yield* ctx.refused(path, error);
  }
}

export const mknod: Applet = {
  usage: '[-m MODE] NAME TYPE [MAJOR MINOR]',
  *main(ctx) {
    const options = ctx.options('m:');
    const [path, letter, major, minor] = options.rest;
    const types: Readonly<Record<string, 'char' | 'block' | 'fifo'>> = { c: 'char', u: 'char', b: 'block', p: 'fifo' };
    const type = types[letter ?? ''];
    if (path === undefined || type === undefined || (type === 'fifo') !== (major === undefined)) throw new Usage();
    yield* make(ctx, path, options.get('m'), (mode) =>
      ctx.sys.mknod(path, type, mode, type === 'fifo' ? undefined : [Number(major), Number(minor ?? '0')]),
    );
    return ctx.status;
  },
};

export const mkfifo: Applet = {
  usage: '[-m MODE] NAME',
  *main(ctx) {
    const options = ctx.options('m:');
    if (options.rest.length === 0) throw new Usage();
    for (const path of options.rest)
      yield* make(ctx, path, options.get('m'), (mode) => ctx.sys.mknod(path, 'fifo', mode));
    return ctx.status;
  },
};

export const mktemp: Applet = {
  usage: '[-dt] [-p DIR] [TEMPLATE]',
  *main(ctx) {
    const options = ctx.options('dqtp:u');
    const chosen = ctx.sys.environ.find((each) => each.startsWith('TMPDIR='))?.slice('TMPDIR='.length);
    const dir = chosen ?? options.get('p') ?? '/tmp';
    if (options.rest.length > 1) throw new Usage();
    const template = options.rest[0] ?? 'tmp.XXXXXX';
    const inside = options.rest.length === 0 || options.has('t') || options.has('p');
    const base = inside ? `${dir.replace(/(?!^)\/+$/, '')}/${template}` : template;
    if (!base.endsWith('XXXXXX')) {
      if (!options.has('q')) yield* ctx.warn('(null): Invalid argument');
      return 1;
    }
    try {
      const path = temporary(ctx.sys, base.slice(0, -6), (name) => {
        if (options.has('u')) ctx.sys.stat(name.replace(/[^/]*$/, '') || '.');
        else if (options.has('d')) ctx.sys.mkdir(name, 0o700);
        else ctx.sys.close(ctx.sys.open(name, { write: true, create: true, excl: true }, 0o600));
      });
      ctx.out.put(`${path}\n`);
      return 0;
    } catch (error) {
      if (!options.has('q')) yield* ctx.warn(`(null): ${reason(error)}`);
      return 1;
    }
  },
};

export const truncate: Applet = {
  usage: '[-c] -s SIZE FILE...',
  *main(ctx) {
    const options = ctx.options('cs:');
    const text = options.get('s');
    if (text === undefined || options.rest.length === 0) throw new Usage();
    const size = parseSize(text);
    if (size === undefined) throw new Die(`invalid number '${text}'`);
    for (const path of options.rest) {
      try {
        const before = attempt(() => ctx.sys.stat(path))?.size;
        if (before === undefined) {
          if (options.has('c')) continue;
        }
        ctx.sys.close(ctx.sys.open(path, { write: true, create: true }, 0o666));
        ctx.sys.truncate(path, size);
      } catch (error) {
        yield* ctx.warn(`${path}: open: ${reason(error)}`);
      }
    }
    return ctx.status;
  },
};

export const which: Applet = {
  usage: '[-a] COMMAND...',
  *main(ctx) {
    const options = ctx.options('a');
    if (options.rest.length === 0) throw new Usage();
    const path = ctx.sys.environ.find((each) => each.startsWith('PATH='))?.slice(5) ?? '';
    for (const name of options.rest) {
      const places = name.includes('/') ? [''] : path.split(':').map((dir) => `${dir === '' ? '.' : dir}/`);
      const found = places.flatMap((place) => findFile(ctx, place + name) ?? []);
      if (found.length === 0) ctx.status = 1;
      for (const each of options.has('a') ? found : found.slice(0, 1)) ctx.out.put(`${each}\n`);
    }
    return ctx.status;
  },
};

function findFile(ctx: Ctx, path: string): string | undefined {
  return attempt(() => ctx.sys.stat(path))?.type === 'file' && ctx.sys.access(path, 'x') ? path : undefined;
}

export const cmp: Applet = {
  usage: '[-ls] [-n NUM] FILE1 [FILE2 [SKIP1 [SKIP2]]]',
  *main(ctx) {
    const options = ctx.options('lsn:');
    const [a, b = '-', ...skips] = options.rest;
    if (a === undefined || options.rest.length > 4 || (options.has('l') && options.has('s'))) throw new Usage();
    const bad = skips.find((text) => parseSize(text) === undefined);
    if (bad !== undefined) throw new Die(`invalid number '${bad}'`);
    if (a === '-' && b === '-') return 0;
    const [skipA = 0, skipB = 0] = skips.map((text) => parseSize(text)!);
    const left = (yield* bytesOf(ctx, a, options.has('s'))).subarray(skipA);
    const right = (yield* bytesOf(ctx, b, options.has('s'))).subarray(skipB);
    const most = Number(options.get('n') ?? Number.POSITIVE_INFINITY);
    const common = Math.min(left.length, right.length, most);
    let line = 1;
    let differ = false;
    for (let i = 0; i < common; i++) {
      if (left[i] !== right[i]) {
        differ = true;
        if (options.has('l')) {
          const octal = (byte: number): string => byte.toString(8).padStart(3);
          ctx.out.put(`${i + 1} ${octal(left[i]!)} ${octal(right[i]!)}\n`);
          continue;
        }
        if (!options.has('s')) ctx.out.put(`${a} ${b} differ: char ${i + 1}, line ${line}\n`);
        return 1;
      }
      if (left[i] === 10) line++;
    }
    if (left.length === right.length || common === most) return differ ? 1 : 0;
    if (!options.has('s')) yield* ctx.warn(`EOF on ${left.length < right.length ? a : b}`);
    return 1;
  },
};

/** `quiet`: a file that is not there is no matter for words. */
function* bytesOf(ctx: Ctx, path: string, quiet: boolean): Call<Uint8Array> {
  let fd = 0;
  let opened = path === '-';
  try {
    if (path !== '-') fd = ctx.sys.open(path, { read: true });
    opened = true;
    const bytes = concat([yield* readAll(ctx.sys, fd)]);
    ctx.close(fd);
    return bytes;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (quiet && !opened) throw new Die('', 2);
    // What opens and cannot be read is a directory: stdio has no word for that.
    if (opened) throw new Die(`${path}: I/O error`, 2);
    if (error instanceof SysError) throw new Die(`${path}: ${reason(error)}`, 2);
    throw error;
  }
}
