/**
 * The container engines that the bench compares, one shape for all: each starts a container that waits, and then does to it what
 * a person would. Ours does so in a program that is already running; docker, podman and runc are programs started for each command,
 * as people call them; the floor is the bare utilities.
 *
 * Kept true: each works in a directory of its own, and `close` takes away all that it made, also control groups.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { baseArchives } from '../../backend/base.ts';
import { startDockerEngine } from '../../backend/dockerd.ts';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { call } from './measure.ts';
import { makeRoot, writeBundle } from './peers.ts';

/** What one does to a container, in the order of its life. */
export const operations = ['run', 'exec', 'pause', 'unpause', 'commit', 'stop', 'rm'] as const;
export type Operation = (typeof operations)[number];

export interface ContainerEngine {
  readonly name: string;
  /** Carries an operation out on the container of this name; one that is not here is not offered by this engine. */
  readonly does: Readonly<Partial<Record<Operation, (name: string) => Promise<void>>>>;
  /** Starts containers side by side, as well as the engine can. */
  atOnce?(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Ends at SIGTERM, as a first process must say itself (signal(7), pid_namespaces(7)). */
const waiting = ['sh', '-c', 'trap "exit 0" TERM; sleep 100000 & wait'] as const;
const quoted = `${waiting[0]} ${waiting[1]} '${waiting[2]}'`;

/** The same words for docker, podman and ours. */
function docker(
  call: (words: readonly string[]) => Promise<void>,
  options: readonly string[],
): ContainerEngine['does'] {
  return {
    run: (name) => call(['run', '-d', '--network', 'none', ...options, '--name', name, 'busybox', ...waiting]),
    exec: (name) => call(['exec', name, 'true']),
    pause: (name) => call(['pause', name]),
    unpause: (name) => call(['unpause', name]),
    commit: (name) => call(['commit', name, `img-${name}`]),
    stop: (name) => call(['stop', name]),
    rm: (name) => call(['rm', name]),
  };
}

export async function ours(): Promise<ContainerEngine> {
  const target = await createLinuxTarget();
  const line = async (words: readonly string[]): Promise<void> => {
    const text = `docker ${words.join(' ').replace(waiting.join(' '), quoted)}`;
    const { exitCode, stderr } = await target.run(text);
    if (exitCode !== 0) throw new Error(`${text}: exit ${exitCode}: ${stderr}`);
  };
  return { name: 'cutaway, linux', does: docker(line, []), close: () => target.close() };
}

export async function dockerEngine(): Promise<ContainerEngine> {
  const engine = await startDockerEngine({ archives: await baseArchives() });
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
  const does = docker((words) => call(engine.programs.client, words, { env }), []);
  return { name: 'docker', does, atOnce: startAll(does), close: () => engine.stop() };
}

/** podman with runc and a store of its own. The limits are named because this user may not raise its own. */
export async function podman(): Promise<ContainerEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'cutaway-podman-'));
  const own = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run'), '--tmpdir', join(dir, 'tmp')];
  const how = ['--cgroup-manager', 'cgroupfs', '--runtime', 'runc', '--storage-driver', 'overlay'];
  const run = (words: readonly string[]): Promise<void> => call('podman', [...own, ...how, ...words]);
  const group = `/cutaway-podman-${process.pid}`;
  const close = async (): Promise<void> => {
    await run(['rm', '-a', '-f', '-t', '0']).catch(() => undefined);
    // Its layers stay mounted for a moment, and its own directory is a mount.
    execFileSync('sh', ['-c', 'umount -l "$1/root/overlay" 2>/dev/null; rm -rf "$1"', 'sh', dir]);
    removeGroups(group);
  };
  try {
    execFileSync('tar', ['-C', makeRoot(join(dir, 'rootfs')), '-cf', join(dir, 'rootfs.tar'), '.']);
    await run(['import', join(dir, 'rootfs.tar'), 'localhost/busybox']);
    const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096', '--cgroup-parent', group];
    const does = docker((words) => run(words.map((word) => (word === 'busybox' ? 'localhost/busybox' : word))), limits);
    await does.run?.('first');
    await run(['rm', '-f', '-t', '0', 'first']);
    return { name: 'podman', does, atOnce: startAll(does), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** runc has no images and no layers: the root directory is there before, shared by all. */
export async function runcEngine(): Promise<ContainerEngine> {
  const bundle = mkdtempSync(join(tmpdir(), 'cutaway-runc-'));
  writeBundle(bundle, waiting);
  const id = (name: string): string => `cutaway-bench-${process.pid}-${name}`;
  const runc = (...args: readonly string[]): Promise<void> => call('runc', args);
  const pidFile = (name: string): string => join(bundle, `${name}.pid`);
  const made = new Set<string>();
  const does: ContainerEngine['does'] = {
    run: async (name) => {
      await runc('run', '--detach', '--bundle', bundle, '--pid-file', pidFile(name), id(name));
      made.add(name);
    },
    exec: (name) => runc('exec', id(name), 'true'),
    pause: (name) => runc('pause', id(name)),
    unpause: (name) => runc('resume', id(name)),
    stop: async (name) => {
      await runc('kill', id(name), 'TERM');
      await ended(Number(readFileSync(pidFile(name), 'utf8')));
    },
    rm: async (name) => {
      await runc('delete', '--force', id(name));
      made.delete(name);
    },
  };
  const close = async (): Promise<void> => {
    for (const name of made) await runc('delete', '--force', id(name));
    rmSync(bundle, { recursive: true, force: true });
  };
  return { name: 'runc', does, atOnce: startAll(does), close };
}

/** The least that utilities need for the same: an overlay, new namespaces, a frozen group, an archive of what changed. */
export async function utilities(): Promise<ContainerEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'cutaway-floor-'));
  makeRoot(join(dir, 'lower'));
  const freezer = `/sys/fs/cgroup/freezer/cutaway-floor-${process.pid}`;
  const sh = (script: string, name: string): Promise<void> =>
    call('sh', ['-euc', script, 'sh', join(dir, name), join(dir, 'lower'), `${freezer}-${name}`, ...waiting]);
  const made = new Set<string>();
  const pidOf = (name: string): number => Number(readFileSync(join(dir, name, 'pid'), 'utf8'));
  const rm = async (name: string): Promise<void> => {
    await sh('umount "$1/merged"; rm -rf "$1"; until rmdir "$3"; do :; done', name);
    made.delete(name);
  };
  const first = (name: string): number =>
    Number.parseInt(readFileSync(`/proc/${pidOf(name)}/task/${pidOf(name)}/children`, 'utf8'), 10);
  const stop = async (name: string): Promise<void> => {
    const pid = first(name);
    process.kill(pid, 'SIGTERM');
    await ended(pid);
  };
  const does: ContainerEngine['does'] = {
    run: async (name) => {
      mkdirSync(join(dir, name));
      await sh(
        `cd "$1"; mkdir upper work merged "$3"; mount -t overlay -o "lowerdir=$2,upperdir=upper,workdir=work" overlay merged
           group=$3; shift 3
           sh -c 'echo $$ >"$0/cgroup.procs"; exec unshare --mount --uts --ipc --net --pid --fork chroot merged "$@"' "$group" "$@" </dev/null >/dev/null 2>&1 &
           echo $! >pid; until read -r first <"/proc/$!/task/$!/children" || [ -n "$first" ]; do :; done`,
        name,
      );
      made.add(name);
    },
    exec: (name) =>
      call('nsenter', ['--target', `${first(name)}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--root', 'true']),
    pause: (name) => sh('echo FROZEN >"$3/freezer.state"', name),
    unpause: (name) => sh('echo THAWED >"$3/freezer.state"', name),
    commit: (name) => sh('tar -C "$1/upper" -c . | tee "$1/layer.tar" | sha256sum', name),
    stop,
    rm,
  };
  return {
    name: 'floor: mount, unshare, nsenter …',
    does,
    atOnce: startAll(does),
    close: async () => {
      for (const name of [...made]) {
        await stop(name).catch(() => undefined);
        await rm(name);
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const startAll =
  (does: ContainerEngine['does']) =>
  async (names: readonly string[]): Promise<void> => {
    await Promise.all(names.map((name) => does.run?.(name)));
  };

/** Waits for a process that is no child of ours; the signal comes again for a shell that had not set its trap yet. */
async function ended(pid: number): Promise<void> {
  const lives = (): boolean => {
    try {
      return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  for (let looks = 1; lives(); looks++) {
    if (looks % 100 === 0) process.kill(pid, 'SIGTERM');
    await sleep(1);
  }
}

/** Removes a control group of this name, and what is below it, from each hierarchy. */
function removeGroups(group: string): void {
  const remove = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true }))
      if (entry.isDirectory()) remove(join(dir, entry.name));
    rmdirSync(dir);
  };
  for (const dir of ['', ...readdirSync('/sys/fs/cgroup')].map((one) => join('/sys/fs/cgroup', one, group)))
    if (existsSync(dir)) remove(dir);
}
