/** What the one binary says of itself, and how it is called. */

/** First line of every usage: which busybox is imitated. */
export const banner = 'BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.';

/** `/bin/ls` → `ls`; a login shell's `-sh` → `sh`. */
export function appletName(argv0: string): string {
  return argv0.slice(argv0.lastIndexOf('/') + 1).replace(/^-/, '');
}
