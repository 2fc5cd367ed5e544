/** `docker load`: images from an archive, a file or standard input (docker CLI reference, `docker image load`). */
import { loadArchive } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { wording } from './common.ts';
import { streamRefusal, withInput } from './input.ts';

export const load: CommandSpec = {
  name: 'load',
  usage: '[OPTIONS]',
  summary: 'Load an image from a tar archive or STDIN',
  flags: [
    flag('-i, --input', 'string', 'Read from tar archive file, instead of STDIN'),
    flag('-q, --quiet', 'bool', 'Suppress the load output'),
  ],
  acts: ['input', 'quiet'],
  args: { rule: 'none' },
  *run(cli, flags): Flow<number> {
    const given = flags.text('input');
    if (given === '' && cli.interactive && cli.stdin === undefined && cli.stdinFile === undefined) {
      throw new CliError('requested load from stdin, but stdin is empty');
    }
    const quiet = flags.bool('quiet') || !cli.interactive;
    const request = `/images/load?quiet=${quiet ? 1 : 0}`;
    const loaded = yield* withInput(cli, given === '' ? undefined : given, request, (file) =>
      wording(loadArchive(cli.engine, file), streamRefusal),
    );
    if (loaded.beyondDocker !== undefined) {
      cli.err(
        `cutaway: an OCI image layout, which Docker reads from version 25 on; 20.10 says: ${loaded.beyondDocker}\n`,
      );
    }
    cli.out(loaded.said);
    return 0;
  },
};
