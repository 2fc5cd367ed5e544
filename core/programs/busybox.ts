/**
 * The programs of the simulated Linux: `sh` and the applets of busybox, as far as the simulation has them, and `busybox`, the
 * one binary that is all of them. The dialect (options, messages, exit statuses) is that of busybox 1.35.0 as Debian 12 builds
 * it. Written against the system calls of core/kernel/sys.ts and nothing else.
 *
 * Kept true: here are all names; the code is in parts.
 */
import type { Program } from '../kernel/sys.ts';
import { appletName, banner } from './lib/binary.ts';
import { appletNamed, known, missing, register } from './lib/registry.ts';
import { appletNames } from './parts/names.ts';

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

/** By the name that they are called by. `sh` and `ash` are among them, `busybox` is not. */
export const applets: Readonly<Record<string, Program>> = Object.fromEntries(
  appletNames.map((name) => [name, (sys, argv) => named(name)(sys, argv)] as const),
);

/** Everything that the simulated host has in /bin. */
export const programs: Readonly<Record<string, Program>> = { ...applets, busybox };
