/** What the real Docker answered to some two hundred lines, the linux backend answers as well. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import { judge, playRecording, readRecording, recordings } from '../suites/recorded.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs(...linuxNeeds));

/** What would hand this machine to a container is not done here, and said. */
const elsewhere = ['privileged'];

for (const name of recordings().filter((each) => !elsewhere.includes(each))) {
  check(name, async () => {
    const target = await openTarget('linux');
    try {
      assert.equal(judge(name, await playRecording(readRecording(name), target)), []);
    } finally {
      await target.close();
    }
  });
}

check('what would give a container this machine is refused, and nothing is made', async () => {
  const target = await openTarget('linux');
  try {
    for (const flag of ['--privileged', '--security-opt systempaths=unconfined']) {
      const { exitCode, stderr } = await target.run(`docker run ${flag} busybox true`);
      assert.is(exitCode, 125);
      assert.match(stderr, `cutaway: docker run ${flag} is not carried out on this machine`);
    }
    assert.is((await target.run('docker ps -aq')).stdout, '');
  } finally {
    await target.close();
  }
});

test.run();
