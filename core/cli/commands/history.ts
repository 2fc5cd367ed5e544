/** `docker history`: the layers of an image, newest first (docker CLI reference, `docker image history`). */
import { type HistoryRow, imageHistory } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { formatList, type ListFormat, type Row } from '../table.ts';
import { ago, ellipsis, humanSize, isoSeconds, shortId } from '../units.ts';

const headers = {
  Comment: 'COMMENT',
  CreatedAt: 'CREATED AT',
  CreatedBy: 'CREATED BY',
  CreatedSince: 'CREATED',
  ID: 'IMAGE',
  Size: 'SIZE',
};

const format = (human: boolean): ListFormat => ({
  type: '*image.historyContext',
  headers,
  table: `table {{.ID}}\t{{.Created${human ? 'Since' : 'At'}}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`,
  quiet: '{{.ID}}',
});

export const history: CommandSpec = {
  name: 'history',
  usage: '[OPTIONS] IMAGE',
  summary: 'Show the history of an image',
  flags: [
    flag('--format', 'string', 'Pretty-print images using a Go template'),
    flag('-H, --human', 'bool', 'Print sizes and dates in human readable format', { default: 'true' }),
    flag('--no-trunc', 'bool', "Don't truncate output"),
    flag('-q, --quiet', 'bool', 'Only show image IDs'),
  ],
  acts: ['format', 'human', 'no-trunc', 'quiet'],
  args: { rule: 'exactly', count: 1 },
  *run(cli, flags, [image = '']): Flow<number> {
    const human = flags.bool('human');
    const now = cli.engine.host.now();
    const rows = imageHistory(cli.engine, image).map((row) => rowOf(row, now, human, flags.bool('no-trunc')));
    cli.out(formatList(format(human), rows, flags.text('format'), flags.bool('quiet')));
    return 0;
  },
};

function rowOf(row: HistoryRow, now: number, human: boolean, full: boolean): Row {
  const by = row.createdBy.replaceAll('\t', ' ');
  return {
    Comment: row.comment,
    CreatedAt: isoSeconds(row.created),
    CreatedBy: full ? by : ellipsis(by, 45),
    CreatedSince: human ? ago(row.created, now) : isoSeconds(row.created),
    ID: full || row.id === '<missing>' ? row.id : shortId(row.id),
    Size: human ? humanSize(row.size, 3) : String(row.size),
  };
}
