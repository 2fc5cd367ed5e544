/** nsenter: another program in the namespaces of a process. */

import type { Call, Sys } from '../../kernel/sys.ts';
import type { NsKind } from '../../op.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import type { Options } from '../lib/getopt.ts';
import { execOrShell } from './roots.ts';
import { inChild, kinds, waitFor } from './unshare.ts';

/** The order in which they are entered: the user namespace first, since it may be what allows the others. */
const order = ['U', 'i', 'u', 'n', 'p', 'm'] as const;
/** An option that has a long name only. */
const PRESERVE = '\u0001';

export const nsenter: Applet = {
  usage: '[OPTIONS] [PROG ARGS]',
  *main(ctx) {
    const options = ctx.options(`+t:m::u::i::n::p::U::S:G:r::w::F${PRESERVE}`, {
      ...{ target: 't', mount: 'm', uts: 'u', ipc: 'i', net: 'n', pid: 'p', user: 'U', setuid: 'S', setgid: 'G' },
      ...{ root: 'r', wd: 'w', wdns: 'w', 'no-fork': 'F', 'preserve-credentials': PRESERVE },
    });
    const { sys } = ctx;
    const root = options.has('r') ? open(ctx, options, 'r', 'root') : undefined;
    const cwd = options.has('w') ? open(ctx, options, 'w', 'cwd') : undefined;
    const opened = order
      .filter((letter) => options.has(letter))
      .map((letter) => ({ kind: kinds[letter]!.kind, fd: open(ctx, options, letter, `ns/${kinds[letter]!.kind}`) }));
    for (const { kind, fd } of opened) join(sys, kind, fd);
    if (root !== undefined) {
      sys.more.fchdir(root);
      sys.chroot('.');
      sys.close(root);
    }
    if (cwd !== undefined) {
      sys.more.fchdir(cwd);
      sys.close(cwd);
    } else if (root !== undefined) sys.chdir('/');
    const rest = (own: Sys): Call<number> => become(ctx, own, options);
    if (!options.has('p') || options.has('F')) return yield* rest(sys);
    return yield* waitFor(
      sys,
      sys.fork((own) => inChild(ctx, own, rest)),
    );
  },
};

/** What the option names, or the file of the target process. */
function open(ctx: Ctx, options: Options, letter: string, file: string): number {
  const named = options.get(letter);
  const target = options.get('t');
  if (named === '' && target === undefined) throw new Usage();
  if (target !== undefined && !/^\d+$/.test(target)) throw new Die(`invalid number '${target}'`);
  const path = named || `/proc/${target}/${file}`;
  try {
    return ctx.sys.open(path, { read: true });
  } catch (error) {
    throw new Die(`can't open '${path}': ${reason(error)}`);
  }
}

function join(sys: Sys, kind: NsKind, fd: number): void {
  try {
    sys.more.setns(fd, kind);
  } catch (error) {
    throw new Die(`setns(): can't reassociate to namespace '${kind}': ${reason(error)}`);
  }
  sys.close(fd);
}

/** Who enters a user namespace is root in it, unless told otherwise. */
function* become(ctx: Ctx, sys: Sys, options: Options): Call<number> {
  const root = options.has('U') && !options.has(PRESERVE) ? '0' : undefined;
  const [gid, uid] = [options.get('G') ?? root, options.get('S') ?? root];
  if (gid !== undefined) set('setgid', () => sys.more.setgid(Number(gid)));
  if (uid !== undefined) set('setuid', () => sys.more.setuid(Number(uid)));
  return yield* execOrShell(Object.create(ctx, { sys: { value: sys } }) as Ctx, options.rest);
}

function set(what: string, call: () => void): void {
  try {
    call();
  } catch (error) {
    throw new Die(`${what}: ${reason(error)}`);
  }
}
