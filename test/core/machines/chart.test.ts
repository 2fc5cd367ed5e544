/** The state charts: made from the machines, with the current state marked. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chart } from '../../../core/machines/chart.ts';
import { containerMachine } from '../../../core/machines/container.ts';
import { imageMachine } from '../../../core/machines/image.ts';
import { parseMermaid } from '../diagram/mermaid-parser.ts';

test('every state and every event of the machine is in the chart', () => {
  const text = chart(containerMachine);
  for (const state of Object.keys(containerMachine.states)) assert.match(text, new RegExp(`\\b${state}\\b`));
  for (const event of containerMachine.events) assert.match(text, new RegExp(`: .*\\b${event}\\b`));
  assert.match(text, /^stateDiagram-v2\n {4}\[\*\] --> created\n/);
  assert.match(text, / {4}running --> paused: PAUSE\n/);
  assert.match(text, / {4}removed --> \[\*\]\n/);
});

test('the current state is marked, and only when there is one', () => {
  assert.match(chart(containerMachine, 'paused'), /\n {4}class paused current\n$/);
  assert.match(chart(imageMachine, { present: 'dangling' }), /\n {4}class dangling current\n$/);
  assert.not.match(chart(containerMachine), /class/);
});

test('states inside a state are drawn inside it', () => {
  assert.match(chart(imageMachine), / {4}state present \{\n {8}\[\*\] --> tagged\n {4}\}\n/);
});

test('notes say what a state is, when asked for', () => {
  assert.not.match(chart(containerMachine), /note/);
  assert.match(chart(containerMachine, undefined, { notes: true }), /note right of dead: The removal failed half-way/);
});

test('Mermaid accepts the charts', async () => {
  for (const notes of [false, true]) {
    assert.is(await parseMermaid(chart(containerMachine, 'paused', { notes })), 'stateDiagram');
    assert.is(await parseMermaid(chart(imageMachine, { present: 'dangling' }, { notes })), 'stateDiagram');
  }
});

test.run();
