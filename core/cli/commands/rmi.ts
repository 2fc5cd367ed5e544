/** `docker rmi`: untags; content goes with the last name (docker CLI reference, `docker image rm`). */
import { removeImage } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { each, isNotFound, refusal } from './common.ts';

export const rmi: CommandSpec = {
  name: 'rmi',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Remove one or more images',
  flags: [
    flag('-f, --force', 'bool', 'Force removal of the image'),
    flag('--no-prune', 'bool', 'Do not delete untagged parents'),
  ],
  acts: ['force', 'no-prune'],
  args: { rule: 'atLeast', count: 1 },
  *run(cli, flags, images): Flow<number> {
    const force = flags.bool('force');
    let forgiven = true;
    let typed = '';
    const code = yield* each(
      cli,
      images,
      function* (image) {
        typed = image;
        const removed = yield* removeImage(cli.engine, image, { force, noPrune: flags.bool('no-prune') });
        const lines = removed.map((part) =>
          'untagged' in part ? `Untagged: ${part.untagged}` : `Deleted: ${part.deleted}`,
        );
        return lines.length === 0 ? undefined : lines.join('\n');
      },
      (error) => {
        forgiven &&= force && isNotFound(error);
        return isNotFound(error) ? `Error: No such image: ${typed}` : refusal(error);
      },
    );
    return forgiven ? 0 : code;
  },
};
