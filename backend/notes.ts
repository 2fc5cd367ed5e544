/**
 * What the linux target says before the first line: in what it is otherwise here than people expect.
 */
import { type MadeImage, recordedBusybox } from '../core/index.ts';
import { whyGroupless } from './hierarchies.ts';
import { hasOneOwner, howToMap, isRootless } from './userns.ts';

export function notesOn(images: readonly MadeImage[]): readonly string[] {
  const layers = images.flatMap(({ description }) => description.layers.map(({ diffId }) => diffId));
  const user = isRootless ? notesOnUser() : [];
  if (layers.includes(recordedBusybox.diffId)) return user;
  return [
    ...user,
    `the busybox of this machine is not the recorded one (${recordedBusybox.source}): digests and image IDs differ from the simulation's`,
  ];
}

/** What is otherwise without root; the rest is refused when it is asked for. */
function notesOnUser(): readonly string[] {
  const why = whyGroupless();
  return [
    ...(why === undefined
      ? []
      : [`without root: no limits, pause, stats and --pid, for they need control groups, and ${why}`]),
    ...(hasOneOwner
      ? [`one user and one group alone: all files are root's, other users are refused; ${howToMap}`]
      : []),
  ];
}
