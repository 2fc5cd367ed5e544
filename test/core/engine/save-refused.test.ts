/** `docker save` of a changed store, in the simulation. */
import { createSimTarget } from '../../../core/index.ts';
import { hostOf, saveRefusedSuite } from '../../suites/save-refused.ts';

saveRefusedSuite('sim', undefined, async () => hostOf(createSimTarget()));
