/**
 * The container machine: every state by every event. What is legal is written here once more, by hand, as rows of a table, so
 * that a change of the law is seen in two places. What is refused has Docker's words.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { getShortestPaths, getSimplePaths } from 'xstate/graph';
import { advance, begin, can, type MachineState } from '../../../core/machines/advance.ts';
import { type ContainerContext, type ContainerState, containerMachine } from '../../../core/machines/container.ts';
import { lifecycleEvents, lifecyclePaths } from '../../../core/machines/paths.ts';
import { refusal } from '../../../core/machines/refusals.ts';

const records = 'COMMIT EXPORT RENAME UPDATE';
/** Event types that each state accepts. */
const legal: Record<ContainerState, string> = {
  created: `${records} START START_FAILED STOP RESTART REMOVE FORCE_REMOVE`,
  running: `${records} START EXIT STOP KILL RESTART PAUSE EXEC ATTACH TOP FORCE_REMOVE`,
  paused: `${records} UNPAUSE KILL STOP RESTART EXIT TOP FORCE_REMOVE`,
  exited: `${records} START START_FAILED STOP RESTART REMOVE FORCE_REMOVE`,
  restarting: `${records} START START_FAILED STOP KILL RESTART FORCE_REMOVE`,
  removing: 'REMOVED REMOVE_FAILED',
  dead: 'STOP REMOVE FORCE_REMOVE',
  removed: '',
};

const context: ContainerContext = { exitCode: 0, oomKilled: false, error: '' };
const states = Object.keys(legal) as ContainerState[];
const inState = (value: ContainerState): MachineState<ContainerContext> => ({ value, context });

for (const state of states) {
  for (const event of lifecycleEvents) {
    const expected = legal[state].split(' ').includes(event.type);
    test(`${state} ${expected ? 'accepts' : 'refuses'} ${JSON.stringify(event)}`, () => {
      const answer = advance(containerMachine, inState(state), event);
      assert.is(answer !== undefined, expected);
      if (expected || state === 'removed') return;
      const { message } = refusal(state, event.type, { id: 'ID', name: 'NAME' });
      assert.match(message, /Container|container|paused/);
    });
  }
}

test('the table of events has each type of the machine', () => {
  const types = new Set(lifecycleEvents.map(({ type }) => type));
  assert.equal([...new Set(containerMachine.events)].sort(), [...types].sort());
});

test('xstate/graph reaches every state, and every simple path is one that advance() walks', () => {
  const shortest = getShortestPaths(containerMachine, { events: lifecycleEvents });
  const reached = new Set(shortest.map(({ state }) => String(state.value)));
  assert.equal([...reached].sort(), [...states].sort());
  const few = lifecycleEvents.filter(({ type }) =>
    /^(START|EXIT|PAUSE|UNPAUSE|KILL|RESTART|REMOVE|REMOVED|REMOVE_FAILED)$/.test(type),
  );
  let walked = 0;
  for (const { steps, state } of getSimplePaths(containerMachine, { events: few })) {
    let at: MachineState<ContainerContext> = begin<ContainerContext>(containerMachine).next;
    for (const { event } of steps.filter(({ event: { type } }) => !type.startsWith('xstate.'))) {
      const answer = advance(containerMachine, at, event);
      assert.ok(answer, `${String(at.value)} takes ${event.type}`);
      at = answer.next;
    }
    assert.is(at.value, state.value);
    walked++;
  }
  assert.ok(walked > 20, `walked ${walked} paths`);
});

test('exit codes are recorded, a new start clears them, a failed start keeps the reason', () => {
  const exited = advance(containerMachine, inState('running'), { type: 'EXIT', code: 137, oomKilled: true });
  assert.equal(exited?.next, { value: 'exited', context: { exitCode: 137, oomKilled: true, error: '' } });
  assert.equal(advance(containerMachine, exited!.next, { type: 'START' })?.next, inState('running'));
  const failed = advance(containerMachine, inState('created'), { type: 'START_FAILED', code: 127, error: 'no such' });
  assert.equal(failed?.next, { value: 'created', context: { exitCode: 127, oomKilled: false, error: 'no such' } });
});

test('a signal wakes a paused container, unless it has a stop signal of its own and this is another', () => {
  const kill = (wakes: boolean) =>
    advance(containerMachine, inState('paused'), { type: 'KILL', signal: 'USR1', wakes });
  assert.equal(kill(true)?.actions, [{ type: 'sendSignal', params: { signal: 'USR1' } }, { type: 'thaw' }]);
  assert.equal([kill(true)?.next.value, kill(false)?.next.value], ['running', 'paused']);
});

test('a state that came through JSON is the same state', () => {
  const stored = JSON.parse(JSON.stringify(inState('paused'))) as MachineState<ContainerContext>;
  assert.ok(can(containerMachine, stored, { type: 'UNPAUSE' }));
  assert.not(can(containerMachine, stored, { type: 'PAUSE' }));
});

test('an event that no state knows is refused, not ignored', () => {
  assert.is(advance(containerMachine, inState('running'), { type: 'NONSENSE' }), undefined);
});

test('lifecycle paths cover each transition once, with commands or a reason', () => {
  const paths = lifecyclePaths();
  const expected = states.flatMap((state) =>
    lifecycleEvents
      .filter((event) => can(containerMachine, inState(state), event))
      .map((event) => `${state} ${JSON.stringify(event)}`),
  );
  assert.equal(paths.map(({ from, event }) => `${from} ${JSON.stringify(event)}`).sort(), expected.sort());
  for (const { commands, internal } of paths) assert.is(commands.length > 0, internal === undefined);
});

test('every state and every transition is described', () => {
  for (const node of Object.values(containerMachine.states)) {
    assert.ok(node.description, `${node.key} is described`);
    for (const edge of [...node.transitions.values()].flat()) {
      assert.ok(edge.toJSON().target !== undefined || edge.eventType, `${node.key} ${edge.eventType}`);
      const { description } = edge as unknown as { readonly description?: string };
      assert.ok(description, `${node.key} ${edge.eventType} is described`);
    }
  }
});

test.run();
