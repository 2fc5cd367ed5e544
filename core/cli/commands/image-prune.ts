/** `docker image prune`: dangling images go, or all that no container uses (docker CLI reference, `docker image prune`). */
import { pruneImages } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { asked, pruneFilters, pruneFlags, tell } from './pruning.ts';

export const imagePrune: CommandSpec = {
  name: 'image prune',
  usage: '[OPTIONS]',
  summary: 'Remove unused images',
  flags: [flag('-a, --all', 'bool', 'Remove all unused images, not just dangling ones'), ...pruneFlags],
  acts: ['all', 'filter', 'force'],
  args: { rule: 'none' },
  *run(cli, flags): Flow<number> {
    const all = flags.bool('all');
    const warning = all ? 'all images without at least one container associated to them' : 'all dangling images';
    if (!(yield* asked(cli, flags, warning))) {
      tell(cli, '', [], 0);
      return 0;
    }
    const [filters, prunable] = pruneFilters(cli, flags, ['dangling']);
    // `--all` is sent as dangling=false beside what is typed, and the engine takes any "false" for a yes to all.
    const every = all || filters.of('dangling').some((text) => text === 'false' || text === '0');
    const { removed, reclaimed } = yield* pruneImages(cli.engine, every, prunable);
    const lines = removed.map((part) =>
      'untagged' in part ? `untagged: ${part.untagged}` : `deleted: ${part.deleted}`,
    );
    tell(cli, 'Deleted Images:', lines, reclaimed);
    return 0;
  },
};
