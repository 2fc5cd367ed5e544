/**
 * Records what a real Docker Engine makes of seccomp profiles of one's own, `--security-opt seccomp=FILE`, right and wrong ones:
 * `node --import tsx test/docker/record-seccomp-files.ts` (root, docker 20.10.24).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseArchives } from '../../backend/base.ts';
import { startDockerEngine } from '../../backend/dockerd.ts';

export interface SeccompCase {
  /** The profile's text; absent: there is no such file. */
  readonly profile?: string;
  readonly command: readonly string[];
  /** More flags of `docker run`. */
  readonly flags?: readonly string[];
  readonly code?: number;
  readonly stdout?: string;
  /** With PROFILE for the file's name. */
  readonly stderr?: string;
}

export const fixture = fileURLToPath(new URL('../fixtures/seccomp-files-20.10.24.json', import.meta.url));

export async function record(cases: readonly SeccompCase[]): Promise<SeccompCase[]> {
  const engine = await startDockerEngine({ archives: await baseArchives() });
  const folder = mkdtempSync(join(tmpdir(), 'seccomp-files-'));
  try {
    return cases.map((each, n) => {
      const file = join(folder, `${n}.json`);
      if (each.profile !== undefined) writeFileSync(file, each.profile);
      const words = [
        'run',
        '--rm',
        '--security-opt',
        `seccomp=${file}`,
        ...(each.flags ?? []),
        'busybox',
        ...each.command,
      ];
      const ran = spawnSync('/usr/bin/docker', ['-H', `unix://${engine.socket}`, ...words], { encoding: 'utf8' });
      const stderr = ran.stderr.replaceAll(file, 'PROFILE').replace(/^time=.*\n/gm, '');
      return { ...each, code: ran.status ?? -1, stdout: ran.stdout, stderr };
    });
  } finally {
    rmSync(folder, { recursive: true });
    await engine.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const cases = JSON.parse(readFileSync(fixture, 'utf8')) as SeccompCase[];
  void record(cases).then((recorded) => writeFileSync(fixture, `${JSON.stringify(recorded, null, 2)}\n`));
}
