/**
 * `docker create`: a container is a read-write layer on top of an image's layers plus a record of what to run. Nothing runs.
 */
import { begin, can } from '../../machines/advance.ts';
import { type ContainerContext, type ContainerWork, containerMachine } from '../../machines/container.ts';
import { imageMachine } from '../../machines/image.ts';
import { type Flow, perform } from '../../op.ts';
import type { ContainerConfig, CreateSpec, HostConfig } from '../config.ts';
import { DockerError, noSuchImage } from '../errors.ts';
import { newId, newLink, newName } from '../ids.ts';
import { type Image, imageState } from '../images.ts';
import { findImage } from '../lookup.ts';
import { writeState } from '../records.ts';
import { type Resources, resourceWork } from '../resources.ts';
import { checkSecurity } from '../security.ts';
import { resolveSharing, type Sharing, securityOptions } from '../sharing.ts';
import { atomically } from '../undo.ts';
import { asksMounts, type MountWork, mountWork } from '../volumes.ts';
import { work } from '../work.ts';
import { type Container, type Engine, putContainer } from '../world.ts';
import { parseSignal } from './kill.ts';
import { checkMemory } from './limits.ts';
import { withView } from './process.ts';
import { demandGroups } from './signals.ts';

export interface Created {
  readonly id: string;
  readonly warnings: readonly string[];
}

export function* createContainer(engine: Engine, spec: CreateSpec): Flow<Created> {
  if (spec.mounting !== undefined) yield* mountWork().checkMounting(spec);
  const image = findImage(engine, spec.image);
  if (!can(imageMachine, imageState(engine.world.images, image.id), { type: 'RUN' })) throw noSuchImage(spec.image);
  const { resources, warnings } = checkSpec(engine, spec);
  if (spec.sharing?.Privileged === true) resourceWork();
  const sharing = spec.sharing === undefined ? undefined : resolveSharing(engine, spec.sharing, spec.hostname);
  const id = newId(engine.host);
  const chosen = spec.name ?? '';
  const name = chosen === '' ? newName(engine.host, engine.world.names) : chosen.replace(/^\//, '');
  checkName(engine, name, chosen);
  const config = mergeConfig(spec, image, id, engine.facts.hostname);
  const mounting = asksMounts(spec, image.config.config?.Volumes) ? mountWork() : undefined;
  const [path, ...args] = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (path === undefined) throw new DockerError('No command specified', 'invalid');
  const mounts = mounting === undefined ? {} : { mounts: yield* mounting.registerPoints(engine, spec) };
  const { next, actions } = begin<ContainerContext>(containerMachine);
  const container: Container = {
    id,
    name,
    ...(chosen === '' ? { nameless: true } : {}),
    ...placeOf(engine, spec),
    state: next,
    created: engine.host.now(),
    startedAt: 0,
    finishedAt: 0,
    imageId: image.id,
    config,
    hostConfig: hostConfigOf(spec, resources, sharing),
    path,
    args,
    layer: { id: newId(engine.host), link: newLink(engine.host), initLink: newLink(engine.host), lower: image.chain },
    ...mounts,
    pid: 0,
    restartCount: 0,
    hasBeenStarted: false,
    manuallyStopped: false,
    execs: [],
  };
  try {
    yield* make(engine, container, actions, mounting);
  } catch (error) {
    if (container.mounts !== undefined) yield* mountWork().removeAnonymous(engine, container);
    throw error;
  }
  return { id, warnings };
}

/** All of it or nothing, but for volumes that have a name: those stay. */
function make(
  engine: Engine,
  container: Container,
  actions: readonly { readonly type: string }[],
  mounting: MountWork | undefined,
): Flow<void> {
  return atomically(engine, function* () {
    putContainer(engine, container);
    for (const { type } of actions) yield* work[type as ContainerWork](engine, container.id, { type: 'START' });
    const { WorkingDir } = container.config;
    if (WorkingDir !== '' && WorkingDir !== '/') yield* makeWorkdir(engine, container);
    if (mounting !== undefined) yield* withPoints(engine, container, mounting);
  });
}

/** daemon/names.go: `[a-zA-Z0-9][a-zA-Z0-9_.-]`, two characters at least; names are unique. */
export function checkName(engine: Engine, name: string, shown = name): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    throw new DockerError(`Invalid container name (${shown}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`, 'invalid');
  }
  const owner = engine.world.names[name];
  if (owner === undefined) return;
  throw new DockerError(
    `Conflict. The container name "/${name}" is already in use by container "${owner}". You have to remove (or rename) that container to be able to reuse that name.`,
    'conflict',
  );
}

/** Who shares the network of another container has nothing of his own there (runconfig/hostconfig_unix.go). */
function checkNetwork({ network = '', hostname, ports, exposed, publishAll, place }: CreateSpec): void {
  if (network === 'container:')
    throw new DockerError('Invalid network mode: invalid container format container:<name|id>', 'invalid');
  if (place?.ip !== undefined && !/^((25[0-5]|2[0-4]\d|1?\d?\d)(\.|$)){4}$/.test(place.ip))
    throw new DockerError(`invalid IPv4 address: ${place.ip}`, 'invalid');
  if (!network.startsWith('container:')) return;
  const conflict = (what: string): DockerError => new DockerError(`conflicting options: ${what}`, 'invalid');
  if (hostname !== undefined) throw conflict('hostname and the network mode');
  if (ports !== undefined || publishAll === true) throw conflict('port publishing and the container type network mode');
  if (exposed !== undefined) throw conflict('port exposing and the container type network mode');
}

interface Checked {
  /** Without those that the host cannot honour. */
  readonly resources: Resources | undefined;
  readonly warnings: readonly string[];
}

/** What control groups are needed for: limits, and knowing the processes of who shares PIDs. */
function checkGroups(engine: Engine, { memory = 0, pidsLimit, resources, sharing }: CreateSpec): void {
  const limits = Object.keys(resources ?? {}).filter((name) => name !== 'OomScoreAdj' && name !== 'Devices');
  if (memory !== 0 || pidsLimit !== undefined || limits.length > 0) demandGroups(engine, 'a limit');
  if (sharing?.PidMode !== undefined) demandGroups(engine, '--pid');
}

function checkSpec(engine: Engine, spec: CreateSpec): Checked {
  const { facts } = engine;
  if (facts.groupless !== undefined) checkGroups(engine, spec);
  checkSecurity(spec.security ?? {});
  checkMemory(spec.memory ?? 0, spec.memorySwap);
  const checked =
    spec.resources === undefined
      ? { resources: undefined, warnings: [] }
      : resourceWork().verify(facts, spec.memory ?? 0, spec.resources);
  checkNetwork(spec);
  if (spec.stopSignal !== undefined) parseSignal(spec.stopSignal);
  if (spec.workdir !== undefined && !spec.workdir.startsWith('/')) {
    throw new DockerError(
      `the working directory '${spec.workdir}' is invalid, it needs to be an absolute path`,
      'invalid',
    );
  }
  if (spec.autoRemove === true && spec.restart !== undefined && spec.restart.Name !== 'no') {
    throw new DockerError("can't create 'AutoRemove' container with restart policy", 'invalid');
  }
  return checked;
}

/** What the command line leaves open comes from the image (runconfig/merge.go). */
function mergeConfig(spec: CreateSpec, image: Image, id: string, hostname: string): ContainerConfig {
  const base = image.config.config ?? {};
  const ownEntrypoint = spec.entrypoint !== undefined;
  const cleared = ownEntrypoint && spec.entrypoint.join('') === '';
  const entrypoint = cleared ? null : ownEntrypoint ? spec.entrypoint : (base.Entrypoint ?? null);
  const command = spec.command.length > 0 ? spec.command : ownEntrypoint ? null : (base.Cmd ?? null);
  const env = mergeEnv(base.Env ?? [], spec.env ?? []);
  const stopSignal = spec.stopSignal ?? base.StopSignal;
  return {
    Hostname: spec.hostname ?? (spec.network === 'host' ? hostname : id.slice(0, 12)),
    Domainname: '',
    User: spec.user ?? base.User ?? '',
    AttachStdin: spec.attach?.stdin ?? false,
    AttachStdout: spec.attach?.stdout ?? true,
    AttachStderr: spec.attach?.stderr ?? true,
    ...exposed(spec, base),
    Tty: spec.tty ?? false,
    OpenStdin: spec.openStdin ?? false,
    StdinOnce: (spec.openStdin ?? false) && (spec.attach?.stdin ?? false),
    Env: env.length > 0 ? env : null,
    Cmd: command,
    Image: spec.image,
    Volumes: volumesOf(spec, base),
    WorkingDir: spec.workdir ?? base.WorkingDir ?? '',
    Entrypoint: entrypoint,
    OnBuild: null,
    Labels: { ...base.Labels, ...spec.labels },
    ...(stopSignal === undefined ? {} : { StopSignal: stopSignal }),
    ...(spec.stopTimeout === undefined ? {} : { StopTimeout: spec.stopTimeout }),
  };
}

/** Of the image, and of `-v PATH`. */
function volumesOf({ volumes = [] }: CreateSpec, { Volumes }: Partial<ContainerConfig>): ContainerConfig['Volumes'] {
  const all = { ...Volumes, ...Object.fromEntries(volumes.map((path) => [path, {}])) };
  const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.length === 0 ? null : Object.fromEntries(sorted);
}

/** What was asked of its network; on the default one nothing can be. */
function placeOf({ facts }: Engine, { network, place }: CreateSpec): Pick<Container, 'networks'> {
  if (facts.bridge !== true || place === undefined || network === undefined) return {};
  const { ip, aliases } = place;
  const ipam = ip === undefined ? null : { IPv4Address: ip };
  return { networks: { [network]: { ipam, aliases: aliases.length === 0 ? null : aliases } } };
}

/** What is published is exposed as well. */
function exposed(
  { ports, exposed: given = [] }: CreateSpec,
  { ExposedPorts }: Partial<ContainerConfig>,
): Pick<ContainerConfig, 'ExposedPorts'> {
  if (ports === undefined && given.length === 0 && ExposedPorts === undefined) return {};
  return {
    ExposedPorts: {
      ...ExposedPorts,
      ...Object.fromEntries([...Object.keys(ports ?? {}), ...given].map((port) => [port, {}])),
    },
  };
}

/** Own settings first, then those of the image that were not set anew. */
function mergeEnv(base: readonly string[], own: readonly string[]): readonly string[] {
  const names = new Set(own.map((entry) => entry.split('=')[0]));
  return [...own, ...base.filter((entry) => !names.has(entry.split('=')[0]))];
}

function hostConfigOf(spec: CreateSpec, resources: Resources | undefined, sharing: Sharing | undefined): HostConfig {
  const memory = spec.memory ?? 0;
  const options = sharing === undefined ? undefined : securityOptions(spec.security?.SecurityOpt, sharing);
  return {
    NetworkMode: spec.network ?? 'default',
    RestartPolicy: spec.restart ?? { Name: 'no', MaximumRetryCount: 0 },
    AutoRemove: spec.autoRemove ?? false,
    Memory: memory,
    MemorySwap: spec.memorySwap ?? (memory > 0 ? memory * 2 : 0),
    PidsLimit: (spec.pidsLimit ?? 0) > 0 ? spec.pidsLimit! : null,
    ...(spec.init === undefined ? {} : { Init: spec.init }),
    ...(resources === undefined ? {} : { resources }),
    ...spec.security,
    ...(options === undefined ? {} : { SecurityOpt: options }),
    ...(sharing === undefined ? {} : { sharing }),
    ...spec.mounting,
    ...(spec.ports === undefined ? {} : { PortBindings: spec.ports }),
    ...(spec.publishAll === true ? { PublishAllPorts: true } : {}),
  };
}

/** Anonymous volumes, and the content of the image for empty ones; then all is written down. */
function* withPoints(engine: Engine, container: Container, { populate }: MountWork): Flow<void> {
  yield* withView(engine, container, (root) => populate(engine, container.id, root));
  yield* writeState(engine, container.id);
}

function* makeWorkdir(engine: Engine, container: Container): Flow<void> {
  const { WorkingDir } = container.config;
  yield* withView(engine, container, (root) =>
    perform(
      `make the working directory ${WorkingDir}`,
      { op: 'mkdir', path: `${root}${WorkingDir}`, mode: 0o755, parents: true },
      { why: 'PID 1 starts in it.' },
    ),
  );
}
