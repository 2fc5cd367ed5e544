/**
 * Plays recordings of Docker on a host with cgroup v2 on the linux backend of such a host: `node play.mjs FILE...` as root there
 * (scripts/record-v2.sh linux). Prints what differs; exit code 1 when anything does.
 */
import { readFileSync } from 'node:fs';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { playRecording, type Recording } from '../suites/recorded.ts';

let different = 0;
for (const file of process.argv.slice(2)) {
  const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording;
  const target = await createLinuxTarget();
  const played = await playRecording(recording, target);
  await target.close();
  const others = played.filter(({ differences, skipped }) => differences.length > 0 || skipped !== undefined);
  for (const { line, differences, skipped } of others)
    process.stdout.write(`$ ${line}\n    ${skipped ?? differences.join('\n    ')}\n`);
  process.stdout.write(`${file}: ${played.length} lines, ${others.length} different\n`);
  different += others.length;
}
process.exitCode = different === 0 ? 0 : 1;
