/**
 * The files that describe one container, below containers/<id>/: config.v2.json and hostconfig.json for the engine itself,
 * hostname, hosts and resolv.conf to be bind-mounted into the container (moby/container/container.go, field order included).
 *
 * Kept true: they are written from the world after each change, never read back.
 */
import { digestOf } from '../image/digest.ts';
import { goJson } from '../image/json.ts';
import { type Digest, type Flow, type OpOf, perform, StepError } from '../op.ts';
import { type HostConfig, hostConfigJson } from './config.ts';
import { goTime } from './json.ts';
import { networkJson } from './network.ts';
import { networking } from './networking.ts';
import { resolvConfOf } from './resolvconf.ts';
import { shmPath } from './sharing.ts';
import { snapshotterOf } from './storage.ts';
import { atomically } from './undo.ts';
import { mountWork } from './volumes.ts';
import { type Container, type Engine, statusOf } from './world.ts';

export const containerDir = (engine: Engine, id: string): string => `${engine.facts.dataRoot}/containers/${id}`;
export const logPath = (engine: Engine, id: string): string => `${containerDir(engine, id)}/${id}-json.log`;

export function* makeContainerDir(engine: Engine, id: string): Flow<void> {
  const path = containerDir(engine, id);
  yield* perform(
    'make the directory for the container’s records',
    { op: 'writeTree', path, mode: 0o710, entries: [{ path: '/checkpoints', type: 'dir', mode: 0o700 }] },
    { why: 'What Docker knows of the container is kept here in plain files.', undo: { op: 'remove', path } },
  );
}

/** Writes down what has changed. `before`: what was written the last time. */
export function* writeRecords(engine: Engine, id: string, before?: Container): Flow<void> {
  const container = engine.world.containers[id]!;
  const path = `${containerDir(engine, id)}/hostconfig.json`;
  const file = ({ hostConfig }: Container): OpOf<'writeFile'> => ({
    op: 'writeFile',
    path,
    data: hostConfigText(engine, hostConfig),
    mode: 0o644,
  });
  const undo = before === undefined ? {} : { undo: file(before) };
  yield* perform('write down what the host gives', file(container), { quiet: true, ...undo });
  yield* writeState(engine, id);
}

/** The texts written last, by what differs in them: most containers want the same of the host. */
const written = new Map<string, string>();
const MOST_WRITTEN = 20;

function hostConfigText(engine: Engine, hostConfig: HostConfig): string {
  const { cgroup } = engine.facts;
  const key = `${cgroup} ${JSON.stringify(hostConfig)}`;
  let text = written.get(key);
  if (text === undefined) {
    text = `${goJson(hostConfigJson(hostConfig, cgroup, true))}\n`;
    if (written.size >= MOST_WRITTEN) written.clear();
    written.set(key, text);
  }
  return text;
}

export function* writeState(engine: Engine, id: string): Flow<void> {
  const container = engine.world.containers[id]!;
  yield* write(`${containerDir(engine, id)}/config.v2.json`, `${goJson(configV2(engine, container))}\n`, 0o600);
}

/** For the last step of a transaction: `work`, then the container's records, as one. */
export function* recorded(engine: Engine, id: string, work: Flow<void>): Flow<void> {
  yield* atomically(engine, function* () {
    yield* work;
    yield* writeState(engine, id);
  });
}

/** hostname, hosts and resolv.conf, fresh for each start; before the first `room` for mounts, and the log. */
export function* writeStartFiles(engine: Engine, id: string, room = true): Flow<void> {
  const { config, hostConfig, hasBeenStarted, roomless, places } = engine.world.containers[id]!;
  // Who is in the host's network has the host's names, too.
  const hosts = hostConfig.NetworkMode === 'host' ? yield* hostFile('/etc/hosts', 'names') : hostsFile;
  const dir = containerDir(engine, id);
  if ((!hasBeenStarted || roomless === true) && room) {
    yield* mkdir(`${dir}/mounts`, 0o710);
    yield* write(logPath(engine, id), '', 0o640, true);
  }
  yield* write(`${dir}/hostname`, `${config.Hostname}\n`, 0o644, !hasBeenStarted);
  yield* write(
    `${dir}/hosts`,
    places === undefined ? hosts : hosts + networking().hostLines(places, config.Hostname),
    0o644,
    !hasBeenStarted,
  );
  const servers = yield* hostFile('/etc/resolv.conf', 'name servers');
  const filtered = nameServers(servers);
  const { text, digest } = places === undefined ? filtered : networking().serversOf(places, servers, filtered.text);
  yield* write(`${dir}/resolv.conf`, text, 0o644, !hasBeenStarted);
  yield* write(`${dir}/resolv.conf.hash`, digest, 0o644, !hasBeenStarted);
}

interface NameServers {
  readonly host: string;
  readonly text: string;
  readonly digest: Digest;
}

/** What was made of the host's file the last time: it hardly ever changes. */
let lastServers: NameServers | undefined;

function nameServers(host: string): NameServers {
  if (lastServers?.host !== host) {
    const text = resolvConfOf(host);
    lastServers = { host, text, digest: digestOf(text) };
  }
  return lastServers;
}

/** Empty when the host has none. */
function* hostFile(path: string, what: string): Flow<string> {
  try {
    return yield* perform(`read the host’s ${what}`, { op: 'readFile', path }, { quiet: true });
  } catch (error) {
    if (error instanceof StepError && error.errno === 'ENOENT') return '';
    throw error;
  }
}

const hostsFile = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'ff00::0\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
  '',
].join('\n');

/** A file that is `fresh` is gone again when it is taken back. */
const write = (path: string, data: string, mode: number, fresh = false): Flow<undefined> =>
  perform(
    'write it down',
    { op: 'writeFile', path, data, mode },
    { quiet: true, ...(fresh ? { undo: { op: 'remove', path } } : {}) },
  );

const mkdir = (path: string, mode: number): Flow<undefined> =>
  perform('make room', { op: 'mkdir', path, mode, parents: true }, { quiet: true, undo: { op: 'remove', path } });

function configV2(engine: Engine, container: Container): object {
  const status = statusOf(container);
  const { exitCode, oomKilled, error } = container.state.context;
  const files = filesOf(engine, container);
  return {
    StreamConfig: {},
    State: {
      Running: status === 'running' || status === 'paused' || status === 'restarting',
      Paused: status === 'paused',
      Restarting: status === 'restarting',
      OOMKilled: oomKilled,
      RemovalInProgress: status === 'removing',
      Dead: status === 'dead',
      Pid: container.pid,
      ExitCode: exitCode,
      Error: error,
      StartedAt: goTime(container.startedAt),
      FinishedAt: goTime(container.finishedAt),
      Health: null,
    },
    ID: container.id,
    Created: goTime(container.created),
    Managed: false,
    Path: container.path,
    Args: container.args,
    Config: container.config,
    Image: container.imageId,
    NetworkSettings: networkJson(engine, container, 'file'),
    LogPath: files.log,
    Name: `/${container.name}`,
    Driver: snapshotterOf(engine).name,
    OS: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    RestartCount: container.restartCount,
    HasBeenStartedBefore: container.startedAt !== 0,
    HasBeenManuallyStopped: container.manuallyStopped,
    MountPoints: container.mounts === undefined ? {} : mountWork().recordJson(engine, container.mounts),
    SecretReferences: null,
    ConfigReferences: null,
    AppArmorProfile: '',
    HostnamePath: files.hostname,
    HostsPath: files.hosts,
    ShmPath: files.log === '' ? '' : shmPath(engine, container),
    ResolvConfPath: files.resolvConf,
    SeccompProfile: '',
    NoNewPrivileges: false,
    LocalLogCacheMeta: { HaveNotifyEnabled: false },
  };
}

/** Host paths of the files that inspect shows; empty until the first start. */
export function filesOf(
  engine: Engine,
  container: Container,
): { hostname: string; hosts: string; resolvConf: string; log: string } {
  if (!container.hasBeenStarted) return { hostname: '', hosts: '', resolvConf: '', log: '' };
  const dir = containerDir(engine, container.id);
  return {
    hostname: `${dir}/hostname`,
    hosts: `${dir}/hosts`,
    resolvConf: `${dir}/resolv.conf`,
    log: container.roomless === true ? '' : logPath(engine, container.id),
  };
}
