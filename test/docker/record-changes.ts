/** Records what the real Docker of this machine makes of `commit --change`: `node --import tsx test/docker/record-changes.ts`. */
import { writeFileSync } from 'node:fs';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { applyChanges, recordFile } from '../suites/changes.ts';

const target = await createDockerTarget({ archives: await baseArchives() });
try {
  writeFileSync(recordFile, `${JSON.stringify(await applyChanges(target), undefined, 1)}\n`);
} finally {
  await target.close();
}
