/** Every transition and every refusal of the container machine on the real Docker Engine, compared with the simulation. */
import { liveWalkSuite } from '../suites/live-walk.ts';
import { needs } from '../support/needs.ts';

liveWalkSuite('docker', await needs('root', 'docker'));
