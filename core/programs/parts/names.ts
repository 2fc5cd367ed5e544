/**
 * Which applet is in which part. Each is loaded with its part (core/parts.ts).
 *
 * Kept true: these are the names of the parts' own tables (first.ts, files.ts …), no more and no less.
 */
import type { PartName } from '../../errors.ts';

const words = (text: string): readonly string[] => text.split(/\s+/);

const parts: Readonly<Partial<Record<PartName, readonly string[]>>> = {
  first: words(
    'basename cat clear dirname echo env false hostname ls mkdir nproc pwd rm sleep sync touch true tty uname usleep whoami yes',
  ),
  files: words(
    `chgrp chmod chown cmp cp dd df du find link ln mkfifo mknod mktemp mount mv readlink realpath rmdir stat truncate umount
    unlink which xargs`,
  ),
  text: words(
    'cut egrep expr fgrep grep head md5sum nl rev sed seq sha1sum sha256sum sha512sum sort tac tail tee tr uniq wc',
  ),
  host: words('date free groups id pidof ps renice setsid stty time timeout top uptime'),
  more: words('awk base64 diff fold gunzip gzip hexdump killall od paste shuf sysctl tar xxd zcat'),
  spaces: words('arp chroot httpd ifconfig ip nc netstat nsenter nslookup ping pivot_root route unshare wget'),
  shell: words('[ [[ kill printf test sh ash'),
};

/** The part that has to be loaded for an applet. */
export const partOf: ReadonlyMap<string, PartName> = new Map(
  (Object.entries(parts) as [PartName, readonly string[]][]).flatMap(([part, names]) =>
    names.map((name) => [name, part] as const),
  ),
);

/** All applets of the simulation, as they are listed: `sh` and `ash` last. */
export const appletNames: readonly string[] = [
  ...[...partOf.keys()].filter((name) => name !== 'sh' && name !== 'ash').sort(),
  'sh',
  'ash',
];
