/**
 * A real Docker Engine of our own, for as long as it is needed. It shares nothing with a daemon that may run on the machine:
 * own socket, own data root, own containerd, own control group, no configuration file, no network. It lives in a private
 * mount, PID and network namespace whose first process it is a child of; its data are on a tmpfs there. So when that first process
 * dies, however it dies, the kernel takes away engine, containerd, shims, containers, mounts and data together; what can be
 * left is an empty directory and control groups, which `sweep` removes.
 *
 * Kept true: nothing is left after `stop`, after the program ends (also by Ctrl-C), and after a later start when the program
 * was killed by SIGKILL.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../core/index.ts';
import { type DockerApi, dockerApi } from './docker/api.ts';
import { killGroup, removeGroup } from './docker/cgroups.ts';
import { type DockerPrograms, findDocker } from './docker/find.ts';

/** An image that the engine holds from the start: an archive as `docker save` writes it, or a plain root file system. */
export type BaseArchive =
  | { readonly kind: 'save'; readonly bytes: Uint8Array }
  | { readonly kind: 'rootfs'; readonly name: string; readonly bytes: Uint8Array; readonly cmd: readonly string[] };

export interface DockerEngineOptions {
  readonly archives: readonly BaseArchive[];
  /** Where the engine's directory is made; the system's temporary directory otherwise. */
  readonly parent?: string;
  /** Default overlay2, which is what targets can look into. */
  readonly storageDriver?: 'overlay2' | 'vfs';
  /**
   * A data root to begin with, which is copied. The engine then keeps what it finds there (`archives` come in with `reset`
   * only) and has the network `bridge`, which containers of other engines are on.
   */
  readonly dataRoot?: string;
  /** With docker0 and the rules for packets, in the network namespace of its own. */
  readonly bridge?: boolean;
}

export interface DockerEngine {
  readonly programs: DockerPrograms;
  /** Of the engine: its socket, log and everything that targets put down. */
  readonly directory: string;
  readonly socket: string;
  readonly api: DockerApi;
  /** PID, on this host, of the first process of the engine's namespaces. */
  readonly pid: number;
  /** Control group above the containers'. */
  readonly group: string;
  /** A path as the engine sees it, for us to read. */
  inside(path: string): string;
  /** Removes all containers and images and loads the archives again. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const prefix = 'cutaway-docker-';

/**
 * Run by the namespaces' first process. A shell, because it also reaps what shims leave behind. Without forwarding, which is
 * the network namespace's own, the client would warn at each container.
 */
const script = `
mount -t tmpfs -o mode=755 tmpfs /run &&
{ [ ! -d /srv ] || mount -t tmpfs -o mode=755 tmpfs /srv; } &&
mount -t tmpfs -o mode=711 tmpfs "$1/data" || exit 1
[ -z "$5" ] || cp -a "$5/." "$1/data" || exit 1
bridge=none
[ -z "$5" ] || bridge=
net='--iptables=false --ip-forward=false --ip-masq=false'
[ -z "$6" ] || { bridge= net=; }
[ -n "$6" ] || { echo 1 >/proc/sys/net/ipv4/ip_forward; } 2>/dev/null
daemon=$2
"$daemon" --config-file "$1/daemon.json" --data-root "$1/data" --exec-root /run/docker --pidfile /run/docker.pid \\
  --host "unix://$1/sock" --cgroup-parent "/$3/docker" --exec-opt native.cgroupdriver=cgroupfs --storage-driver "$4" \\
  --bridge "$bridge" $net --log-level warn &
wait $!
`;

export async function startDockerEngine(options: DockerEngineOptions): Promise<DockerEngine> {
  const programs = await findDocker();
  const parent = options.parent ?? tmpdir();
  sweep(parent);
  const directory = mkdtempSync(join(parent, prefix));
  remember(directory);
  try {
    return await boot(programs, directory, options);
  } catch (error) {
    clear(directory);
    forget(directory);
    throw error;
  }
}

async function boot(
  programs: DockerPrograms,
  directory: string,
  { archives, storageDriver = 'overlay2', dataRoot, bridge = false }: DockerEngineOptions,
): Promise<DockerEngine> {
  writeFileSync(join(directory, 'owner'), mark(process.pid));
  writeFileSync(join(directory, 'daemon.json'), '{}');
  mkdirSync(join(directory, 'data'));
  const group = basename(directory);
  const child = launch(programs, directory, group, [storageDriver, dataRoot ?? '', bridge ? 'bridge' : '']);
  writeFileSync(join(directory, 'engine'), mark(child.pid ?? 0));
  const socket = join(directory, 'sock');
  const api = dockerApi(socket);
  await ready(api, child, directory);
  const pid = firstProcess(child);
  writeFileSync(join(directory, 'engine'), mark(pid));

  const reset = async (): Promise<void> => {
    await removeAll(api);
    for (const archive of archives) await load(api, archive);
  };
  const stop = async (): Promise<void> => {
    api.close();
    killGroup(group);
    // Until now it was not to keep our process alive; now its end is waited for.
    child.ref();
    const gone = ended(child);
    kill(pid);
    await gone;
    clear(directory);
    forget(directory);
  };
  if (dataRoot === undefined) await reset();
  return { programs, directory, socket, api, pid, group, inside: (path) => `/proc/${pid}/root${path}`, reset, stop };
}

/** Own session: Ctrl-C in the terminal reaches us, not the engine. It is killed by the kernel when our process dies. */
function launch(programs: DockerPrograms, directory: string, group: string, more: readonly string[]): ChildProcess {
  const log = openSync(join(directory, 'log'), 'w');
  const namespaces = [
    '--mount',
    '--pid',
    '--net',
    '--fork',
    '--kill-child',
    '--propagation',
    'private',
    '--mount-proc',
  ];
  const shell = ['sh', '-c', script, 'sh', directory, programs.daemon, group, ...more];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...namespaces, ...shell], {
    stdio: ['ignore', log, log],
    detached: true,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: directory, TMPDIR: directory },
  });
  closeSync(log);
  child.unref();
  return child;
}

const startLimitMs = 120_000;

async function ready(api: DockerApi, child: ChildProcess, directory: string): Promise<void> {
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  const until = Date.now() + startLimitMs;
  while (failure === undefined && child.exitCode === null && child.signalCode === null && Date.now() < until) {
    try {
      await api.bytes('/_ping');
      return;
    } catch {
      await sleep(10);
    }
  }
  const log = failure ?? readText(join(directory, 'log')).trim().split('\n').slice(-3).join('\n');
  throw new UsageError(`a private Docker Engine could not be started here: ${log}`, undefined, undefined, 3);
}

/** The shell that `unshare --fork` made: the first process of the new PID namespace. */
function firstProcess(child: ChildProcess): number {
  const pid = Number(readText(`/proc/${child.pid}/task/${child.pid}/children`).trim().split(' ')[0]);
  if (!(pid > 0)) throw new Error('the first process of the engine was not found');
  return pid;
}

async function removeAll(api: DockerApi): Promise<void> {
  const containers = (await api.get<{ Id: string }[]>('/containers/json?all=1')) ?? [];
  for (const { Id } of containers) await api.remove(`/containers/${Id}?force=1&v=1`);
  const { Volumes } = (await api.get<{ Volumes: { Name: string }[] | null }>('/volumes')) ?? { Volumes: null };
  for (const { Name } of Volumes ?? []) await api.remove(`/volumes/${Name}?force=1`);
  // An image goes once none is built on it: several rounds, youngest first.
  for (let images = await imageIds(api), before = Infinity; images.length > 0 && images.length < before; ) {
    before = images.length;
    for (const id of images) await api.remove(`/images/${id}?force=1`).catch(() => undefined);
    images = await imageIds(api);
  }
}

async function imageIds(api: DockerApi): Promise<string[]> {
  const images = (await api.get<{ Id: string }[]>('/images/json?all=1')) ?? [];
  return images.map((image) => image.Id);
}

async function load(api: DockerApi, archive: BaseArchive): Promise<void> {
  const answer =
    archive.kind === 'save'
      ? await api.post('/images/load?quiet=1', archive.bytes)
      : await api.post(`/images/create?${importQuery(archive)}`, archive.bytes);
  const failure = /"error":"([^"]*)"/.exec(answer);
  if (failure !== null) throw new Error(`the engine did not take a base image: ${failure[1]}`);
}

function importQuery(archive: BaseArchive & { kind: 'rootfs' }): string {
  const changes = `CMD ${JSON.stringify(archive.cmd)}`;
  return new URLSearchParams({ fromSrc: '-', repo: archive.name, changes }).toString();
}

/** Takes away what engines left whose program is no longer alive. Called at each start. */
export function sweep(parent: string = tmpdir()): void {
  for (const name of readdirSync(parent)) {
    const directory = join(parent, name);
    if (name.startsWith(prefix) && !isAlive(readText(join(directory, 'owner')))) clear(directory);
  }
}

/** Kills what still runs of an engine and removes its groups and its directory. Synchronous: also used while the program exits. */
function clear(directory: string): void {
  const group = basename(directory);
  const engine = readText(join(directory, 'engine'));
  for (let tries = 0; tries < 500; tries++) {
    killGroup(group);
    if (isAlive(engine)) kill(Number(engine.split(' ')[0]));
    else if (removeGroup(group)) break;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
  rmSync(directory, { recursive: true, force: true });
}

/** Directories of the engines that run now; the program clears them when it ends without having stopped them. */
const living = new Set<string>();
const endings = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

function remember(directory: string): void {
  living.add(directory);
  if (living.size > 1) return;
  process.on('exit', clearLiving);
  for (const signal of Object.keys(endings)) process.on(signal, leave);
}

function forget(directory: string): void {
  living.delete(directory);
  if (living.size > 0) return;
  process.off('exit', clearLiving);
  for (const signal of Object.keys(endings)) process.off(signal, leave);
}

function clearLiving(): void {
  for (const directory of living) clear(directory);
}

/** Where somebody else listens too, they decide when to leave; the exit handler then does our part. */
function leave(signal: keyof typeof endings): void {
  if (process.listenerCount(signal) === 1) process.exit(128 + endings[signal]);
}

/** `pid starttime` names a process for good; a PID alone may later be given to another. */
function mark(pid: number): string {
  return `${pid} ${startTime(pid) ?? ''}`;
}

function isAlive(named: string): boolean {
  const [pid, start] = named.split(' ');
  return pid !== undefined && start !== undefined && start !== '' && startTime(Number(pid)) === start;
}

/** Field 22 of /proc/<pid>/stat, proc(5): when the process began, in ticks since boot. Zombies count as gone. */
function startTime(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
