/** lessons/README.md teaches every sentence and every block that there is, and its examples are right. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { goalForms } from '../../../core/lesson/goal.ts';
import { parseLesson } from '../../../core/lesson/parse.ts';
import { head } from './fixture.ts';

const readme = readFileSync(new URL('../../../lessons/README.md', import.meta.url), 'utf8');

/** Sentences as the tables have them: the second one of a row may leave out what it shares with the first. */
const taught = [...readme.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell]) => {
  const [first = '', ...more] = [...cell!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
  const [shared = ''] = /^(PATH in NAME|layer N of image IMAGE)/.exec(first) ?? [];
  return [first, ...more.map((text) => (/^(is|holds) /.test(text) ? `${shared} ${text}` : text))];
});

test('every sentence is taught', () => {
  for (const form of goalForms) assert.ok(taught.includes(form), form);
});

test('the question and the challenge in it are right', async () => {
  const examples = [...readme.matchAll(/^````markdown\n([\s\S]*?)\n````$/gm)].map((match) => match[1]!);
  const [commands = '', question = '', challenge = ''] = examples;
  assert.is(examples.length, 3);
  const lesson = await parseLesson(`${head}\n${question}\n\n${commands}\n\n${challenge}\n`, 'README.md');
  assert.equal(
    lesson.blocks.map(({ kind }) => kind),
    ['question', 'console', 'challenge'],
  );
});

test.run();
