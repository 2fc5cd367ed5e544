/**
 * What the `setup` script (scripts.ts) is told about the process it becomes: a file of NUL-ended fields and the fstabs of the
 * mount rounds, in a directory of the lab's tool directory. Arguments and environment pass through unchanged, whatever
 * characters they have, and show up in no command line but the program's own.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ContainerMount, capabilityNumber, parseSeccomp, type Spawn, type SpawnDevice } from '../core/index.ts';
import { envValue } from './env.ts';
import { Refused } from './errno.ts';
import type { Lab } from './lab.ts';
import { mountRounds, type Round } from './mountplan.ts';
import { demandUser } from './owners.ts';
import { hasOwnMounts, mounterFields } from './ownmounts.ts';
import { filterFor, withFence } from './seccomp/bpf.ts';
import { hasSeccomp } from './seccomp/kernel.ts';
import { ownFilter } from './seccomp/own.ts';
import { isGroup, isRootless, keepsGroups } from './userns.ts';

/** Writes a job's directory, whose number is then the argument of `setup`. */
export function writeJob(lab: Lab, number: number, spec: Spawn): void {
  const dir = jobDir(lab, number);
  mkdirSync(dir);
  const own = hasOwnMounts(spec);
  const rounds = own ? [] : mountRounds(lab, spec);
  rounds.forEach((round, n) => {
    writeFileSync(`${dir}/mounts.${n}`, round.fstab);
  });
  if (own) writeFileSync(`${dir}/mounts`, joined(mounterFields(lab, spec)));
  writeFileSync(`${dir}/job`, joined(jobFields(number, dir, spec, rounds)));
}

const joined = (fields: readonly string[]): string => fields.map((field) => `${field}\0`).join('');

export function dropJob(lab: Lab, number: number): void {
  rmSync(jobDir(lab, number), { recursive: true, force: true });
}

const jobDir = (lab: Lab, number: number): string => `${lab.toolDir}/jobs/${number}`;

function jobFields(number: number, dir: string, spec: Spawn, rounds: readonly Round[]): readonly string[] {
  const argv = spec.init === true ? ['/sbin/docker-init', '--', ...spec.argv] : spec.argv;
  const words = finalCommand(number, dir, spec, argv);
  return [
    spec.root ?? '',
    spec.hostname ?? '',
    spec.namespaces.net === 'new' ? 'lo' : '',
    String(rounds.length),
    ...rounds.flatMap((round) => [round.simple ? '' : 'libmount', round.dev, String(round.dirs.length), ...round.dirs]),
    hasOwnMounts(spec) ? 'own' : '',
    needless(spec.mounts ?? []),
    String(nodesOf(spec).length),
    ...nodesOf(spec).flatMap(deviceFields),
    spec.oomScoreAdj === undefined ? '' : String(spec.oomScoreAdj),
    spec.cwd,
    spec.readonlyRoot === true ? 'ro' : '',
    envValue(spec.env, 'PATH') ?? '',
    argv[0] ?? '',
    spec.tty ? String(spec.user.uid) : '',
    String(words.length),
    ...words,
  ];
}

/** What the template of /dev has for a mount that this container does not get, `--ipc none`. */
function needless(mounts: readonly ContainerMount[]): string {
  const has = (at: string): boolean => mounts.some((mount) => mount.at === at);
  return has('/dev') && !has('/dev/shm') ? '/dev/shm' : '';
}

function nodesOf({ devices = [] }: Spawn): readonly SpawnDevice[] {
  if (devices.length > 0 && isRootless)
    throw new Refused('EPERM', 'device nodes can be made by the machine’s own root alone: operation not permitted');
  return devices;
}

function deviceFields({ path, type, mode, uid, gid, rdev }: SpawnDevice): readonly string[] {
  const owner = `${uid}:${gid}`;
  return [path, type === 'block' ? 'b' : 'c', String(rdev[0]), String(rdev[1]), mode.toString(8), owner];
}

/**
 * The last command: `become` (scripts.ts) drops what the program may not have, gives it its environment, goes to its directory
 * and executes it.
 */
function finalCommand(number: number, dir: string, spec: Spawn, argv: readonly string[]): readonly string[] {
  const environment = spec.env.filter((entry) => entry.indexOf('=') > 0);
  return [
    ...['./ld.so', '--library-path', '.', './perl', '-f', './become'],
    ...privileges(number, dir, spec),
    spec.cwd,
    String(environment.length),
    ...environment,
    ...argv,
  ];
}

/**
 * Filter of system calls, capabilities, no_new_privs, session of its own, user, groups. The bounding set decides what a root
 * program can have after its exec, capabilities(7).
 */
function privileges(number: number, dir: string, spec: Spawn): readonly string[] {
  const { uid, gid } = spec.user;
  demandUser(uid, gid);
  const groups = keepsGroups ? ['-'] : (spec.user.groups ?? []).filter(isGroup);
  // Who is not root gets none of them; they only stay in the bounding set, as far as they are there.
  if (uid === 0) demandOwn(spec.capabilities ?? []);
  const kept = spec.capabilities?.map((name) => capabilityNumber(name));
  return [
    systemCalls(),
    filterFile(number, dir, spec),
    kept === undefined ? 'all' : kept.join(),
    spec.noNewPrivileges === true ? '1' : '0',
    spec.tty ? '2' : spec.capabilities === undefined ? '0' : '1',
    ...[String(uid), String(gid), groups.join()],
  ];
}

/** What we do not have ourselves we cannot give; runc says it in these words. */
function demandOwn(names: readonly string[]): void {
  const own = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  if (names.some((name) => ((own >> BigInt(capabilityNumber(name))) & 1n) === 0n))
    throw new Refused('EPERM', 'unable to apply caps: operation not permitted');
}

/** The profile of a container: its own, or Docker's; undefined: none, as for processes of the host. */
function profileOf({ capabilities, seccomp }: Spawn): Uint8Array | undefined {
  if (capabilities === undefined || seccomp === 'unconfined') return undefined;
  if (seccomp === undefined) return filterFor(capabilities, process.arch);
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return ownFilter(parseSeccomp(seccomp.profile, capabilities, machine), process.arch);
}

/** The filter of system calls, written beside the job; '': there is none, or this kernel knows none. */
function filterFile(number: number, dir: string, spec: Spawn): string {
  if (!hasSeccomp()) return '';
  const filter = withFence(profileOf(spec), spec.capabilities, process.arch);
  if (filter === undefined) return '';
  writeFileSync(`${dir}/filter`, filter);
  return `jobs/${number}/filter`;
}

/** Numbers of prctl, capset, setgroups, setresgid, setresuid and setsid (asm/unistd.h). */
function systemCalls(): string {
  const numbers: Readonly<Record<string, readonly number[]>> = {
    x64: [157, 126, 116, 119, 117, 112],
    arm64: [167, 91, 159, 149, 147, 157],
    arm: [172, 185, 206, 210, 208, 66],
  };
  const here = numbers[process.arch];
  if (here === undefined) throw new Refused('ENOSYS', `system calls of ${process.arch} are not known`);
  return here.join();
}
