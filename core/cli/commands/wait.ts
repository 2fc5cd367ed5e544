/** `docker wait`: until containers end, then their exit codes (docker CLI reference, `docker container wait`). */
import { waitContainer } from '../../engine/index.ts';
import type { CommandSpec } from '../spec.ts';
import { each } from './common.ts';

export const wait: CommandSpec = {
  name: 'wait',
  usage: 'CONTAINER [CONTAINER...]',
  summary: 'Block until one or more containers stop, then print their exit codes',
  flags: [],
  acts: [],
  args: { rule: 'atLeast', count: 1 },
  run: (cli, _flags, names) =>
    each(cli, names, function* (name) {
      return String(yield* waitContainer(cli.engine, name));
    }),
};
