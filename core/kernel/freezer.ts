/**
 * Freezing and thawing of a control group. Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst.
 *
 * Kept true: to a process that is frozen no time passes: CPU time that it was using is left to use when it is thawed. Clocks go
 * on, so that a sleep that should have ended meanwhile ends then.
 */
import type { Cgroup } from './cgroup.ts';
import type { Kernel } from './kernel.ts';

export function freezeGroup(kernel: Kernel, group: Cgroup, frozen: boolean): void {
  const before = new Set([...group.members()].filter((process) => kernel.cgroups.frozen(process)));
  kernel.cgroups.freeze(group, frozen);
  for (const process of group.members()) {
    if (before.has(process) !== kernel.cgroups.frozen(process)) kernel.cgroups.holdTime(process, frozen);
  }
  if (!frozen) kernel.cgroups.thawed(kernel, group);
}
