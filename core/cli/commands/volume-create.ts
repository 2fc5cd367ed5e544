/** `docker volume create`: a directory for data that outlives containers (docker CLI reference, `docker volume create`). */
import { createVolume } from '../../engine/flows/volumes.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';

export const volumeCreate: CommandSpec = {
  name: 'volume create',
  usage: '[OPTIONS] [VOLUME]',
  summary: 'Create a volume',
  flags: [
    flag('-d, --driver', 'string', 'Specify volume driver name', { default: 'local' }),
    flag('--label', 'list', 'Set metadata for a volume'),
    flag('--name', 'string', 'Specify volume name', { hidden: true }),
    flag('-o, --opt', 'map', 'Set driver specific options', { default: 'map[]' }),
  ],
  acts: ['driver', 'label', 'name', 'opt'],
  args: { rule: 'atMost', count: 1 },
  *run(cli, flags, [given]): Flow<number> {
    if (given !== undefined && flags.text('name') !== '')
      throw new CliError('conflicting options: either specify --name or provide positional arg, not both', 1);
    const { name } = yield* createVolume(cli.engine, {
      name: given ?? flags.text('name'),
      driver: flags.text('driver'),
      labels: pairs(flags.list('label')),
      options: pairs(flags.list('opt')),
    });
    cli.out(`${name}\n`);
    return 0;
  },
};

/** `a=b`, or `a` for an empty value; the last one counts. */
const pairs = (given: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    given
      .map((text) => {
        const [key = ''] = text.split('=', 1);
        return [key, text.slice(key.length + 1)] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
