/** `docker volume prune`: volumes that no container has go (docker CLI reference, `docker volume prune`). */
import { pruneVolumes } from '../../engine/flows/volumes.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { readFilters } from './filters.ts';
import { asked, tell } from './pruning.ts';

export const volumePrune: CommandSpec = {
  name: 'volume prune',
  usage: '[OPTIONS]',
  summary: 'Remove all unused local volumes',
  flags: [
    flag('--filter', 'filter', "Provide filter values (e.g. 'label=<label>')"),
    flag('-f, --force', 'bool', 'Do not prompt for confirmation'),
  ],
  acts: ['filter', 'force'],
  args: { rule: 'none' },
  *run(cli, flags): Flow<number> {
    if (!(yield* asked(cli, flags, 'all local volumes not used by at least one container'))) {
      tell(cli, '', [], 0);
      return 0;
    }
    const known = ['label', 'label!'];
    const filters = readFilters('volume prune', flags.list('filter'), { known, acts: known });
    const labels = (present: Readonly<Record<string, string>>): boolean =>
      filters.labels('label', present) && (filters.of('label!').length === 0 || !filters.labels('label!', present));
    const { removed, reclaimed } = yield* pruneVolumes(cli.engine, labels);
    tell(cli, 'Deleted Volumes:', removed, reclaimed);
    return 0;
  },
};
