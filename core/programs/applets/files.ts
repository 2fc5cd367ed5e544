/** mknod, mkfifo, mktemp, truncate, dd, which, sync, cmp: small tools about files. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { concat } from '../lib/bytes.ts';
import { readAll } from '../lib/io.ts';
import { parseMode } from '../lib/mode.ts';
import { findInPath } from '../lib/registry.ts';
import { parseSize } from '../lib/size.ts';

function modeOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const mode = parseMode(text, 0o666, false, 0);
  if (mode === undefined) throw new Die(`invalid mode '${text}'`);
  return mode;
}

export const mknod: Applet = {
  usage: '[-m MODE] NAME TYPE [MAJOR MINOR]',
  *main(ctx) {
    const options = ctx.options('m:');
    const [path, letter, major, minor] = options.rest;
    const types: Readonly<Record<string, 'char' | 'block' | 'fifo'>> = { c: 'char', u: 'char', b: 'block', p: 'fifo' };
    const type = types[letter ?? ''];
    if (path === undefined || type === undefined || (type === 'fifo') !== (major === undefined)) throw new Usage();
    const mode = modeOption(options.get('m'));
    try {
      ctx.sys.mknod(path, type, mode ?? 0o666, type === 'fifo' ? undefined : [Number(major), Number(minor ?? '0')]);
      if (mode !== undefined) ctx.sys.chmod(path, mode);
    } catch (error) {
      yield* ctx.refused(path, error);
    }
    return ctx.status;
  },
};

export const mkfifo: Applet = {
  usage: '[-m MODE] NAME',
  *main(ctx) {
    const options = ctx.options('m:');
    if (options.rest.length === 0) throw new Usage();
    for (const path of options.rest) {
      try {
        ctx.sys.mknod(path, 'fifo', modeOption(options.get('m')) ?? 0o666);
      } catch (error) {
        yield* ctx.refused(path, error);
      }
    }
    return ctx.status;
  },
};

export const mktemp: Applet = {
  usage: '[-dt] [-p DIR] [TEMPLATE]',
  *main(ctx) {
    const options = ctx.options('dqtp:u');
    const dir = options.get('p') ?? '/tmp';
    const template = options.rest[0] ?? `${dir}/tmp.XXXXXX`;
    if (!template.endsWith('XXXXXX')) throw new Die('(null): Invalid argument');
    const base = options.has('t') && !template.includes('/') ? `${dir}/${template}` : template;
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
    // Deterministic: the first free name after the process' own.
    for (let n = ctx.sys.pid; ; n++) {
      let suffix = '';
      for (let i = 0, rest = n * 7919; i < 6; i++, rest = Math.floor(rest / 62) + 17 * i) suffix += letters[rest % 62];
      const path = base.slice(0, -6) + suffix;
      if (attempt(() => ctx.sys.lstat(path)) !== undefined) continue;
      try {
        if (options.has('u')) ctx.sys.stat(path.replace(/[^/]*$/, '') || '.');
        else if (options.has('d')) ctx.sys.mkdir(path, 0o700);
        else ctx.sys.close(ctx.sys.open(path, { write: true, create: true, excl: true }, 0o600));
      } catch (error) {
        if (!options.has('q')) yield* ctx.warn(`(null): ${reason(error)}`);
        return 1;
      }
      ctx.out.put(`${path}\n`);
      return 0;
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
          ctx.sys.close(ctx.sys.open(path, { write: true, create: true }, 0o666));
        }
        ctx.sys.truncate(path, size);
      } catch (error) {
        yield* ctx.warn(`${path}: ${reason(error)}`);
      }
    }
    return ctx.status;
  },
};

export const dd: Applet = {
  usage: '[if=FILE] [of=FILE] [ibs=N obs=N/bs=N] [count=N] [skip=N] [seek=N]',
  *main(ctx) {
    const settings = new Map(ctx.args.map((arg) => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]));
    const known = new Set('if of bs ibs obs count skip seek conv status iflag oflag'.split(' '));
    if ([...settings.keys()].some((name) => !known.has(name))) throw new Usage();
    const number = (name: string, fallback: number): number => {
      const text = settings.get(name);
      const value = text === undefined ? fallback : parseSize(text);
      if (value === undefined) throw new Die(`invalid number '${text}'`);
      return value;
    };
    const size = number('bs', number('ibs', 512));
    const count = number('count', Number.POSITIVE_INFINITY);
    const input = openFor(ctx, settings.get('if'), false, false);
    const keep = (settings.get('conv') ?? '').includes('notrunc') || settings.has('seek');
    const output = openFor(ctx, settings.get('of'), true, keep);
    if (settings.has('skip')) ctx.sys.lseek(input, number('skip', 0) * size, 'set');
    if (settings.has('seek')) ctx.sys.lseek(output, number('seek', 0) * size, 'set');
    let [full, part, total] = [0, 0, 0];
    let out = '';
    for (let i = 0; i < count; i++) {
      const block = yield* ctx.sys.read(input, size);
      if (block.length === 0) break;
      out = `${full}+${part} records out`;
      if (block.length === size) full++;
      else part++;
      total += block.length;
      try {
        yield* ctx.sys.write(output, block);
      } catch (error) {
        const of = settings.get('of') ?? 'standard output';
        yield* ctx.warn(`error writing '${of}': ${reason(error)}`);
        if (settings.get('status') !== 'none') yield* ctx.sys.write(2, `${full}+${part} records in\n${out}\n`);
        return 1;
      }
    }
    const said = settings.get('status');
    if (said !== 'none') {
      yield* ctx.sys.write(2, `${full}+${part} records in\n${full}+${part} records out\n`);
      if (said !== 'noxfer') yield* ctx.sys.write(2, `${total} bytes (${total}B) copied, 0.000000 seconds, 0B/s\n`);
    }
    return 0;
  },
};

function openFor(ctx: Ctx, path: string | undefined, writing: boolean, keep: boolean): number {
  if (path === undefined) return writing ? 1 : 0;
  try {
    return ctx.sys.open(path, writing ? { write: true, create: true, truncate: !keep } : { read: true }, 0o666);
  } catch (error) {
    throw new Die(`can't open '${path}': ${reason(error)}`);
  }
}

export const which: Applet = {
  usage: '[-a] COMMAND...',
  *main(ctx) {
    const options = ctx.options('a');
    if (options.rest.length === 0) throw new Usage();
    const path = ctx.sys.environ.find((each) => each.startsWith('PATH='))?.slice(5) ?? '';
    for (const name of options.rest) {
      const direct = name.includes('/') && ctx.sys.access(name, 'x') ? name : undefined;
      const found = name.includes('/') ? direct : findInPath(ctx.sys, name, path);
      if (found === undefined) ctx.status = 1;
      else ctx.out.put(`${found}\n`);
    }
    return ctx.status;
  },
};

export const cmp: Applet = {
  usage: '[-ls] [-n NUM] FILE1 [FILE2 [SKIP1 [SKIP2]]]',
  usageCode: 2,
  *main(ctx) {
    const options = ctx.options('lsn:');
    const [a, b = '-'] = options.rest;
    if (a === undefined) throw new Usage();
    const [left, right] = [yield* bytesOf(ctx, a), yield* bytesOf(ctx, b)];
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

function* bytesOf(ctx: Ctx, path: string): Call<Uint8Array> {
  try {
    const fd = path === '-' ? 0 : ctx.sys.open(path, { read: true });
    const bytes = concat([yield* readAll(ctx.sys, fd)]);
    ctx.close(fd);
    return bytes;
  } catch (error) {
    if (error instanceof SysError) throw new Die(`${path}: ${reason(error)}`, 2);
    throw error;
  }
}
