/**
 * How a program is started by name. busybox of Debian is built so that its shell (and xargs, find, env …) takes its own applets
 * before any file in PATH, and runs many of them in the process it has just forked, without execve: these show up in `ps` under
 * the command line of the shell (`{ls} sh -c …`). Facts from busybox 1.35.0's applet table (NOFORK, NOEXEC); seen on the real
 * one with /proc.
 */
import { SysError } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import { attempt } from './applet.ts';
import { appletNamed, known, missing } from './registry.ts';

/** Run without execve. */
const inProcess: ReadonlySet<string> = new Set(
  `[ [[ basename clear dirname echo false hostid link logname mkdir nproc printf pwd readlink realpath rmdir sync test touch
  true truncate tty arch unlink usleep whoami which adjtimex free kill pivot_root reset resume chvt deallocvt dumpkmap
  loadfont loadkmap setkeycodes chgrp chmod chown chroot crc32 cp cut date dd df dos2unix unix2dos env expr fold head groups
  id ln ls md5sum sha1sum sha256sum sha512sum sha3sum mkfifo mknod mktemp mv paste rm seq shuf sort stat tac who w yes awk
  find xargs mkpasswd sulogin lsscsi partprobe insmod lsmod modinfo modprobe rmmod brctl dnsdomainname hostname ip ipneigh
  ipcalc nameif tunctl dumpleases vconfig ps sysctl uptime svc svok cttyhack blkdiscard blockdev cal fatattr freeramdisk
  fsfreeze fstrim getopt hexdump xxd ionice losetup renice linux32 linux64 taskset umount nuke`.split(/\s+/),
);

/**
 * As `become`, but many an applet is run in the process as it is, without execve: so does the shell, and who starts programs and
 * waits for them (xargs, find).
 */
export function* becomeHere(
  sys: Sys,
  argv: readonly string[],
  env: readonly string[],
  path: string,
  name = argv[0]!,
): Call<number> {
  if (!inProcess.has(name)) return yield* become(sys, argv, env, path, name);
  sys.setComm?.(name);
  return yield* (appletNamed(name) ?? missing(name))(withEnviron(sys, env), argv);
}

/**
 * Becomes the program `argv[0]`, looked for among the applets and then in PATH. Comes back (by SysError) only when there is
 * none that can be run; otherwise gives the exit status that the process has to end with.
 */
export function* become(
  sys: Sys,
  argv: readonly string[],
  env: readonly string[],
  path: string,
  name = argv[0]!,
): Call<number> {
  if (known.has(name)) {
    try {
      return yield* sys.execve('/proc/self/exe', argv, env);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
  }
  return yield* execPath(sys, argv, env, path, name);
}

/** Becomes the program that is found along PATH, or at a path; comes back by SysError. */
export function* execPath(
  sys: Sys,
  argv: readonly string[],
  env: readonly string[],
  path: string,
  name = argv[0]!,
): Call<number> {
  if (name.includes('/')) return yield* sys.execve(name, argv, env);
  let denied: SysError | undefined;
  for (const dir of path.split(':')) {
    const file = `${dir === '' ? '.' : dir}/${name}`;
    try {
      return yield* sys.execve(file, argv, env);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      if (error.errno === 'ENOEXEC') throw new SysError('ENOEXEC', file);
      if (error.errno === 'EACCES') denied = error;
      else if (error.errno !== 'ENOENT' && error.errno !== 'ENOTDIR') throw error;
    }
  }
  throw denied ?? new SysError('ENOENT');
}

/** Where PATH has an executable file of that name. */
export function findInPath(sys: Sys, name: string, path: string): string | undefined {
  return candidates(name, path).find((file) => isFile(sys, file) && sys.access(file, 'x'));
}

/**
 * As the shell looks (ash find_command): the first regular file, executable or not. `denied` when there is only something
 * else of that name.
 */
export function findCommand(sys: Sys, name: string, path: string): string | 'denied' | undefined {
  const there = candidates(name, path).filter((file) => attempt(() => sys.stat(file)) !== undefined);
  return there.find((file) => isFile(sys, file)) ?? (there.length > 0 ? 'denied' : undefined);
}

function candidates(name: string, path: string): string[] {
  return path.split(':').map((dir) => `${dir === '' ? '.' : dir}/${name}`);
}

function isFile(sys: Sys, path: string): boolean {
  return attempt(() => sys.stat(path))?.type === 'file';
}

/** The same system calls with another environment, for a program that is run without execve. */
function withEnviron(sys: Sys, environ: readonly string[]): Sys {
  return Object.create(sys, { environ: { value: environ } }) as Sys;
}
