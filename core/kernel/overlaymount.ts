/**
 * What an overlay mount is asked for, and what refuses it: options, and how the directories may lie to each other
 * (fs/overlayfs/params.c and super.c of Linux; overlayfs.rst "Mount options", "Overlapping layers").
 *
 * Kept true: nothing is changed before everything has been checked; then only the workdir gets a directory `work` of its own.
 */
import { SysError } from '../errors.ts';
import { type Layer, OverlayFs } from '../vfs/union.ts';
import type { Kernel } from './kernel.ts';
import { takesNoChange } from './mount.ts';
import { type Path, resolve, samePlace, statOf, type Walker } from './namei.ts';

/** Options that say how, with the values that they can have; the first is what is not shown. */
const choices: Readonly<Record<string, readonly string[]>> = {
  index: ['off', 'on'],
  redirect_dir: ['off', 'on', 'follow', 'nofollow'],
  metacopy: ['off', 'on'],
  xino: ['off', 'on', 'auto'],
  nfs_export: ['off', 'on'],
  uuid: ['auto', 'on', 'off', 'null'],
  verity: ['off', 'on', 'require'],
};
const switches: ReadonlySet<string> = new Set(['userxattr', 'volatile', 'default_permissions', 'override_creds']);

const PAGE = 4096;
/** OVL_MAX_STACK: lower layers of one mount. */
const MAX_LAYERS = 500;

interface Asked {
  readonly lower: readonly string[];
  readonly upper?: string;
  readonly work?: string;
  /** As /proc/mounts shows them. */
  readonly shown: readonly string[];
}

export interface OverlayMount {
  readonly fs: OverlayFs;
  readonly options: readonly string[];
  readonly readonly: boolean;
}

/** `own`: the options that belong to the file system. Without an upper directory that takes no change. EINVAL, ENOENT, ELOOP. */
export function overlayMount(kernel: Kernel, by: Walker, own: readonly string[], readonly: boolean): OverlayMount {
  const asked = readOptions(cut(own));
  if (asked.lower.length > MAX_LAYERS) throw new SysError('EINVAL');
  const lower = asked.lower.map((path) => directoryAt(by, path));
  const upper = asked.upper === undefined ? undefined : directoryAt(by, asked.upper);
  const work = asked.work === undefined ? undefined : directoryAt(by, asked.work);
  if (upper === undefined) {
    if (lower.length < 2) throw new SysError('EINVAL');
    checkOverlap(lower, []);
    return { fs: Object.assign(union(kernel, lower), { readonly: true }), options: asked.shown, readonly };
  }
  if (work === undefined) throw new SysError('EINVAL');
  checkUpper(upper, work);
  checkOverlap(lower, [upper, work]);
  makeWork(work, kernel.now());
  return { fs: union(kernel, lower, upper), options: asked.shown, readonly };
}

/** mount(2) takes one page of options and drops the rest without a word, in the middle of a name if need be. */
function cut(own: readonly string[]): readonly string[] {
  const text = own.join(',');
  return text.length < PAGE ? own : text.slice(0, PAGE - 1).split(',');
}

function union(kernel: Kernel, lower: readonly Path[], upper?: Path): OverlayFs {
  const layer = ({ mount, ino }: Path): Layer => ({ fs: mount.fs, root: ino });
  return new OverlayFs({
    lowers: lower.map(layer),
    ...(upper === undefined ? {} : { upper: layer(upper) }),
    fault: kernel.fault,
  });
}

function readOptions(own: readonly string[]): Asked {
  const dirs = new Map<string, string>();
  const more: string[] = [];
  for (const option of own) {
    const equals = option.indexOf('=');
    const [name, value] = equals < 0 ? [option] : [option.slice(0, equals), option.slice(equals + 1)];
    if (isDirOption(name!) && value !== undefined && value !== '') dirs.set(name!, value);
    else if (value === undefined ? !switches.has(name!) : !choices[name!]?.includes(value))
      throw new SysError('EINVAL');
    else if (value !== choices[name!]?.[0]) more.push(option);
  }
  const lower = dirs.get('lowerdir');
  const upper = dirs.get('upperdir');
  const work = dirs.get('workdir');
  if (lower === undefined) throw new SysError('EINVAL');
  const shown = [`lowerdir=${lower}`];
  if (upper !== undefined) shown.push(`upperdir=${upper}`);
  if (upper !== undefined && work !== undefined) shown.push(`workdir=${work}`);
  return {
    lower: splitLower(lower),
    ...(upper === undefined ? {} : { upper }),
    ...(work === undefined ? {} : { work }),
    shown: [...shown, ...more],
  };
}

const isDirOption = (name: string): boolean => name === 'lowerdir' || name === 'upperdir' || name === 'workdir';

/** Colons part the lower directories; one behind a backslash belongs to a name. */
function splitLower(text: string): string[] {
  const parts = text.includes('\\')
    ? text.split(/(?<!\\):/).map((part) => part.replace(/\\(.)/g, '$1'))
    : text.split(':');
  if (parts.includes('')) throw new SysError('EINVAL');
  return parts;
}

function directoryAt(by: Walker, path: string): Path {
  const found = resolve(by, path);
  if (statOf(found).type !== 'dir') throw new SysError('EINVAL');
  return found;
}

/** Both on one mount that can be written to, neither inside the other. */
function checkUpper(upper: Path, work: Path): void {
  const apart = !isWithin(upper, work) && !isWithin(work, upper);
  if (takesNoChange(upper.mount) || upper.mount !== work.mount || !apart) throw new SysError('EINVAL');
}

/** A lower directory inside another layer would change under the union's feet. The upper one may lie in a lower one. */
function checkOverlap(lower: readonly Path[], others: readonly Path[]): void {
  for (const [n, path] of lower.entries()) {
    const overlaps = (other: Path, at = -1): boolean => at !== n && isWithin(path, other);
    if (others.some((other) => overlaps(other)) || lower.some(overlaps)) throw new SysError('ELOOP');
  }
}

function isWithin(path: Path, top: Path): boolean {
  for (let at: Path | undefined = path; at !== undefined; at = at.parent) {
    if (samePlace(at, top) || (at.mount.fs === top.mount.fs && at.ino === top.ino)) return true;
  }
  return false;
}

/** The kernel works in a directory of its own, which nobody else may look into; what was left in it goes. */
function makeWork({ mount, ino }: Path, now: number): void {
  const { fs } = mount;
  const old = fs.lookup(ino, 'work');
  if (old !== undefined) {
    for (const { name } of fs.readdir(old)) fs.unlink(old, name, now);
    fs.rmdir(ino, 'work', now);
  }
  fs.create(ino, 'work', { type: 'dir', mode: 0, uid: 0, gid: 0, mtime: now });
}
