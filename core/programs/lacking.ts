/**
 * What busybox 1.35.0 has and the simulation has not: applets, and options of applets. Each says so when it is asked for
 * (`applet not in the simulation`, `cutaway: option -x is not in the simulation`); `cutaway doctor` lists them.
 */
import type { Lacking } from './lib/applet.ts';
import { known } from './lib/registry.ts';
import { filesLacking } from './parts/files.ts';
import { firstLacking } from './parts/first.ts';
import { hostLacking } from './parts/host.ts';
import { moreLacking } from './parts/more.ts';
import { appletNames, partOf } from './parts/names.ts';
import { spacesLacking } from './parts/spaces.ts';
import { textLacking } from './parts/text.ts';

/** Letters of options, by applet. */
export const lackingOptions: Lacking = {
  ...firstLacking,
  ...filesLacking,
  ...hostLacking,
  ...moreLacking,
  ...spacesLacking,
  ...textLacking,
};

export const lackingApplets: readonly string[] = [...known].filter((name) => !partOf.has(name) && name !== 'busybox');

/** The list for people: how much there is, and what is not. */
export function describeLacking(): { readonly summary: string; readonly applets: string; readonly options: string } {
  const options = Object.entries(lackingOptions).sort();
  const letters = options.reduce((sum, [, each]) => sum + each.length, 0);
  return {
    summary: `${appletNames.length} of ${appletNames.length + lackingApplets.length} applets of busybox 1.35.0; ${letters} options of these are not there and say so`,
    applets: lackingApplets.join(' '),
    options: options.map(([name, each]) => [...each].map((letter) => `${name} -${letter}`).join(', ')).join('; '),
  };
}
