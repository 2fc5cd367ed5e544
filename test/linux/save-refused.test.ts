/** `docker save` of a changed store, in a lab. */
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { hostOf, saveRefusedSuite } from '../suites/save-refused.ts';
import { needs } from '../support/needs.ts';

saveRefusedSuite('linux', await needs(...linuxNeeds), async () => hostOf(await createLinuxTarget()));
