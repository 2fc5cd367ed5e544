/** `docker info`: the recording holds on the real Docker of this machine, and in a lab. */
import { suite } from 'uvu';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import type { Target } from '../../core/index.ts';
import { checkInfo } from '../suites/info.ts';
import { gated, needs } from '../support/needs.ts';

const test = suite('docker info');

async function played(target: Target): Promise<void> {
  try {
    await checkInfo(target);
  } finally {
    await target.close();
  }
}

gated(test, await needs('docker'))('docker: as recorded', async () =>
  played(await createDockerTarget({ archives: await baseArchives() })),
);
gated(test, await needs(...linuxNeeds))('linux: as recorded', async () => played(await createLinuxTarget()));
test.run();
