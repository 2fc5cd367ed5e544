/** rm and rmdir. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt, type Ctx, reason, Usage } from '../lib/applet.ts';

export const rm: Applet = {
  usage: '[-irf] FILE...',
  *main(ctx) {
    const options = ctx.options('fiRr');
    const force = options.last('f', 'i') === 'f';
    if (options.rest.length === 0 && !force) throw new Usage();
    const recursive = options.has('r') || options.has('R');
    for (const each of options.rest) {
      const path = each.replace(/(?!^)\/+$/, '');
      const last = path.split('/').at(-1)!;
      if (last === '.' || last === '..') yield* ctx.warn("can't remove '.' or '..'");
      else yield* remove(ctx, path, recursive, force);
    }
    return ctx.status;
  },
};

/** libbb/remove_file.c, shared with mv, which removes what it has copied. True when it is gone. */
export function* remove(ctx: Ctx, path: string, recursive: boolean, force: boolean): Call<boolean> {
  const { sys } = ctx;
  let stat: Stat;
  try {
    stat = sys.lstat(path);
  } catch (error) {
    const absent = error instanceof SysError && error.errno === 'ENOENT';
    // -f is silent about what is not there, and only about that.
    if (absent && force) return true;
    yield* ctx.refused(`can't ${absent ? 'remove' : 'stat'} '${path}'`, error);
    return false;
  }
  if (stat.type === 'dir' && !recursive) {
    yield* ctx.warn(`'${path}' is a directory`);
    return false;
  }
  if (stat.type === 'dir' && !(yield* removeInside(ctx, path, force))) return false;
  try {
    if (stat.type === 'dir') sys.rmdir(path);
    else sys.unlink(path);
    return true;
  } catch (error) {
    yield* ctx.refused(`can't remove '${path}'`, error);
    return false;
  }
}

/** A directory of which something stays is not even tried; one that cannot be read is left without a word. */
function* removeInside(ctx: Ctx, path: string, force: boolean): Call<boolean> {
  const entries = attempt(() => ctx.sys.readdir(path));
  if (entries === undefined) {
    ctx.status = 1;
    return false;
  }
  let all = true;
  for (const { name } of entries)
    if (!(yield* remove(ctx, `${path.replace(/(?!^)\/+$/, '')}/${name}`, true, force))) all = false;
  return all;
}

export const rmdir: Applet = {
  usage: '[-p] DIRECTORY...',
  *main(ctx) {
    const options = ctx.options('p', { parents: 'p', 'ignore-fail-on-non-empty': 'p' });
    if (options.rest.length === 0) throw new Usage();
    for (const path of options.rest) {
      for (let at = path; ; at = at.slice(0, at.lastIndexOf('/'))) {
        try {
          ctx.sys.rmdir(at);
        } catch (error) {
          yield* ctx.warn(`'${at}': ${reason(error)}`);
          break;
        }
        if (!options.has('p') || at.lastIndexOf('/') <= 0) break;
      }
    }
    return ctx.status;
  },
};

export const unlink: Applet = {
  usage: 'FILE',
  *main(ctx) {
    const [path] = ctx.options('').rest;
    if (path === undefined) throw new Usage();
    try {
      ctx.sys.unlink(path);
    } catch (error) {
      yield* ctx.refused(`can't remove file '${path}'`, error);
    }
    return ctx.status;
  },
};
