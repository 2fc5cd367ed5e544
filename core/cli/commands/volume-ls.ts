/** `docker volume ls`: all volumes by name (docker CLI reference, `docker volume ls`). */
import { listVolumes, usersOf } from '../../engine/flows/volumes.ts';
import { DockerError, type Engine } from '../../engine/index.ts';
import { type Volume, volumeData } from '../../engine/volumes.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { formatList, type ListFormat, type Row } from '../table.ts';
import { type Filters, labelsText, matches, readFilters } from './filters.ts';

const format: ListFormat = {
  type: '*formatter.volumeContext',
  headers: {
    Driver: 'DRIVER',
    Labels: 'LABELS',
    Links: 'LINKS',
    Mountpoint: 'MOUNTPOINT',
    Name: 'VOLUME NAME',
    Scope: 'SCOPE',
    Size: 'SIZE',
  },
  table: 'table {{.Driver}}\t{{.Name}}',
  raw: 'name: {{.Name}}\ndriver: {{.Driver}}\n',
  rawQuiet: 'name: {{.Name}}',
  quiet: '{{.Name}}',
};

export const volumeLs: CommandSpec = {
  name: 'volume ls',
  usage: '[OPTIONS]',
  summary: 'List volumes',
  aliases: ['ls', 'list'],
  flags: [
    flag('-f, --filter', 'filter', "Provide filter values (e.g. 'dangling=true')"),
    flag('--format', 'string', 'Pretty-print volumes using a Go template'),
    flag('-q, --quiet', 'bool', 'Only display volume names'),
  ],
  acts: ['filter', 'format', 'quiet'],
  args: { rule: 'none' },
  *run(cli, flags): Flow<number> {
    const known = ['dangling', 'name', 'driver', 'label'];
    const filters = readFilters('volume ls', flags.list('filter'), { known, acts: known });
    const dangling = danglingOf(filters);
    const rows = listVolumes(cli.engine)
      .filter((volume) => keep(cli.engine, volume, filters, dangling))
      .map((volume) => rowOf(cli.engine, volume));
    cli.out(formatList(format, rows, flags.text('format'), flags.bool('quiet')));
    return 0;
  },
};

function danglingOf(filters: Filters): boolean | undefined {
  const [value] = filters.of('dangling');
  if (value === undefined) return undefined;
  if (['1', 'true'].includes(value)) return true;
  if (['0', 'false'].includes(value)) return false;
  throw new DockerError(`Invalid filter 'dangling=[${filters.of('dangling').join(' ')}]'`, 'invalid');
}

function keep(engine: Engine, { name, labels }: Volume, filters: Filters, dangling: boolean | undefined): boolean {
  if (dangling !== undefined && dangling !== (usersOf(engine, name).length === 0)) return false;
  return (
    filters.any('name', (value) => matches(value, name)) &&
    filters.any('driver', (value) => value === 'local') &&
    filters.labels('label', labels ?? {})
  );
}

function rowOf(engine: Engine, { name, labels }: Volume): Row {
  const own = labels ?? {};
  return {
    Driver: 'local',
    Label: (key: string) => own[key] ?? '',
    Labels: labelsText(own),
    Links: 'N/A',
    Mountpoint: volumeData(engine, name),
    Name: name,
    Scope: 'local',
    Size: 'N/A',
  };
}
