/** No attempt to get out of a container of the linux backend, or to see too much, comes to more than under Docker's defaults. */
import { linuxNeeds } from '../../backend/probe.ts';
import { isolationSuite } from '../suites/isolation.ts';
import { needs } from '../support/needs.ts';

isolationSuite('linux', await needs(...linuxNeeds));
