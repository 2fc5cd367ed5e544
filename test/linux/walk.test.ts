/** Every transition and every refusal of the container machine on a real kernel, compared with the simulation. */
import { linuxNeeds } from '../../backend/probe.ts';
import { liveWalkSuite } from '../suites/live-walk.ts';
import { needs } from '../support/needs.ts';

liveWalkSuite('linux', await needs(...linuxNeeds));
