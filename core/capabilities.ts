/** Linux' capabilities, capabilities(7), in the order of their numbers. */

/** In the order of linux/capability.h: CAP_CHOWN is 0, CAP_CHECKPOINT_RESTORE is 40. */
export const allCapabilities: readonly string[] =
  `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
  NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
  SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
  MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`
    .split(/\s+/)
    .map((name) => `CAP_${name}`);

/** -1 for a name that is none. */
export const capabilityNumber = (name: string): number => allCapabilities.indexOf(name);

/** As /proc/<pid>/status shows a set, 16 hex digits; undefined: all of them. */
export function capabilityMask(names: Iterable<string> | undefined): string {
  let mask = 0n;
  for (const name of names ?? allCapabilities) mask |= 1n << BigInt(capabilityNumber(name));
  return mask.toString(16).padStart(16, '0');
}

/** What Docker gives a container when nothing is said, oci/caps/defaults.go, in its order. */
export const defaultCapabilities: readonly string[] =
  `CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE`
    .split(' ')
    .map((name) => `CAP_${name}`);
