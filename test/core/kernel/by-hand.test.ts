/** Overlay mounts typed on the simulated host answer as a real kernel does. */
import { createSimTarget } from '../../../core/index.ts';
import { byHandSuite } from '../../suites/by-hand/suite.ts';

byHandSuite('sim', undefined, async () => createSimTarget());
