/** `docker info` on the simulation, as recorded on the real Docker. */
import { test } from 'uvu';
import { createSimTarget } from '../../core/index.ts';
import { checkInfo } from '../suites/info.ts';

test('docker info, its template and its JSON', () => checkInfo(createSimTarget()));
test.run();
