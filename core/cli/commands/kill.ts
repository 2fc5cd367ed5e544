/** `docker kill`: one signal to PID 1 of the container (docker CLI reference, `docker container kill`). */
import { killContainer } from '../../engine/index.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { each } from './common.ts';

export const kill: CommandSpec = {
  name: 'kill',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Kill one or more running containers',
  flags: [flag('-s, --signal', 'string', 'Signal to send to the container', { default: 'KILL' })],
  acts: ['signal'],
  args: { rule: 'atLeast', count: 1 },
  run: (cli, flags, names) =>
    each(cli, names, function* (name) {
      yield* killContainer(cli.engine, name, flags.text('signal'));
      return name;
    }),
};
