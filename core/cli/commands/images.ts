/** `docker images`: names and images (docker CLI reference, `docker image ls`). */
import { type Engine, findImage, type ImageRow, listImages } from '../../engine/index.ts';
import { createdAt } from '../../engine/list.ts';
import type { Flow } from '../../op.ts';
import { type FlagValues, flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { formatList, type ListFormat, type Row } from '../table.ts';
import { ago, goTime, humanSize, shortId } from '../units.ts';
import { type Filters, readFilters } from './filters.ts';

const headers = {
  Containers: 'CONTAINERS',
  CreatedAt: 'CREATED AT',
  CreatedSince: 'CREATED',
  Digest: 'DIGEST',
  ID: 'IMAGE ID',
  Repository: 'REPOSITORY',
  SharedSize: 'SHARED SIZE',
  Size: 'SIZE',
  Tag: 'TAG',
  UniqueSize: 'UNIQUE SIZE',
  VirtualSize: 'SIZE',
};

const format = (digests: boolean): ListFormat => ({
  type: '*formatter.imageContext',
  headers,
  table: `table {{.Repository}}\t{{.Tag}}\t${digests ? '{{.Digest}}\t' : ''}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
  raw: `repository: {{.Repository}}\ntag: {{.Tag}}\n${digests ? 'digest: {{.Digest}}\n' : ''}image_id: {{.ID}}
created_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`,
  rawQuiet: 'image_id: {{.ID}}',
  quiet: '{{.ID}}',
});

export const images: CommandSpec = {
  name: 'images',
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  summary: 'List images',
  flags: [
    flag('-a, --all', 'bool', 'Show all images (default hides intermediate images)'),
    flag('--digests', 'bool', 'Show digests'),
    flag('-f, --filter', 'filter', 'Filter output based on conditions provided'),
    flag('--format', 'string', 'Pretty-print images using a Go template'),
    flag('--no-trunc', 'bool', "Don't truncate output"),
    flag('-q, --quiet', 'bool', 'Only show image IDs'),
  ],
  acts: ['all', 'digests', 'filter', 'format', 'no-trunc', 'quiet'],
  args: { rule: 'atMost', count: 1 },
  *run(cli, flags, [name]): Flow<number> {
    const filters = readFilters('images', flags.list('filter'), {
      known: ['dangling', 'label', 'before', 'since', 'reference'],
      acts: ['dangling', 'label', 'before', 'since', 'reference'],
    });
    const references = [...filters.of('reference'), ...(name === undefined ? [] : [name])];
    const now = cli.engine.host.now();
    // The engine looks for dangling images among those that nothing was made from, whatever else is asked.
    const all = flags.bool('all') && filters.bool('dangling') !== true;
    const between = timesOf(cli.engine, filters);
    const rows = listImages(cli.engine, { all })
      .filter((row) => between(row) && keep(row, filters, references))
      .map((row) => rowOf(row, now, flags));
    cli.out(formatList(format(flags.bool('digests')), rows, flags.text('format'), flags.bool('quiet')));
    return 0;
  },
};

/** Made before, or since, an image that is named; of several the last one counts. */
function timesOf(engine: Engine, filters: Filters): (row: ImageRow) => boolean {
  const [before, since] = ['before', 'since'].map((filter) =>
    filters
      .of(filter)
      .map((name) => createdAt(findImage(engine, name)))
      .at(-1),
  );
  return ({ created }) => (before === undefined || created < before) && (since === undefined || created > since);
}

function keep(row: ImageRow, filters: Filters, references: readonly string[]): boolean {
  const dangling = filters.bool('dangling');
  if (dangling !== undefined && dangling !== (row.name === undefined)) return false;
  if (!filters.labels('label', row.image.config.config?.Labels ?? {})) return false;
  return references.length === 0 || references.some((pattern) => row.name !== undefined && matches(row.name, pattern));
}

/** A pattern names a repository, or a repository and a tag; `*` and `?` stop at slashes (path.Match). */
function matches(name: string, pattern: string): boolean {
  const glob = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  const expression = new RegExp(`^${glob}$`);
  return expression.test(name) || (splitName(pattern).tag === undefined && expression.test(splitName(name).repository));
}

function rowOf(row: ImageRow, now: number, flags: FlagValues): Row {
  const { repository, tag } = row.name === undefined ? { repository: '<none>', tag: '<none>' } : splitName(row.name);
  return {
    Containers: 'N/A',
    CreatedAt: goTime(row.created),
    CreatedSince: ago(row.created, now),
    Digest: '<none>',
    ID: flags.bool('no-trunc') ? row.image.id : shortId(row.image.id),
    Repository: repository,
    SharedSize: 'N/A',
    Size: humanSize(row.size, 3),
    Tag: tag ?? '<none>',
    UniqueSize: 'N/A',
    VirtualSize: humanSize(row.size),
  };
}

/** Splits at the colon of the tag, which is not that of a port. */
function splitName(name: string): { repository: string; tag?: string } {
  const colon = name.lastIndexOf(':');
  if (colon <= name.lastIndexOf('/')) return { repository: name };
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}
