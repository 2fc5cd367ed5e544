/** The options that the machine's busybox names in its help. */
import { spawnSync } from 'node:child_process';
import { appletNames } from '../../core/programs/parts/names.ts';
import type { RecordedOptions } from '../core/programs/options.ts';
import { optionsInHelp } from '../support/help-options.ts';
import { busyboxPath } from '../support/help-text.ts';
import { busyboxVersion } from './real-busybox.ts';

export function realOptions(): Omit<RecordedOptions, 'note'> {
  const options = (name: string): readonly string[] => {
    const { stdout, stderr } = spawnSync(busyboxPath, [name, '--help'], {
      encoding: 'utf8',
      timeout: 10_000,
      input: '',
    });
    return optionsInHelp(name, stderr + stdout);
  };
  return {
    busybox: busyboxVersion() ?? '',
    applets: Object.fromEntries([...appletNames].sort().map((name) => [name, options(name)])),
  };
}
