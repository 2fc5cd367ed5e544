/** `docker export`: the union view of a container as one tar archive (docker CLI reference, `docker container export`). */
import { exportContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { checkOutput, outputFile } from './common.ts';

export const exportCommand: CommandSpec = {
  name: 'export',
  usage: '[OPTIONS] CONTAINER',
  summary: "Export a container's filesystem as a tar archive",
  flags: [flag('-o, --output', 'string', 'Write to a file, instead of STDOUT')],
  acts: ['output'],
  args: { rule: 'exactly', count: 1 },
  *run(cli, flags, [container = '']): Flow<number> {
    const to = outputFile(cli, flags.text('output'));
    if (to === undefined) throw new CliError('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    yield* checkOutput(cli, to, flags.text('output') || to, 'failed to export container: ');
    yield* exportContainer(cli.engine, container, to);
    return 0;
  },
};
