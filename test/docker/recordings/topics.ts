/** All lists of lines that are recorded, by name. Lines that need a network, a terminal or more than a moment are left out. */
import { containers } from './containers.ts';
import { copy } from './copy.ts';
import { fences } from './fences.ts';
import { images } from './images.ts';
import { mounts } from './mounts.ts';
import { usage } from './usage.ts';

export const topics: Readonly<Record<string, readonly string[]>> = {
  ...containers,
  ...fences,
  ...images,
  ...copy,
  ...mounts,
  ...usage,
};
