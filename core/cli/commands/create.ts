/** `docker create`: a container that does not run yet (docker CLI reference, `docker container create`). */
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { containerActs, containerFlags, create, createSpec } from './container-flags.ts';

export const createCommand: CommandSpec = {
  name: 'create',
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create a new container',
  flags: [
    ...containerFlags,
    flag('--pull', 'string', 'Pull image before creating ("always"|"missing"|"never")', { default: 'missing' }),
  ],
  acts: containerActs,
  args: { rule: 'atLeast', count: 1 },
  flagsFirst: true,
  *run(cli, flags, args): Flow<number> {
    cli.out(`${yield* create(cli, flags, createSpec(cli, flags, args, false))}\n`);
    return 0;
  },
};
