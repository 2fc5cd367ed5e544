/**
 * What this machine can do for real: one table of requirements, each met or with what is missing and what to install.
 * `cutaway doctor` prints it, opening a real target consults it, and the tests' `needs()` gates by it.
 *
 * Kept true: everything is tried or read here and now; a requirement that nobody asks for costs nothing; nothing is left behind.
 */
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { type Digest, UsageError } from '../core/index.ts';
import { run } from './exec.ts';
import { cgroupVersion, hierarchies, hierarchyFor } from './hierarchies.ts';
import { filterFor } from './seccomp/bpf.ts';
import { hasSeccomp } from './seccomp/kernel.ts';
import { missingNetTools, missingTools, which } from './tools.ts';

export const requirementNames = [
  'linux',
  'root',
  'tools',
  'busybox',
  'tini',
  'namespaces',
  'overlay',
  'cgroup',
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
  root: () => (process.getuid?.() === 0 ? yes('running as root') : no('not running as root', 'run it with sudo')),
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
    const ran = await run('unshare', ['-m', '-u', '-i', '-n', '-p', '-C', '--fork', 'true'], { timeoutMs: 60_000 });
    return ran.code === 0
      ? yes('mnt, uts, ipc, net, pid and cgroup can be made')
      : no(said(ran.stderr), 'use a machine, or a privileged container');
  },
  overlay: async () => {
    const script =
      'mount -t tmpfs none "$1" && cd "$1" && mkdir l u w m && mount -t overlay -o lowerdir=l,upperdir=u,workdir=w none m';
    const ran = await run('unshare', ['-m', '--propagation', 'private', 'sh', '-c', script, 'try', tmpdir()], {
      timeoutMs: 60_000,
    });
    return ran.code === 0
      ? yes('overlayfs can be mounted')
      : no(said(ran.stderr), 'load the kernel module: modprobe overlay');
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
    const script =
      'ip link add b0 type bridge && ip link add v0 type veth peer name v1 && iptables -t nat -A POSTROUTING -j MASQUERADE && iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT';
    const ran = await run('unshare', ['-n', 'sh', '-c', script], { timeoutMs: 60_000 });
    return ran.code === 0
      ? yes('bridges, veth pairs and rules can be made (--bridge)')
      : no(said(ran.stderr), 'load the kernel modules: modprobe -a bridge veth nf_nat xt_conntrack');
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

/** Looks at those requirements, or at all of them. */
export async function probe(
  names: readonly RequirementName[] = requirementNames,
  options: ProbeOptions = {},
): Promise<readonly Finding[]> {
  return Promise.all(names.map(async (name) => ({ name, ...(await answered(name, options)) })));
}

const triedAsRoot: readonly RequirementName[] = ['namespaces', 'overlay', 'cgroup', 'networks'];

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

const said = (stderr: string): string => stderr.trim().split('\n')[0] ?? 'refused';
