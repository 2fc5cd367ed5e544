/** The image machine: what is legal in each state, and that commit brings an image to life. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { getShortestPaths } from 'xstate/graph';
import { advance, begin, stateName } from '../../../core/machines/advance.ts';
import { type ImageEvent, imageMachine } from '../../../core/machines/image.ts';

const remove = { type: 'REMOVE', child: false, running: false, used: false, shared: false, force: false } as const;
const events: readonly ImageEvent[] = [
  { type: 'PULL' },
  { type: 'PULLED' },
  { type: 'PULL_FAILED' },
  { type: 'LOAD', tagged: true },
  { type: 'LOAD', tagged: false },
  { type: 'COMMITTED', tagged: true },
  { type: 'COMMITTED', tagged: false },
  { type: 'TAG' },
  { type: 'UNTAG', last: false, child: false },
  { type: 'UNTAG', last: true, child: false },
  { type: 'UNTAG', last: true, child: true },
  { type: 'CHILD_ADDED' },
  { type: 'CHILD_REMOVED' },
  { type: 'RUN' },
  remove,
];

const face = (name: string) => ({ value: name.includes('.') ? { present: name.split('.')[1] } : name, context: {} });

const legal: Record<string, string> = {
  absent: 'PULL LOAD COMMITTED',
  pulling: 'PULLED PULL_FAILED',
  'present.tagged': 'RUN TAG UNTAG REMOVE',
  'present.dangling': 'RUN TAG CHILD_ADDED REMOVE',
  'present.intermediate': 'RUN TAG CHILD_REMOVED',
  removed: '',
};

for (const [state, types] of Object.entries(legal)) {
  test(`${state} accepts ${types || 'nothing'}`, () => {
    const accepted = events.filter((event) => advance(imageMachine, face(state), event) !== undefined);
    const expected = events.filter(({ type }) => types.split(' ').includes(type));
    assert.equal(accepted, expected);
  });
}

test('xstate/graph reaches every state', () => {
  const reached = new Set(getShortestPaths(imageMachine, { events }).map(({ state }) => stateName(state.value)));
  assert.equal([...reached].sort(), Object.keys(legal).sort());
});

test('commit brings an image to life, with a name or without', () => {
  const { next } = begin(imageMachine);
  const born = (tagged: boolean) => advance(imageMachine, next, { type: 'COMMITTED', tagged })?.next.value;
  assert.equal([born(true), born(false)], [{ present: 'tagged' }, { present: 'dangling' }]);
});

test('what stands in the way of rmi: a child or a running container always, the rest unless forced', () => {
  const ok = (change: object) => advance(imageMachine, face('present.tagged'), { ...remove, ...change }) !== undefined;
  assert.equal(
    [ok({}), ok({ used: true }), ok({ shared: true }), ok({ child: true }), ok({ running: true })],
    [true, false, false, false, false],
  );
  const forced = ['used', 'shared', 'child', 'running'].map((why) => ok({ [why]: true, force: true }));
  assert.equal(forced, [true, true, false, false]);
});

test.run();
