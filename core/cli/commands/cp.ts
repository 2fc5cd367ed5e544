/** `docker cp`: files out of a container and into one (docker CLI reference, `docker container cp`). */
import { CopyRefused, copyIn, copyOut } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { type FlagValues, flag } from '../flags.ts';
import { type Cli, CliError, type CommandSpec } from '../spec.ts';
import { checkOutput, hostPath, isNotFound, refusal, wording } from './common.ts';
import { withInput } from './input.ts';

export const cp: CommandSpec = {
  name: 'cp',
  usage: '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
  summary: 'Copy files/folders between a container and the local filesystem',
  description: `Copy files/folders between a container and the local filesystem

Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a container.
Use '-' as the destination to stream a tar archive of a
container source to stdout.`,
  flags: [
    flag('-a, --archive', 'bool', 'Archive mode (copy all uid/gid information)'),
    flag('-L, --follow-link', 'bool', 'Always follow symbol link in SRC_PATH'),
  ],
  acts: ['archive', 'follow-link'],
  args: { rule: 'exactly', count: 2 },
  *run(cli, flags, [source = '', destination = '']): Flow<number> {
    if (source === '') throw new CliError('source can not be empty');
    if (destination === '') throw new CliError('destination can not be empty');
    const from = split(source);
    const to = split(destination);
    if (from.container !== '' && to.container !== '') throw new CliError('copying between containers is not supported');
    if (from.container === '' && to.container === '') throw new CliError('must specify at least one container source');
    yield* to.container === '' ? outOf(cli, from, to.path, flags) : into(cli, from.path, to, flags);
    return 0;
  },
};

interface Place {
  readonly container: string;
  readonly path: string;
}

function* outOf(cli: Cli, from: Place, to: string, flags: FlagValues): Flow<void> {
  const archive = to === '-';
  if (archive && cli.stdoutFile === undefined)
    throw new CliError('cutaway: an archive is not shown here: redirect it to a file (docker cp … - > FILE)', 125);
  const at = archive ? cli.stdoutFile! : hostPath(cli, to);
  yield* checkOutput(cli, at);
  if (from.path === '') throw new CliError('Error response from daemon: bad parameter: pathcannot be empty');
  const options = { followLink: flags.bool('follow-link'), ...(archive ? { archive } : {}) };
  yield* wording(copyOut(cli.engine, from.container, from.path, at, options), (error) =>
    error instanceof CopyRefused
      ? error.message
      : isNotFound(error)
        ? `Error: ${error.subject === undefined ? error.message : `No such container:path: ${from.container}:${from.path}`}`
        : refusal(error),
  );
}

function* into(cli: Cli, from: string, { container, path }: Place, flags: FlagValues): Flow<void> {
  const options = { followLink: flags.bool('follow-link'), archiveMode: flags.bool('archive') };
  const word = (error: unknown): string =>
    error instanceof CopyRefused ? error.message : isNotFound(error) ? `Error: ${error.message}` : refusal(error);
  if (from !== '-') return yield* wording(copyIn(cli.engine, container, sourcePath(cli, from), path, options), word);
  const request = `/containers/${container}/archive`;
  yield* withInput(cli, undefined, request, (file) =>
    wording(copyIn(cli.engine, container, file, path, { ...options, archive: true }), word),
  );
}

/** Made absolute; a dot at the end says that the contents are meant. */
const sourcePath = (cli: Cli, path: string): string =>
  hostPath(cli, path) + (!path.startsWith('/') && /(^|\/)\.$/.test(path) ? '.' : '');

/** `CONTAINER:PATH`; a path that is absolute or begins with a dot is local. */
function split(arg: string): Place {
  const colon = arg.indexOf(':');
  if (arg.startsWith('/') || arg.startsWith('.') || colon < 0) return { container: '', path: arg };
  return { container: arg.slice(0, colon), path: arg.slice(colon + 1) };
}
