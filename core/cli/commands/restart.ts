/** `docker restart`: stop, then start (docker CLI reference, `docker container restart`). */
import { restartContainer } from '../../engine/index.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { each } from './common.ts';

export const restart: CommandSpec = {
  name: 'restart',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Restart one or more containers',
  flags: [flag('-t, --time', 'int', 'Seconds to wait for stop before killing the container', { default: '10' })],
  acts: ['time'],
  args: { rule: 'atLeast', count: 1 },
  run: (cli, flags, names) =>
    each(cli, names, function* (name) {
      yield* restartContainer(cli.engine, name, flags.has('time') ? { timeout: flags.int('time') } : {});
      return name;
    }),
};
