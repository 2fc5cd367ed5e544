/**
 * The mounts of a container as rounds of `mount -a`: one process makes all mounts of a round. A mount that lies on a tmpfs
 * of an earlier round needs its directory made in between.
 */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ContainerMount, Spawn } from '../core/index.ts';
import type { Lab } from './lab.ts';
import { makeDirs } from './make-dirs.ts';
import { hereWith, isMountPoint } from './mount.ts';
import { fstabWord } from './mountinfo.ts';
import { resolveInside } from './path.ts';

export interface Round {
  /** fstab(5). */
  readonly fstab: string;
  /** busybox' mount does: there is no bind mount that must be made and then remounted with its flags. */
  readonly simple: boolean;
  /** Where a /dev is to be filled with device nodes, after the round. */
  readonly dev: string;
  /** Directories to make after the round. */
  readonly dirs: readonly string[];
}

interface Planned extends ContainerMount {
  readonly round: number;
}

/** All mounts that a Spawn asks for. Mount points that are missing in the root are made, as runc does. */
export function mountRounds(lab: Lab, spec: Spawn): readonly Round[] {
  const root = spec.root;
  if (root === undefined) return [];
  const list = [...(spec.mounts ?? []), ...initMount(spec), ...hidden(spec)].flatMap((mount) =>
    cgroupMounts(lab, spec, mount),
  );
  const planned: Planned[] = [];
  for (const mount of list) planned.push(place(mount, planned));
  deferOthers(planned);
  for (const mount of planned) if (!covered(mount, planned)) makePoint(lab, root, mount);
  const rounds = Math.max(-1, ...planned.map((mount) => mount.round)) + 1;
  const made = Array.from({ length: rounds }, (_, round) => roundOf(lab, root, planned, round));
  return isMountPoint(lab, root) ? made : [asMount(root), ...made];
}

/** Only a mount can become the root: a directory is bound to itself first, as runc does. */
const asMount = (root: string): Round => ({
  fstab: `${[root, root].map(fstabWord).join(' ')} none rbind 0 0\n`,
  simple: false,
  dev: '',
  dirs: [],
});

const inside = (path: string, dir: string): boolean => path.startsWith(dir === '/' ? '/' : `${dir}/`);

function place(mount: ContainerMount, earlier: readonly Planned[]): Planned {
  const below = earlier.filter((other) => inside(mount.at, other.at));
  const rounds = below.map((other) => other.round + (other.type === 'tmpfs' ? 1 : 0));
  return { ...mount, round: Math.max(0, ...rounds) };
}

/** What nothing later stands on can wait for the last round: the fewer mounts in the others, the less they cost. */
function deferOthers(planned: Planned[]): void {
  const last = Math.max(0, ...planned.map((mount) => mount.round));
  planned.forEach((mount, n) => {
    const awaited = planned.some((other) => other.round > mount.round && inside(other.at, mount.at));
    if (!awaited) planned[n] = { ...mount, round: last };
  });
}

const covered = (mount: Planned, all: readonly Planned[]): boolean =>
  all.some((other) => other !== mount && inside(mount.at, other.at));

function roundOf(lab: Lab, root: string, planned: readonly Planned[], round: number): Round {
  const target = (at: string): string => root + resolveInside(lab.path(root), at, true);
  const now = planned.filter((mount) => mount.round === round);
  const fresh = now.filter((mount) => mount.type === 'tmpfs');
  const next = planned.filter((mount) => mount.round === round + 1);
  return {
    fstab: now.map((mount) => `${fstabLine(mount, target(mount.at))}\n`).join(''),
    simple: now.every((mount) => mount.type !== 'bind'),
    dev: fresh.some((mount) => mount.at === '/dev') ? target('/dev') : '',
    dirs: next.filter((mount) => fresh.some((dir) => inside(mount.at, dir.at))).map((mount) => target(mount.at)),
  };
}

/** Everything in a lab is private already. */
const propagation = ['private', 'rprivate'];

function fstabLine(mount: ContainerMount, at: string): string {
  const bind = mount.type === 'bind';
  const asked = hereWith(mount.type, mount.options).filter((option) => !propagation.includes(option));
  const options = bind && !asked.includes('rbind') ? [...new Set(['bind', ...asked])] : asked;
  const words = [mount.source, at, bind ? 'none' : mount.type, options.length === 0 ? 'defaults' : options.join(',')];
  return words.map(fstabWord).join(' ');
}

/** An empty directory, or a file for the bind mount of a file. */
function makePoint(lab: Lab, root: string, mount: ContainerMount): void {
  const path = lab.path(root) + resolveInside(lab.path(root), mount.at, true);
  if (existsSync(path)) return;
  const file = mount.type === 'bind' && !statSync(lab.path(resolveInside(lab.root, mount.source, true))).isDirectory();
  makeDirs(file ? dirname(path) : path, 0o755);
  if (file) writeFileSync(path, '', { mode: 0o755 });
}

/** `--init`: tini at /sbin/docker-init. */
export const initMount = (spec: Spawn): readonly ContainerMount[] =>
  spec.init === true
    ? [{ type: 'bind', source: '/usr/bin/docker-init', at: '/sbin/docker-init', options: ['ro'] }]
    : [];

/** maskedPaths and readonlyPaths of the OCI runtime spec (config-linux.md). Those that this kernel has not are left out. */
function hidden(spec: Spawn): readonly ContainerMount[] {
  const masked = (spec.maskedPaths ?? [])
    .filter(existsSync)
    .map(
      (at): ContainerMount =>
        statSync(at).isDirectory()
          ? { type: 'tmpfs', source: 'tmpfs', at, options: ['ro'] }
          : { type: 'bind', source: '/dev/null', at, options: [] },
    );
  const readonly = (spec.readonlyPaths ?? []).filter(existsSync).map(
    (at): ContainerMount => ({
      type: 'bind',
      source: `${spec.root ?? ''}${at}`,
      at,
      options: ['ro', 'nosuid', 'nodev', 'noexec'],
    }),
  );
  return [...masked, ...readonly];
}

/** A `cgroup` mount is, on v1, a tmpfs with the container's own group of each hierarchy bound into it (runc does the same). */
export function cgroupMounts(lab: Lab, spec: Spawn, mount: ContainerMount): readonly ContainerMount[] {
  if (mount.type !== 'cgroup') return [mount];
  const options = ['nosuid', 'nodev', 'noexec'];
  const group = spec.cgroup === undefined ? '' : `/${spec.cgroup}`;
  const bind = (name: string, at: string): ContainerMount => ({
    type: 'bind',
    source: `/sys/fs/cgroup${name === '.' ? '' : `/${name}`}${group}`,
    at,
    options: ['ro', ...options],
  });
  if (lab.cgroupVersion === 'v2') return [bind('.', mount.at)];
  return [
    { type: 'tmpfs', source: 'tmpfs', at: mount.at, options: [...options, 'mode=755'] },
    ...lab.hierarchies
      .filter(({ type }) => type === 'cgroup')
      .map((entry) => bind(entry.name, `${mount.at}/${entry.name}`)),
  ];
}
