/** Every lesson holds at every prefix on the linux backend, and agrees there with the simulation. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { proveLesson, readLessons } from '../suites/lessons.ts';
import { gated, needs } from '../support/needs.ts';

const on = gated(test, await needs(...linuxNeeds));

for (const lesson of await readLessons()) {
  on(lesson.file, async () => {
    const { good, of, faults } = await proveLesson(lesson, 'linux');
    assert.equal([good, faults], [of, []]);
  });
}

test.run();
