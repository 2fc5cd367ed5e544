/** `docker ps`: containers, newest first (docker CLI reference, `docker container ls`). */
import { type Container, networking, statusOf } from '../../engine/index.ts';
import { lookUpImage } from '../../engine/lookup.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { goQuote } from '../go.ts';
import type { Cli, CommandSpec } from '../spec.ts';
import { formatList, type ListFormat, type Row } from '../table.ts';
import { ago, ellipsis, goTime, humanDuration, humanSize, shortId } from '../units.ts';
import { labelsText } from './filters.ts';
import { chosenContainers, networksOf } from './ps-filters.ts';
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
    for (const container of chosenContainers(cli, flags))
      rows.push(
        rowOf(cli, container, flags.bool('no-trunc'), size ? yield* sizesOf(cli.engine, container) : undefined),
      );
    cli.out(formatList(format(flags.bool('size')), rows, typed, flags.bool('quiet')));
    return 0;
  },
};

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
    Labels: labelsText(labels),
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
