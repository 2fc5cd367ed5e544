/** `docker ps`: containers, newest first (docker CLI reference, `docker container ls`). */
import { type Container, DockerError, listContainers, networking, statusOf } from '../../engine/index.ts';
import { lookUpImage } from '../../engine/lookup.ts';
import { modeOf } from '../../engine/network.ts';
import type { Flow } from '../../op.ts';
import { type FlagValues, flag } from '../flags.ts';
import { goQuote } from '../go.ts';
import type { Cli, CommandSpec } from '../spec.ts';
import { formatList, type ListFormat, type Row } from '../table.ts';
import { ago, ellipsis, goTime, humanDuration, humanSize, shortId } from '../units.ts';
import { type Filters, readFilters } from './filters.ts';
import { type Sizes, sizesOf } from './sizes.ts';

const format = (size: boolean): ListFormat => ({
  type: '*formatter.ContainerContext',
  headers: {
    Command: 'COMMAND',
    CreatedAt: 'CREATED AT',
    ID: 'CONTAINER ID',
    Image: 'IMAGE',
    Labels: 'LABELS',
    LocalVolumes: 'LOCAL VOLUMES',
    Mounts: 'MOUNTS',
    Names: 'NAMES',
    Networks: 'NETWORKS',
    Ports: 'PORTS',
    RunningFor: 'CREATED',
    Size: 'SIZE',
    State: 'STATE',
    Status: 'STATUS',
  },
  table: `table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}${size ? '\t{{.Size}}' : ''}`,
  raw: `container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{- pad .State 1 0}}
status: {{- pad .Status 1 0}}
names: {{.Names}}
labels: {{- pad .Labels 1 0}}
ports: {{- pad .Ports 1 0}}
${size ? 'size: {{.Size}}\n' : ''}`,
  rawQuiet: 'container_id: {{.ID}}',
  quiet: '{{.ID}}',
  executeError: 'failed to execute template',
  parseError: 'failed to parse template',
});

const states = ['created', 'dead', 'exited', 'paused', 'removing', 'restarting', 'running'];

export const ps: CommandSpec = {
  name: 'ps',
  usage: '[OPTIONS]',
  summary: 'List containers',
  flags: [
    flag('-a, --all', 'bool', 'Show all containers (default shows just running)'),
    flag('-f, --filter', 'filter', 'Filter output based on conditions provided'),
    flag('--format', 'string', 'Pretty-print containers using a Go template'),
    flag('-n, --last', 'int', 'Show n last created containers (includes all states)', { default: '-1' }),
    flag('-l, --latest', 'bool', 'Show the latest created container (includes all states)'),
    flag('--no-trunc', 'bool', "Don't truncate output"),
    flag('-q, --quiet', 'bool', 'Only display container IDs'),
    flag('-s, --size', 'bool', 'Display total file sizes'),
  ],
  acts: ['all', 'filter', 'format', 'last', 'latest', 'no-trunc', 'quiet', 'size'],
  args: { rule: 'none' },
  *run(cli, flags): Flow<number> {
    const typed = flags.text('format');
    // The client asks for sizes when the template needs them, too; adding them up is work.
    const size = flags.bool('size') || /\.Size\b|json \./.test(typed);
    const rows: Row[] = [];
    for (const container of chosen(cli, flags))
      rows.push(
        rowOf(cli, container, flags.bool('no-trunc'), size ? yield* sizesOf(cli.engine, container) : undefined),
      );
    cli.out(formatList(format(flags.bool('size')), rows, typed, flags.bool('quiet')));
    return 0;
  },
};

function chosen(cli: Cli, flags: FlagValues): readonly Container[] {
  const filters = readFilters('ps', flags.list('filter'), {
    known: [
      ...['ancestor', 'before', 'exited', 'expose', 'health', 'id', 'is-task', 'isolation', 'label', 'name', 'network'],
      ...['publish', 'since', 'status', 'volume'],
    ],
    acts: ['ancestor', 'exited', 'id', 'label', 'name', 'network', 'status', 'volume'],
  });
  const last = flags.bool('latest') ? 1 : flags.int('last');
  const all = flags.bool('all') || last > 0 || filters.of('status').length > 0 || filters.of('exited').length > 0;
  const matching = listContainers(cli.engine).filter(
    (container) => (all || alive.includes(statusOf(container))) && keep(cli, container, filters),
  );
  return last > 0 ? matching.slice(0, last) : matching;
}

const alive: readonly string[] = ['running', 'paused', 'restarting'];

function keep(cli: Cli, container: Container, filters: Filters): boolean {
  const any = (name: string, test: (value: string) => boolean) =>
    filters.of(name).length === 0 || filters.of(name).map(test).includes(true);
  return (
    any('name', (value) => nameTest(value).test(`/${container.name}`) || nameTest(value).test(container.name)) &&
    any('id', (value) => container.id.startsWith(value) || nameTest(value).test(container.id)) &&
    any('status', (value) => checkStatus(value) === statusOf(container)) &&
    any('exited', (value) => Number(checkNumber(value)) === exitCode(container) && statusOf(container) === 'exited') &&
    any('network', (value) => isOn(cli, container, value)) &&
    any('ancestor', (value) => lookUpImage(cli.engine.world.images, value)?.id === container.imageId) &&
    any(
      'volume',
      (value) => container.mounts?.some((point) => [point.at, point.name, point.source].includes(value)) === true,
    ) &&
    filters.labels('label', container.config.Labels ?? {})
  );
}

function nameTest(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    return /^\b$/;
  }
}

function checkStatus(value: string): string {
  if (!states.includes(value)) throw new DockerError(`Invalid filter 'status=${value}'`, 'invalid');
  return value;
}

function checkNumber(value: string): string {
  if (!/^[+-]?\d+$/.test(value))
    throw new DockerError(`strconv.Atoi: parsing ${goQuote(value)}: invalid syntax`, 'system');
  return value;
}

const exitCode = (container: Container): number => container.state.context.exitCode;

function rowOf(cli: Cli, container: Container, full: boolean, sizes: Sizes | undefined): Row {
  const now = cli.engine.host.now();
  const command = [container.path, ...container.args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg))].join(' ');
  const labels = container.config.Labels ?? {};
  return {
    Command: goQuote(full ? command : ellipsis(command, 20)),
    CreatedAt: goTime(container.created),
    ID: full ? container.id : shortId(container.id),
    Image: imageName(cli, container, full),
    Label: (name: string) => labels[name] ?? '',
    Labels: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(container.mounts?.filter(({ name }) => name !== undefined).length ?? 0),
    Mounts: mountsText(container, full),
    Names: container.name,
    Networks: networksOf(cli, container).join(','),
    Ports: cli.engine.facts.bridge === true ? networking().portsText(container) : '',
    RunningFor: ago(container.created, now),
    Size: sizes === undefined ? '0B' : `${humanSize(sizes.rw, 3)} (virtual ${humanSize(sizes.rootFs, 3)})`,
    State: statusOf(container),
    Status: statusText(container, now),
  };
}

/** Names of volumes and sources of bind mounts. */
const mountsText = ({ mounts = [] }: Container, full: boolean): string =>
  mounts
    .map(({ name, source = '' }) => name ?? source)
    .map((text) => (full ? text : ellipsis(text, 15)))
    .join(',');

/** Names of the networks that it is on. */
function networksOf({ engine }: Cli, container: Container): readonly string[] {
  if (engine.facts.bridge === true) return Object.keys(networking().attachments(container));
  return [modeOf(container)];
}

/** By name or ID of the network. */
function isOn(cli: Cli, container: Container, wanted: string): boolean {
  if (networksOf(cli, container).includes(wanted)) return true;
  if (cli.engine.facts.bridge !== true) return false;
  const { attachments } = networking();
  return Object.values(attachments(container)).some(({ networkId }) => networkId !== undefined && networkId === wanted);
}

/** As it was named, while that name still means the same image; its ID otherwise. */
function imageName(cli: Cli, container: Container, full: boolean): string {
  const named = container.config.Image;
  if (lookUpImage(cli.engine.world.images, named)?.id !== container.imageId)
    return full ? container.imageId : shortId(container.imageId);
  return !full && shortId(named) === shortId(container.imageId) ? shortId(named) : named;
}

/** moby container.State.String. */
export function statusText(container: Container, now: number): string {
  switch (statusOf(container)) {
    case 'running':
      return `Up ${humanDuration(now - container.startedAt)}`;
    case 'paused':
      return `Up ${humanDuration(now - container.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${exitCode(container)}) ${ago(container.finishedAt, now)}`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'exited':
      return `Exited (${exitCode(container)}) ${ago(container.finishedAt, now)}`;
    default:
      return 'Created';
  }
}
