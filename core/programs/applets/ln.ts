/** ln, link, readlink, realpath: names for files. */
import { SysError } from '../../errors.ts';
import type { Sys } from '../../kernel/sys.ts';
import { type Applet, attempt, Die, reason, Usage } from '../lib/applet.ts';

export const ln: Applet = {
  usage: '[-sfnbtv] [-S SUF] TARGET... LINK|DIR',
  *main(ctx) {
    const options = ctx.options('sfnbvTS:');
    const { sys } = ctx;
    const rest = options.rest;
    if (rest.length === 0) throw new Usage();
    const dest = rest.length === 1 ? '.' : rest.at(-1)!;
    const sources = rest.length === 1 ? rest : rest.slice(0, -1);
    if (options.has('T') && rest.length > 2) throw new Usage();
    for (const target of sources) {
      const stat = attempt(() => (options.has('n') ? sys.lstat(dest) : sys.stat(dest)));
      if (stat?.type === 'dir' && options.has('T')) throw new Die(`'${dest}' is a directory`);
      const into = stat?.type === 'dir';
      const path = into ? `${dest.replace(/(?!^)\/+$/, '')}/${target.replace(/\/+$/, '').split('/').at(-1)}` : dest;
      // A name for what is not there; a link that leads nowhere is something.
      const source = options.has('s') ? undefined : missing(sys, target);
      if (source !== undefined) {
        yield* ctx.refused(target, source);
        continue;
      }
      try {
        const there = attempt(() => sys.lstat(path));
        const suffix = options.get('S') ?? '~';
        if (options.has('b') && there !== undefined) attempt(() => sys.rename(path, path + suffix));
        else if (options.has('f')) attempt(() => sys.unlink(path));
        if (options.has('s')) sys.symlink(target, path);
        else sys.link(target, path);
        if (options.has('v')) ctx.out.put(`'${path}' -> '${target}'\n`);
      } catch (error) {
        yield* ctx.refused(path, error);
      }
    }
    return ctx.status;
  },
};

function missing(sys: Sys, path: string): unknown {
  try {
    sys.lstat(path);
    return undefined;
  } catch (error) {
    return error;
  }
}

export const link: Applet = {
  usage: 'FILE LINK',
  *main(ctx) {
    const [target, path] = ctx.options('').rest;
    if (target === undefined || path === undefined) throw new Usage();
    try {
      ctx.sys.link(target, path);
    } catch (error) {
      yield* ctx.warn(`can't create link '${path}' to '${target}': ${reason(error)}`);
    }
    return ctx.status;
  },
};

export const readlink: Applet = {
  usage: '[-fnv] FILE',
  *main(ctx) {
    const options = ctx.options('fnvsq');
    const [path, ...more] = options.rest;
    if (path === undefined || more.length > 0) throw new Usage();
    let found: string;
    try {
      found = options.has('f') ? resolvePath(ctx.sys, path, path.includes('/')) : ctx.sys.readlink(path);
    } catch (error) {
      const why = error instanceof SysError && error.errno === 'EINVAL' ? 'not a symlink' : reason(error);
      if (options.has('v') && !options.has('f')) yield* ctx.warn(`${path}: cannot read link: ${why}`);
      return 1;
    }
    ctx.out.put(options.has('n') ? found : `${found}\n`);
    return 0;
  },
};

export const realpath: Applet = {
  usage: 'FILE...',
  *main(ctx) {
    if (ctx.args.length === 0) throw new Usage();
    for (const path of ctx.args) {
      try {
        // A link to nowhere has a path, a name that is not there has none.
        const isLink = attempt(() => ctx.sys.lstat(path))?.type === 'symlink';
        ctx.out.put(`${resolvePath(ctx.sys, path, isLink)}\n`);
      } catch (error) {
        yield* ctx.refused(path, error);
      }
    }
    return ctx.status;
  },
};

/** Follows every link; the last component may be missing when `lastMissing`. */
export function resolvePath(sys: Sys, path: string, lastMissing: boolean, depth = 0): string {
  let done = path.startsWith('/') ? '' : sys.cwd().replace(/\/$/, '');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (const [i, part] of parts.entries()) {
    if (part === '..') {
      done = done.slice(0, Math.max(0, done.lastIndexOf('/')));
      continue;
    }
    const next = `${done}/${part}`;
    if (lastMissing && i === parts.length - 1 && attempt(() => sys.lstat(next)) === undefined) {
      sys.readdir(done === '' ? '/' : done);
      return next;
    }
    if (sys.lstat(next).type === 'symlink' && depth < 40) {
      const target = sys.readlink(next);
      done = resolvePath(sys, target.startsWith('/') ? target : `${done}/${target}`, lastMissing, depth + 1);
      if (done === '/') done = '';
    } else done = next;
  }
  return done === '' ? '/' : done;
}
