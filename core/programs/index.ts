/**
 * The programs of the simulated Linux: `sh` and the applets of busybox, as far as the simulation has them, and `busybox`, the
 * one binary that is all of them. The dialect (options, messages, exit statuses) is that of busybox 1.35.0 as Debian 12 builds
 * it. Written against the system calls of core/kernel/sys.ts and nothing else.
 */
import type { Program } from '../kernel/sys.ts';
import { cat } from './applets/cat.ts';
import { chgrp, chmod, chown } from './applets/chmod.ts';
import { cp, mv } from './applets/cp.ts';
import { cut, tr } from './applets/cut.ts';
import { date } from './applets/date.ts';
import { echo } from './applets/echo.ts';
import { expr } from './applets/expr.ts';
import { cmp, dd, mkfifo, mknod, mktemp, truncate, which } from './applets/files.ts';
import { find, xargs } from './applets/find.ts';
import { grep } from './applets/grep.ts';
import { head, tail } from './applets/head.ts';
import { groups, id } from './applets/id.ts';
import { kill } from './applets/kill.ts';
import { link, ln, readlink, realpath } from './applets/ln.ts';
import { ls } from './applets/ls.ts';
import { mkdir } from './applets/mkdir.ts';
import { df, du, mount, umount } from './applets/mount.ts';
import { printf } from './applets/printf.ts';
import { free, pidof, ps, top, uptime } from './applets/proc.ts';
import { rm, rmdir, unlink } from './applets/rm.ts';
import { sed } from './applets/sed.ts';
import { sort, uniq } from './applets/sort.ts';
import { stat } from './applets/stat.ts';
import { md5sum, sha1sum, sha256sum, sha512sum } from './applets/sums.ts';
import { nl, rev, seq, tac, tee } from './applets/tee.ts';
import { test } from './applets/test.ts';
import { setsid, time, timeout } from './applets/timeout.ts';
import { touch } from './applets/touch.ts';
import * as trivial from './applets/trivial.ts';
import { wc } from './applets/wc.ts';
import { type Applet, appletName, banner, program } from './lib/applet.ts';
import { appletNamed, known, missing, register } from './lib/registry.ts';
import { sh } from './sh/sh.ts';

const written: Readonly<Record<string, Applet>> = {
  '[': test,
  '[[': test,
  basename: trivial.basename,
  cat,
  chgrp,
  chmod,
  chown,
  clear: trivial.clear,
  cmp,
  cp,
  cut,
  date,
  dd,
  df,
  dirname: trivial.dirname,
  du,
  echo,
  egrep: grep,
  env: trivial.env,
  expr,
  false: trivial.fail,
  fgrep: grep,
  find,
  free,
  grep,
  groups,
  head,
  hostname: trivial.hostname,
  id,
  kill,
  link,
  ln,
  ls,
  md5sum,
  mkdir,
  mkfifo,
  mknod,
  mktemp,
  mount,
  mv,
  nl,
  nproc: trivial.nproc,
  pidof,
  printf,
  ps,
  pwd: trivial.pwd,
  readlink,
  realpath,
  rev,
  rm,
  rmdir,
  sed,
  seq,
  setsid,
  sha1sum,
  sha256sum,
  sha512sum,
  sleep: trivial.sleep,
  sort,
  stat,
  sync: trivial.succeed,
  tac,
  tail,
  tee,
  test,
  time,
  timeout,
  top,
  touch,
  tr,
  true: trivial.succeed,
  truncate,
  tty: trivial.tty,
  umount,
  uname: trivial.uname,
  uniq,
  unlink,
  uptime,
  usleep: trivial.usleep,
  wc,
  which,
  whoami: trivial.whoami,
  xargs,
  yes: trivial.yes,
}; // prettier-ignore

/** By the name that they are called by. `sh` and `ash` are among them, `busybox` is not. */
export const applets: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(Object.entries(written).map(([name, applet]) => [name, program(name, applet)])),
  sh,
  ash: sh,
};

register(applets);

/** The binary: the last component of argv[0] says which applet; called as `busybox`, the first argument does. */
export const busybox: Program = function* main(sys, argv) {
  const name = appletName(argv[0] ?? 'busybox');
  if (!name.startsWith('busybox')) {
    // Started as /proc/self/exe (by the shell) it would be called `exe`; busybox gives itself the applet's name.
    if (argv[0]?.includes('/') === false) sys.setComm?.(name);
    return yield* named(name)(sys, argv);
  }
  const first = argv[1];
  if (first === undefined || first === '--help') {
    yield* sys.write(1, `${banner}\n\nCurrently defined functions:\n\t${[...known].join(', ')}\n`);
    return 0;
  }
  if (first === '--list') {
    yield* sys.write(1, `${[...known].join('\n')}\n`);
    return 0;
  }
  return yield* named(first)(sys, argv.slice(1));
};

function named(name: string): Program {
  const found = appletNamed(name);
  if (found !== undefined) return found;
  if (known.has(name)) return missing(name);
  return function* unknown(sys) {
    yield* sys.write(2, `${name}: applet not found\n`);
    return 127;
  };
}

register({ busybox });

/** Everything that the simulated host has in /bin. */
export const programs: Readonly<Record<string, Program>> = { ...applets, busybox };

export type * from './sh/ast.ts';
export { ScriptError } from './sh/ast.ts';
export { parseScript } from './sh/parser.ts';
