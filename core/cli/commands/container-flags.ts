/**
 * The flags that `docker run` and `docker create` share, in full as the client lists them, and what they say about the
 * container to make (docker CLI reference, `docker container run`).
 */
import { type CreateSpec, createContainer, DockerError, type RestartPolicy } from '../../engine/index.ts';
import { familiarName } from '../../engine/reference.ts';
import type { Sharing } from '../../engine/sharing.ts';
import type { Flow } from '../../op.ts';
import { type FlagDef, type FlagValues, flag, swapBytes } from '../flags.ts';
import { limitValues } from '../limit-door.ts';
import { createLimits, limitFlag, limitsAsked } from '../limit-flags.ts';
import { mountFlag, mountFlags, mountsAsked } from '../mount-flags.ts';
import { networkFlags, networkValues, withoutBridge } from '../network-door.ts';
import { type Cli, CliError } from '../spec.ts';
import { isNotFound, referenceProblem } from './common.ts';

const cgroupns = `Cgroup namespace to use (host|private)
'host':    Run the container in the Docker host's cgroup namespace
'private': Run the container in its own private cgroup namespace
'':        Use the cgroup namespace as configured by the
           default-cgroupns-mode option on the daemon (default)`;

/** opts.ValidateEnv: a variable must have a name. */
export function checkEnv(value: string): string {
  if (value === '' || value.startsWith('=')) throw new Error(`invalid environment variable: ${value}`);
  return value;
}

function checkStream(value: string): string {
  const name = value.toLowerCase();
  if (!['stdin', 'stdout', 'stderr'].includes(name)) throw new Error('valid streams are STDIN, STDOUT and STDERR');
  return name;
}

export const containerFlags: readonly FlagDef[] = [
  flag('--add-host', 'list', 'Add a custom host-to-IP mapping (host:ip)'),
  flag('-a, --attach', 'list', 'Attach to STDIN, STDOUT or STDERR', { check: checkStream }),
  flag('--blkio-weight', 'uint16', 'Block IO (relative weight), between 10 and 1000, or 0 to disable', {
    default: '0',
  }),
  limitFlag('blkio-weight-device', 'list', 'Block IO weight (relative device weight)', '[]'),
  flag('--cap-add', 'list', 'Add Linux capabilities'),
  flag('--cap-drop', 'list', 'Drop Linux capabilities'),
  flag('--cgroup-parent', 'string', 'Optional parent cgroup for the container'),
  flag('--cgroupns', 'string', cgroupns),
  flag('--cidfile', 'string', 'Write the container ID to the file'),
  flag('--cpu-period', 'int', 'Limit CPU CFS (Completely Fair Scheduler) period'),
  flag('--cpu-quota', 'int', 'Limit CPU CFS (Completely Fair Scheduler) quota'),
  flag('--cpu-rt-period', 'int', 'Limit CPU real-time period in microseconds'),
  flag('--cpu-rt-runtime', 'int', 'Limit CPU real-time runtime in microseconds'),
  flag('-c, --cpu-shares', 'int', 'CPU shares (relative weight)'),
  limitFlag('cpus', 'decimal', 'Number of CPUs'),
  flag('--cpuset-cpus', 'string', 'CPUs in which to allow execution (0-3, 0,1)'),
  flag('--cpuset-mems', 'string', 'MEMs in which to allow execution (0-3, 0,1)'),
  flag('--device', 'list', 'Add a host device to the container'),
  limitFlag('device-cgroup-rule', 'list', 'Add a rule to the cgroup allowed devices list'),
  limitFlag('device-read-bps', 'list', 'Limit read rate (bytes per second) from a device', '[]'),
  limitFlag('device-read-iops', 'list', 'Limit read rate (IO per second) from a device', '[]'),
  limitFlag('device-write-bps', 'list', 'Limit write rate (bytes per second) to a device', '[]'),
  limitFlag('device-write-iops', 'list', 'Limit write rate (IO per second) to a device', '[]'),
  flag('--disable-content-trust', 'bool', 'Skip image verification', { default: 'true' }),
  flag('--dns', 'list', 'Set custom DNS servers'),
  flag('--dns-option', 'list', 'Set DNS options'),
  flag('--dns-search', 'list', 'Set custom DNS search domains'),
  flag('--domainname', 'string', 'Container NIS domain name'),
  flag('--entrypoint', 'string', 'Overwrite the default ENTRYPOINT of the image'),
  flag('-e, --env', 'list', 'Set environment variables', { check: checkEnv }),
  flag('--env-file', 'list', 'Read in a file of environment variables'),
  flag('--expose', 'list', 'Expose a port or a range of ports'),
  flag('--gpus', 'gpu-request', "GPU devices to add to the container ('all' to pass all GPUs)"),
  flag('--group-add', 'list', 'Add additional groups to join'),
  flag('--health-cmd', 'string', 'Command to run to check health'),
  flag('--health-interval', 'duration', 'Time between running the check (ms|s|m|h)', { default: '0s' }),
  flag('--health-retries', 'int', 'Consecutive failures needed to report unhealthy'),
  flag(
    '--health-start-period',
    'duration',
    'Start period for the container to initialize before starting health-retries countdown (ms|s|m|h)',
    { default: '0s' },
  ),
  flag('--health-timeout', 'duration', 'Maximum time to allow one check to run (ms|s|m|h)', { default: '0s' }),
  flag('--help', 'bool', 'Print usage'),
  flag('-h, --hostname', 'string', 'Container host name'),
  flag('--init', 'bool', 'Run an init inside the container that forwards signals and reaps processes'),
  flag('-i, --interactive', 'bool', 'Keep STDIN open even if not attached'),
  flag('--ip', 'string', 'IPv4 address (e.g., 172.30.100.104)'),
  flag('--ip6', 'string', 'IPv6 address (e.g., 2001:db8::33)'),
  flag('--ipc', 'string', 'IPC mode to use'),
  flag('--isolation', 'string', 'Container isolation technology'),
  flag('--kernel-memory', 'bytes', 'Kernel memory limit'),
  flag('-l, --label', 'list', 'Set meta data on a container'),
  flag('--label-file', 'list', 'Read in a line delimited file of labels'),
  flag('--link', 'list', 'Add link to another container'),
  flag('--link-local-ip', 'list', 'Container IPv4/IPv6 link-local addresses'),
  flag('--log-driver', 'string', 'Logging driver for the container'),
  flag('--log-opt', 'list', 'Log driver options'),
  flag('--mac-address', 'string', 'Container MAC address (e.g., 92:d0:c6:0a:29:33)'),
  flag('-m, --memory', 'bytes', 'Memory limit'),
  flag('--memory-reservation', 'bytes', 'Memory soft limit'),
  flag('--memory-swap', 'bytes', "Swap limit equal to memory plus swap: '-1' to enable unlimited swap", {
    check: swapBytes,
  }),
  flag('--memory-swappiness', 'int', 'Tune container memory swappiness (0 to 100)', { default: '-1' }),
  mountFlag,
  flag('--name', 'string', 'Assign a name to the container'),
  flag('--network', 'network', 'Connect a container to a network'),
  flag('--network-alias', 'list', 'Add network-scoped alias for the container'),
  flag('--no-healthcheck', 'bool', 'Disable any container-specified HEALTHCHECK'),
  flag('--oom-kill-disable', 'bool', 'Disable OOM Killer'),
  flag('--oom-score-adj', 'int', "Tune host's OOM preferences (-1000 to 1000)"),
  flag('--pid', 'string', 'PID namespace to use'),
  flag('--pids-limit', 'int', 'Tune container pids limit (set -1 for unlimited)'),
  flag('--platform', 'string', 'Set platform if server is multi-platform capable'),
  flag('--privileged', 'bool', 'Give extended privileges to this container'),
  flag('-p, --publish', 'list', "Publish a container's port(s) to the host"),
  flag('-P, --publish-all', 'bool', 'Publish all exposed ports to random ports'),
  flag('--read-only', 'bool', "Mount the container's root filesystem as read only"),
  flag('--restart', 'string', 'Restart policy to apply when a container exits', { default: 'no' }),
  flag('--rm', 'bool', 'Automatically remove the container when it exits'),
  flag('--runtime', 'string', 'Runtime to use for this container'),
  flag('--security-opt', 'list', 'Security Options'),
  flag('--shm-size', 'bytes', 'Size of /dev/shm'),
  flag('--stop-signal', 'string', 'Signal to stop a container', { default: 'SIGTERM' }),
  flag('--stop-timeout', 'int', 'Timeout (in seconds) to stop a container'),
  flag('--storage-opt', 'list', 'Storage driver options for the container'),
  flag('--sysctl', 'map', 'Sysctl options', { default: 'map[]' }),
  flag('--tmpfs', 'list', 'Mount a tmpfs directory'),
  flag('-t, --tty', 'bool', 'Allocate a pseudo-TTY'),
  flag('--ulimit', 'ulimit', 'Ulimit options', { default: '[]' }),
  flag('-u, --user', 'string', 'Username or UID (format: <name|uid>[:<group|gid>])'),
  flag('--userns', 'string', 'User namespace to use'),
  flag('--uts', 'string', 'UTS namespace to use'),
  flag('-v, --volume', 'list', 'Bind mount a volume'),
  flag('--volume-driver', 'string', 'Optional volume driver for the container'),
  flag('--volumes-from', 'list', 'Mount volumes from the specified container(s)'),
  flag('-w, --workdir', 'string', 'Working directory inside the container'),
  flag('--net', 'network', 'Connect a container to a network', { hidden: true }),
  flag('--net-alias', 'list', 'Add network-scoped alias for the container', { hidden: true }),
  flag('--dns-opt', 'list', 'Set DNS options', { hidden: true }),
];

/** Flags of `run` and `create` that say something to the engine; the rest is refused when used. */
export const containerActs: readonly string[] = [
  ...createLimits,
  ...mountFlags,
  ...networkFlags,
  'attach',
  'cap-add',
  'cap-drop',
  'cgroupns',
  'entrypoint',
  'env',
  'hostname',
  'init',
  'interactive',
  'ipc',
  'label',
  'memory',
  'memory-swap',
  'name',
  'pid',
  'pids-limit',
  'privileged',
  'pull',
  'read-only',
  'restart',
  'rm',
  'security-opt',
  'stop-signal',
  'stop-timeout',
  'tty',
  'user',
  'userns',
  'uts',
  'workdir',
];

/** The container that a command line of `run` or `create` describes. Throws CliError. */
export function createSpec(cli: Cli, flags: FlagValues, args: readonly string[], detach: boolean): CreateSpec {
  const [image = '', ...command] = args;
  const text = (name: string) => (flags.text(name) === '' ? undefined : flags.text(name));
  const given = (name: string) => (flags.has(name) ? flags.int(name) : undefined);
  const interactive = flags.bool('interactive');
  const streams = flags.list('attach');
  const restart = restartPolicy(flags.text('restart'));
  if (flags.bool('rm') && restart.Name !== 'no') throw new CliError('Conflicting options: --restart and --rm');
  const attach = streams.length > 0 || detach ? streams : ['stdout', 'stderr', ...(interactive ? ['stdin'] : [])];
  return defined({
    image,
    command,
    name: text('name'),
    entrypoint: flags.has('entrypoint') ? [flags.text('entrypoint')] : undefined,
    env: environment(cli, flags.list('env')),
    workdir: text('workdir'),
    user: text('user'),
    hostname: text('hostname'),
    labels: labels(flags.list('label')),
    tty: flags.bool('tty'),
    openStdin: interactive,
    attach: {
      stdin: attach.includes('stdin'),
      stdout: attach.includes('stdout'),
      stderr: attach.includes('stderr'),
    },
    init: flags.has('init') ? flags.bool('init') : undefined,
    autoRemove: flags.bool('rm'),
    restart,
    stopSignal: flags.has('stop-signal') ? flags.text('stop-signal') : undefined,
    stopTimeout: given('stop-timeout'),
    memory: given('memory'),
    memorySwap: given('memory-swap'),
    pidsLimit: given('pids-limit'),
    resources: limitsAsked(flags, createLimits),
    ...networkOf(cli, flags),
    security: security(flags),
    sharing: sharing(cli, flags),
    mounting: undefined,
    volumes: undefined,
    ...mountsAsked(flags),
  });
}

const OPEN_PATHS = 'systempaths=unconfined';

/** Modes that the client looks at itself (opts.go parse); the daemon looks at that of IPC. */
const modes: readonly (readonly [flag: string, field: keyof Sharing, what: string, pattern: RegExp])[] = [
  ['pid', 'PidMode', 'PID', /^(host|container:[^:]+)?$/],
  ['uts', 'UTSMode', 'UTS', /^(host)?$/],
  ['userns', 'UsernsMode', 'USER', /^(host)?$/],
  ['cgroupns', 'CgroupnsMode', 'CGROUP', /^(host|private)?$/],
];

/** Undefined: nothing but the defaults is asked for. */
function sharing({ engine }: Cli, flags: FlagValues): Sharing | undefined {
  const asked: { -readonly [K in keyof Sharing]: Sharing[K] } = {};
  for (const [name, field, what, pattern] of modes) {
    const mode = flags.text(name);
    if (!pattern.test(mode)) throw new CliError(`--${name}: invalid ${what} mode`);
    if (mode !== '') Object.assign(asked, { [field]: mode });
  }
  if (flags.text('ipc') !== '') asked.IpcMode = flags.text('ipc');
  if (flags.bool('privileged')) asked.Privileged = true;
  if (flags.list('security-opt').includes(OPEN_PATHS)) asked.openPaths = true;
  if (asked.Privileged === true) demandUnguarded(engine, 'run --privileged');
  if (asked.openPaths === true) demandUnguarded(engine, `run --security-opt ${OPEN_PATHS}`);
  return Object.keys(asked).length === 0 ? undefined : asked;
}

/** Throws CliError where the host is somebody's own machine. */
export function demandUnguarded(engine: Cli['engine'], what: string): void {
  if (engine.facts.guarded !== true) return;
  throw new CliError(
    `cutaway: docker ${what} is not carried out on this machine: the container could change the machine itself (its devices, clock and kernel parameters); the simulation shows it`,
    125,
  );
}

/** opts.go parseSecurityOpts, in the client; the daemon looks at the rest. */
function security(flags: FlagValues): CreateSpec['security'] {
  const given = (name: string) => (flags.list(name).length === 0 ? undefined : flags.list(name));
  for (const option of flags.list('security-opt')) {
    const [, name, value] = /^([^=:]*)[=:](.*)$/.exec(option) ?? [];
    if (name === undefined && option !== 'no-new-privileges')
      throw new CliError(`Invalid --security-opt: ${JSON.stringify(option)}`);
    if (name === 'systempaths' && value !== 'unconfined')
      throw new CliError(`cutaway: docker run --security-opt ${name}=${value} is not simulated yet`, 125);
  }
  return defined({
    CapAdd: given('cap-add'),
    CapDrop: given('cap-drop'),
    SecurityOpt: given('security-opt')?.filter((option) => option !== OPEN_PATHS),
    ReadonlyRootfs: flags.bool('read-only') ? true : undefined,
  });
}

/** The object without its undefined fields. */
function defined<T>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** `NAME` alone takes its value from the client's environment. */
export function environment(cli: Cli, given: readonly string[]): readonly string[] {
  return given.map((entry) =>
    entry.includes('=') || cli.env[entry] === undefined ? entry : `${entry}=${cli.env[entry]}`,
  );
}

const labels = (given: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    given.map((entry) => [
      entry.split('=', 1)[0] ?? '',
      entry.includes('=') ? entry.slice(entry.indexOf('=') + 1) : '',
    ]),
  );

/** Without the engine's bridge a container shares no network, and nothing of it can be published. */
function networkOf({ engine }: Cli, flags: FlagValues): Pick<CreateSpec, 'network'> {
  const given = networkFlags.filter((name) => flags.has(name));
  if (given.length === 0) return {};
  if (engine.facts.bridge === true) return networkValues()(flags);
  const network = flags.text('network') || flags.text('net');
  const other = given.find((name) => name !== 'network' && name !== 'net');
  if (other === undefined && ['', 'default', 'bridge', 'none'].includes(network))
    return network === '' ? {} : { network };
  const what = other ?? `network ${network}`;
  throw withoutBridge(`run --${what}`);
}

export function restartPolicy(text: string): RestartPolicy {
  const [name = '', count, ...more] = text.split(':');
  if (more.length > 0) throw new CliError('invalid restart policy format');
  if (count !== undefined && !/^[+-]?\d+$/.test(count)) throw new CliError('maximum retry count must be an integer');
  return { Name: (name || 'no') as RestartPolicy['Name'], MaximumRetryCount: Number(count ?? '0') };
}

/** Makes the container, or says that its image is not here. There is no registry to pull from. */
export function* create(cli: Cli, flags: FlagValues, asked: CreateSpec, by = 'run'): Flow<string> {
  const own = asked.security?.SecurityOpt?.some((option) => /^seccomp.(?!unconfined$)/.test(option));
  const spec = own === true ? yield* limitValues().profiles(cli, asked, by) : asked;
  if (spec.resources?.OomKillDisable === true && (spec.memory ?? 0) === 0)
    cli.err(
      "WARNING: Disabling the OOM killer on containers without setting a '-m/--memory' limit may be dangerous.\n",
    );
  const problem = referenceProblem(spec.image);
  if (problem !== undefined) throw new CliError(problem);
  try {
    const { id, warnings } = yield* createContainer(cli.engine, spec);
    if (spec.network === 'host' && spec.ports !== undefined)
      cli.err('WARNING: Published ports are discarded when using host network mode\n');
    for (const warning of warnings) cli.err(`WARNING: ${warning}\n`);
    return id;
  } catch (error) {
    if (!isNotFound(error) || error.subject?.type !== 'image' || flags.text('pull') === 'never') throw error;
    const name = familiarName(spec.image) ?? spec.image;
    const repository = name.replace(/:[^:/]*$/, '');
    cli.err(`Unable to find image '${name}' locally\n`);
    const words = `pull access denied for ${repository}, repository does not exist or may require 'docker login'`;
    throw new DockerError(`${words}: denied: requested access to the resource is denied`, 'notFound');
  }
}
