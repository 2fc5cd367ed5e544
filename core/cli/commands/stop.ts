/** `docker stop`: SIGTERM, a time of grace, SIGKILL (docker CLI reference, `docker container stop`). */
import { stopContainer } from '../../engine/index.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { each } from './common.ts';

export const stop: CommandSpec = {
  name: 'stop',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Stop one or more running containers',
  flags: [flag('-t, --time', 'int', 'Seconds to wait for stop before killing it', { default: '10' })],
  acts: ['time'],
  args: { rule: 'atLeast', count: 1 },
  run: (cli, flags, names) =>
    each(cli, names, function* (name) {
      yield* stopContainer(cli.engine, name, flags.has('time') ? { timeout: flags.int('time') } : {});
      return name;
    }),
};
