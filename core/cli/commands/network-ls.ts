/** `docker network ls`: networks by name (docker CLI reference, `docker network ls`). */
import { DockerError, type Network, networking } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import type { Cli, CommandSpec } from '../spec.ts';
import { formatList, type ListFormat, type Row } from '../table.ts';
import { goTime, shortId } from '../units.ts';
import { type Filters, labelsText, matches, readFilters } from './filters.ts';

const format: ListFormat = {
  type: '*network.networkContext',
  headers: {
    CreatedAt: 'CREATED AT',
    Driver: 'DRIVER',
    ID: 'NETWORK ID',
    IPv6: 'IPV6',
    Internal: 'INTERNAL',
    Labels: 'LABELS',
    Name: 'NAME',
    Scope: 'SCOPE',
  },
  table: 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}',
  raw: 'network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n',
  rawQuiet: 'network_id: {{.ID}}',
  quiet: '{{.ID}}',
  executeError: 'template parsing error',
  parseError: 'template parsing error',
};

const known = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

export const networkLs: CommandSpec = {
  name: 'network ls',
  usage: '[OPTIONS]',
  summary: 'List networks',
  aliases: ['ls', 'list'],
  flags: [
    flag('-f, --filter', 'filter', "Provide filter values (e.g. 'driver=bridge')"),
    flag('--format', 'string', 'Pretty-print networks using a Go template'),
    flag('--no-trunc', 'bool', 'Do not truncate the output'),
    flag('-q, --quiet', 'bool', 'Only display network IDs'),
  ],
  acts: ['filter', 'format', 'no-trunc', 'quiet'],
  args: { rule: 'none' },
  *run(cli, flags): Flow<number> {
    const filters = readFilters('network ls', flags.list('filter'), { known, acts: known });
    const rows = chosen(cli, filters).map((each) => rowOf(each, flags.bool('no-trunc')));
    cli.out(formatList(format, rows, flags.text('format'), flags.bool('quiet')));
    return 0;
  },
};

function chosen({ engine }: Cli, filters: Filters): readonly Network[] {
  const { allNetworks, isUserMade, membersOf } = networking();
  const dangling = truth(filters.of('dangling'));
  for (const type of filters.of('type'))
    if (type !== 'custom' && type !== 'builtin') throw new DockerError(`invalid filter: 'type'='${type}'`, 'invalid');
  return allNetworks(engine).filter(
    (each) =>
      filters.any('driver', (value) => each.driver === value) &&
      filters.any('id', (value) => each.id.startsWith(value) || matches(value, each.id)) &&
      filters.any('name', (value) => matches(value, each.name)) &&
      filters.any('scope', (value) => value === 'local') &&
      filters.any('type', (value) => isUserMade(each) === (value === 'custom')) &&
      (dangling === undefined || (isUserMade(each) && membersOf(engine, each).length === 0) === dangling) &&
      filters.labels('label', each.labels),
  );
}

function truth(values: readonly string[]): boolean | undefined {
  const [value] = values;
  if (value === undefined) return undefined;
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw new DockerError(`invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`, 'invalid');
}

const rowOf = ({ id, name, driver, internal, labels, created }: Network, full: boolean): Row => ({
  CreatedAt: goTime(created),
  Driver: driver,
  ID: full ? id : shortId(id),
  IPv6: 'false',
  Internal: String(internal),
  Label: (key: string) => labels[key] ?? '',
  Labels: labelsText(labels),
  Name: name,
  Scope: 'local',
});
