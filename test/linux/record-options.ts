/** Records which options the help of the machine's busybox names, for every applet that the simulation has: `node --import tsx test/linux/record-options.ts`. */
import { writeFileSync } from 'node:fs';
import { optionsFile, type RecordedOptions } from '../core/programs/options.ts';
import { realOptions } from './real-options.ts';

const recording: RecordedOptions = {
  note: 'What `--help` of each applet names, made by test/linux/record-options.ts. The help text itself is left out.',
  ...realOptions(),
};
writeFileSync(optionsFile, `${JSON.stringify(recording, undefined, 1)}\n`);
process.stdout.write(`${Object.keys(recording.applets).length} applets of ${recording.busybox}\n`);
