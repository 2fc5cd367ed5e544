/**
 * Which applets there are and how one is started by name. busybox of Debian is built so that its shell (and xargs, find,
 * env …) takes its own applets before any file in PATH, and runs many of them in the process it has just forked, without
 * execve: these show up in `ps` under the command line of the shell (`{ls} sh -c …`). Facts from busybox 1.35.0's applet
 * table (NOFORK, NOEXEC); seen on the real one with /proc.
 *
 * Kept true: this file knows the applets by their names only; core/programs/busybox.ts and the parts fill the table. An applet
 * whose part is not there yet is asked for by PartNeeded, never taken for one that does not exist.
 */
import { PartNeeded, SysError } from '../../errors.ts';
import type { Call, Program, Sys } from '../../kernel/sys.ts';
import { partOf } from '../parts/names.ts';
import { attempt } from './applet.ts';

const table = new Map<string, Program>();

/** Every name in `busybox --list`, whether the simulation has it or not. */
export const known: ReadonlySet<string> = new Set(
  `[ [[ acpid adjtimex ar arch arp arping ascii ash awk base64 basename bc blkdiscard blockdev brctl bunzip2 busybox bzcat
  bzip2 cal cat chgrp chmod chown chroot chvt clear cmp cp cpio crc32 crond crontab cttyhack cut date dc dd deallocvt depmod
  devmem df diff dirname dmesg dnsdomainname dos2unix dpkg dpkg-deb du dumpkmap dumpleases echo ed egrep env expand expr
  factor fallocate false fatattr fdisk fgrep find findfs fold free freeramdisk fsfreeze fstrim ftpget ftpput getopt getty
  grep groups gunzip gzip halt head hexdump hostid hostname httpd hwclock i2cdetect i2cdump i2cget i2cset i2ctransfer id
  ifconfig ifdown ifup init insmod ionice ip ipcalc ipneigh kill killall klogd last less link linux32 linux64 linuxrc ln
  loadfont loadkmap logger login logname logread losetup ls lsmod lsscsi lzcat lzma lzop md5sum mdev microcom mim mkdir
  mkdosfs mke2fs mkfifo mknod mkpasswd mkswap mktemp modinfo modprobe more mount mt mv nameif nc netstat nl nologin nproc
  nsenter nslookup nuke od openvt partprobe passwd paste patch pidof ping ping6 pivot_root poweroff printf ps pwd rdate
  readlink realpath reboot renice reset resume rev rm rmdir rmmod route rpm rpm2cpio run-init run-parts sed seq setkeycodes
  setpriv setsid sh sha1sum sha256sum sha3sum sha512sum shred shuf sleep sort ssl_client start-stop-daemon stat strings stty
  su sulogin svc svok swapoff swapon switch_root sync sysctl syslogd tac tail tar taskset tc tee telnet telnetd test tftp
  time timeout top touch tr traceroute traceroute6 true truncate ts tty tunctl ubirename udhcpc udhcpd uevent umount uname
  uncompress unexpand uniq unix2dos unlink unlzma unshare unxz unzip uptime usleep uudecode uuencode vconfig vi w watch
  watchdog wc wget which who whoami xargs xxd xz xzcat yes zcat`.split(/\s+/),
);

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

export function register(programs: Readonly<Record<string, Program>>): void {
  for (const [name, each] of Object.entries(programs)) table.set(name, each);
}

/** What runs under a name; undefined: the simulation has no such applet. Throws PartNeeded. */
export function appletNamed(name: string): Program | undefined {
  const found = table.get(name);
  const part = found === undefined ? partOf.get(name) : undefined;
  if (part !== undefined) throw new PartNeeded(part);
  return found;
}

/** What a name of busybox's answers that the simulation does not have. */
export function missing(name: string): Program {
  return function* absent(sys) {
    sys.lack?.(name);
    yield* sys.write(2, `${name}: not found: busybox has this applet, the simulation has not yet\n`);
    return 127;
  };
}

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
