/** rm and rmdir. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt, type Ctx, reason, Usage } from '../lib/applet.ts';
import { ask } from '../lib/ask.ts';

export const rm: Applet = {
  usage: '[-irf] FILE...',
  *main(ctx) {
    const options = ctx.options('fiRr');
    const manner = options.last('f', 'i');
    if (options.rest.length === 0 && manner !== 'f') throw new Usage();
    const how: Removal = {
      recursive: options.has('r') || options.has('R'),
      force: manner === 'f',
      ask: manner === 'i',
    };
    for (const each of options.rest) {
      const path = each.replace(/(?!^)\/+$/, '');
      const last = path.split('/').at(-1)!;
      if (last === '.' || last === '..') yield* ctx.warn("can't remove '.' or '..'");
      else yield* remove(ctx, path, how);
    }
    return ctx.status;
  },
};

export interface Removal {
  readonly recursive: boolean;
  readonly force: boolean;
  /** Before each file, and before each directory is gone into. */
  readonly ask?: boolean;
}

/** libbb/remove_file.c, shared with mv, which removes what it has copied. True when it is gone, or is to stay. */
export function* remove(ctx: Ctx, path: string, how: Removal): Call<boolean> {
  const { sys } = ctx;
  let stat: Stat;
  try {
    stat = sys.lstat(path);
  } catch (error) {
    const absent = error instanceof SysError && error.errno === 'ENOENT';
    // -f is silent about what is not there, and only about that.
    if (absent && how.force) return true;
    yield* ctx.refused(`can't ${absent ? 'remove' : 'stat'} '${path}'`, error);
    return false;
  }
  const isDir = stat.type === 'dir';
  if (isDir && !how.recursive) {
    yield* ctx.warn(`'${path}' is a directory`);
    return false;
  }
  if (isDir) {
    if (how.ask === true && !(yield* ask(ctx, `${ctx.name}: descend into directory '${path}'? `))) return true;
    if (!(yield* removeInside(ctx, path, how))) return false;
    if (how.ask === true && !(yield* ask(ctx, `${ctx.name}: remove directory '${path}'? `))) return true;
  } else if (yield* keeps(ctx, path, stat, how)) return true;
  try {
    if (isDir) sys.rmdir(path);
    else sys.unlink(path);
    return true;
  } catch (error) {
    yield* ctx.refused(`can't remove '${path}'`, error);
    return false;
  }
}

/** A file that may not be written is asked about at a terminal, also without -i. */
function* keeps(ctx: Ctx, path: string, stat: Stat, how: Removal): Call<boolean> {
  const guarded = !how.force && stat.type !== 'symlink' && !ctx.sys.access(path, 'w') && ctx.sys.isatty(0);
  return (how.ask === true || guarded) && !(yield* ask(ctx, `${ctx.name}: remove '${path}'? `));
}

/** A directory of which something stays is not even tried; one that cannot be read is left without a word. */
function* removeInside(ctx: Ctx, path: string, how: Removal): Call<boolean> {
  const entries = attempt(() => ctx.sys.readdir(path));
  if (entries === undefined) {
    ctx.status = 1;
    return false;
  }
  let all = true;
  for (const { name } of entries)
    if (!(yield* remove(ctx, `${path.replace(/(?!^)\/+$/, '')}/${name}`, how))) all = false;
  return all;
}

export const rmdir: Applet = {
  usage: '[-p] DIRECTORY...',
  *main(ctx) {
    const options = ctx.options('pI', { parents: 'p', 'ignore-fail-on-non-empty': 'I' });
    if (options.rest.length === 0) throw new Usage();
    for (const path of options.rest) {
      for (let at = path; ; at = at.slice(0, at.lastIndexOf('/'))) {
        try {
          ctx.sys.rmdir(at);
        } catch (error) {
          const full = error instanceof SysError && error.errno === 'ENOTEMPTY';
          if (!(full && options.has('I'))) yield* ctx.warn(`'${at}': ${reason(error)}`);
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
