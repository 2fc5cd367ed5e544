/**
 * The walk of the container machine on a live target, beside the simulation: one test per transition and refusal, in which
 * the machine, the target and the model must agree. One lab (or engine) serves all walks; each begins with no container.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTarget } from '../../backend/targets.ts';
import { createSimTarget, type Target, type TargetName } from '../../core/index.ts';
import { gated } from '../support/needs.ts';
import { playWalk, walks } from './walk.ts';

export function liveWalkSuite(name: TargetName, missing: string | undefined): void {
  const test = suite(`walk of the lifecycle on ${name}`);
  const model = createSimTarget();
  let target: Target;
  if (missing === undefined) {
    test.before(async () => {
      target = await openTarget(name);
    });
    test.after(() => target.close());
  }
  const check = gated(test, missing);
  for (const walk of walks) {
    check(walk.title, async () => {
      assert.equal(await playWalk(walk, target, model), []);
    });
  }
  test.run();
}
