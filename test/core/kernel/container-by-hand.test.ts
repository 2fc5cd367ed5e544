/** A container built by hand on the simulated host looks as one of docker's. */
import { createSimTarget } from '../../../core/index.ts';
import { containerByHandSuite } from '../../suites/by-hand/container.ts';

containerByHandSuite('sim', undefined, async () => createSimTarget());
