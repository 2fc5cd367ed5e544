/**
 * `node --import tsx test/docker/record.ts [NAME...]`: plays the lines of recordings/ on the real Docker, each list in a fresh
 * engine, and writes what it answered to test/fixtures/docker/NAME.json. See test/suites/recorded.ts for who reads them.
 */
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { startDockerEngine } from '../../backend/dockerd.ts';
import type { RecordedLine } from '../suites/recorded.ts';
import { recordingFile } from '../suites/recorded.ts';
import { topics } from './recordings/topics.ts';

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(topics);
const archives = await baseArchives();
const engine = await startDockerEngine({ archives });
const recordedOn = `Docker ${engine.programs.version}, Linux ${release()}, cgroup v1, overlay2`;
for (const name of wanted) {
  const target = await createDockerTarget({ archives, engine });
  const lines: RecordedLine[] = [];
  for (const line of topics[name] ?? []) {
    const { exitCode, stdout, stderr, skipped, suspended } = await target.run(line);
    if (skipped !== undefined || suspended !== undefined) throw new Error(`${line}: ${skipped ?? 'did not end'}`);
    lines.push({ line, exitCode, stdout, stderr });
    await target.observe();
  }
  await target.close();
  writeFileSync(recordingFile(name), `${JSON.stringify({ recordedOn, lines }, null, 1)}\n`);
  process.stdout.write(`${name}: ${lines.length} lines\n`);
}
await engine.stop();
