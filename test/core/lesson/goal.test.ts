/** Every form of a goal: met and unmet on a real state of the simulation, and read back from what it writes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { goalForms, goalSchema, goalText, judge, missingOf, readGoals } from '../../../core/lesson/goal.ts';
import { createSimTarget } from '../../../core/simtarget.ts';

const target = createSimTarget();
for (const line of [
  `docker run --name pen busybox sh -c 'echo hi > /x; echo me >> /etc/group; rm /etc/shadow'`,
  'docker commit pen app:v2',
  'docker create --name idle app:v2 true',
  'docker run -d --name web busybox sleep 300',
  'docker pause web',
]) {
  assert.is(target.runSync(line).exitCode, 0, line);
}
const observation = target.observeSync();

/** A sentence of each form; '' where it is true, else what is missing. */
const table: readonly (readonly [sentence: string, missing: string])[] = [
  ['container web is paused', ''],
  ['container web is running', 'container web is paused, not running yet'],
  ['container nope is running', 'there is no container nope'],
  ['container web is not exited', ''],
  ['container web is not paused', 'container web is still paused'],
  ['container web exists', ''],
  ['container nope exists', 'there is no container nope'],
  ['container nope is missing', ''],
  ['container web is missing', 'container web is still there'],
  ['nothing is left of nope', ''],
  ['nothing is left of web', 'container web is still there'],
  ['nothing is left of app:v2', 'image app:v2 is still there'],
  ['container pen ended with exit code 0', ''],
  ['container pen ended with exit code 137', 'container pen ended with exit code 0, not 137'],
  ['container web ended with exit code 0', 'container web is paused, it has not ended'],
  ['container idle is made from image app:v2', ''],
  ['container web is made from image app:v2', 'container web is made from image busybox, not from app:v2'],
  ['container web is made from image nope', 'there is no image nope'],
  ['container web runs sleep 300', ''],
  ['container web runs sleep 3', 'no process sleep 3 runs in container web'],
  ['container idle runs true', 'container idle is created: nothing runs in it'],
  ['container web has 1 process', ''],
  ['container web has 2 processes', 'container web has 1 process, not 2'],
  ['container web has its own pid namespace', ''],
  ['container web has its own user namespace', 'container web shares the user namespace'],
  ['container idle has its own pid namespace', 'container idle is created: it has no namespaces'],
  ['there are 3 containers', ''],
  ['there is 1 container', 'there are 3 containers, not 1'],
  ['1 container is paused', ''],
  ['2 containers are created', '1 container is created, not 2'],
  ['/x in pen comes from the read-write layer', ''],
  ['/x in idle comes from layer 2', ''],
  ['/.dockerenv in idle comes from the init layer', ''],
  ['/x in image app:v2 comes from layer 2', ''],
  ['/x in idle comes from layer 1', '/x in idle comes from layer 2, not from layer 1'],
  ['/x in web comes from layer 1', 'there is no /x in web'],
  ['/etc/shadow in pen comes from layer 1', '/etc/shadow in pen is hidden by a whiteout in the read-write layer'],
  ['/x in image app:v2 is visible', ''],
  ['/etc/shadow in image app:v2 is visible', '/etc/shadow in image app:v2 is hidden by a whiteout in layer 2'],
  ['/etc/shadow in idle is not visible', ''],
  ['/x in idle is not visible', '/x in idle is still visible'],
  ['/etc/shadow in pen is hidden by a whiteout', ''],
  ['/x in pen is hidden by a whiteout', '/x in pen is visible, no whiteout hides it'],
  ['/nope in pen is hidden by a whiteout', 'no whiteout hides /nope in pen'],
  ['/etc/group in pen hides the one in layer 1', ''],
  ['/etc/passwd in pen hides the one in layer 1', '/etc/passwd in pen is still the one in layer 1'],
  ['/x in pen hides the one in layer 1', 'layer 1 has no /x that could be hidden'],
  ['/x in pen reads "hi"', ''],
  ['/x in pen reads "hi\\n"', ''],
  ['/x in pen reads "ho"', '/x in pen does not read "ho"'],
  ['/x in pen is added', ''],
  ['/etc/group in pen is added', '/etc/group in pen is changed, not added'],
  ['/etc/group in pen is changed', ''],
  ['/x in idle is changed', '/x in idle is not changed: the read-write layer says nothing of it'],
  ['/etc/shadow in pen is deleted', ''],
  ['/x in pen is deleted', '/x in pen is added, not deleted'],
  ['the read-write layer of idle is empty', ''],
  [
    'the read-write layer of pen is empty',
    'the read-write layer of pen is not empty: /etc, /etc/group, /etc/shadow, /x',
  ],
  ['image busybox exists', ''],
  ['image app exists', 'there is no image app'],
  ['image app is missing', ''],
  ['image busybox:latest is missing', 'image busybox:latest is still there'],
  ['there are 2 images', ''],
  ['there is 1 image', 'there are 2 images, not 1'],
  ['image app:v2 has 2 layers', ''],
  ['image busybox has 2 layers', 'image busybox has 1 layer, not 2'],
  ['image app:v2 stands on image busybox', ''],
  ['image busybox stands on image app:v2', 'image busybox does not stand on image app:v2'],
  ['image app:v2 shares 1 layer with image busybox', ''],
  ['image app:v2 shares 0 layers with image busybox', 'images app:v2 and busybox share 1 layer, not 0'],
  ['layer 2 of image app:v2 holds /x', ''],
  ['layer 1 of image app:v2 holds /x', 'layer 1 of image app:v2 holds no /x'],
  ['layer 3 of image app:v2 holds /x', 'image app:v2 has only 2 layers'],
  ['layer 2 of image app:v2 holds /etc/shadow', 'layer 2 of image app:v2 holds only a whiteout for /etc/shadow'],
  ['layer 2 of image app:v2 holds a whiteout for /etc/shadow', ''],
  ['layer 2 of image app:v2 holds a whiteout for /x', 'layer 2 of image app:v2 holds /x itself'],
  ['image busybox starts sh', ''],
  ['image busybox starts ls', 'image busybox starts sh'],
];

test('each sentence is judged by the state, and says what is missing', () => {
  for (const [sentence, missing] of table) {
    const goals = readGoals(sentence);
    assert.is(goals?.length, 1, sentence);
    assert.equal(judge(goals![0]!, observation), { met: missing === '', missing }, sentence);
  }
});

test('every form is in the table, once met and once not', () => {
  for (const met of [true, false]) {
    const kinds = table.filter(([, missing]) => (missing === '') === met).map(([text]) => readGoals(text)![0]!.kind);
    assert.is(new Set(kinds).size, goalForms.length, met ? 'met' : 'not met');
  }
});

test('what a goal writes is read back as the same goal, and is plain data of the schema', () => {
  for (const [sentence] of table) {
    const [goal] = readGoals(sentence)!;
    assert.equal(readGoals(goalText(goal!)), [goal], sentence);
    assert.equal(v.parse(goalSchema, JSON.parse(JSON.stringify(goal))), goal, sentence);
  }
});

test('several goals are joined by "and", also where a command has an "and" in it', () => {
  assert.is(readGoals('container web is paused and /x in pen is added and there are 3 containers')?.length, 3);
  assert.equal(readGoals('container web runs sleep 3 and snore')?.[0], {
    kind: 'runs',
    container: 'web',
    command: 'sleep 3 and snore',
  });
});

test('what is no sentence of the list is no goal', () => {
  for (const text of ['', 'web is paused', 'container web is sleeping', 'x in web is added', 'container  is paused'])
    assert.is(readGoals(text), undefined, text);
});

test('a thing that is missing twice is named once', () => {
  const goals = readGoals('image joy exists and image joy has 2 layers')!;
  assert.equal(missingOf(goals, observation), ['there is no image joy']);
});

test('data that is no goal does not pass the schema', () => {
  for (const data of [
    null,
    {},
    { kind: 'status', container: 'web' },
    { kind: 'status', container: 'a b', status: 'paused' },
  ])
    assert.not(v.is(goalSchema, data), JSON.stringify(data));
});

test.run();
