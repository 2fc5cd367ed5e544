/** Every lesson holds at every prefix on the real Docker, and agrees there with the simulation. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proveLesson, readLessons } from '../suites/lessons.ts';
import { gated, needs } from '../support/needs.ts';

const on = gated(test, await needs('docker'));

for (const lesson of await readLessons()) {
  on(lesson.file, async () => {
    const { good, of, faults } = await proveLesson(lesson, 'docker');
    assert.equal([good, faults], [of, []]);
  });
}

test.run();
