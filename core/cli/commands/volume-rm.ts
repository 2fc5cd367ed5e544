/** `docker volume rm`: volumes that no container has go, with all that is in them (docker CLI reference, `docker volume rm`). */
import { removeVolume } from '../../engine/flows/volumes.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { clientRefusal, each } from './common.ts';

export const volumeRm: CommandSpec = {
  name: 'volume rm',
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  summary: 'Remove one or more volumes',
  description: 'Remove one or more volumes. You cannot remove a volume that is in use by a container.',
  aliases: ['rm', 'remove'],
  examples: '$ docker volume rm hello\nhello\n',
  flags: [flag('-f, --force', 'bool', 'Force the removal of one or more volumes')],
  acts: ['force'],
  args: { rule: 'atLeast', count: 1 },
  run: (cli, flags, names): Flow<number> =>
    each(
      cli,
      names,
      function* (name) {
        yield* removeVolume(cli.engine, name, flags.bool('force'));
        return name;
      },
      clientRefusal,
    ),
};
