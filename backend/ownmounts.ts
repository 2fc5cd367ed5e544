/**
 * The mounts of a container that has some of its own, as fields for the `mounter` script (mounter.ts). Containers without
 * are served by mountplan.ts, which needs fewer starts of programs.
 */
import { type ContainerMount, maskedPaths, type Spawn } from '../core/index.ts';
import { Refused } from './errno.ts';
import type { Lab } from './lab.ts';
import { hereWith } from './mount.ts';
import { cgroupMounts, initMount } from './mountplan.ts';

/** Places of the files and the memory that the engine itself gives every container. */
const engines = ['/etc/resolv.conf', '/etc/hostname', '/etc/hosts', '/dev/shm'];
const usual = ['/proc', '/dev', '/dev/pts', '/sys', '/sys/fs/cgroup', '/dev/mqueue', '/dev/shm'];

const isOfEngine = ({ type, source, at }: ContainerMount): boolean =>
  type === 'bind' && engines.includes(at) && source.startsWith('/var/lib/docker/containers/');

/** Has it mounts beside those that every container has? */
export function hasOwnMounts({ root, mounts = [] }: Spawn): boolean {
  return (
    root !== undefined &&
    mounts.some((mount) => !(mount.type === 'bind' ? isOfEngine(mount) : usual.includes(mount.at)))
  );
}

/** What the script is told. */
export function mounterFields(lab: Lab, spec: Spawn): readonly string[] {
  const mounts = [...(spec.mounts ?? []).flatMap((mount) => givenOrOwn(lab, spec, mount)), ...given(initMount(spec))];
  const masks = spec.maskedPaths ?? [];
  const readonly = (spec.readonlyPaths ?? []).map((at): Told => {
    return { kind: 'readonly', type: 'bind', source: at, at, options: ['ro', 'nosuid', 'nodev', 'noexec', 'rbind'] };
  });
  const masked = masks.map((at): Told => ({ kind: 'masked', type: 'bind', source: '', at, options: [] }));
  const all = [...mounts, ...readonly, ...masked];
  // Where /proc and /sys of the host come along they hide what they hide in every container, whatever this one's own show.
  return [String(maskedPaths.length), ...maskedPaths, String(all.length), ...all.flatMap(fieldsOf)];
}

/** The same for nothing but bind mounts, over a root that is only looked into. */
export function viewFields(mounts: readonly ContainerMount[]): readonly string[] {
  const told = mounts.map((mount): Told => ({ ...mount, kind: kindOf(mount) }));
  return [String(maskedPaths.length), ...maskedPaths, String(told.length), ...told.flatMap(fieldsOf)];
}

type Kind = 'bind' | 'given' | 'readonly' | 'masked' | 'dev' | 'fs';
interface Told extends ContainerMount {
  readonly kind: Kind;
}

const kindOf = (mount: ContainerMount): Kind => (isOfEngine(mount) ? 'given' : 'bind');

const given = (mounts: readonly ContainerMount[]): readonly Told[] =>
  mounts.map((mount) => ({ ...mount, kind: mount.type === 'bind' ? 'given' : 'fs' }));

function givenOrOwn(lab: Lab, spec: Spawn, mount: ContainerMount): readonly Told[] {
  if (mount.type === 'cgroup') return given(cgroupMounts(lab, spec, mount));
  if (mount.type === 'bind') return [{ ...mount, kind: kindOf(mount) }];
  const isDev = mount.at === '/dev' && mount.options.includes('strictatime');
  return [{ ...mount, kind: isDev ? 'dev' : 'fs' }];
}

/** MOUNT_ATTR_… of mount_setattr(2). */
const attributes: Readonly<Record<string, number>> = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  noatime: 0x10,
  strictatime: 0x20,
  nodiratime: 0x80,
};
/** MS_… of mount(2). */
const propagations: Readonly<Record<string, number>> = {
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
};
/** What clears a flag that none of ours sets, or says how a bind mount is made. */
const silent = [
  ...['rw', 'suid', 'dev', 'exec', 'async', 'atime', 'diratime', 'relatime', 'norelatime', 'nostrictatime', 'nomand'],
  ...['defaults', 'bind', 'rbind'],
];

function fieldsOf({ kind, type, source, at, options: wanted }: Told): readonly string[] {
  const options = hereWith(type, wanted);
  if (type !== 'bind') demandNew(options, at);
  const set = options.reduce((sum, option) => sum | (attributes[option] ?? 0), 0);
  const asked = options.findLast((option) => plain(option) in propagations);
  // What the engine gives is tied to nothing, whatever the lab shares.
  const propagation = asked ?? (type === 'bind' ? 'rprivate' : undefined);
  const own = options.filter(
    (option) => !(option in attributes) && !silent.includes(option) && !(plain(option) in propagations),
  );
  return [
    ...[kind, type, source, at, String(set)],
    String(propagation === undefined ? 0 : propagations[plain(propagation)]),
    options.includes('rbind') ? '1' : '0',
    propagation?.startsWith('r') === true ? '1' : '0',
    type === 'bind' ? '' : own.join(','),
  ];
}

const plain = (option: string): string => option.replace(/^r(?=unbindable|private|slave|shared)/, '');

/** A bind or a remount of what is called `tmpfs` cannot be made: nothing of that name is there. */
function demandNew(options: readonly string[], at: string): void {
  if (options.includes('bind') || options.includes('rbind')) throw new Refused('ENOENT', `mount for ${at}`);
  if (options.includes('remount')) throw new Refused('EINVAL', `mount for ${at}`);
}
