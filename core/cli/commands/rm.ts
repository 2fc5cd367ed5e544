/** `docker rm`: the container and its read-write layer go (docker CLI reference, `docker container rm`). */
import { removeContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { clientRefusal, each, isNotFound } from './common.ts';

export const rm: CommandSpec = {
  name: 'rm',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Remove one or more containers',
  flags: [
    flag('-f, --force', 'bool', 'Force the removal of a running container (uses SIGKILL)'),
    flag('-l, --link', 'bool', 'Remove the specified link'),
    flag('-v, --volumes', 'bool', 'Remove anonymous volumes associated with the container'),
  ],
  acts: ['force', 'volumes'],
  args: { rule: 'atLeast', count: 1 },
  *run(cli, flags, names): Flow<number> {
    const force = flags.bool('force');
    let forgiven = true;
    const code = yield* each(
      cli,
      names,
      function* (name) {
        if (name.replace(/^\/+|\/+$/g, '') === '') throw new CliError('Container name cannot be empty');
        yield* removeContainer(cli.engine, name, { force, volumes: flags.bool('volumes') });
        return name;
      },
      (error) => {
        forgiven &&= force && isNotFound(error);
        return clientRefusal(error);
      },
    );
    return forgiven ? 0 : code;
  },
};
