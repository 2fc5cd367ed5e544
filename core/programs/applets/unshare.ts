/** unshare: another program in new namespaces. */
import { SysError } from '../../errors.ts';
import type { Call, Propagation, Sys } from '../../kernel/sys.ts';
import type { NsKind } from '../../op.ts';
import { type Applet, type Ctx, Die, reason } from '../lib/applet.ts';
import type { Options } from '../lib/getopt.ts';
import { signalNumber } from '../lib/signals.ts';
import { execOrShell } from './roots.ts';

/** Letters of namespaces, with the flags of clone(2), in the order in which busybox lists them. */
export const kinds: Readonly<Record<string, { readonly kind: NsKind; readonly flag: number }>> = {
  m: { kind: 'mnt', flag: 0x20000 },
  u: { kind: 'uts', flag: 0x4000000 },
  i: { kind: 'ipc', flag: 0x8000000 },
  n: { kind: 'net', flag: 0x40000000 },
  p: { kind: 'pid', flag: 0x20000000 },
  U: { kind: 'user', flag: 0x10000000 },
};

/** MS_REC and the type, mount(2). */
const propagations: Readonly<Record<string, { readonly kind: Propagation; readonly flags: string }>> = {
  slave: { kind: 'slave', flags: '0x84000' },
  shared: { kind: 'shared', flags: '0x104000' },
  private: { kind: 'private', flags: '0x44000' },
};

/** Only the long names take a file to keep the namespace by. */
const keeper = (letter: string): string => String.fromCharCode(0x10 + Object.keys(kinds).indexOf(letter));
const keepers = Object.keys(kinds).map((letter) => `${keeper(letter)}::`);

/** Letters of options that have a long name only: nobody can type them. */
const [MOUNT_PROC, PROPAGATION, SETGROUPS] = ['\u0001', '\u0002', '\u0003'];

export const unshare: Applet = {
  usage: '[OPTIONS] [PROG ARGS]',
  *main(ctx) {
    const options = ctx.options(`+muinpUfr${keepers.join('')}${MOUNT_PROC}::${PROPAGATION}:${SETGROUPS}:`, {
      ...{ mount: keeper('m'), uts: keeper('u'), ipc: keeper('i'), net: keeper('n'), pid: keeper('p') },
      ...{ user: keeper('U'), fork: 'f', 'map-root-user': 'r' },
      ...{ 'mount-proc': MOUNT_PROC!, propagation: PROPAGATION!, setgroups: SETGROUPS! },
    });
    const wanted = new Set(Object.keys(kinds).filter((letter) => options.has(letter) || options.has(keeper(letter))));
    if (options.has('r')) wanted.add('U');
    if (options.has(MOUNT_PROC!)) wanted.add('m');
    const { uid, gid, more } = ctx.sys;
    const chosen = [...wanted].map((letter) => kinds[letter]!);
    try {
      more.unshare(chosen.map(({ kind }) => kind));
    } catch (error) {
      const flags = chosen.reduce((sum, { flag }) => sum | flag, 0);
      throw new Die(`unshare(0x${flags.toString(16)}): ${reason(error)}`);
    }
    keep(ctx, options);
    const rest = (sys: Sys): Call<number> => prepare(ctx, sys, options, { uid, gid });
    if (!options.has('f')) return yield* rest(ctx.sys);
    return yield* waitFor(
      ctx.sys,
      ctx.sys.fork((sys) => inChild(ctx, sys, rest)),
    );
  },
};

/** The same applet, going on in a child. */
export function* inChild(ctx: Ctx, sys: Sys, rest: (sys: Sys) => Call<number>): Call<number> {
  try {
    return yield* rest(sys);
  } catch (error) {
    if (!(error instanceof Die)) throw error;
    yield* sys.write(2, `${ctx.name}: ${error.message}\n`);
    return error.code;
  }
}

/** Ends as the child did. */
export function* waitFor(sys: Sys, pid: number): Call<number> {
  const ended = yield* sys.wait(pid);
  if (ended?.signal === undefined) return ended?.code ?? 0;
  sys.kill(sys.pid, ended.signal);
  return 128 + signalNumber(ended.signal);
}

/** `--uts=FILE`: a bind mount of the link on FILE keeps the namespace. */
function keep(ctx: Ctx, options: Options): void {
  for (const [letter, { kind }] of Object.entries(kinds)) {
    const file = options.get(keeper(letter));
    if (file === undefined || file === '') continue;
    const link = `/proc/${ctx.sys.pid}/ns/${kind === 'pid' ? 'pid_for_children' : kind}`;
    mountOrDie(ctx.sys, [link, file, '', ['bind']], '0x1000');
  }
}

function mountOrDie(sys: Sys, args: Parameters<Sys['mount']>, flags: string): void {
  try {
    sys.mount(...args);
  } catch (error) {
    throw new Die(`can't mount ${args[0]} on ${args[1]} (flags:${flags}): ${reason(error)}`);
  }
}

/** In the new namespaces: maps, propagation, /proc, and then the program. */
function* prepare(ctx: Ctx, sys: Sys, options: Options, who: { uid: number; gid: number }): Call<number> {
  const setgroups = options.get(SETGROUPS!) ?? (options.has('r') ? 'deny' : undefined);
  if (setgroups !== undefined) yield* put(sys, 'setgroups', setgroups);
  if (options.has('r')) {
    yield* put(sys, 'uid_map', `0 ${who.uid} 1`);
    yield* put(sys, 'gid_map', `0 ${who.gid} 1`);
  }
  if (options.has('m') || options.has(MOUNT_PROC!)) spread(sys, '/', options.get(PROPAGATION!) ?? 'private');
  if (options.has(MOUNT_PROC!)) {
    const at = options.get(MOUNT_PROC!) || '/proc';
    spread(sys, at, 'private', 'none');
    mountOrDie(sys, ['proc', at, 'proc', ['nosuid', 'nodev', 'noexec']], '0xe');
  }
  const inside = Object.create(ctx, { sys: { value: sys } }) as Ctx;
  return yield* execOrShell(inside, options.rest);
}

function spread(sys: Sys, at: string, word: string, source = 'none'): void {
  const { kind, flags } = propagations[word] ?? { kind: undefined, flags: '0x0' };
  try {
    // busybox calls mount(2) for "unchanged" too, with nothing to do.
    if (kind === undefined) throw new SysError('EINVAL');
    else sys.more.propagate(at, kind, true);
  } catch (error) {
    throw new Die(`can't mount ${source} on ${at} (flags:${flags}): ${reason(error)}`);
  }
}

function* put(sys: Sys, file: string, text: string): Call<void> {
  const path = `/proc/self/${file}`;
  let fd: number;
  try {
    fd = sys.open(path, { write: true });
  } catch (error) {
    throw new Die(`can't open '${path}': ${reason(error)}`);
  }
  try {
    yield* sys.write(fd, text);
  } catch (error) {
    throw new Die(`short write: ${reason(error)}`);
  }
  sys.close(fd);
}
