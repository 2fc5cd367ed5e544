/** What the attempts of test/suites/isolation must come to is what they come to under the defaults of the real Docker. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

import { openTarget } from '../../backend/targets.ts';
import { playAttempts } from '../suites/isolation/play.ts';
import { gated, needs } from '../support/needs.ts';

const isolation = suite('docker: isolation');
const check = gated(isolation, await needs('linux', 'root', 'busybox', 'docker'));

check('every attempt comes to what it must', async () => {
  const target = await openTarget('docker');
  try {
    const played = await playAttempts(target);
    assert.ok(played.length >= 40);
    assert.equal(
      played.filter(({ holds }) => !holds).map(({ name, said }) => `${name}: ${said}`),
      [],
    );
  } finally {
    await target.close();
  }
});

isolation.run();
