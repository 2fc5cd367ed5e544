/** Limits that `docker run` sets on the real kernel, in the files of the cgroup: those of the version that this machine has. */
import { test } from 'uvu';
import { cgroupVersion, hierarchies } from '../../backend/hierarchies.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import { checkDeviceList, checkLimit, checkUpdate, limitCases } from '../suites/run-limits.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs(...linuxNeeds));

check('each limit is in its file', async () => {
  const version = cgroupVersion(hierarchies());
  const target = await openTarget('linux');
  try {
    for (const one of limitCases) await checkLimit(target, version, one);
    await checkUpdate(target, version);
    if (version === 'v1') await checkDeviceList(target);
  } finally {
    await target.close();
  }
});

test.run();
