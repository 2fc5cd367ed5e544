/**
 * `node --import tsx test/docker/record-hostile.ts [PART-OF-NAME]`: gives the hostile archives to the real Docker, each on an
 * emptied engine, and writes what it said and which tree it made to test/fixtures/hostile-20.10.24.json.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { startDockerEngine } from '../../backend/dockerd.ts';
import { hostileCases } from '../suites/hostile/all.ts';
import { type Played, play } from '../suites/hostile/play.ts';

const file = 'test/fixtures/hostile-20.10.24.json';
const part = process.argv[2] ?? '';
const known = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Record<string, Played>;
const engine = await startDockerEngine({ archives: await baseArchives() });
// What fills the disk is to fill no more than this.
execFileSync('nsenter', [
  '-t',
  String(engine.pid),
  '-m',
  'mount',
  '-o',
  'remount,size=700m',
  `${engine.directory}/data`,
]);
try {
  for (const one of hostileCases.filter(({ name }) => name.includes(part))) {
    if (one.notOnDocker !== undefined) continue;
    await engine.reset();
    const target = await createDockerTarget({ archives: [], engine });
    try {
      known[one.name] = await play(target, one);
    } finally {
      await target.close();
    }
    const { code, stderr, stdout } = known[one.name]!;
    console.log(`${one.name}: ${code} ${stderr.trim() || stdout.trim().split('\n').at(-1)}`);
  }
} finally {
  await engine.stop();
}
const names = hostileCases.map(({ name }) => name).filter((name) => known[name] !== undefined);
writeFileSync(file, `${JSON.stringify(Object.fromEntries(names.map((name) => [name, known[name]])), null, 1)}\n`);
