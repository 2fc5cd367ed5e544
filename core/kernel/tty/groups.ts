/**
 * Process groups and sessions, setpgid(2): who belongs to a group, and whether anybody could continue it.
 *
 * Kept true: a group that is orphaned is not stopped by the keyboard; one that becomes so while it is stopped is hung up on.
 */
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';

export const membersOf = (kernel: Kernel, group: Process): Process[] =>
  [...kernel.processes.values()].filter((process) => process.group === group && process.state !== 'zombie');

/** No member has a parent of another group of the same session (POSIX.1-2017 XBD 3.264). */
export function isOrphaned(kernel: Kernel, group: Process): boolean {
  return !membersOf(kernel, group).some(({ parent, session }) => {
    return parent?.alive === true && parent.group !== group && parent.session === session;
  });
}

/** After the end of a process: its session's terminal, and the groups that it alone could have continued. */
export function ended(kernel: Kernel, process: Process, stopped: readonly Process[]): void {
  if (process.session === process) process.terminal?.hangUp();
  for (const { group } of stopped) {
    if (group === process.group || !isOrphaned(kernel, group)) continue;
    for (const member of membersOf(kernel, group)) {
      kernel.signal(member, 'HUP');
      kernel.signal(member, 'CONT');
    }
  }
}
