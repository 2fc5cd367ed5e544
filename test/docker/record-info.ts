/** `node --import tsx test/docker/record-info.ts`: writes what the real Docker says of itself to test/fixtures/docker-info.json. */
import { writeFileSync } from 'node:fs';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { hostless, infoFile, playInfo } from '../suites/info.ts';

const target = await createDockerTarget({ archives: await baseArchives() });
try {
  const lines = (await playInfo(target)).map(hostless);
  const recordedOn = 'Docker 20.10.24+dfsg1, Debian 12, cgroup v1';
  writeFileSync(infoFile, `${JSON.stringify({ recordedOn, lines }, null, 2)}\n`);
} finally {
  await target.close();
}
