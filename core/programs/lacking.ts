/**
 * What busybox 1.35.0 has and the simulation has not: applets, and options of applets. Each says so when it is asked for
 * (`busybox has this option, the simulation has not yet`) and is counted, and the count is said at the end of `cutaway run`,
 * `verify` and the others; `cutaway doctor` lists them all.
 */
import type { Lacking } from './lib/applet.ts';
import { known } from './lib/registry.ts';
import { filesLacking } from './parts/files.ts';
import { firstLacking } from './parts/first.ts';
import { hostLacking } from './parts/host.ts';
import { moreLacking } from './parts/more.ts';
import { appletNames, partOf } from './parts/names.ts';
import { spacesLacking } from './parts/spaces.ts';

/** By applet, words with a space between: options as one types them, or what else its help lists. */
export const lackingOptions: Lacking = {
  ...firstLacking,
  ...filesLacking,
  ...hostLacking,
  ...moreLacking,
  ...spacesLacking,
};

export const lackingApplets: readonly string[] = [...known].filter((name) => !partOf.has(name) && name !== 'busybox');

/** The list for people: how much there is, and what is not. */
export function describeLacking(): { readonly summary: string; readonly applets: string; readonly options: string } {
  const options = Object.entries(lackingOptions).sort();
  const words = options.flatMap(([name, each]) => each.split(' ').map((word) => `${name} ${word}`));
  return {
    summary: `${appletNames.length} of ${appletNames.length + lackingApplets.length} applets of busybox 1.35.0; ${words.length} options of these are not there and say so`,
    applets: lackingApplets.join(' '),
    options: words.join(', '),
  };
}
