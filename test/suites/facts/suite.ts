/** The facts of all themes on a target whose host can be typed on. Measurements are asked of the simulation only. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Target } from '../../../core/index.ts';
import { gated } from '../../support/needs.ts';
import { look } from './fact.ts';
import { hostFor, themes } from './themes.ts';

/** `open` gives a fresh host for each theme. */
export function factsSuite(
  name: string,
  missing: string | undefined,
  open: (host: ReturnType<typeof hostFor>) => Promise<Target>,
): void {
  for (const [theme, facts] of Object.entries(themes)) {
    const test = suite(`kernel facts, ${theme}, on ${name}`);
    const check = gated(test, missing);
    let target: Target | undefined;
    test.after(async () => target?.close());
    for (const fact of facts) {
      if (fact.between !== undefined && name !== 'sim') continue;
      check(fact.fact, async () => {
        target ??= await open(hostFor(theme));
        assert.is(await look(target, fact), fact.shows);
      });
    }
    test.run();
  }
}
