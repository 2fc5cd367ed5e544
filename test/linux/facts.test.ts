/** Facts about the kernel, on a real one: in a lab and its part of the cgroups. */
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { factsSuite } from '../suites/facts/suite.ts';
import { needs } from '../support/needs.ts';

factsSuite('linux', await needs(...linuxNeeds, 'networks'), (host) => createLinuxTarget(host));
