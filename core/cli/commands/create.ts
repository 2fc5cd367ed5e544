/** `docker create`: a container that does not run yet (docker CLI reference, `docker container create`). */
import type { CreateSpec } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { type FlagValues, flag } from '../flags.ts';
import { type Cli, CliError, type CommandSpec } from '../spec.ts';
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
    cli.out(`${yield* create(cli, flags, described(cli, flags, args), 'create')}\n`);
    return 0;
  },
};

/** What is wrong with the flags taken together is said as `docker run` says it (docker/cli runCreate, reportError). */
function described(cli: Cli, flags: FlagValues, args: readonly string[]): CreateSpec {
  try {
    return createSpec(cli, flags, args, false);
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== 1) throw error;
    throw new CliError(`docker: ${error.message.replace(/\.$/, '')}.\nSee 'docker create --help'.`, 125);
  }
}
