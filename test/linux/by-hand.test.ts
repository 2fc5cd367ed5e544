/** Overlay mounts typed in the lab answer as on a bare kernel: the lab adds nothing. */
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { byHandSuite } from '../suites/by-hand/suite.ts';
import { needs } from '../support/needs.ts';

byHandSuite('linux', await needs(...linuxNeeds), () => createLinuxTarget());
