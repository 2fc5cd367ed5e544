/** `docker pause`: freezes the container's cgroup (docker CLI reference, `docker container pause`). */
import { pauseContainer } from '../../engine/index.ts';
import type { CommandSpec } from '../spec.ts';
import { each } from './common.ts';

export const pause: CommandSpec = {
  name: 'pause',
  usage: 'CONTAINER [CONTAINER...]',
  summary: 'Pause all processes within one or more containers',
  flags: [],
  acts: [],
  args: { rule: 'atLeast', count: 1 },
  run: (cli, _flags, names) =>
    each(cli, names, function* (name) {
      yield* pauseContainer(cli.engine, name);
      return name;
    }),
};
