/** Every transition and every refusal of the container machine, walked on the simulation by typing commands. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../core/index.ts';
import { playWalk, untyped, walks } from '../suites/walk.ts';

const target = createSimTarget();

for (const walk of walks) {
  test(walk.title, async () => {
    assert.equal(await playWalk(walk, target), []);
  });
}

test('a transition that nobody can type says why', () => {
  for (const { from, event, internal } of untyped) assert.ok(internal, `${from} ${event.type}`);
  assert.ok(walks.length > untyped.length);
});

test.run();
