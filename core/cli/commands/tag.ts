/** `docker tag`: one more name for an image (docker CLI reference, `docker image tag`). */
import { tagImage } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';

import { CliError, type CommandSpec } from '../spec.ts';
import { referenceProblem } from './common.ts';

export const tag: CommandSpec = {
  name: 'tag',
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  flags: [],
  acts: [],
  args: { rule: 'exactly', count: 2 },
  *run(cli, _flags, [image = '', name = '']): Flow<number> {
    for (const reference of [image, name]) {
      const problem = referenceProblem(reference);
      if (problem !== undefined)
        throw new CliError(`Error parsing reference: "${reference}" is not a valid repository/tag: ${problem}`);
    }
    yield* tagImage(cli.engine, image, name);
    return 0;
  },
};
