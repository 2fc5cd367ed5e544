/** What the real Docker answered to some two hundred lines, the simulation answers as well. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../core/index.ts';
import { judge, playRecording, readRecording, recordings } from '../suites/recorded.ts';

for (const name of recordings()) {
  test(name, async () => {
    const played = await playRecording(readRecording(name), createSimTarget());
    assert.ok(played.length > 10);
    assert.equal(judge(name, played), []);
  });
}

test.run();
