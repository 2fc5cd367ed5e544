/** A learner at the terminal: what is typed, and what is shown. */
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Env } from '../../backend/program/env.ts';
import { LessonPlayer } from '../../backend/program/lesson-player.ts';
import { createSimTarget, parseLesson } from '../../core/index.ts';
import { lessonText } from '../core/lesson/fixture.ts';

interface Taken {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Takes the small lesson, with these lines typed; without any: nobody is there. */
async function take(typed?: readonly string[], text = lessonText, notes = false): Promise<Taken> {
  const [out, err]: [string[], string[]] = [[], []];
  const env: Env = {
    out: (part) => void out.push(part),
    err: (part) => void err.push(part),
    readText: async () => '',
    openTarget: async () => createSimTarget(),
    lines: () => createInterface({ input: Readable.from([(typed ?? []).map((line) => `${line}\n`).join('')]) }),
    interactive: typed !== undefined,
    columns: 100,
    colour: false,
    ascii: false,
    vars: {},
  };
  const newWorld = async () => createSimTarget({ interactive: typed !== undefined });
  const player = new LessonPlayer(await parseLesson(text, 'l.md'), await newWorld(), newWorld, env, { notes });
  const code = await player.play();
  return { code, out: out.join(''), err: err.join('') };
}

const solve = ['docker unpause web', 'docker create --name mate busybox true'];

test('from the text over the question to the solved challenge', async () => {
  const { code, out, err } = await take(['2', '', '', ...solve]);
  assert.equal([code, err], [0, '']);
  assert.match(out, /What do you think\? What becomes of its processes\?\n1\. They end\n2\. They stay/);
  assert.match(out, 'Right: They stay, and get no time to run\nBecause: no signal is sent.');
  assert.match(out, '[ ] container web is running');
  assert.match(out, 'Still missing:\n  there is no container mate');
  assert.match(out, 'Solved with 2 commands: par.');
  assert.match(out, /Done\.\n\n$/);
});

test('a wrong answer is told what is so; a passed question as well', async () => {
  assert.match((await take(['1', '', ''])).out, 'Not so. In fact: They stay, and get no time to run');
  assert.match((await take(['', '', ''])).out, 'So it is: They stay, and get no time to run');
  assert.match((await take(['9', '2', '', ''])).out, 'a number from 1 to 3');
});

test('hint, goal, solution, help, and what is no command', async () => {
  const { out } = await take(['2', '', '', ':hint', ':hint', ':goal', ':help', ':nonsense', ':solution', ...solve]);
  assert.match(out, 'wake it: docker unpause\nanother one is missing\n');
  assert.match(out, 'Still missing:\n  container web is paused, not running yet\n  there is no container mate');
  assert.match(out, ':again         begin the challenge again');
  assert.match(out, 'no such command: :nonsense');
  assert.match(out, '  docker create --name mate busybox true\n');
  assert.match(out, 'The goal is reached, by the solution that was shown.');
});

test('to begin again is a world of its own and a score of its own', async () => {
  const { out } = await take(['2', '', '', 'docker rm -f web', ':again', ...solve]);
  assert.match(out, 'there is no container web');
  assert.match(out, 'Solved with 2 commands: par.');
});

test('commands of the learner’s own are run before the lesson’s', async () => {
  const { out } = await take(['2', 'docker create --name aside busybox true', '', '', ':quit']);
  assert.match(out, /container aside/);
  assert.match(out, 'Right:');
  assert.not.match(out, 'Solved');
});

test('a process that waits for input gets what is typed', async () => {
  const { out } = await take(['2', '', '', 'docker run --rm -i busybox cat', 'hello', ':eof', ':quit']);
  assert.match(out, '(still running: it waits for input)\nhello\n');
});

test('without a person the commands run, nothing is asked, and the challenge is only shown', async () => {
  const { code, out } = await take();
  assert.is(code, 0);
  assert.match(out, '$ docker pause web\n');
  assert.match(out, 'So it is: They stay');
  assert.match(out, 'Your turn. Wake it, and give it company.');
  assert.not.match(out, 'Solved');
});

test('an answer that is not the lesson’s is named, with its place', async () => {
  const { code, err } = await take(undefined, lessonText.replace('web\n$ docker ps', 'wet\n$ docker ps'));
  assert.is(code, 1);
  assert.match(err, /^l\.md:\d+:\d+: `docker pause web`: output differs/);
});

test('notes are for the instructor only', async () => {
  assert.not.match((await take()).out, 'Say it slowly.');
  assert.match((await take(undefined, lessonText, true)).out, 'For the instructor: Say it slowly.');
});

test.run();
