/** `commit --change`, answered by the simulation as the real Docker answered (test/fixtures/commit-changes.json). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../../core/index.ts';
import { applyChanges, changes, recordedChanges } from '../../suites/changes.ts';

const recorded = recordedChanges();
const answers = await applyChanges(createSimTarget());

for (const [n, { changes: one }] of recorded.entries()) {
  test(JSON.stringify(one), () => {
    assert.is(JSON.stringify(answers[n]), JSON.stringify(recorded[n]));
  });
}

test('the recording has them all', () => {
  assert.equal(
    recorded.map((one) => one.changes),
    changes,
  );
});

test.run();
