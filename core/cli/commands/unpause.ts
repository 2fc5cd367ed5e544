/** `docker unpause`: thaws the container's cgroup (docker CLI reference, `docker container unpause`). */
import { unpauseContainer } from '../../engine/index.ts';
import type { CommandSpec } from '../spec.ts';
import { each } from './common.ts';

export const unpause: CommandSpec = {
  name: 'unpause',
  usage: 'CONTAINER [CONTAINER...]',
  summary: 'Unpause all processes within one or more containers',
  flags: [],
  acts: [],
  args: { rule: 'atLeast', count: 1 },
  run: (cli, _flags, names) =>
    each(cli, names, function* (name) {
      yield* unpauseContainer(cli.engine, name);
      return name;
    }),
};
