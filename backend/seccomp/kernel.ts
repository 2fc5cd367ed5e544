/** Whether this kernel filters system calls (CONFIG_SECCOMP_FILTER): it says so in a file of its own, seccomp(2). */
import { existsSync } from 'node:fs';

export const hasSeccomp = (): boolean => existsSync('/proc/sys/kernel/seccomp/actions_avail');
