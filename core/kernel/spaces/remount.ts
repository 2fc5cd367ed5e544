/**
 * mount(2) with MS_REMOUNT: other flags for a mount, and other limits for a file system, while both are in use.
 */
import { SysError } from '../../errors.ts';
import type { Fs } from '../../vfs/fs.ts';
import { TreeFs } from '../../vfs/tree.ts';
import type { Kernel } from '../kernel.ts';
import type { Mount } from '../mount.ts';
import { shownOptions, splitOptions } from '../mountcalls.ts';
import type { Path } from '../namei.ts';
import { bounded, optionsOf, tmpfsOptions } from '../tmpfs.ts';

/** MS_REMOUNT: other flags for a mount that is there. EINVAL when nothing is mounted there; EROFS for what cannot be written. */
export function remount(kernel: Kernel, { mount, ino }: Path, options: readonly string[]): Mount {
  if (ino !== mount.root) throw new SysError('EINVAL');
  const readonly = options.includes('ro');
  const asked = splitOptions(shownOptions(options)).flags;
  const fixed = mount.type === 'overlay' && !mount.options.some((option) => option.startsWith('upperdir='));
  const alone = options.includes('bind');
  if (!readonly && !alone && fixed) throw new SysError('EROFS');
  if (readonly && writtenTo(kernel, mount, alone)) throw new SysError('EBUSY');
  const given = splitOptions(shownOptions(options)).own.filter((option) => option !== 'remount' && option !== 'bind');
  const shown = alone ? undefined : remountTmpfs(mount.fs, given);
  mount.readonly = readonly;
  if (!alone) mount.fs.readonly = readonly;
  mount.options = [...asked, ...(shown ?? splitOptions(mount.options).own)];
  return mount;
}

/** Is a file of its file system open for writing, `alone`: by way of this mount? */
function writtenTo(kernel: Kernel, mount: Mount, alone: boolean): boolean {
  const counts = (on: Mount | undefined): boolean => (alone ? on === mount : on?.fs === mount.fs);
  for (const { fds } of kernel.processes.values())
    for (const { file } of fds.values()) if (file.forWriting && counts(file.path?.mount)) return true;
  return false;
}

/** MS_REMOUNT: what is not named stays. Answers what is shown from now on; undefined for what is no tmpfs. EINVAL. */
function remountTmpfs(fs: Fs, own: readonly string[]): readonly string[] | undefined {
  const old = optionsOf.get(fs);
  if (old === undefined || !(fs instanceof TreeFs)) return undefined;
  const options = tmpfsOptions(own, old);
  fs.resize(bounded(options.limit), options.inodes === 0 ? undefined : options.inodes);
  optionsOf.set(fs, options);
  return options.shown;
}
