/** sysctl: parameters of the kernel, which are the files of /proc/sys. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, reason } from '../lib/applet.ts';
import type { Options } from '../lib/getopt.ts';
import { slurp, splitLines } from '../lib/io.ts';

const top = '/proc/sys';

export const sysctl: Applet = {
  usage: '[-enq] { -a | -p [FILE]... | [-w] [KEY[=VALUE]]... }',
  *main(ctx) {
    const options = ctx.options('neAapwq');
    if (options.has('a') || options.has('A')) {
      yield* all(ctx, options, '');
      return ctx.status;
    }
    if (options.has('p')) yield* fromFiles(ctx, options);
    else for (const each of options.rest) yield* one(ctx, options, each);
    return ctx.status;
  },
};

function* fromFiles(ctx: Ctx, options: Options): Call<void> {
  for (const file of options.rest.length === 0 ? ['/etc/sysctl.conf'] : options.rest) {
    const fd = yield* ctx.open(file, file);
    if (fd === undefined) continue;
    ctx.close(fd);
    for (const line of splitLines((yield* slurp(ctx.sys, file)) ?? '')) {
      const [, key, value] = /^\s*([^#;\s=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (key !== undefined) yield* one(ctx, options, `${key}=${value}`);
    }
  }
}

/** `.` separates names, and `/` does; whichever comes first, the other one is part of a name. */
function pathOf(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  return first === '/' ? key : key.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
}

function* one(ctx: Ctx, options: Options, text: string): Call<void> {
  const at = text.indexOf('=');
  const key = at < 0 ? text : text.slice(0, at);
  const path = pathOf(key);
  const type = attempt(() => ctx.sys.stat(`${top}/${path}`))?.type;
  if (type === undefined) {
    if (!options.has('e')) yield* ctx.warn(`error: '${path.replaceAll('/', '.')}' is an unknown key`);
    else ctx.status = 1;
  } else if (at >= 0) yield* set(ctx, options, path, text.slice(at + 1));
  else if (type === 'dir') yield* all(ctx, options, path);
  else yield* show(ctx, options, path);
}

function* set(ctx: Ctx, options: Options, path: string, value: string): Call<void> {
  const key = path.replaceAll('/', '.');
  try {
    const fd = ctx.sys.open(`${top}/${path}`, { write: true });
    yield* ctx.sys.write(fd, `${value}\n`);
    ctx.sys.close(fd);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* ctx.warn(`error setting key '${key}': ${reason(error)}`);
    return;
  }
  if (!options.has('q')) ctx.out.put(options.has('n') ? value : `${key} = ${value}\n`);
}

function* show(ctx: Ctx, options: Options, path: string): Call<void> {
  const key = path.replaceAll('/', '.');
  // What can only be written is passed over.
  if ((attempt(() => ctx.sys.stat(`${top}/${path}`).mode & 0o444) ?? 0) === 0) return;
  const text = yield* slurp(ctx.sys, `${top}/${path}`);
  if (text === undefined) yield* ctx.warn(`error reading key '${key}': Permission denied`);
  else for (const line of splitLines(text)) ctx.out.raw(`${options.has('n') ? '' : `${key} = `}${line}\n`);
}

function* all(ctx: Ctx, options: Options, dir: string): Call<void> {
  for (const { name, type } of attempt(() => ctx.sys.readdir(`${top}/${dir}`)) ?? []) {
    if (name === '.' || name === '..') continue;
    const path = dir === '' ? name : `${dir}/${name}`;
    if (type === 'dir') yield* all(ctx, options, path);
    else yield* show(ctx, options, path);
  }
}
