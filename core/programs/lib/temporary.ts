/** Names of temporary files, as mkstemp(3) fills in `XXXXXX`. */
import type { Sys } from '../../kernel/sys.ts';
import { attempt } from './applet.ts';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** The first free name after the process' own (so that a run can be repeated), made by `make`, which may throw a SysError. */
export function temporary(sys: Sys, prefix: string, make: (path: string) => void): string {
  for (let n = sys.pid; ; n++) {
    let suffix = '';
    for (let i = 0, rest = n * 7919; i < 6; i++, rest = Math.floor(rest / 62) + 17 * i) suffix += letters[rest % 62];
    const path = prefix + suffix;
    if (attempt(() => sys.lstat(path)) !== undefined) continue;
    make(path);
    return path;
  }
}
