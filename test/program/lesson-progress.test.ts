/** A lesson in the terminal over several runs: the learner's place is kept, Ctrl-C ends what runs, only the second one leaves. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Person } from './person.ts';

const test = suite<{ state: string }>('lesson progress');
test.before.each(async (context) => {
  context.state = await mkdtemp(join(tmpdir(), 'cutaway-progress-'));
});
test.after.each(({ state }) => rm(state, { recursive: true }));

const lesson = ['lesson', 'stop-kill-pause'];

/** The first commands of the lesson, and its first question. */
async function begin(state: string): Promise<Person> {
  const one = new Person(state, lesson);
  for (let i = 0; i < 3; i += 1) {
    await one.sees(/\[Enter\]/);
    one.type('');
  }
  await one.sees(/What do you think\?[\s\S]*\[1-/);
  return one;
}

test('who comes back goes on where they were: commands, answers, world', async ({ state }) => {
  const first = await begin(state);
  first.type('2');
  await first.sees(/docker pause web[\s\S]*\[Enter\]/);
  first.type('docker create --name mine busybox');
  await first.sees(/\[Enter\]/);
  first.type(':quit');
  assert.is(await first.left(), 0);

  const second = new Person(state, lesson);
  await second.sees(/going on where you were, after 4 of your commands/);
  await second.sees(/docker pause web[\s\S]*\[Enter\]/);
  assert.not.match(second.out, /What do you think/);
  second.type('docker ps -a --format "{{.Names}}"');
  await second.sees(/mine\nweb\n/);
  await second.sees(/\[Enter\]/);
  second.type(':restart');
  await second.sees(/docker run -d[\s\S]*\[Enter\]/);
  second.type('docker ps -aq | wc -l');
  await second.sees(/\b0\n[\s\S]*\[Enter\]/);
  second.type(':quit');
  await second.left();
});

test('a list of lessons says which were begun; in a run without a person nothing is kept', async ({ state }) => {
  const one = await begin(state);
  one.type(':quit');
  await one.left();
  const list = new Person(state, ['lesson']);
  await list.left();
  assert.match(list.out, /05-stop-kill-pause +.*min, begun\)/);
  assert.match(list.out, /01-where-is-happiness +.*min\)/);
});

test('a broken record is reported and kept aside', async ({ state }) => {
  const first = await begin(state);
  first.type(':quit');
  await first.left();
  const folder = join(state, 'cutaway');
  for (const broken of [
    '{',
    '[]',
    '{"version":1,"lessons":{"a":{"deeds":[],"solved":1}}}',
    '{"version":2,"lessons":{}}',
  ]) {
    await writeFile(join(folder, 'lessons.json'), broken);
    const again = await begin(state);
    assert.match(again.err, /lessons\.json: this is no record of lessons \(.+\); it is now .*lessons\.json\.broken/);
    assert.is(await readFile(join(folder, 'lessons.json.broken'), 'utf8'), broken);
    again.type(':quit');
    await again.left();
    assert.equal((await readdir(folder)).sort(), ['lessons.json', 'lessons.json.broken']);
    await rm(join(folder, 'lessons.json'));
  }
});

test('where nothing can be written, it is said once and the lesson goes on', async ({ state }) => {
  await writeFile(join(state, 'file'), '');
  const one = await begin(join(state, 'file'));
  one.type('1');
  await one.sees(/\[Enter\]/);
  one.type(':quit');
  await one.left();
  assert.is(one.err.match(/your place in the lesson is not kept/g)?.length, 1);
});

test('Ctrl-C ends what waits; at the prompt the first one warns, a line in between makes it the first again', async ({
  state,
}) => {
  const one = await begin(state);
  one.type('2');
  await one.sees(/\[Enter\]/);
  one.type('docker run --rm -i --init busybox cat');
  await one.sees(/Ctrl-C or :interrupt stops it/);
  one.interrupt();
  await one.sees(/docker pause web[\s\S]*\[Enter\]/);
  one.interrupt();
  await one.sees(/Ctrl-C again leaves/);
  one.type('docker ps');
  await one.sees(/CONTAINER ID[\s\S]*\[Enter\]/);
  one.interrupt();
  await one.sees(/Ctrl-C again leaves/);
  one.interrupt();
  assert.is(await one.left(), 130);

  const again = new Person(state, lesson);
  await again.sees(/after 5 of your commands/);
  again.type(':quit');
  await again.left();
});

test.run();
