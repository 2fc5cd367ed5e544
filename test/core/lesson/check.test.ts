/** A lesson is proven by playing it, and each thing that can be wrong with one is found. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { playLesson } from '../../../core/lesson/check.ts';
import { parseLesson } from '../../../core/lesson/parse.ts';
import { createSimTarget } from '../../../core/simtarget.ts';
import { lessonText } from './fixture.ts';

async function faults(text: string): Promise<string[]> {
  const found: string[] = [];
  const lesson = await parseLesson(text, 'l.md');
  for await (const { line, faults } of playLesson(lesson, createSimTarget()))
    found.push(...faults.map((fault) => `${line}: ${fault.split('\n')[0]}`));
  return found;
}

test('a right lesson: every prefix is as it says', async () => {
  const lesson = await parseLesson(lessonText, 'l.md');
  const prefixes = [];
  for await (const prefix of playLesson(lesson, createSimTarget())) prefixes.push(prefix);
  assert.equal(
    prefixes.map(({ n, command }) => [n, command]),
    [
      [0, undefined],
      [1, 'docker pause web'],
      [2, 'docker ps -q'],
      [3, 'docker unpause web'],
      [4, 'docker create --name mate busybox true'],
    ],
  );
  assert.equal(await faults(lessonText), []);
});

const wrong: readonly (readonly [what: string, from: string, to: string, said: readonly string[]])[] = [
  ['an output that does not come', 'web\n$ docker ps', 'wet\n$ docker ps', ['31: `docker pause web`: output differs']],
  ['a set-up that fails', 'sleep 300\n', 'sleep 300\n$ docker rm nope\n', ['1: `docker rm nope`: exit status 1']],
  ['two true answers', 'is exited', 'is paused', ['33: the question in line 18 has 2 true answers']],
  ['a wrong par', 'par: 2', 'par: 3', ['51: par is 3, but the solution changes something 2 times']],
  [
    'a goal that is never met',
    'mate is created',
    'mate is running',
    ['51: the solution misses the goal: container mate is created, not running yet'],
  ],
];

for (const [what, from, to, said] of wrong) {
  test(what, async () => {
    assert.ok(lessonText.includes(from));
    assert.equal(await faults(lessonText.replace(from, to)), said);
  });
}

test('a goal that the start meets', async () => {
  const easy = lessonText.replace('goal: container mate is created\n', '');
  assert.ok((await faults(easy)).some((fault) => fault.endsWith('the goal is met already')));
});

test('no answer is true, no hint fits', async () => {
  const doubt = lessonText.replace('- Nobody knows\n', '').replace('sleep 300\n- ', 'sleep 3\n- ');
  const text = doubt.replace('runs sleep 300', 'runs sleep 3');
  assert.ok((await faults(text)).some((fault) => fault.endsWith('has no true answer')));
  const silent = lessonText.replace(/hint.*\n(?: .*\n)?/g, '');
  const found = await faults(silent);
  assert.ok(found.some((fault) => fault.endsWith('no hint fits at the start')));
  assert.ok(found.some((fault) => fault.endsWith('no hint fits here')));
});

test.run();
