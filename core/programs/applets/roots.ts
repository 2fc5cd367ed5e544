/** chroot, pivot_root. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { known } from '../lib/registry.ts';
import { searchPath } from '../lib/spawn.ts';
import { execPath } from '../lib/start.ts';

/** Ends as another program, the shell without one; applets are looked for in busybox itself first. */
export function* execOrShell(ctx: Ctx, argv: readonly string[]): Call<number> {
  const { environ } = ctx.sys;
  const shell = environ.find((each) => each.startsWith('SHELL='))?.slice(6) ?? '/bin/sh';
  const [name, ...rest] = argv.length === 0 ? [shell, '-i'] : (argv as [string, ...string[]]);
  yield* ctx.out.flush();
  try {
    if (known.has(name)) {
      try {
        return yield* ctx.sys.execve('/proc/self/exe', [name, ...rest], environ);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
      }
    }
    return yield* execPath(ctx.sys, [name, ...rest], environ, searchPath(environ));
  } catch (error) {
    const code = error instanceof SysError && error.errno === 'ENOENT' ? 127 : 126;
    throw new Die(`can't execute '${name}': ${reason(error)}`, code);
  }
}

export const chroot: Applet = {
  usage: 'NEWROOT [PROG ARGS]',
  *main(ctx) {
    const [root, ...argv] = ctx.options('+').rest;
    if (root === undefined) throw new Usage();
    try {
      ctx.sys.chroot(root);
      ctx.sys.chdir('/');
    } catch (error) {
      throw new Die(`can't change root directory to '${root}': ${reason(error)}`);
    }
    return yield* execOrShell(ctx, argv);
  },
};

export const pivotRoot: Applet = {
  usage: 'NEW_ROOT PUT_OLD',
  *main(ctx) {
    const [newRoot, putOld, ...more] = ctx.args;
    if (newRoot === undefined || putOld === undefined || more.length > 0) throw new Usage();
    try {
      ctx.sys.more.pivotRoot(newRoot, putOld);
    } catch (error) {
      // busybox names nothing here, and its C library says so.
      throw new Die(`(null): ${reason(error)}`);
    }
    return 0;
  },
};
