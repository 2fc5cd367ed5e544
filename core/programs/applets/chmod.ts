/** chmod, chown, chgrp: modes and owners, with -R. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, Usage } from '../lib/applet.ts';
import { getopt } from '../lib/getopt.ts';
import { modeString, parseMode } from '../lib/mode.ts';
import { type Names, readNames } from '../lib/users.ts';

/** Gives what -v and -c say of it. */
type Change = (path: string) => string;

interface Walk {
  readonly recursive: boolean;
  /** Whether links to directories are gone into: the operands, or all. */
  readonly follows?: 'operands' | 'all';
  readonly inside: 'first' | 'last';
  /** -f: what is refused of what is there is not said. */
  readonly quiet: boolean;
}

/**
 * Applies a change to a path and, with -R, to what lies in it: after the directory itself, or before it (chown). What is
 * refused of a directory is said twice then, by the change and by the walk (busybox libbb recursive_action).
 */
function* apply(ctx: Ctx, path: string, walk: Walk, change: Change): Call<void> {
  const { sys } = ctx;
  const { recursive, inside, follows, quiet } = walk;
  const stat = attempt(() => (follows === undefined ? sys.lstat(path) : sys.stat(path)));
  const isDir = recursive && stat?.type === 'dir';
  if (!(isDir && inside === 'first') && !(yield* changed(ctx, path, isDir ? 2 : 1, change, walk))) return;
  if (!isDir) return;
  const below: Walk = { recursive, inside, quiet, ...(follows === 'all' ? { follows } : {}) };
  try {
    for (const { name } of sys.readdir(path)) yield* apply(ctx, `${path.replace(/\/+$/, '')}/${name}`, below, change);
  } catch (error) {
    yield* ctx.refused(path, error);
    return;
  }
  if (inside === 'first') yield* changed(ctx, path, 2, change, walk);
}

function* changed(ctx: Ctx, path: string, times: number, change: Change, walk: Walk): Call<boolean> {
  try {
    ctx.out.put(change(path));
    return true;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    ctx.status = 1;
    const said = !walk.quiet || attempt(() => ctx.sys.lstat(path)) === undefined;
    if (said) for (let n = 0; n < times; n++) yield* ctx.refused(path, error);
    return false;
  }
}

export const chmod: Applet = {
  usage: '[-Rcvf] MODE[,MODE]... FILE...',
  *main(ctx) {
    // A mode such as -w looks like an option.
    const args = ctx.args.map((arg) => (/^-[rwxXst]+$/.test(arg) ? `a${arg}` : arg));
    const options = getopt(args, 'Rcvf');
    const [text, ...paths] = options.rest;
    if (text === undefined || paths.length === 0) throw new Usage();
    const { sys } = ctx;
    for (const path of paths) {
      yield* apply(ctx, path, { recursive: options.has('R'), inside: 'last', quiet: options.has('f') }, (each) => {
        if (each !== path && sys.lstat(each).type === 'symlink') return '';
        const stat = sys.stat(each);
        const mode = parseMode(text, stat.mode, stat.type === 'dir', sys.umask());
        if (mode === undefined) throw new Die(`invalid mode '${text}'`);
        sys.chmod(each, mode);
        if (!options.has('v') && !(options.has('c') && mode !== (stat.mode & 0o7777))) return '';
        return `mode of '${each}' changed to ${mode.toString(8).padStart(4, '0')} (${modeString('file', mode).slice(1)})\n`;
      });
    }
    return ctx.status;
  },
};

const idOf = (name: string, lookup: (name: string) => number | undefined): number | undefined =>
  lookup(name) ?? (/^\d+$/.test(name) ? Number(name) : undefined);

function id(name: string, kind: 'user' | 'group', lookup: (name: string) => number | undefined): number {
  return idOf(name, lookup) ?? unknown(kind, name);
}

function unknown(kind: string, name: string): never {
  throw new Die(`unknown ${kind} ${name}`);
}

/** `user`, `user:group`, `:group`, `user:`; -1 leaves as it is. */
function owners(text: string, names: Names): { uid: number; gid: number } {
  const match = /^([^:.]*)(?:([:.])(.*))?$/.exec(text)!;
  const [, user = '', separator, group] = match;
  if (separator === undefined) return { uid: id(user, 'user', names.uid), gid: -1 };
  const known = (name: string, lookup: (name: string) => number | undefined): number =>
    idOf(name, lookup) ?? unknown('user/group', text);
  const uid = user === '' ? -1 : known(user, names.uid);
  if (group === '' || group === undefined) return { uid, gid: names.primary(user) ?? -1 };
  return { uid, gid: known(group, names.gid) };
}

function* changeOwner(ctx: Ctx, pick: (text: string, names: Names) => { uid: number; gid: number }): Call<number> {
  const options = ctx.options('RhLHPcvf', { recursive: 'R', 'no-dereference': 'h' });
  const [text, ...paths] = options.rest;
  if (text === undefined || paths.length === 0) throw new Usage();
  const { uid, gid } = pick(text, yield* readNames(ctx.sys));
  const { sys } = ctx;
  const traverse = options.last('L', 'H', 'P');
  const follows = traverse === 'L' ? 'all' : traverse === 'H' ? 'operands' : undefined;
  const recursive = options.has('R');
  for (const path of paths) {
    yield* apply(
      ctx,
      path,
      {
        recursive,
        inside: 'first',
        quiet: options.has('f'),
        ...(follows === undefined || !recursive ? {} : { follows }),
      },
      (each) => {
        const follow = !options.has('h') && !(recursive && follows === undefined);
        const stat = follow ? sys.stat(each) : sys.lstat(each);
        const to = { uid: uid < 0 ? stat.uid : uid, gid: gid < 0 ? stat.gid : gid };
        sys.chown(each, to.uid, to.gid, follow);
        const moved = to.uid !== stat.uid || to.gid !== stat.gid;
        return options.has('v') || (options.has('c') && moved)
          ? `changed ownership of '${each}' to ${to.uid}:${to.gid}\n`
          : '';
      },
    );
  }
  return ctx.status;
}

export const chown: Applet = {
  usage: '[-RhLHPcvf]... USER[:[GRP]] FILE...',
  main: (ctx) => changeOwner(ctx, owners),
};

export const chgrp: Applet = {
  usage: '[-RhLHPcvf]... GROUP FILE...',
  main: (ctx) => changeOwner(ctx, (text, names) => ({ uid: -1, gid: id(text, 'group', names.gid) })),
};
