/** `docker commit`: the read-write layer becomes the top layer of a new image (docker CLI reference, `docker container commit`). */
import { commitContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';

import { CliError, type CommandSpec } from '../spec.ts';
import { referenceProblem } from './common.ts';

export const commit: CommandSpec = {
  name: 'commit',
  usage: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  summary: "Create a new image from a container's changes",
  flags: [
    flag('-a, --author', 'string', 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")'),
    flag('-c, --change', 'list', 'Apply Dockerfile instruction to the created image'),
    flag('-m, --message', 'string', 'Commit message'),
    flag('-p, --pause', 'bool', 'Pause container during commit', { default: 'true' }),
  ],
  acts: ['author', 'change', 'message', 'pause'],
  args: { rule: 'range', from: 1, to: 2 },
  *run(cli, flags, [container = '', name]): Flow<number> {
    const problem = name === undefined ? undefined : referenceProblem(name);
    if (problem !== undefined) throw new CliError(problem);
    const id = yield* commitContainer(cli.engine, container, {
      ...(name === undefined ? {} : { name }),
      message: flags.text('message'),
      author: flags.text('author'),
      changes: flags.list('change'),
      pause: flags.bool('pause'),
    });
    cli.out(`${id}\n`);
    return 0;
  },
};
