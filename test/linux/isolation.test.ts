/** No attempt to get out of a container of the linux backend, or to see too much, comes to more than under Docker's defaults. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import { playAttempts } from '../suites/isolation/play.ts';
import { gated, needs } from '../support/needs.ts';

const isolation = suite('linux: isolation');
const check = gated(isolation, await needs(...linuxNeeds));

check('every attempt comes to what it must', async () => {
  const target = await openTarget('linux');
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
