/** What the real Docker answered to some two hundred lines, the linux backend answers as well. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import { judge, playRecording, readRecording, recordings } from '../suites/recorded.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs(...linuxNeeds));

for (const name of recordings()) {
  check(name, async () => {
    const target = await openTarget('linux');
    try {
      assert.equal(judge(name, await playRecording(readRecording(name), target)), []);
    } finally {
      await target.close();
    }
  });
}

test.run();
