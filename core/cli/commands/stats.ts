/** `docker stats`: what containers use right now (docker CLI reference, `docker container stats`). */
import { containerStats, findContainer, isAlive, listContainers, type StatsRow } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { formatList, type ListFormat, type Row } from '../table.ts';
import { bytesSize, shortId } from '../units.ts';
import { refusal } from './common.ts';

const format: ListFormat = {
  type: '*container.statsContext',
  headers: {
    BlockIO: 'BLOCK I/O',
    CPUPerc: 'CPU %',
    Container: 'CONTAINER',
    ID: 'CONTAINER ID',
    MemPerc: 'MEM %',
    MemUsage: 'MEM USAGE / LIMIT',
    Name: 'NAME',
    NetIO: 'NET I/O',
    PIDs: 'PIDS',
  },
  table: 'table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}',
};

export const stats: CommandSpec = {
  name: 'stats',
  usage: '[OPTIONS] [CONTAINER...]',
  summary: 'Display a live stream of container(s) resource usage statistics',
  flags: [
    flag('-a, --all', 'bool', 'Show all containers (default shows just running)'),
    flag('--format', 'string', 'Pretty-print images using a Go template'),
    flag('--no-stream', 'bool', 'Disable streaming stats and only pull the first result'),
    flag('--no-trunc', 'bool', 'Do not truncate output'),
  ],
  acts: ['all', 'format', 'no-stream', 'no-trunc'],
  args: { rule: 'any' },
  *run(cli, flags, names): Flow<number> {
    const errors: string[] = [];
    for (const name of names) {
      try {
        findContainer(cli.engine, name);
      } catch (error) {
        errors.push(refusal(error));
      }
    }
    if (errors.length > 0) throw new CliError(errors.join('\n'));
    if (!flags.bool('no-stream'))
      throw new CliError('cutaway: docker stats without --no-stream is not simulated yet', 125);
    const listed = listContainers(cli.engine).filter((container) => flags.bool('all') || isAlive(container));
    const rows: Row[] = [];
    for (const name of names.length > 0 ? names : listed.map(({ id }) => id))
      rows.push(rowOf(yield* containerStats(cli.engine, name), name, flags.bool('no-trunc')));
    cli.out(formatList(format, rows, flags.text('format')));
    return 0;
  },
};

function rowOf(row: StatsRow, container: string, full: boolean): Row {
  const share = row.memoryLimit === 0 ? 0 : (100 * row.memoryUsage) / row.memoryLimit;
  return {
    BlockIO: '0B / 0B',
    CPUPerc: `${row.cpuPercent.toFixed(2)}%`,
    Container: container,
    ID: full ? row.id : shortId(row.id),
    MemPerc: `${share.toFixed(2)}%`,
    MemUsage: `${bytesSize(row.memoryUsage)} / ${bytesSize(row.memoryLimit)}`,
    Name: row.name,
    NetIO: '0B / 0B',
    PIDs: String(row.pids),
  };
}
