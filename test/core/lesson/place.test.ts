/** Where a learner stands, as a function of what was done: the same for a whole history, and after going back in it. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseLesson } from '../../../core/lesson/parse.ts';
import {
  afterCommand,
  afterSaid,
  beginLesson,
  isSolved,
  type LessonPlace,
  type Said,
} from '../../../core/lesson/place.ts';
import { findingsOf } from '../../../core/lesson/play.ts';
import { createSimTarget } from '../../../core/simtarget.ts';
import { lessonText } from './fixture.ts';

const lesson = await parseLesson(lessonText, 'l.md');

/** What was done: a command line, or something said. */
type Done = string | Said;

/** Carries all of it out in a fresh world. */
function walk(done: readonly Done[]): LessonPlace {
  const target = createSimTarget();
  for (const { command } of lesson.setup) target.runSync(command);
  let before = target.observeSync();
  let place = beginLesson(lesson, findingsOf(lesson, before));
  for (const one of done) {
    if (typeof one === 'string') {
      target.runSync(one);
      const now = target.observeSync();
      place = afterCommand(place, one, findingsOf(lesson, now, before));
      before = now;
    } else place = afterSaid(place, one);
  }
  return place;
}

const stands = (place: LessonPlace) => {
  const { at, command, answers, attempt } = place.context;
  return { state: place.value, at, command, answers, attempt };
};

const answer = (choice: number): Said => ({ kind: 'answer', question: 1, choice });
const text = ['docker pause web', 'docker ps -q'];
const solution = ['docker unpause web', 'docker create --name mate busybox true'];

test('pages turn by themselves; a person is waited for', () => {
  assert.equal([walk([]).value, walk([]).context.at], ['asking', 1]);
  assert.equal([walk([answer(0)]).value, walk([answer(0)]).context.at], ['running', 2]);
  assert.is(walk([answer(0), ...text]).value, 'solving');
  const end = walk([answer(0), ...text, ...solution]);
  assert.is(end.value, 'finished');
  assert.ok(isSolved(end));
  assert.equal(end.context.attempt, { commands: 2, hints: 0, hinted: 0, shown: false });
  assert.not.ok(isSolved(walk([answer(0), ...text, solution[0]!])));
});

test('to run the command that a question is about passes it over', () => {
  assert.equal(walk(['docker  pause web', text[1]!]).context.answers, { 1: { right: 1 } });
  assert.equal(stands(walk(['docker images'])), stands(walk([])), 'another command does not');
  assert.is(walk([{ kind: 'pass', question: 1 }]).value, 'running');
});

test('what does not fit the place changes nothing', () => {
  const start = stands(walk([]));
  const strange: Said[] = [
    { kind: 'answer', question: 1, choice: 3 },
    { kind: 'answer', question: 0, choice: 0 },
    { kind: 'answer', question: 99, choice: 0 },
    { kind: 'pass', question: 2 },
    { kind: 'hint' },
    { kind: 'solution' },
  ];
  for (const said of strange) assert.equal(stands(walk([said])), start, JSON.stringify(said));
  const judged = stands(walk([answer(0), ...text]));
  assert.equal(stands(walk([answer(0), ...text, answer(1)])), judged, 'judged answers stay');
});

test('hints count up, and begin anew after a command that changes something', () => {
  const hint: Said = { kind: 'hint' };
  const asked = walk([answer(1), ...text, hint, hint, 'docker ps']);
  assert.equal([asked.context.attempt.hints, asked.context.attempt.hinted], [2, 2]);
  const later = walk([answer(1), ...text, hint, hint, solution[0]!, hint]);
  assert.equal([later.context.attempt.hints, later.context.attempt.hinted], [3, 1]);
});

test('a command that still waits does not count as run', () => {
  const target = createSimTarget({ interactive: true });
  const found = findingsOf(lesson, target.observeSync());
  const asked = afterSaid(beginLesson(lesson, found), answer(0));
  assert.is(afterCommand(asked, 'docker pause web', found, false).context.command, 0);
  assert.is(afterCommand(asked, 'docker pause web', found).context.command, 1);
});

/** Places are never changed, so the one from before is what undo goes back to. */
test('whatever is done, the place before it stays what it was', () => {
  const found = findingsOf(lesson, createSimTarget().observeSync());
  const met = { ...found, changed: true, goals: found.goals.map(() => ({ met: true, missing: '' })) };
  const lines = fc.constantFrom('docker pause web', 'docker ps -q', 'docker images', 'x');
  const saids = fc.constantFrom<Said>(answer(0), answer(2), { kind: 'hint' }, { kind: 'pass', question: 1 });
  const deed = fc.oneof(fc.tuple(lines, fc.boolean(), fc.boolean()), saids);
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 12 }), (deeds) => {
      let place = beginLesson(lesson, found);
      const seen: [LessonPlace, string][] = [];
      for (const one of deeds) {
        seen.push([place, JSON.stringify(stands(place))]);
        place = Array.isArray(one) ? afterCommand(place, one[0], one[1] ? met : found, one[2]) : afterSaid(place, one);
        assert.not.ok(['reading', 'solved', 'turning'].includes(String(place.value)));
      }
      for (const [then, was] of seen) assert.is(JSON.stringify(stands(then)), was);
    }),
    { numRuns: 60 },
  );
});

test.run();
