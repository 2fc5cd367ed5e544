/** `docker save`: images with their layers and metadata as one archive (docker CLI reference, `docker image save`). */
import { saveImages } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { checkOutput, outputFile } from './common.ts';

export const save: CommandSpec = {
  name: 'save',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  flags: [flag('-o, --output', 'string', 'Write to a file, instead of STDOUT')],
  acts: ['output'],
  args: { rule: 'atLeast', count: 1 },
  *run(cli, flags, images): Flow<number> {
    const to = outputFile(cli, flags.text('output'));
    if (to === undefined) throw new CliError('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    yield* checkOutput(cli, to, flags.text('output') || to, 'failed to save image: ');
    yield* saveImages(cli.engine, images, to);
    return 0;
  },
};
