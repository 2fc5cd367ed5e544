/** Sequences of lines that nobody wrote, on the real Docker Engine beside the simulation. */

import { sequencesSuite } from '../suites/sequences.ts';
import { needs } from '../support/needs.ts';

sequencesSuite('docker', await needs('root', 'docker'), { seeds: [101, 202, 303], length: 30 });
