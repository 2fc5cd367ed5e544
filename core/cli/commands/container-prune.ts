/** `docker container prune`: all containers that do not run go (docker CLI reference, `docker container prune`). */
import { pruneContainers } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import type { CommandSpec } from '../spec.ts';
import { asked, pruneFilters, pruneFlags, tell } from './pruning.ts';

export const containerPrune: CommandSpec = {
  name: 'container prune',
  usage: '[OPTIONS]',
  summary: 'Remove all stopped containers',
  flags: pruneFlags,
  acts: ['filter', 'force'],
  args: { rule: 'none' },
  *run(cli, flags): Flow<number> {
    if (!(yield* asked(cli, flags, 'all stopped containers'))) {
      tell(cli, '', [], 0);
      return 0;
    }
    const [, prunable] = pruneFilters(cli, flags);
    const { removed, reclaimed } = yield* pruneContainers(cli.engine, prunable);
    tell(cli, 'Deleted Containers:', removed, reclaimed);
    return 0;
  },
};
