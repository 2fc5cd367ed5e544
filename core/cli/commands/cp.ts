/** `docker cp`: files out of a container (docker CLI reference, `docker container cp`). */
import { CopyRefused, copyOut } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { checkOutput, hostPath, isNotFound, refusal, wording } from './common.ts';

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
  acts: ['follow-link'],
  args: { rule: 'exactly', count: 2 },
  *run(cli, flags, [source = '', destination = '']): Flow<number> {
    if (source === '') throw new CliError('source can not be empty');
    if (destination === '') throw new CliError('destination can not be empty');
    const from = split(source);
    const to = split(destination);
    if (from.container !== '' && to.container !== '') throw new CliError('copying between containers is not supported');
    if (from.container === '' && to.container === '') throw new CliError('must specify at least one container source');
    if (to.container !== '') throw new CliError('cutaway: docker cp into a container is not simulated yet', 125);
    if (to.path === '-') throw new CliError('cutaway: docker cp to standard output is not simulated yet', 125);
    const word = (error: unknown) =>
      error instanceof CopyRefused
        ? error.message
        : isNotFound(error)
          ? `Error: No such container:path: ${from.container}:${from.path}`
          : refusal(error);
    const at = hostPath(cli, to.path);
    yield* checkOutput(cli, at);
    if (from.path === '') throw new CliError('Error response from daemon: bad parameter: pathcannot be empty');
    const options = { followLink: flags.bool('follow-link') };
    yield* wording(copyOut(cli.engine, from.container, from.path, at, options), word);
    return 0;
  },
};

/** `CONTAINER:PATH`; a path that is absolute or begins with a dot is local. */
function split(arg: string): { container: string; path: string } {
  const colon = arg.indexOf(':');
  if (arg.startsWith('/') || arg.startsWith('.') || colon < 0) return { container: '', path: arg };
  return { container: arg.slice(0, colon), path: arg.slice(colon + 1) };
}
