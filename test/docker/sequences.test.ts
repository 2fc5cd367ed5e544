/** Sequences of lines that nobody wrote, on the real Docker Engine beside the simulation. */

import { sequencesSuite } from '../suites/sequences.ts';
import { needs } from '../support/needs.ts';

// In the sequence of 2054 a link is copied out that leads out.
sequencesSuite('docker', await needs('root', 'docker'), {
  seeds: [101, 202, 303, 2054],
  ridding: [5, 6, 7],
  mounting: [3, 14, 25, 36],
  length: 30,
});
