/**
 * mount(2) and umount(2) of a process: which file system a type and a source mean, and what refuses.
 *
 * Kept true: only CAP_SYS_ADMIN may; a mount in use is EBUSY.
 */
import { SysError } from '../errors.ts';
import { digestOf } from '../image/digest.ts';
import { TreeFs } from '../vfs/tree.ts';
import type { Kernel } from './kernel.ts';
import { moreKernel } from './more.ts';
import { attach, detach, isUnder, type Mount, mountsOf, pathInFs, topOf } from './mount.ts';
import { cross, resolve, type Walker } from './namei.ts';
import { overlayMount } from './overlaymount.ts';
import type { Process } from './process.ts';
import { freeUnmounted, makeTmpfs, tmpfsOptions } from './tmpfs.ts';

/** As mount(2) has it: any string may be asked for as type. */
export interface MountSource {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
  /** Where relative paths in the options begin; the caller's working directory otherwise. */
  readonly from?: string;
}

export interface MountRequest extends MountSource {
  readonly target: string;
}

/** mount(2). ENOENT, ENOTDIR, EINVAL, ENODEV, EPERM. */
export function mountAt(kernel: Kernel, by: Process, request: MountRequest): Mount {
  demandCall(by);
  const target = resolve(by, request.target);
  if (!by.can('CAP_SYS_ADMIN', by.ns.mnt)) throw new SysError('EPERM');
  if (request.options.includes('remount')) return moreKernel().remount(kernel, target, request.options);
  demandOwn(by, target.mount);
  if (!isBind(request)) by.ns.user.demandType?.(by, request.type);
  const mount = makeMount(kernel, by, request);
  if (mount.readonly && ownFs.has(request.type)) mount.fs.readonly = true;
  attach(mount, target);
  target.mount.sharing?.attached(mount, target);
  return mount;
}

/** EPERM: Docker's filter lets nobody call mount(2) or umount2(2) who has not the capability, whatever it would say. */
export function demandCall(by: Process): void {
  if (by.filtered && !by.can('CAP_SYS_ADMIN')) throw new SysError('EPERM');
}

/** EINVAL: it hangs in the tree of another mount namespace, or in none any more. */
function demandOwn(by: Process, mount: Mount): void {
  if (topOf(mount) !== by.ns.mnt.root) throw new SysError('EINVAL');
}

/** Types of which each mount is a file system of its own. */
const ownFs: ReadonlySet<string> = new Set(['tmpfs', 'ramfs', 'overlay', 'aufs']);

/** MS_BIND: the type is not looked at. */
const isBind = ({ type, options }: MountSource): boolean =>
  type === 'bind' || options.includes('bind') || options.includes('rbind');

/** The mount that a request means, not yet put anywhere. */
export function makeMount(kernel: Kernel, by: Process, request: MountSource): Mount {
  const { type, source } = request;
  const readonly = request.options.includes('ro');
  const options = shownOptions(request.options);
  const common = { type, source, options, readonly };
  if (isBind(request)) return bindMount(kernel, by, request, readonly);
  switch (type) {
    case 'mqueue': {
      const { ipc } = by.ns;
      ipc.queues ??= memoryFs(kernel, type, request.options);
      return kernel.mounts.make({ ...common, fs: ipc.queues });
    }
    case 'tmpfs': {
      const { flags: some, own } = splitOptions(options);
      const made = tmpfsOptions(own);
      return kernel.mounts.make({ ...common, options: [...some, ...made.shown], fs: makeTmpfs(kernel, made) });
    }
    case 'devpts': {
      const { flags: some, own } = splitOptions(options);
      const fs = memoryFs(kernel, type, request.options);
      return kernel.mounts.make({ ...common, options: [...some, ...devptsShown(own)], fs });
    }
    case 'ramfs':
      return kernel.mounts.make({ ...common, fs: memoryFs(kernel, type, request.options) });
    case 'overlay': {
      const { flags: own, own: others } = splitOptions(options);
      const made = overlayMount(kernel, within(by, request.from), others, readonly);
      return kernel.mounts.make({ ...common, ...made, options: [...own, ...made.options] });
    }
    case 'aufs':
      return kernel.mounts.make({ ...common, ...kernel.fileSystem(by, request), options: aufsShown(options) });
    default:
      return kernel.mounts.make({ ...common, ...kernel.fileSystem(by, request) });
  }
}

/** aufs shows a number instead of its branches, since they may be more than fit into a line (aufs(5), "si"). */
function aufsShown(options: readonly string[]): string[] {
  const { flags: all, own } = splitOptions(options);
  const shown = own.filter((option) => !/^(br|dirs|xino)[:=]/.test(option));
  return [...all, `si=${digestOf(own.join()).slice('sha256:'.length).slice(0, 16)}`, ...shown];
}

/** fs/devpts/inode.c devpts_show_options. EINVAL: an unknown one. */
function devptsShown(own: readonly string[]): string[] {
  if (own.some((option) => !/^([ug]id=\d+|(ptmx)?mode=[0-7]+)$/.test(option))) throw new SysError('EINVAL');
  const mode = (name: string, otherwise: string): string =>
    name +
    (own.find((option) => option.startsWith(name)) ?? name + otherwise).slice(name.length).padStart(3, '0').slice(-3);
  return [...own.filter((option) => option.includes('id=')), mode('mode=', '600'), mode('ptmxmode=', '000')];
}

/** Who walks from another working directory than the caller's. */
function within(by: Process, from: string | undefined): Walker {
  if (from === undefined) return by;
  const { root, uid, gid, groups } = by;
  return { root, uid, gid, groups, cwd: resolve(by, from) };
}

/** Options of mount(8) that are orders, not properties. */
const orders: ReadonlySet<string> = new Set([
  ...['ro', 'rw', 'bind', 'rbind', 'defaults', 'private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'],
  ...['strictatime', 'relatime', 'newinstance', 'suid', 'dev', 'exec'],
]);
/** Properties of the mount, in the order in which the kernel shows them; all others belong to the file system. */
const flags = ['nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime'];

/** By the list that was asked for: every container asks for the same ones. */
const shown = new WeakMap<readonly string[], readonly string[]>();

/** As /proc/mounts shows them: flags first, relatime unless another kind of atime was asked for. */
export function shownOptions(options: readonly string[]): readonly string[] {
  if (!Object.isFrozen(options)) return orderOptions(options);
  let list = shown.get(options);
  if (list === undefined) {
    list = orderOptions(options);
    shown.set(options, list);
  }
  return list;
}

function orderOptions(options: readonly string[]): readonly string[] {
  const isAtime = options.includes('strictatime') || options.includes('noatime');
  const first = flags.filter((flag) => (flag === 'relatime' ? !isAtime : options.includes(flag)));
  return [...first, ...options.filter((option) => !orders.has(option) && !flags.includes(option))];
}

/** The flags of the mount, and the options of its file system. */
export function splitOptions(options: readonly string[]): { readonly flags: string[]; readonly own: string[] } {
  return {
    flags: options.filter((option) => flags.includes(option)),
    own: options.filter((option) => !flags.includes(option)),
  };
}

/** A bind mount shows a directory (or file) once more; `rbind` with what is mounted below it. */
function bindMount(kernel: Kernel, by: Process, request: MountSource, readonly: boolean): Mount {
  const source = resolve(by, request.source);
  const shown = source.file?.shown?.();
  if (shown !== undefined) return kernel.mounts.make(shown);
  const { mount } = source;
  demandOwn(by, mount);
  const copy = kernel.mounts.clone(mount, {
    root: source.ino,
    rootPath: pathInFs(source),
    readonly: readonly || mount.readonly,
  });
  mount.sharing?.copied(copy);
  const deep = request.options.includes('rbind') && [...mount.children.values()].some(({ at }) => isUnder(at!, source));
  return deep ? moreKernel().bindBelow(kernel, source, copy) : copy;
}

function memoryFs(kernel: Kernel, type: string, options: readonly string[]): TreeFs {
  // The mode that devpts is given is that of the terminals in it.
  const mode = type === 'devpts' ? undefined : options.find((option) => option.startsWith('mode='))?.slice(5);
  const defaultMode = type === 'mqueue' ? 0o1777 : 0o755;
  const now = kernel.now();
  const fs = new TreeFs(type, { mode: mode === undefined ? defaultMode : Number.parseInt(mode, 8), now });
  if (type === 'devpts') {
    const ptmx = options.find((option) => option.startsWith('ptmxmode='))?.slice(9) ?? '0';
    fs.create(fs.root, 'ptmx', {
      type: 'char',
      mode: Number.parseInt(ptmx, 8),
      uid: 0,
      gid: 0,
      mtime: now,
      rdev: [5, 2],
    });
  }
  return fs;
}

/** umount2(2): the topmost mount there. EINVAL when nothing is mounted there, EBUSY while somebody uses it, unless `lazy`. */
export function umountAt(kernel: Kernel, by: Process, target: string, lazy = false): void {
  demandCall(by);
  const { mount, ino } = cross(resolve(by, target));
  if (!by.can('CAP_SYS_ADMIN', by.ns.mnt)) throw new SysError('EPERM');
  if (ino !== mount.root || mount.at === undefined || mount.locked === true) throw new SysError('EINVAL');
  demandOwn(by, mount);
  if (lazy) umountLazily(mount);
  else if (mount.children.size > 0 || inUse(kernel, mount)) throw new SysError('EBUSY');
  else detach(mount);
  if (kernel.charges.size > 0) freeUnmounted(kernel);
}

/** umount2(2) MNT_DETACH: away from the tree now, whoever still uses it. */
export function umountLazily(mount: Mount): void {
  for (const each of mountsOf(mount)) if (each !== mount) detach(each);
  detach(mount);
}

/** Does a process stand in the mount, or hold a file of it open? */
function inUse(kernel: Kernel, mount: Mount): boolean {
  for (const process of kernel.processes.values()) {
    if (!process.alive) continue;
    if (process.root.mount === mount || process.cwd.mount === mount || process.exe?.mount === mount) return true;
    for (const { file } of process.fds.values()) if (file.path?.mount === mount) return true;
  }
  return false;
}

interface AufsDir {
  readonly path: string;
  readonly writable: boolean;
  /** Deletions in it count. */
  readonly marks: boolean;
}

/** `br:/a=rw:/b=ro+wh:/c`, topmost first; the first is for writing unless it says otherwise. */
export function aufsBranches(options: readonly string[]): readonly AufsDir[] {
  const list = options.find((option) => /^(br|dirs)[:=]/.test(option))?.replace(/^(br|dirs)[:=]/, '');
  if (list === undefined || list === '') throw new SysError('EINVAL');
  return list.split(':').map((branch, index) => {
    const [path = '', permission = index === 0 ? 'rw' : 'ro'] = branch.split('=');
    if (!/^(rw|ro|rr)(\+\w+)*$/.test(permission)) throw new SysError('EINVAL');
    const writable = index === 0 && permission.startsWith('rw');
    return { path, writable, marks: writable || permission.includes('+wh') };
  });
}
