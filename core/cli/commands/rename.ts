/** `docker rename` (docker CLI reference, `docker container rename`). */
import { renameContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { refusal, wording } from './common.ts';

export const rename: CommandSpec = {
  name: 'rename',
  usage: 'CONTAINER NEW_NAME',
  summary: 'Rename a container',
  flags: [],
  acts: [],
  args: { rule: 'exactly', count: 2 },
  *run(cli, _flags, [from = '', to = '']): Flow<number> {
    const [old, name] = [from.trim(), to.trim()];
    if (old === '' || name === '') throw new CliError('Error: Neither old nor new names may be empty');
    const word = (error: unknown) => `${refusal(error)}\nError: failed to rename container named ${old}`;
    yield* wording(renameContainer(cli.engine, old, name), word);
    return 0;
  },
};
