/** What the attempts of test/suites/isolation must come to is what they come to under the defaults of the real Docker. */
import { isolationSuite } from '../suites/isolation.ts';
import { needs } from '../support/needs.ts';

isolationSuite('docker', await needs('linux', 'root', 'busybox', 'docker'));
