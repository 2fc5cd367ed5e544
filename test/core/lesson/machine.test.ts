/** The way of a learner through a lesson, on the simulation. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createActor } from 'xstate';
import { lessonMachine, nextCommand } from '../../../core/lesson/machine.ts';
import { parseLesson } from '../../../core/lesson/parse.ts';
import { findingsOf, hintFor, scoreText, stillMissing, trueChoice } from '../../../core/lesson/play.ts';
import { createSimTarget } from '../../../core/simtarget.ts';
import { challenge, head, lessonText, question } from './fixture.ts';

const lesson = await parseLesson(lessonText, 'l.md');

/** A learner: the machine, and a world in which what is typed is carried out. */
function learner() {
  const target = createSimTarget();
  for (const { command } of lesson.setup) target.runSync(command);
  const look = () => findingsOf(lesson, target.observeSync());
  const actor = createActor(lessonMachine, { input: { lesson, found: look() } }).start();
  const type = (command: string): void => {
    const before = target.observeSync();
    target.runSync(command);
    actor.send({ type: 'RAN', command, found: findingsOf(lesson, target.observeSync(), before) });
  };
  return {
    actor,
    type,
    now: () => actor.getSnapshot().context,
    state: () => String(actor.getSnapshot().value),
    look,
    observe: () => target.observeSync(),
  };
}

function toChallenge(choice: number) {
  const one = learner();
  one.actor.send({ type: 'NEXT' });
  one.actor.send({ type: 'ANSWER', choice });
  one.type('docker pause web');
  one.type('docker ps -q');
  one.actor.send({ type: 'NEXT' });
  assert.is(one.state(), 'solving');
  return one;
}

test('from the first line to the last', () => {
  const one = learner();
  assert.is(one.state(), 'reading');
  one.actor.send({ type: 'NEXT' });
  assert.is(one.state(), 'asking');
  one.actor.send({ type: 'ANSWER', choice: 7 });
  assert.is(one.state(), 'asking', 'there is no such answer');
  one.actor.send({ type: 'ANSWER', choice: 0 });
  assert.is(one.state(), 'running');
  assert.is(nextCommand(one.now()), 'docker pause web');
  one.type('docker  pause   web');
  assert.equal(one.now().answers, { 1: { choice: 0 } }, 'judged only when the last command of the block has run');
  one.type('docker images');
  assert.is(nextCommand(one.now()), 'docker ps -q', 'a command of their own is not the next one');
  one.type('docker ps -q');
  assert.equal(one.now().answers, { 1: { choice: 0, right: 1 } });
  assert.is(one.state(), 'reading');
  one.actor.send({ type: 'NEXT' });
  assert.is(one.state(), 'solving');
  one.type('docker unpause web');
  assert.is(one.state(), 'solving');
  one.type('docker create --name mate busybox true');
  assert.is(one.state(), 'solved');
  one.actor.send({ type: 'NEXT' });
  one.actor.send({ type: 'NEXT' });
  assert.is(one.state(), 'finished');
  assert.equal(one.now().attempt, { commands: 2, hints: 0, hinted: 0, shown: false });
});

test('an answer can be changed until its commands run, and not later', () => {
  const one = learner();
  one.actor.send({ type: 'NEXT' });
  one.actor.send({ type: 'ANSWER', choice: 0 });
  one.actor.send({ type: 'ANSWER', choice: 2 });
  assert.equal([one.state(), one.now().answers], ['running', { 1: { choice: 2 } }]);
  one.type('docker pause web');
  one.actor.send({ type: 'ANSWER', choice: 1 });
  assert.equal(one.now().answers, { 1: { choice: 2 } });
});

test('a question may be passed over; it is judged all the same', () => {
  const one = learner();
  one.actor.send({ type: 'NEXT' });
  one.actor.send({ type: 'NEXT' });
  one.type('docker pause web');
  one.type('docker ps -q');
  assert.equal(one.now().answers, { 1: { right: 1 } });
});

test('only commands that change something count, and any way to the goal is good', () => {
  const one = toChallenge(1);
  for (const line of ['docker ps', 'docker nonsense', 'docker images', 'docker pause web']) one.type(line);
  assert.is(one.now().attempt.commands, 0);
  for (const line of ['docker create --name cc busybox true', 'docker rename cc mate', 'docker unpause web'])
    one.type(line);
  assert.is(one.state(), 'solved');
  assert.is(scoreText(one.now().attempt, 2), 'Solved with 3 commands: par is 2.');
});

test('what is missing, and the hint, follow the state', () => {
  const one = toChallenge(1);
  const block = lesson.blocks[4]!;
  assert.ok(block.kind === 'challenge');
  assert.equal(stillMissing(block, one.observe()), [
    'container web is paused, not running yet',
    'there is no container mate',
  ]);
  assert.is(hintFor(block, one.observe())?.markdown, 'wake it: `docker unpause`');
  assert.is(hintFor(block, one.observe(), 1)?.markdown, 'another one is missing');
  assert.is(hintFor(block, one.observe(), 9)?.markdown, 'look around', 'the last one stays');
  one.actor.send({ type: 'HINT' });
  one.type('docker unpause web');
  assert.is(hintFor(block, one.observe())?.markdown, 'another one is missing');
  one.type('docker create --name mate busybox true');
  assert.equal(stillMissing(block, one.observe()), []);
  assert.is(scoreText(one.now().attempt, 2), 'Solved with 2 commands: par, with 1 hint.');
  assert.is(scoreText(one.now().attempt, 3), 'Solved with 2 commands: 1 under par, with 1 hint.');
});

test('a solution that was shown counts as shown', () => {
  const one = toChallenge(1);
  one.actor.send({ type: 'SOLUTION' });
  one.type('docker unpause web');
  one.type('docker create --name mate busybox true');
  assert.is(one.state(), 'solved');
  assert.is(scoreText(one.now().attempt, 2), 'The goal is reached, by the solution that was shown.');
});

test('going back forgets the attempt and the answers from there on', () => {
  const one = toChallenge(1);
  one.type('docker unpause web');
  assert.is(one.now().attempt.commands, 1);
  one.actor.send({ type: 'GO', at: 99, found: one.look() });
  assert.is(one.state(), 'solving', 'there is no such block');
  one.actor.send({ type: 'GO', at: 1, found: one.look() });
  assert.equal([one.state(), one.now().answers, one.now().attempt.commands], ['asking', {}, 0]);
});

test('an answer without a goal is true when no other is', async () => {
  const asked = (await parseLesson(`${head}${question}\n\`\`\`console\n$ true\n\`\`\`\n${challenge}`, 'l.md'))
    .blocks[0]!;
  assert.ok(asked.kind === 'question');
  assert.is(trueChoice(asked, createSimTarget().observeSync()), 2);
});

test.run();
