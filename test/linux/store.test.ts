/** The image store of a lab, read back from disk after every line of generated sequences. */
import { suite } from 'uvu';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { sequenceOf } from '../suites/sequences/lines.ts';
import { checkStore } from '../suites/store.ts';
import { gated, needs } from '../support/needs.ts';
import { diskStore } from '../support/store.ts';

const test = suite('image store on disk');
const check = gated(test, await needs(...linuxNeeds));
for (const seed of [1, 2, 3, 4, 5]) {
  check(`seed ${seed}: layers lie on the host as long as they are needed, once each`, async () => {
    const target = await createLinuxTarget();
    try {
      await checkStore(
        target,
        diskStore(`${target.driver.lab.root}/var/lib/docker`),
        sequenceOf(seed, 40, seed % 2 === 0),
      );
    } finally {
      await target.close();
    }
  });
}
test.run();
