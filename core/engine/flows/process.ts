/**
 * The start of PID 1: mount the union view, make the cgroup, start the process in new namespaces with the view as its root.
 * What runc does from config.json (OCI runtime spec), and runc's words when it cannot.
 */
import type { ContainerEvent } from '../../machines/container.ts';
import {
  type ContainerMount,
  type Flow,
  type NsKind,
  type NsSource,
  nsKinds,
  perform,
  type Spawn,
  StepError,
} from '../../op.ts';
import { maskedPaths, readonlyPaths } from '../config.ts';
import { DockerError, noSuchContainer } from '../errors.ts';
import { newId } from '../ids.ts';
import { hasNetwork, networkOwner } from '../network.ts';
import { networking } from '../networking.ts';
import { containerDir, logPath, writeStartFiles } from '../records.ts';
import { defaultDeviceRules, resourceWork } from '../resources.ts';
import { securityOf } from '../security.ts';
import { hasOwnCgroups, isOpen, namespaceSources, ownShm, sharedMounts, sharesPids } from '../sharing.ts';
import { snapshotterOf } from '../storage.ts';
import { twiceAtMost } from '../undo.ts';
import { hasMounts, mountWork } from '../volumes.ts';
import { type Container, type Engine, putContainer } from '../world.ts';
import { tasksDir } from './home.ts';
import { writeLimits } from './limits.ts';
import { groupOf } from './signals.ts';
import { RUNC, startProblem } from './startproblem.ts';
import { userOf } from './user.ts';

export function* startProcess(engine: Engine, id: string, event: ContainerEvent): Flow<void> {
  // The restart of a running container is a stop and a start of its own (flows/restart.ts).
  const container = engine.world.containers[id]!;
  if (event.type === 'RESTART' && container.pid !== 0) return;
  shareName(engine, container);
  if (engine.facts.bridge === true) yield* networking().takePlaces(engine, id);
  yield* writeStartFiles(engine, id);
  const merged = yield* mountView(engine, container);
  const group = groupOf(id);
  const task = `${tasksDir(engine)}/${id}`;
  yield* perform(
    'make containerd’s directory for it',
    { op: 'mkdir', path: task, mode: 0o711 },
    { quiet: true, undo: { op: 'remove', path: task } },
  );
  if (engine.facts.groupless === undefined) {
    yield* perform(
      'make the cgroup of the container',
      { op: 'cgroupCreate', group },
      {
        why: 'All its processes will be in this group: to be counted, limited and frozen together.',
        undo: { op: 'cgroupRemove', group },
      },
    );
    yield* writeLimits(engine, id);
  }
  yield* mountShm(engine, container);
  const spawn = yield* spawnOf(engine, engine.world.containers[id]!, merged);
  const { pid } = yield* begin(spawn, engine.world.containers[id]!);
  const { nextInput: _, restartAt: __, roomless: ___, ...rest } = engine.world.containers[id]!;
  const joined = hasNetwork(engine, container) ? { endpoint: newId(engine.host) } : {};
  putContainer(engine, { ...rest, ...joined, pid, startedAt: engine.host.now(), hasBeenStarted: true });
}

/** Who shares a network shares the host name that belongs to it. */
function shareName(engine: Engine, container: Container): void {
  const owner = networkOwner(engine, container);
  if (owner === undefined) return;
  const config = { ...container.config, Hostname: owner.config.Hostname };
  putContainer(engine, { ...container, config });
}

/** Memory that other containers may share is a mount of the host's, `--ipc shareable`. */
function* mountShm(engine: Engine, container: Container): Flow<void> {
  const at = ownShm(engine, container);
  if (at === undefined) return;
  yield* perform('make room', { op: 'mkdir', path: at, mode: 0o700, parents: true }, { quiet: true });
  const options = ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=67108864'];
  yield* perform(
    'mount the memory that others may share',
    { op: 'mount', mount: { type: 'tmpfs', source: 'shm', options }, at },
    {
      why: 'It will be /dev/shm in this container, and in those that share its IPC namespace.',
      undo: { op: 'umount', at },
    },
  );
}

/** Mounts the union view at `merged`. */
export function* mountView(engine: Engine, container: Container, quiet = false): Flow<string> {
  const { mount, at, passing } = snapshotterOf(engine).view(container.layer, engine.world.layers);
  if (mount === undefined) return at;
  if (passing === true) {
    yield* perform(
      'make the mount point',
      { op: 'mkdir', path: at, mode: 0o700 },
      { quiet: true, undo: { op: 'remove', path: at } },
    );
  }
  yield* perform(
    `mount the union view of ${container.config.Image} and the read-write layer`,
    { op: 'mount', mount, at },
    { why: 'One tree out of many layers: the topmost that has a path wins.', undo: { op: 'umount', at }, quiet },
  );
  return at;
}

/** Mounts the view only while `use` looks at it, when it is not mounted anyway. */
export function* withView<R>(engine: Engine, container: Container, use: (root: string) => Flow<R>): Flow<R> {
  if (container.pid !== 0) return yield* use(snapshotterOf(engine).paths(container.layer).merged);
  const root = yield* mountView(engine, container, true);
  try {
    return yield* use(root);
  } finally {
    yield* unmountQuietly(engine, container);
  }
}

function* unmountQuietly(engine: Engine, container: Container): Flow<void> {
  const { mount, at, passing } = snapshotterOf(engine).view(container.layer, engine.world.layers);
  if (mount !== undefined)
    yield* twiceAtMost({ title: 'unmount the union view', op: { op: 'umount', at }, quiet: true });
  if (passing === true)
    yield* twiceAtMost({ title: 'remove the empty mount point', op: { op: 'remove', path: at }, quiet: true });
}

const ownNamespaces: Readonly<Record<NsKind, NsSource>> = {
  mnt: 'new',
  uts: 'new',
  ipc: 'new',
  pid: 'new',
  net: 'new',
  user: 'host',
  cgroup: 'host',
};

const withCgroups: Readonly<Record<NsKind, NsSource>> = { ...ownNamespaces, cgroup: 'new' };

function* spawnOf(engine: Engine, container: Container, merged: string): Flow<Spawn> {
  const { id, config, hostConfig, nextInput } = container;
  const { user, home } = yield* userOf(config.User, merged);
  const net = netSource(engine, container);
  const { resources, sharing } = hostConfig;
  const shared = sharing === undefined ? undefined : namespaceSources(engine, container);
  const own = hasOwnCgroups(engine, container) ? withCgroups : ownNamespaces;
  const records = containerDir(engine, networkOwner(engine, container)?.id ?? id);
  const mounts = mountsOf(records, hostConfig.ReadonlyRootfs === true);
  const usualMounts = sharing === undefined ? mounts : sharedMounts(engine, container, mounts);
  const usual = resources === undefined && hostConfig.sharing?.Privileged !== true;
  const rights = securityOf(hostConfig);
  // What is wrong with a profile ends the start.
  if (typeof rights.seccomp === 'object')
    resourceWork().parseSeccomp(rights.seccomp.profile, rights.capabilities ?? []);
  const devices = usual ? { deviceRules: defaultDeviceRules } : yield* resourceWork().devicesOf(hostConfig);
  return {
    argv: [container.path, ...container.args],
    env: environment(config, home),
    cwd: config.WorkingDir === '' ? '/' : config.WorkingDir,
    user,
    namespaces: net === 'new' && sharing === undefined ? own : { ...own, net, ...shared },
    root: merged,
    ...(shared?.uts === 'host' ? {} : { hostname: config.Hostname }),
    ...(container.places === undefined ? {} : { endpoints: networking().endpointsOf(engine, container) }),
    mounts: hasMounts(container) ? yield* mountWork().mountsFor(engine, container, usualMounts) : usualMounts,
    ...(hostConfig.Init === true && !sharesPids(container) ? { init: true } : {}),
    ...(isOpen(container) ? {} : { maskedPaths, readonlyPaths }),
    ...devices,
    ...(resources?.OomScoreAdj ? { oomScoreAdj: resources.OomScoreAdj } : {}),
    ...rights,
    cgroup: groupOf(id),
    tty: config.Tty,
    stdin: nextInput !== undefined ? { text: nextInput } : config.OpenStdin ? 'open' : 'none',
    log: logPath(engine, id),
  };
}

/** Throws DockerError when the container whose network is to be shared does not run. */
function netSource(engine: Engine, container: Container): NsSource {
  const { NetworkMode } = container.hostConfig;
  if (NetworkMode === 'host') return 'host';
  if (!NetworkMode.startsWith('container:')) return 'new';
  const owner = networkOwner(engine, container);
  if (owner === undefined) throw noSuchContainer(NetworkMode.slice(10));
  if (owner.pid === 0) throw new DockerError(`cannot join network of a non running container: ${owner.id}`, 'conflict');
  return { join: owner.pid };
}

/** daemon/container.go CreateDaemonEnvironment; HOME is added by runc. */
export function environment(config: Container['config'], home: string): readonly string[] {
  const env = new Map<string, string>([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']]);
  env.set('HOSTNAME', config.Hostname);
  if (config.Tty) env.set('TERM', 'xterm');
  for (const entry of config.Env ?? []) {
    const equals = entry.indexOf('=');
    if (equals > 0) env.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  if (!env.has('HOME')) env.set('HOME', home);
  return [...env].map(([name, value]) => `${name}=${value}`);
}

const options = (...list: readonly string[]): readonly string[] => Object.freeze(list);
const hidden = ['nosuid', 'noexec', 'nodev'];
const bindOptions = options('rbind', 'rprivate');
const readonlyBindOptions = options('rbind', 'rprivate', 'ro');

/** oci/defaults.go DefaultLinuxSpec. */
const defaultMounts: readonly ContainerMount[] = [
  { type: 'proc', source: 'proc', options: options(...hidden), at: '/proc' },
  { type: 'tmpfs', source: 'tmpfs', options: options('nosuid', 'strictatime', 'mode=755', 'size=65536k'), at: '/dev' },
  {
    type: 'devpts',
    source: 'devpts',
    options: options('nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'),
    at: '/dev/pts',
  },
  { type: 'sysfs', source: 'sysfs', options: options(...hidden, 'ro'), at: '/sys' },
  { type: 'cgroup', source: 'cgroup', options: options(...hidden, 'ro'), at: '/sys/fs/cgroup' },
  { type: 'mqueue', source: 'mqueue', options: options(...hidden), at: '/dev/mqueue' },
  { type: 'tmpfs', source: 'shm', options: options(...hidden, 'mode=1777', 'size=67108864'), at: '/dev/shm' },
];

/** The default ones, and the three files that every container gets from its records. */
function mountsOf(records: string, readonly: boolean): readonly ContainerMount[] {
  const bind = (file: string): ContainerMount => ({
    type: 'bind',
    source: `${records}/${file}`,
    options: readonly ? readonlyBindOptions : bindOptions,
    at: `/etc/${file}`,
  });
  return [...defaultMounts, bind('resolv.conf'), bind('hostname'), bind('hosts')];
}

function* begin(spawn: Spawn, container: Container): Flow<{ pid: number }> {
  const program = spawn.argv[0]!;
  try {
    return yield* perform(
      spawn.namespaces.pid === 'new'
        ? `start ${program} as PID 1 in namespaces of its own`
        : `start ${program} among the processes of ${spawn.namespaces.pid === 'host' ? 'the host' : 'another container'}`,
      { op: 'spawn', spawn },
      {
        why: `${namespaceWords(spawn)}; the union view becomes its root${overIt(container)}; then the program is executed.`,
      },
    );
  } catch (error) {
    if (error instanceof StepError && error.errno === 'EADDRINUSE')
      throw networking().portTaken(
        container.name,
        publishing(container),
        `Error starting userland proxy: ${error.message}`,
      );
    const mounting =
      error instanceof StepError && hasMounts(container) ? mountWork().refusedMount(error, spawn) : undefined;
    if (error instanceof StepError) throw startFailure(error, program, container.config.WorkingDir, RUNC, mounting);
    throw error;
  }
}

/** The container's own mounts, where it has any. */
function overIt({ mounts = [], hostConfig: { Tmpfs = {} } }: Container): string {
  const own = mounts.map(
    ({ type, name, source = 'a tmpfs', at }) => `${type === 'volume' ? `volume ${name}` : source} on ${at}`,
  );
  const all = [...own, ...Object.keys(Tmpfs).map((at) => `a tmpfs on ${at}`)];
  return all.length === 0 ? '' : `, over it are mounted ${all.join(', ')}`;
}

/** The endpoint that ports are published on. */
const publishing = ({ places }: Container): string =>
  Object.values(places ?? {}).find(({ device }) => device?.gateway !== undefined)?.endpoint ?? '';

/** Which namespaces are made, and which are not. */
function namespaceWords({ namespaces }: Spawn): string {
  const of = (wanted: (source: NsSource) => boolean): string => {
    const kinds = nsKinds.filter((kind) => kind !== 'user' && wanted(namespaces[kind]));
    return [kinds.slice(0, -1).join(', '), ...kinds.slice(-1)].filter((each) => each !== '').join(' and ');
  };
  const joined = of((source) => typeof source === 'object');
  const hosts = of((source) => source === 'host').replace(/^cgroup$/, '');
  return [
    `New ${of((source) => source === 'new')} namespaces`,
    ...(joined === '' ? [] : [`${joined} of another container`]),
    ...(hosts === '' ? [] : [`${hosts} of the host`]),
  ].join('; ');
}

/** runc's words for the errno that execve(2) or chdir(2) gave. */
export function startFailure(
  error: StepError,
  program: string,
  cwd: string,
  prefix = RUNC,
  said?: string,
): DockerError {
  const why = said ?? reason(error, program, cwd);
  const problem = startProblem(why, prefix);
  if (error.errno !== 'ENOTDIR' || said === undefined) return problem;
  return new DockerError(
    `${problem.message}: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type`,
    'system',
  );
}

function reason({ errno, message }: StepError, program: string, cwd: string): string {
  if (message.startsWith('unable to apply caps')) return message;
  if (message.includes('chdir')) return `chdir to cwd ("${cwd}") set in config.json failed: no such file or directory`;
  if (errno === 'EACCES') return `exec: "${program}": permission denied`;
  if (errno === 'ENOENT' && program.includes('/'))
    return `exec: "${program}": stat ${program}: no such file or directory`;
  if (errno === 'ENOENT') return `exec: "${program}": executable file not found in $PATH`;
  if (errno === 'ENOEXEC') return `exec ${program}: exec format error`;
  return `exec: "${program}": ${message.toLowerCase()}`;
}
