/** The attempts of isolation/attempts.ts on a target: each must come to what it comes to under the defaults of the real Docker. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTarget } from '../../backend/targets.ts';
import type { TargetName } from '../../core/index.ts';
import { gated } from '../support/needs.ts';
import { playAttempts } from './isolation/play.ts';

export function isolationSuite(name: TargetName, missing: string | undefined): void {
  const test = suite(`${name}: isolation`);
  gated(test, missing)('every attempt comes to what it must', async () => {
    const target = await openTarget(name);
    try {
      const played = await playAttempts(target);
      assert.ok(played.length >= 40);
      const broken = played.filter(({ holds }) => !holds);
      assert.equal(
        broken.map(({ name: attempt, said }) => `${attempt}: ${said}`),
        [],
      );
    } finally {
      await target.close();
    }
  });
  test.run();
}
