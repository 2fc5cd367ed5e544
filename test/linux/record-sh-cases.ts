/** Records what the machine's busybox answers: `node --import tsx test/linux/record-sh-cases.ts` (root). */
import { writeFileSync } from 'node:fs';
import { readCases, recordingFile } from '../core/programs/cases.ts';
import { busyboxVersion, realBusybox } from './real-busybox.ts';

const real = realBusybox();
const recording = {
  note: 'Answers of the real busybox to sh-cases.txt, made by test/linux/record-sh-cases.ts. Help text after usage lines is left out.',
  busybox: busyboxVersion(),
  cases: real.runAll(readCases().map(({ script }) => script)),
};
real.close();
writeFileSync(recordingFile, `${JSON.stringify(recording, undefined, 1)}\n`);
process.stdout.write(`${recording.cases.length} cases of ${recording.busybox}\n`);
