/**
 * What a container does not get of its own: `--pid`, `--ipc`, `--uts`, `--userns`, `--cgroupns`, and what `--privileged` opens
 * (moby/daemon/oci_linux.go WithNamespaces and WithMounts, container_operations_unix.go), in the words of Docker 20.10.24.
 * Namespaces of networks are network.ts's.
 *
 * Kept true: a `container:` mode names the donor by its full ID once the container is made; who shares memory (`/dev/shm`) and
 * who shares the IPC namespace are the same containers.
 */
import type { ContainerMount, NsKind, NsSource } from '../op.ts';
import { DockerError, noSuchContainer } from './errors.ts';
import type { Json } from './json.ts';
import { findContainer } from './lookup.ts';
import { type Container, type Engine, isAlive, statusOf } from './world.ts';

/** Of a HostConfig. An absent mode is a namespace of its own for `PidMode` and `UTSMode`, the host's for the others but IPC's. */
export interface Sharing {
  readonly PidMode?: string;
  readonly IpcMode?: string;
  readonly UTSMode?: string;
  readonly UsernsMode?: string;
  readonly CgroupnsMode?: string;
  readonly Privileged?: boolean;
  /** `--security-opt systempaths=unconfined`: nothing of /proc and /sys is hidden or read-only. */
  readonly openPaths?: boolean;
}

/** A donor that cannot give: found out before there is room for mounts and a log. */
export class CannotJoin extends DockerError {}

const CONTAINER = 'container:';
const donorOf = (mode: string | undefined): string | undefined =>
  mode?.startsWith(CONTAINER) === true ? mode.slice(CONTAINER.length) : undefined;

/** What is asked for when a container is made, with names of donors become IDs. Throws DockerError. */
export function resolveSharing(engine: Engine, asked: Sharing, hostname: string | undefined): Sharing {
  if (asked.UTSMode === 'host' && hostname !== undefined)
    throw new DockerError('conflicting options: hostname and the UTS mode', 'invalid');
  const resolved = (mode: string): string => {
    const donor = donorOf(mode);
    return donor === undefined ? mode : `${CONTAINER}${findContainer(engine, donor).id}`;
  };
  return {
    ...asked,
    ...(asked.IpcMode === undefined ? {} : { IpcMode: resolved(asked.IpcMode) }),
    ...(asked.PidMode === undefined ? {} : { PidMode: resolved(asked.PidMode) }),
  };
}

/** SELinux has no say over a container that shares with the host (daemon/create.go generateSecurityOpt). */
export function securityOptions(given: readonly string[] | undefined, sharing: Sharing): readonly string[] | undefined {
  const open = sharing.Privileged === true || sharing.PidMode === 'host' || sharing.IpcMode === 'host';
  if (!open || given?.some((option) => /^label(=|$)/.test(option)) === true) return given;
  return [...(given ?? []), 'label=disable'];
}

/** What dockerd gives who asks for nothing: on v2 a cgroup namespace of its own. */
export const cgroupnsDefault = (cgroup: 'v1' | 'v2'): 'private' | 'host' => (cgroup === 'v2' ? 'private' : 'host');

/** Has it a cgroup namespace of its own? */
export const hasOwnCgroups = (engine: Engine, { hostConfig: { sharing } }: Container): boolean =>
  (sharing?.CgroupnsMode ?? cgroupnsDefault(engine.facts.cgroup)) === 'private';

const sharingOf = ({ hostConfig: { sharing } }: Container): Sharing => sharing ?? {};

/** Whether its PID 1 is that of others: then what it leaves behind does not die with its first process. */
export const sharesPids = (container: Container): boolean => (sharingOf(container).PidMode ?? '') !== '';

/** Where each kind of namespace comes from when a container starts. Throws DockerError for a donor that cannot give. */
export function namespaceSources(engine: Engine, container: Container): Partial<Record<NsKind, NsSource>> {
  const { IpcMode, PidMode, UTSMode } = sharingOf(container);
  const ipc = ipcDonor(engine, IpcMode);
  const pid = pidDonor(engine, PidMode);
  return {
    ...(ipc === undefined ? {} : { ipc }),
    ...(pid === undefined ? {} : { pid }),
    ...(UTSMode === 'host' ? { uts: 'host' } : {}),
    ...(hasOwnCgroups(engine, container) ? { cgroup: 'new' } : {}),
  };
}

function pidDonor(engine: Engine, mode: string | undefined): NsSource | undefined {
  if (mode === 'host') return 'host';
  const id = donorOf(mode);
  if (id === undefined) return undefined;
  const donor = engine.world.containers[id];
  if (donor === undefined)
    throw new CannotJoin(
      `cannot join PID of a non running container: ${id}: ${noSuchContainer(id).message}`,
      'conflict',
    );
  demandRunning(donor);
  return { join: donor.pid };
}

const ipcModes: readonly string[] = ['', 'none', 'private', 'shareable'];

function ipcDonor(engine: Engine, mode = ''): NsSource | undefined {
  if (mode === 'host') return 'host';
  const id = donorOf(mode);
  if (id === undefined) {
    if (!ipcModes.includes(mode)) throw new CannotJoin(`Invalid IPC mode: ${mode}`, 'invalid');
    return undefined;
  }
  const wrong = (why: string): CannotJoin => new CannotJoin(`can't join IPC of container ${id}: ${why}`, 'conflict');
  const donor = engine.world.containers[id];
  if (donor === undefined) throw wrong(noSuchContainer(id).message);
  try {
    demandRunning(donor);
  } catch (error) {
    throw error instanceof DockerError ? wrong(error.message) : error;
  }
  if (shmPath(engine, donor) === '')
    throw wrong('non-shareable IPC (hint: use IpcMode:shareable for the donor container)');
  return { join: donor.pid };
}

function demandRunning(donor: Container): void {
  if (!isAlive(donor)) throw new CannotJoin(`container ${donor.id} is not running`, 'conflict');
  if (statusOf(donor) === 'restarting')
    throw new CannotJoin(`Container ${donor.id} is restarting, wait until the container is running`, 'conflict');
}

/** Host directory that is /dev/shm inside, for who shares it; '' for who does not. */
export function shmPath(engine: Engine, container: Container): string {
  const { IpcMode } = sharingOf(container);
  if (IpcMode === 'host') return '/dev/shm';
  if (IpcMode === 'shareable') return `${engine.facts.dataRoot}/containers/${container.id}/mounts/shm`;
  const donor = engine.world.containers[donorOf(IpcMode) ?? ''];
  return donor === undefined ? '' : shmPath(engine, donor);
}

/** Where the memory of a container is mounted that others may share; undefined: nobody may, or it is another's. */
export const ownShm = (engine: Engine, container: Container): string | undefined =>
  sharingOf(container).IpcMode === 'shareable' ? shmPath(engine, container) : undefined;

/** Whether nothing of /proc and /sys is hidden or read-only. */
export const isOpen = (container: Container): boolean =>
  sharingOf(container).Privileged === true || sharingOf(container).openPaths === true;

/** The mounts of a container, where /dev/shm is that of others, or where nothing is to be kept from it. */
export function sharedMounts(
  engine: Engine,
  container: Container,
  mounts: readonly ContainerMount[],
): readonly ContainerMount[] {
  const { IpcMode, Privileged } = sharingOf(container);
  const shm = shmPath(engine, container);
  if (shm === '' && IpcMode !== 'none' && Privileged !== true) return mounts;
  const bind: ContainerMount = { type: 'bind', source: shm, options: ['rbind', 'rprivate'], at: '/dev/shm' };
  return mounts.flatMap((mount) => {
    if (mount.at === '/dev/shm') return shm !== '' ? [bind] : IpcMode === 'none' ? [] : [mount];
    const open = Privileged === true && ['sysfs', 'cgroup'].includes(mount.type);
    return [open ? { ...mount, options: mount.options.filter((option) => option !== 'ro') } : mount];
  });
}

/** As inspect shows it, in the places of the defaults. */
export function sharingJson(sharing: Sharing): { readonly [key: string]: Json } {
  const { openPaths, Privileged, ...modes } = sharing;
  const paths = Privileged === true ? null : openPaths === true ? [] : undefined;
  return {
    ...modes,
    ...(Privileged === undefined ? {} : { Privileged }),
    ...(paths === undefined ? {} : { MaskedPaths: paths, ReadonlyPaths: paths }),
  };
}
