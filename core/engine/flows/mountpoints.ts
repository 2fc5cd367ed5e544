/**
 * Mount points of containers: where they come from (`-v`, `--mount`, `--tmpfs`, `--volumes-from`, VOLUME of the image), what is
 * made ready for them, and what becomes of them. Words and rules of moby volume/mounts and daemon/volumes.go.
 *
 * Kept true: nothing is mounted into a container but by its own start, in its own mount namespace; on the host only a volume
 * with options is a mount, while a container that has it runs.
 */
import { strerror } from '../../errors.ts';
import type { MountFacts, Observation, VolumeFacts } from '../../observation.ts';
import {
  type ContainerMount,
  type Flow,
  type Looked,
  type Mount,
  type Outcome,
  perform,
  type Spawn,
  type Step,
  StepError,
} from '../../op.ts';
import type { CreateSpec } from '../config.ts';
import { DockerError } from '../errors.ts';
import type { Json } from '../json.ts';
import { findContainer } from '../lookup.ts';
import { snapshotterOf } from '../storage.ts';
import { type MountPoint, type MountSpec, type MountWork, volumeData } from '../volumes.ts';
import { type Container, type Engine, isAlive, putContainer } from '../world.ts';
import { lookAt } from './hostpath.ts';
import {
  cleanPath,
  isCopyless,
  isMode,
  pointOf,
  pointOfBind,
  propagationIn,
  tmpfsData,
  tmpfsPath,
} from './mountspec.ts';
import { startProblem } from './startproblem.ts';
import { tmpfsFlags } from './tmpfsoptions.ts';
import { createVolume, findVolume, removeVolume, shortened, usersOf, type VolumeWish, volumeTree } from './volumes.ts';

const refuse = (message: string): never => {
  throw new DockerError(message, 'invalid');
};

/** What the daemon looks at before it makes anything. */
export function* checkMounting({ mounting = {} }: CreateSpec): Flow<void> {
  for (const spec of mounting.Mounts ?? []) {
    pointOf(spec);
    if (spec.Type !== 'bind' || (yield* lookAt(spec.Source!)) !== undefined) continue;
    refuse(`invalid mount config for type "bind": bind source path does not exist: ${spec.Source}`);
  }
  for (const at of Object.keys(mounting.Tmpfs ?? {})) tmpfsPath(at);
}

/**
 * On somebody's own machine the lab's programs, records and kernel files cannot be written from a container: what runs by them
 * has the powers of root. To read them is harmless.
 */
function* demandOwnFiles(
  engine: Engine,
  { type, source, writable }: Pick<MountPoint, 'type' | 'source' | 'writable'>,
): Flow<void> {
  if (engine.facts.guarded !== true || type !== 'bind' || source === undefined || !writable) return;
  const outcome = yield { title: `look at ${source}`, op: { op: 'lookIn', root: '/', path: source }, quiet: true };
  const seen = outcome.ok ? (outcome.value as Looked) : { type: 'dir', path: source };
  const data = `${engine.facts.dataRoot}/volumes/`;
  if (
    seen.type === 'char' ||
    !isSystems(seen.path) ||
    (seen.path.startsWith(data) && /^[^/]+\/_data(\/|$)/.test(seen.path.slice(data.length)))
  )
    return;
  throw new DockerError(
    `cutaway: docker run -v ${source}:… is not carried out on this machine: what runs this lab could be changed from the container; with :ro it can be read, and the simulation shows the rest`,
    'invalid',
  );
}

const isSystems = (path: string): boolean =>
  /^\/((bin|sbin|lib[^/]*|usr|etc|dev|proc|sys|boot)(\/|$)|(var(\/lib(\/docker(\/.*)?)?)?)?$)/.test(path);

/** Puts a container's mount points together; named volumes that are not there yet are made, and stay whatever happens. */
export function* registerPoints(engine: Engine, spec: CreateSpec): Flow<readonly MountPoint[]> {
  const { Binds = [], Mounts = [], VolumesFrom = [], VolumeDriver, Tmpfs = {} } = spec.mounting ?? {};
  const points = new Map<string, MountPoint>();
  for (const from of VolumesFrom) for (const point of pointsOfOther(engine, from)) points.set(point.at, point);
  const taken = new Set(Object.keys(Tmpfs).map((at) => cleanPath(at)));
  const add = function* (point: MountPoint, wished: MountSpec): Flow<void> {
    if (taken.has(point.at)) refuse(`Duplicate mount point: ${point.at}`);
    yield* demandOwnFiles(engine, point);
    points.set(point.at, point.type === 'volume' ? yield* withVolume(engine, point, wished) : point);
    taken.add(point.at);
  };
  for (const bind of Binds) {
    const point = pointOfBind(bind, VolumeDriver);
    yield* add(point, point.spec);
  }
  for (const one of Mounts) yield* add({ ...pointOf(one), ...(one.Type === 'bind' ? { mustExist: true } : {}) }, one);
  return [...points.values()];
}

/** The local driver writes down a mode for every volume that was given none. */
function* withVolume(engine: Engine, point: MountPoint, { VolumeOptions: wished }: MountSpec): Flow<MountPoint> {
  const { Name: driver, Options: options } = wished?.DriverConfig ?? {};
  const { name } = yield* created(engine, {
    name: point.name ?? '',
    ...(driver === undefined ? {} : { driver }),
    labels: wished?.Labels ?? null,
    options: options ?? null,
  });
  return { ...point, name, mode: point.mode === '' ? 'z' : point.mode };
}

/** What is not found while a container is made the client takes for its image, whatever it was. */
function* created(engine: Engine, wish: VolumeWish): ReturnType<typeof createVolume> {
  try {
    return yield* createVolume(engine, wish);
  } catch (error) {
    if (!(error instanceof DockerError) || error.kind !== 'notFound') throw error;
    throw new DockerError(error.message, 'notFound', { type: 'image', name: '' });
  }
}

/** `--volumes-from CONTAINER[:ro]`. */
function pointsOfOther(engine: Engine, given: string): readonly MountPoint[] {
  if (given === '') refuse('volumes-from specification cannot be an empty string');
  const colon = given.indexOf(':');
  const [name, mode] = colon < 0 ? [given, 'rw'] : [given.slice(0, colon), given.slice(colon + 1)];
  if (!isMode(mode) || propagationIn(mode) !== undefined || isCopyless(mode)) refuse(`invalid mode: ${mode}`);
  if (name === '') refuse('invalid name or ID supplied: ""');
  const readonly = mode.split(',').includes('ro');
  return (findContainer(engine, name).mounts ?? []).map((point) => {
    if (point.type === 'tmpfs') throw new DockerError('get : no such volume', 'notFound', { type: 'image', name: '' });
    const { copies: _, ...rest } = point;
    return { ...rest, mode: '', writable: point.writable && !readonly };
  });
}

/**
 * The rest of a container's making: an anonymous volume for each path that the image or `-v PATH` asks for and nothing else
 * covers, and the content that the image has at the mount points of empty volumes.
 */
export function* populate(engine: Engine, id: string, root: string): Flow<void> {
  const container = engine.world.containers[id]!;
  const points = [...(container.mounts ?? [])];
  const covered = new Set([...points.map(({ at }) => at), ...Object.keys(container.hostConfig.Tmpfs ?? {})]);
  for (const path of Object.keys(container.config.Volumes ?? {}).sort()) {
    const at = cleanPath(path);
    if (covered.has(at)) continue;
    if ((yield* whatLies(root, at)) === 'file')
      throw new DockerError(`cannot mount volume over existing file, file exists ${root}${at}`, 'system');
    const { name } = yield* createVolume(engine, { name: '', labels: null, options: null });
    points.push({ type: 'volume', at, name, writable: true, mode: '', propagation: '', copies: true, spec: {} });
  }
  putContainer(engine, { ...engine.world.containers[id]!, mounts: points });
  for (const point of points) if (point.type === 'volume' && point.copies === true) yield* fill(engine, point, root);
}

/** What a path leads to in a view of an image, which links do not leave. */
function* whatLies(root: string, path: string): Flow<'dir' | 'file' | undefined> {
  const step: Step = { title: `look at ${path}`, op: { op: 'readFile', path, root, max: 0 }, quiet: true };
  const outcome = yield step;
  if (outcome.ok || outcome.errno === 'EFBIG') return 'file';
  if (outcome.errno === 'EISDIR') return 'dir';
  if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(outcome.errno)) return undefined;
  throw new StepError(step, outcome.errno, outcome.message);
}

function* fill(engine: Engine, point: MountPoint, root: string): Flow<void> {
  const found = yield* whatLies(root, point.at);
  if (found === undefined) return;
  const to = volumeData(engine, point.name!);
  const mounted = yield* mountVolume(engine, point.name!);
  try {
    const there = yield* perform('look into the volume', { op: 'list', path: to, depth: 1, text: 0 }, { quiet: true });
    if (there.length > 0) return;
    if (found === 'file') throw new DockerError(`source ${root}${point.at} is not directory`, 'system');
    yield* perform(
      `copy what the image has at ${point.at} into volume ${shortened(point.name!)}`,
      { op: 'copyTree', from: point.at, to, root },
      { why: 'An empty volume is filled at its first use; from then on it keeps its own content.' },
    );
  } finally {
    if (mounted) yield* unmountVolume(engine, point.name!);
  }
}

/** Mounts what a volume's options say; true when that was needed. */
function* mountVolume(engine: Engine, name: string): Flow<boolean> {
  const { options } = findVolume(engine, name);
  if (options === null || Object.keys(options).length === 0) return false;
  const at = volumeData(engine, name);
  const { type = '', device = '', o = '' } = options;
  const words = o === '' ? [] : o.split(',');
  const bind = words.some((word) => word === 'bind' || word === 'rbind');
  const known = bind || type === 'tmpfs';
  if (bind) yield* demandOwnFiles(engine, { type: 'bind', source: device, writable: !words.includes('ro') });
  const mount = { type: bind ? 'bind' : type, source: device, options: words } as Mount;
  const outcome = known
    ? yield {
        title: `mount what volume ${shortened(name)} is made of`,
        op: { op: 'mount', mount, at },
        why: 'Its options name a file system; that lies over its directory as long as a container has it.',
        undo: { op: 'umount', at },
      }
    : yield* unknownType(device);
  if (outcome.ok) return true;
  const why = outcome.errno === 'ENOENT' ? strerror.ENOENT : outcome.message;
  const flags = bind ? ', flags: 0x1000' : '';
  throw new DockerError(
    `error while mounting volume '${at}': failed to mount local volume: mount ${device}:${at}${flags}: ${why.toLowerCase()}`,
    'system',
  );
}

/** What the kernel says of a file system that it does not know: first the device is looked for. */
function* unknownType(device: string): Flow<Outcome> {
  const errno = (yield* lookAt(device)) === undefined ? 'ENOENT' : 'ENODEV';
  return { ok: false, errno, message: strerror[errno] };
}

const unmountVolume = function* (engine: Engine, name: string): Flow<void> {
  const at = volumeData(engine, name);
  yield { title: `unmount volume ${shortened(name)}`, op: { op: 'umount', at } } satisfies Step;
};

const hasOptions = (engine: Engine, name: string): boolean =>
  Object.keys(engine.world.volumes?.[name]?.options ?? {}).length > 0;

const volumesOf = ({ mounts = [] }: Container): ReadonlySet<string> =>
  new Set(mounts.flatMap(({ name }) => (name === undefined ? [] : [name])));

/** Does another container that runs have it? */
const inUse = (engine: Engine, name: string, but: string): boolean =>
  usersOf(engine, name).some((user) => user.id !== but && isAlive(user));

/** After the end of a container: mounts of volumes with options go, unless another container has them. */
export function* unmountVolumes(engine: Engine, container: Container): Flow<void> {
  for (const name of volumesOf(container))
    if (hasOptions(engine, name) && !inUse(engine, name, container.id)) yield* unmountVolume(engine, name);
}

/** Makes ready what a container's mount points show. */
function* setUp(engine: Engine, container: Container): Flow<readonly ContainerMount[]> {
  for (const name of volumesOf(container)) if (!inUse(engine, name, container.id)) yield* mountVolume(engine, name);
  const { Tmpfs = {} } = container.hostConfig;
  const mounts: ContainerMount[] = [];
  for (const point of container.mounts ?? []) {
    if (point.type === 'tmpfs' || point.at in Tmpfs) continue;
    if (point.type === 'bind') {
      yield* demandOwnFiles(engine, point);
      if (point.mustExist !== true) yield* makeSource(point.source!);
      yield* checkPropagation(point);
    }
    mounts.push({
      type: 'bind',
      source: point.type === 'bind' ? point.source! : volumeData(engine, point.name!),
      options: [
        point.spec.BindOptions?.NonRecursive === true ? 'bind' : 'rbind',
        ...(point.writable ? [] : ['ro']),
        point.propagation === '' ? 'rprivate' : point.propagation,
      ],
      at: point.at,
    });
  }
  return mounts;
}

/** The directory of the host that `-v` names is made when it is not there; a file may stand there as well. */
function* makeSource(path: string): Flow<void> {
  const op = { op: 'mkdir', path, mode: 0o755, parents: true } as const;
  const found = yield* lookAt(path);
  if (found !== undefined && found.type !== 'symlink') return;
  const step: Step = {
    title: `make the directory ${path} on the host`,
    op,
    why: 'A bind mount with -v makes its source when nothing is there; --mount would refuse.',
  };
  const outcome = yield step;
  if (outcome.ok || outcome.errno === 'ENOTDIR') return;
  const why = outcome.errno === 'EEXIST' ? 'file exists' : outcome.message.toLowerCase();
  throw new DockerError(`error while creating mount source path '${path}': mkdir ${path}: ${why}`, 'system');
}

/** What is to pass mounts on must lie on a mount that does (daemon/oci_linux.go ensureShared, ensureSharedOrSlave). */
function* checkPropagation({ source = '', propagation }: MountPoint): Flow<void> {
  const shared = /^r?shared$/.test(propagation);
  if (!shared && !/^r?slave$/.test(propagation)) return;
  const path = '/proc/1/mountinfo';
  const text = yield* perform('read which mounts are shared', { op: 'readFile', path }, { quiet: true });
  let best = { at: '/', tags: '' };
  for (const line of text.split('\n')) {
    const [, at = '', tags = ''] = /^(?:\S+ ){4}(\S+) \S+ (.*?)- /.exec(line) ?? [];
    const holds = source === at || source.startsWith(at === '/' ? '/' : `${at}/`);
    if (at !== '' && holds && at.length >= best.at.length) best = { at, tags };
  }
  if (best.tags.includes('shared:') || (!shared && best.tags.includes('master:'))) return;
  const wanted = shared ? 'shared' : 'shared or slave';
  throw new DockerError(`path ${source} is mounted on ${best.at} but it is not a ${wanted} mount`, 'system');
}

const networkFiles = ['/etc/resolv.conf', '/etc/hostname', '/etc/hosts'];
const depth = ({ at }: ContainerMount): number => at.split('/').length;

/**
 * All mounts of a container that starts: the usual ones but those that its own take the place of, then its own and the files of
 * its network, nearest to the root first.
 */
export function* mountsFor(
  engine: Engine,
  container: Container,
  all: readonly ContainerMount[],
): Flow<readonly ContainerMount[]> {
  const set = yield* setUp(engine, container);
  const usual = all.filter(({ at }) => !networkFiles.includes(at));
  const network = all.filter((mount) => !usual.includes(mount));
  const files = network.map((file) => set.find(({ at }) => at === file.at) ?? file);
  const own = [
    ...set.filter(({ at }) => !networkFiles.includes(at)).sort(byDepth),
    ...files,
    ...tmpfsMounts(container),
  ];
  own.sort(byDepth);
  for (const mount of own) demandPlace(mount, snapshotterOf(engine).paths(container.layer).merged);
  const places = new Set(own.map(({ at }) => at));
  const kept = usual.filter(({ at }) => !places.has(at) && !(places.has('/dev') && at.startsWith('/dev/')));
  return [...kept, ...own];
}

const byDepth = (a: ContainerMount, b: ContainerMount): number => depth(a) - depth(b);

/** Of files in /proc there are some that may be covered (runc libcontainer rootfs_linux.go checkProcMount). */
const coverable = ['cpuinfo', 'diskstats', 'meminfo', 'stat', 'swaps', 'uptime', 'loadavg', 'slabinfo', 'net/dev'];

function demandPlace({ type, source, at }: ContainerMount, root: string): void {
  if (at === '/')
    throw startProblem(
      'error during container init: open /proc/sys/net/ipv4/ip_unprivileged_port_start: no such file or directory',
    );
  if (type === 'tmpfs' || (at !== '/proc' && !at.startsWith('/proc/'))) return;
  if (coverable.includes(at.slice('/proc/'.length))) return;
  const why = at === '/proc' ? 'it is not of type proc' : 'it is inside /proc';
  const said = `error mounting "${source}" to rootfs at "${at}": "${root}${at}" cannot be mounted because ${why}`;
  throw startProblem(`error during container init: ${said}`);
}

function tmpfsMounts({ hostConfig, mounts = [] }: Container): readonly ContainerMount[] {
  const { Tmpfs = {} } = hostConfig;
  const typed = Object.entries(Tmpfs).map(([at, data]) => tmpfsMount(cleanPath(at), data));
  const others = mounts.filter(({ type }) => type === 'tmpfs');
  return [...typed, ...others.map(({ at, spec }) => tmpfsMount(at, tmpfsData(spec)))];
}

const tmpfsMount = (at: string, data: string): ContainerMount => ({
  type: 'tmpfs',
  source: 'tmpfs',
  options: tmpfsFlags(['noexec', 'nosuid', 'nodev', ...(data === '' ? [] : data.split(','))]),
  at,
});

/** What `docker cp` has to see over the layers, whether the container runs or not: all but tmpfs mounts. */
export function* viewMounts(engine: Engine, container: Container): Flow<readonly ContainerMount[]> {
  const running = isAlive(container);
  return [...(running ? yield* setUpAgain(engine, container) : yield* setUp(engine, container))].sort(byDepth);
}

/** Volumes with options are mounted already. */
function* setUpAgain(engine: Engine, container: Container): Flow<readonly ContainerMount[]> {
  const { mounts = [], ...rest } = container;
  const plain = mounts.filter(({ name }) => name === undefined || !hasOptions(engine, name));
  const others = mounts.filter((point) => !plain.includes(point));
  const bound = others.map(({ at, name = '', writable }): ContainerMount => {
    return { type: 'bind', source: volumeData(engine, name), options: ['rbind', ...(writable ? [] : ['ro'])], at };
  });
  return [...(yield* setUp(engine, { ...rest, mounts: plain })), ...bound];
}

/** `rm -v`, and the end of `--rm`: volumes that nobody named go with their container, unless another has them. */
export function* removeAnonymous(engine: Engine, { mounts = [] }: Container): Flow<void> {
  for (const { type, name, spec } of mounts) {
    if (type !== 'volume' || name === undefined || (spec.Source ?? '') !== '') continue;
    if (engine.world.volumes?.[name] !== undefined && usersOf(engine, name).length === 0)
      yield* removeVolume(engine, name);
  }
}

/** `Mounts` of inspect. */
export function pointsJson(engine: Engine, { mounts = [] }: Container): Json {
  return mounts.map((point) => ({
    Type: point.type,
    ...(point.name === undefined ? {} : { Name: point.name }),
    Source: point.name === undefined ? (point.source ?? '') : volumeData(engine, point.name),
    Destination: point.at,
    ...(point.name === undefined ? {} : { Driver: 'local' }),
    Mode: point.mode,
    RW: point.writable,
    Propagation: point.propagation,
  }));
}

/** `MountPoints` of config.v2.json. */
export function recordJson(engine: Engine, mounts: readonly MountPoint[]): Json {
  const sorted = [...mounts].sort((a, b) => (a.at < b.at ? -1 : 1));
  return Object.fromEntries(sorted.map((point) => [point.at, recordOf(engine, point)]));
}

function recordOf(engine: Engine, point: MountPoint): Json {
  const { name, spec } = point;
  const data = name === undefined || Object.keys(spec).length === 0 ? '' : volumeData(engine, name);
  return {
    Source: point.source ?? data,
    Destination: point.at,
    RW: point.writable,
    Name: name ?? '',
    Driver: name === undefined ? '' : 'local',
    Type: point.type,
    ...(point.mode === '' ? {} : { Relabel: point.mode }),
    ...(point.propagation === '' ? {} : { Propagation: point.propagation }),
    Spec: spec as unknown as Json,
    SkipMountpointCreation: point.mustExist === true,
  };
}

/** What is mounted, or will be: where, from where, and whether the kernel shows it there now. */
export function* mountFacts(container: Container): Flow<readonly MountFacts[]> {
  const shown = isAlive(container) ? yield* mountedAt(container.pid) : new Set<string>();
  const { Tmpfs = {} } = container.hostConfig;
  const points = (container.mounts ?? []).filter(({ at }) => !(at in Tmpfs));
  return [
    ...points.map(({ type, at, name, source, writable }): MountFacts => {
      return { type, at, source: name ?? source ?? '', readonly: !writable, mounted: shown.has(at) };
    }),
    ...Object.entries(Tmpfs).map(([at, data]): MountFacts => {
      return { type: 'tmpfs', at, source: '', readonly: data.split(',').includes('ro'), mounted: shown.has(at) };
    }),
  ].sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** Mount points in the mount namespace of a process; none when it has ended just now. */
function* mountedAt(pid: number): Flow<ReadonlySet<string>> {
  const path = `/proc/${pid}/mountinfo`;
  const outcome = yield { title: 'read the container’s mounts', op: { op: 'readFile', path }, quiet: true };
  const text = outcome.ok ? (outcome.value as string) : '';
  const unescaped = (word: string): string =>
    word.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
  return new Set(text.split('\n').map((line) => unescaped(line.split(' ')[4] ?? '')));
}

/** What is in each volume. */
export function* volumeFacts(engine: Engine): Flow<Pick<Observation, 'volumes'>> {
  const volumes: VolumeFacts[] = [];
  for (const name of Object.keys(engine.world.volumes ?? {}).sort())
    volumes.push({ name, content: yield* volumeTree(engine, name) });
  return volumes.length === 0 ? {} : { volumes };
}

/**
 * Runc's words for a mount that a driver refused as `stat for /x`, `mkdir`, `open` or `mount for /x` (libcontainer
 * rootfs_linux.go). Undefined: it was something else that was refused.
 */
export function refusedMount({ errno, message }: StepError, { root = '', mounts = [] }: Spawn): string | undefined {
  const [, doing, at] = /^(stat|mkdir|open|mount) for (.*)$/.exec(message) ?? [];
  const mount = mounts.find((each) => each.at === at);
  if (mount === undefined) return undefined;
  const { source } = mount;
  const call = {
    stat: `stat ${source}`,
    mkdir: `mkdir ${root}${at}`,
    open: `open ${root}${at}`,
    mount: mountCall(mount),
  }[doing ?? ''];
  const said = `error mounting "${source}" to rootfs at "${at}": ${call}: ${strerror[errno].toLowerCase()}`;
  return `error during container init: ${said}`;
}

/** The same for what the daemon mounts itself, to look into a container. */
export function refusedView(message: string, root: string, mounts: readonly ContainerMount[]): string | undefined {
  const [, at] = /^\w+ for (.*)$/.exec(message) ?? [];
  const mount = mounts.find((each) => each.at === at);
  if (mount === undefined) return undefined;
  const { source, options } = mount;
  return `mount ${source}:${root}${at}, flags: 0x${flagsOf(options).toString(16)}: not a directory`;
}

const bits: Readonly<Record<string, number>> = { ro: 1, nosuid: 2, nodev: 4, noexec: 8, bind: 0x1000, rbind: 0x5000 };
const flagsOf = (options: readonly string[]): number => options.reduce((sum, option) => sum | (bits[option] ?? 0), 0);

/** mount(2) as runc names it when it fails. */
function mountCall({ type, source, at, options }: ContainerMount): string {
  const data = type === 'bind' ? [] : options.filter((option) => option.includes('='));
  const shown = data.length === 0 ? '' : `, data: ${data.join(',')}`;
  return `mount ${source}:${at} (via /proc/self/fd/6), flags: 0x${flagsOf(options).toString(16)}${shown}`;
}

/** What is behind the door of ../volumes.ts. */
export const allMounts: MountWork = {
  checkMounting,
  registerPoints,
  populate,
  mountsFor,
  viewMounts,
  unmountVolumes,
  removeAnonymous,
  pointsJson,
  recordJson,
  mountFacts,
  volumeFacts,
  refusedMount,
  refusedView,
};
