/** A container built by hand in the lab looks as one of docker's. */
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { containerByHandSuite } from '../suites/by-hand/container.ts';
import { needs } from '../support/needs.ts';

containerByHandSuite('linux', await needs(...linuxNeeds), () => createLinuxTarget());
