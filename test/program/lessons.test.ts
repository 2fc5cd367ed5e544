/** Every lesson holds on the simulation at every prefix, makes the learner do something, and knows what it builds on. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { challengeOf, createSimTarget, playLesson } from '../../core/index.ts';
import { proveLesson, readLessons } from '../suites/lessons.ts';

const lessons = await readLessons();

test('there are lessons', () => assert.ok(lessons.length >= 6));

for (const [i, lesson] of lessons.entries()) {
  test(lesson.file, async () => {
    assert.is(lesson.file.replace(/^lessons\/\d\d-/, ''), `${lesson.id}.md`);
    const earlier = lessons.slice(0, i).map(({ id }) => id);
    for (const id of lesson.needs) assert.ok(earlier.includes(id), `it needs ${id}, which comes later or not at all`);
    assert.ok(challengeOf(lesson), 'it has a challenge');
    assert.ok(
      lesson.blocks.some(({ kind }) => kind === 'question'),
      'it asks something',
    );
    const { good, of, faults } = await proveLesson(lesson, 'sim');
    assert.equal([good, faults], [of, []]);
  });
}

test('a model that is wrong about whiteouts is found out by the lesson on deleted files', async () => {
  const lesson = lessons.find(({ id }) => id === 'changed-and-deleted')!;
  const faults: string[] = [];
  const wrong = createSimTarget({ fault: { ignoreWhiteouts: true } });
  for await (const prefix of playLesson(lesson, wrong)) faults.push(...prefix.faults);
  assert.ok(faults.some((fault) => fault.includes('true answer')));
  assert.ok(faults.some((fault) => fault.startsWith('the solution misses the goal')));
});

test.run();
