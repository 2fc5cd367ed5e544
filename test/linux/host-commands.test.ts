/** Host commands over what Docker leaves on the host say the same on the simulation and in the lab. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { createSimTarget } from '../../core/index.ts';
import { answers, lines } from '../suites/by-hand/host-commands.ts';
import { helpStripper } from '../support/help-text.ts';
import { gated, needs } from '../support/needs.ts';

const test = suite('host commands');

gated(test, await needs(...linuxNeeds))(`${lines.length} lines answer the same on sim and linux`, async () => {
  const [sim, linux] = [createSimTarget(), await createLinuxTarget()];
  try {
    assert.equal(await answers(sim), (await answers(linux)).map(helpStripper()));
  } finally {
    await sim.close();
    await linux.close();
  }
});

test.run();
