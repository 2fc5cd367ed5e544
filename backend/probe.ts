/**
 * What this machine can do for real: one table of requirements, each met or with what is missing and what to install.
 * `cutaway doctor` prints it, opening a real target consults it, and the tests' `needs()` gates by it.
 *
 * Kept true: everything is tried or read here and now; a requirement that nobody asks for costs nothing; nothing is left behind.
 */
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { type Digest, UsageError } from '../core/index.ts';
import { run } from './exec.ts';
import { cgroupVersion, hierarchies, hierarchyFor } from './hierarchies.ts';
import { filterFor } from './seccomp/bpf.ts';
import { hasSeccomp } from './seccomp/kernel.ts';
import { missingNetTools, missingTools, which } from './tools.ts';
import {
  attempt,
  forbidden,
  foundMapping,
  isRoot,
  tryFurniture,
  tryNamespaces,
  tryNetworks,
  tryOverlay,
} from './trial.ts';
import { hasOneOwner, isRootless } from './userns.ts';

export const requirementNames = [
  'linux',
  'root',
  'userns',
  'tools',
  'busybox',
  'tini',
  'namespaces',
  'overlay',
  'cgroup',
  'openat2',
  'mount_setattr',
  'seccomp',
  'networks',
  'docker',
  'runc',
  'chromium',
] as const;
export type RequirementName = (typeof requirementNames)[number];

export interface Finding {
  readonly name: RequirementName;
  readonly met: boolean;
  /** What was found, or what is missing. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** Only root can try it, and we are not: that it is not met says nothing. */
  readonly untried?: true;
}

/** What the linux target needs. */
export const linuxNeeds: readonly RequirementName[] = [
  'linux',
  'root',
  'tools',
  'busybox',
  'tini',
  'namespaces',
  'overlay',
  'cgroup',
];

/** What it needs without root: no control groups; what they do is refused then. */
export const userNeeds: readonly RequirementName[] = [
  'linux',
  'userns',
  'tools',
  'busybox',
  'tini',
  'namespaces',
  'overlay',
];

/** Who starts the program as an ordinary user gets a user namespace for it, where there can be one (rootless.ts). */
export const linuxNeedsHere = (): readonly RequirementName[] =>
  process.getuid?.() === 0 && !isRootless ? linuxNeeds : userNeeds;

type Answer = Omit<Finding, 'name'>;
const yes = (detail: string): Answer => ({ met: true, detail });
const no = (detail: string, remedy: string): Answer => ({ met: false, detail, remedy });
const apt = (name: string): string => `apt-get install ${name}`;

/** The busybox that base images and recordings were made with; another one works, but its digests are its own. */
export interface ProbeOptions {
  readonly busybox?: Digest;
}

const probes: Readonly<Record<RequirementName, (options: ProbeOptions) => Answer | Promise<Answer>>> = {
  linux: () => (process.platform === 'linux' ? yes(`Linux ${release()}`) : no(process.platform, 'use a Linux machine')),
  root: () => (isRoot() ? yes('running as root') : no('not running as root', 'run it with sudo')),
  userns: () => userNamespaces(),
  tools: async () => {
    const missing = missingTools().filter((tool) => tool.program !== 'busybox' && tool.program !== 'tini-static');
    if (missing.length === 0) return yes(await toolVersions());
    const packages = [...new Set(missing.map((tool) => tool.package))];
    return no(`no ${missing.map((tool) => tool.program).join(', ')}`, apt(packages.join(' ')));
  },
  busybox: (options) => {
    const path = which('busybox');
    if (path === undefined) return no('no busybox', apt('busybox-static'));
    if (interpreterOf(path) !== undefined) return no(`${path} is not static`, apt('busybox-static'));
    const digest: Digest = `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    const note =
      options.busybox === undefined || digest === options.busybox ? '' : ', not the one that was recorded with';
    return yes(`${path}, ${digest.slice(0, 19)}${note}`);
  },
  tini: () => program('tini-static', 'tini'),
  namespaces: async () => {
    const { ok, said } = await tryNamespaces('self');
    return ok
      ? yes('mnt, uts, ipc, net, pid and cgroup can be made')
      : no(said, 'use a machine, or a privileged container');
  },
  overlay: async () => {
    const { ok, said } = await tryOverlay('self');
    if (ok) return yes(isRoot() ? 'overlayfs can be mounted' : 'overlayfs can be mounted (userxattr)');
    return no(said, isRoot() ? 'load the kernel module: modprobe overlay' : 'a kernel from 6.6 on, or sudo');
  },
  cgroup: () => {
    const all = hierarchies();
    const wanted = ['memory', 'pids', 'cpu'];
    const missing = wanted.filter((name) => !hierarchyFor(all, name)?.controllers.includes(name));
    const writable = all.every((entry) => canWrite(entry.dir));
    if (all.length === 0 || !writable)
      return no('no cgroup hierarchy that can be written', 'use a machine, or a privileged container');
    if (!canFreeze(all)) return no('no freezer', 'boot a kernel with CONFIG_CGROUP_FREEZER');
    const note = missing.length === 0 ? '' : `, without ${missing.join(', ')} (no such limits)`;
    const controllers = all.flatMap((entry) => entry.controllers).filter((name) => !name.startsWith('name='));
    return yes(`${cgroupVersion(all)}: ${controllers.join(' ')}${note}`);
  },
  openat2: () => systemCall(437, 'finds places of mounts and copies (openat2)', '5.6'),
  mount_setattr: () => systemCall(442, 'volumes and mounts of one’s own (mount_setattr)', '5.12'),
  seccomp: () => {
    if (!hasSeccomp()) return no('this kernel filters no system calls', 'boot a kernel with CONFIG_SECCOMP_FILTER');
    if (filterFor([], process.arch) === undefined)
      return no(`no filter for ${process.arch}`, 'use an x86-64 or arm64 machine');
    return yes("containers get Docker's filter of system calls");
  },
  networks: async () => {
    const missing = missingNetTools();
    if (missing.length > 0)
      return no(
        `no ${missing.map((tool) => tool.program).join(', ')}`,
        apt(missing.map((tool) => tool.package).join(' ')),
      );
    const { ok, said } = await tryNetworks('self');
    return ok
      ? yes('bridges, veth pairs and rules can be made (--bridge)')
      : no(said, 'load the kernel modules: modprobe -a bridge veth nf_nat xt_conntrack');
  },
  docker: async () => {
    if (!existsSync('/usr/bin/docker') || which('dockerd') === undefined)
      return no('no Docker Engine', apt('docker.io'));
    const ran = await run('/usr/bin/docker', ['--version']);
    return yes(ran.stdout.trim());
  },
  runc: () => program('runc', 'runc'),
  chromium: () => program('chromium', 'chromium'),
};

/** Numbers from 424 on are the same on every machine (asm-generic/unistd.h). Called without sense: ENOSYS says that there is none. */
async function systemCall(number: number, what: string, since: string): Promise<Answer> {
  const ran = await run('perl', ['-e', `syscall(${number}, -1, 0, 0, 0, 0); exit($! == 38 ? 1 : 0)`]);
  return ran.code === 0 ? yes(what) : no(`no ${what}`, `boot Linux ${since} or newer`);
}

/** Can an ordinary user be root of a namespace and furnish a root there? Which numbers has he? */
async function userNamespaces(): Promise<Answer> {
  if (isRootless) return yes(hasOneOwner ? 'in one, with one user' : 'in one');
  const who = isRoot() ? 'nobody' : 'self';
  const { ok, said } = await attempt(who, [], 'true');
  if (!ok) {
    const stop = forbidden();
    return no(stop?.why ?? said, stop?.remedy ?? 'boot a kernel with CONFIG_USER_NS, or run it with sudo');
  }
  for (const trial of [tryFurniture, tryOverlay]) {
    const tried = await trial(who);
    if (!tried.ok) return no(tried.said, 'see the table below, or run it with sudo');
  }
  if (who === 'nobody') return yes('users can do without root');
  const { mapping, why } = await foundMapping();
  if (mapping === 'many') return yes('with the users and groups of /etc/subuid and /etc/subgid');
  return yes(`with one user and one group alone (${why || 'no newuidmap'})`);
}

/** Looks at those requirements, or at all of them. */
export async function probe(
  names: readonly RequirementName[] = requirementNames,
  options: ProbeOptions = {},
): Promise<readonly Finding[]> {
  return Promise.all(names.map(async (name) => ({ name, ...(await answered(name, options)) })));
}

const triedAsRoot: readonly RequirementName[] = ['cgroup'];

/** Throws a UsageError (exit code 3) that says all that is missing. */
export async function demand(names: readonly RequirementName[], purpose: string): Promise<void> {
  const missing = (await probe(names)).filter((finding) => !finding.met && finding.untried !== true);
  if (missing.length === 0) return;
  const remedies = [...new Set(missing.map((finding) => finding.remedy).filter(Boolean))];
  const details = missing.map((finding) => `${finding.name}: ${finding.detail}`).join('; ');
  throw new UsageError(`${purpose} is not available here (${details})`, undefined, remedies.join('; '), 3);
}

/** A probe that itself fails (no /proc, a program that cannot be started) is a requirement that is not met. */
async function answered(name: RequirementName, options: ProbeOptions): Promise<Answer> {
  try {
    const answer = await probes[name](options);
    const untried = !answer.met && triedAsRoot.includes(name) && process.getuid?.() !== 0;
    return untried ? { ...no('only root can try it', 'run it with sudo'), untried } : answer;
  } catch (error) {
    return no(error instanceof Error ? error.message : String(error), 'use a Linux machine');
  }
}

function program(name: string, pkg: string): Answer {
  const path = which(name);
  return path === undefined ? no(`no ${name}`, apt(pkg)) : yes(path);
}

/** mount(8) stands for all that come from util-linux. */
async function toolVersions(): Promise<string> {
  const [mount, perl] = await Promise.all([run('mount', ['--version']), run('perl', ['-e', 'printf "%vd", $^V'])]);
  const version = /util-linux (\S+)/.exec(mount.stdout)?.[1] ?? 'of unknown version';
  return `mount, unshare, nsenter of util-linux ${version}; perl ${perl.stdout}; tar`;
}

/** The dynamic loader that an ELF file asks for: a static one has none. */
function interpreterOf(path: string): string | undefined {
  const head = readFileSync(path).subarray(0, 4096).toString('latin1');
  return /\/lib[\w/.-]*ld-[\w.-]+/.exec(head)?.[0];
}

function canWrite(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const canFreeze = (all: ReturnType<typeof hierarchies>): boolean =>
  cgroupVersion(all) === 'v2' || hierarchyFor(all, 'freezer') !== undefined;
