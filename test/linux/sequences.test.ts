/** Sequences of lines, and scripts that change files in every way, on a real kernel beside the simulation. */
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import { sequencesSuite } from '../suites/sequences.ts';
import { needs } from '../support/needs.ts';

sequencesSuite('linux', await needs(...linuxNeeds, 'networks'), {
  seeds: [11, 22, 33, 44],
  ridding: [5, 6],
  networking: { seeds: [1, 2, 3], open: () => openTarget('linux', { bridge: true }) },
  length: 30,
  scripts: 50,
});
