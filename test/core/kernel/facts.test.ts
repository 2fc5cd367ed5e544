/** Facts about the kernel, on the simulated one. */
import { createSimTarget } from '../../../core/index.ts';
import { factsSuite } from '../../suites/facts/suite.ts';

factsSuite('sim', undefined, async (host) => createSimTarget(host));
