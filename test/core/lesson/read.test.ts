/** Lessons from Markdown: what becomes of each block, what is refused and with which words, and that no HTML comes through. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { UsageError } from '../../../core/errors.ts';
import { commandsBefore, lessonSchema } from '../../../core/lesson/lesson.ts';
import { parseLesson } from '../../../core/lesson/parse.ts';
import { challenge, head, lessonText, question } from './fixture.ts';

const read = (text: string) => parseLesson(text, 'l.md');

/** `line:column message`, and the hint behind it. */
async function refusal(text: string): Promise<string> {
  try {
    await read(text);
  } catch (error) {
    assert.instance(error, UsageError);
    const { where, message, hint } = error as UsageError;
    return `${where?.line}:${where?.column} ${message}${hint === undefined ? '' : ` (${hint.split('\n')[0]})`}`;
  }
  throw new Error('it was read');
}

test('a whole lesson', async () => {
  const lesson = await read(lessonText);
  assert.equal([lesson.id, lesson.title, lesson.minutes, lesson.needs], ['pause', 'Pause', 5, ['layers', 'commit']]);
  assert.equal(
    lesson.blocks.map(({ kind }) => kind),
    ['prose', 'question', 'console', 'picture', 'challenge', 'prose'],
  );
  assert.equal(
    lesson.setup.map(({ command }) => command),
    ['docker run -d --name web busybox sleep 300'],
  );
  assert.equal(
    lesson.notes.map(({ before, text }) => [before, text.markdown]),
    [[1, 'Say it slowly.']],
  );
  assert.is(lesson.par, 2);
  assert.equal(
    commandsBefore(lesson, 4).map(({ command }) => command),
    ['docker run -d --name web busybox sleep 300', 'docker pause web', 'docker ps -q'],
  );
});

test('a question: its answers, when each is true, and why', async () => {
  const block = (await read(lessonText)).blocks[1]!;
  assert.ok(block.kind === 'question');
  assert.is(block.prompt.markdown, 'What becomes of its processes?');
  assert.equal(
    block.choices.map(({ text, when }) => [text.markdown, when.length]),
    [
      ['They end', 1],
      ['They stay, and get no time to run', 2],
      ['Nobody knows', 0],
    ],
  );
  assert.is(block.because?.markdown, 'no signal is sent.');
});

test('a challenge: goals, par, hints, a solution of joined lines', async () => {
  const block = (await read(lessonText)).blocks[4]!;
  assert.ok(block.kind === 'challenge');
  assert.equal([block.goals.length, block.par, block.hints.length], [2, 2, 3]);
  assert.equal(
    block.solution.map(({ command }) => command),
    ['docker unpause web', 'docker create --name mate busybox true'],
  );
  assert.equal(block.hints[0]!.text.markdown, 'wake it: `docker unpause`');
});

test('all of it is JSON of the schema', async () => {
  const lesson = await read(lessonText);
  assert.equal(v.parse(lessonSchema, JSON.parse(JSON.stringify(lesson))), lesson);
});

test('prose becomes nodes: headings, lists, tables, code, links', async () => {
  const text = `# A *b*\n\n- one\n- two \`x\`\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n> said\n\n\`\`\`sh\nls\n\`\`\`\n\n[site](https://a.b/c)`;
  const [block] = (await read(`${head}${text}\n\n\`\`\`console\n$ true\n\`\`\`\n`)).blocks;
  assert.ok(block?.kind === 'prose');
  assert.equal(
    block.nodes.map(({ kind }) => kind),
    ['heading', 'list', 'table', 'quote', 'code', 'paragraph'],
  );
  assert.equal(block.nodes[2], {
    kind: 'table',
    head: [[{ kind: 'text', text: 'a' }], [{ kind: 'text', text: 'b' }]],
    rows: [[[{ kind: 'text', text: '1' }], [{ kind: 'strong', content: [{ kind: 'text', text: '2' }] }]]],
  });
});

test('a hostile lesson is text: no HTML, no script, no foreign picture', async () => {
  const text = `<script>alert(1)</script>\n\n<img src=x onerror=alert(1)> [a](javascript:alert(1)) ![b](http://spy/p.png) [c](data:text/html,x) <a href="x">y</a>`;
  const [block] = (await read(`${head}${text}\n\n\`\`\`console\n$ true\n\`\`\`\n`)).blocks;
  assert.ok(block?.kind === 'prose');
  const kinds = new Set(JSON.stringify(block.nodes).match(/"kind":"\w+"/g));
  assert.equal([...kinds].sort(), ['"kind":"paragraph"', '"kind":"text"']);
  assert.match(JSON.stringify(block.nodes), '<script>alert(1)</script>');
  assert.not.match(JSON.stringify(block.nodes), 'spy');
});

const console1 = '```console\n$ true\n```\n';
const fenced = (name: string, body: string): string => `\`\`\`${name}\n${body}\n\`\`\`\n`;

/** What is wrong, and what is said. Line numbers count the six lines of the head. */
const refusals: readonly (readonly [what: string, text: string, said: string])[] = [
  ['no front matter', console1, '1:1 front matter: "id: …" is missing (there are: id, title, minutes, needs)'],
  [
    'an unknown key',
    head.replace('minutes: 5', 'minutes: 5\nlevel: 3') + console1,
    '5:1 front matter: there is no "level" (there are: id, title, minutes, needs)',
  ],
  ['minutes in words', head.replace('5', 'five') + console1, '4:1 minutes: not as it must be (a number)'],
  [
    'an id with a space',
    head.replace('pause', 'pause it') + console1,
    '2:1 id: not as it must be (small letters, digits and single "-" between them)',
  ],
  [
    'no command',
    `${head}Text.\n`,
    'undefined:undefined no command found (commands are read from ```console blocks, from lines that begin with "$ ")',
  ],
  [
    'a misspelt block',
    head + fenced('chalenge', 'x') + console1,
    '6:1 there is no block "chalenge" (there are: console, picture, question, challenge, notes, setup, text, sh, dockerfile, json, c, go)',
  ],
  [
    'an unknown picture',
    head + console1 + fenced('picture', 'stak'),
    '10:1 there is no picture "stak" (there are: stack, union, images, lifecycle, host, network)',
  ],
  [
    'a question without its text',
    head + fenced('question', '- a\n- b') + console1,
    '6:1 the question is missing (it stands in front of its answers)',
  ],
  [
    'one answer',
    head + fenced('question', 'What?\n- a') + console1,
    '6:1 a question needs two answers at least (an answer is a line "- …")',
  ],
  [
    'two answers without a goal',
    head + fenced('question', 'What?\n- a\n- b') + console1,
    '6:1 only one answer may be without "true when:" (it is true when none of the others is)',
  ],
  [
    'a goal before the answers',
    head + fenced('question', 'What?\n  true when: container a exists\n- b') + console1,
    '8:14 no answer stands in front of "true when:"',
  ],
  [
    'a question that nothing answers',
    `${head}${question}\nText.\n\n${console1}`,
    '6:1 a question stands right before a console block (the commands of that block answer it)',
  ],
  [
    'a wrong goal',
    head + console1 + challenge.replace('container web is running and container web runs sleep 300', 'web is running'),
    '11:7 "web is running" is no goal (a goal is one of these:)',
  ],
  [
    'a wrong goal of a hint',
    head + console1 + challenge.replace('container web is paused: wake', 'web is tired: wake'),
    '14:11 "web is tired" is no goal (a goal is one of these:)',
  ],
  [
    'a wrong goal of an answer',
    head + question.replace('container web is exited', 'it ends') + console1,
    '9:14 "it ends" is no goal (a goal is one of these:)',
  ],
  [
    'no goal',
    head + console1 + fenced('challenge', 'Do.\npar: 1\n$ true'),
    '9:1 the challenge has no goal (add a line "goal: …")',
  ],
  [
    'no par',
    head + console1 + fenced('challenge', 'Do.\ngoal: there are 0 images\n$ true'),
    '9:1 a challenge has one line "par: N"',
  ],
  [
    'par in words',
    head + console1 + fenced('challenge', 'Do.\ngoal: there are 0 images\npar: two\n$ true'),
    '12:6 "two": par is a number of commands',
  ],
  [
    'no solution',
    head + console1 + fenced('challenge', 'Do.\ngoal: there are 0 images\npar: 1'),
    '9:1 the challenge has no solution (add its commands, lines "$ …")',
  ],
  [
    'no task',
    head + console1 + fenced('challenge', 'goal: there are 0 images\npar: 1\n$ true'),
    '9:1 the challenge does not say what to do (that stands in front of its fields)',
  ],
  [
    'an empty hint',
    head + console1 + fenced('challenge', 'Do.\ngoal: there are 0 images\npar: 1\nhint:\n$ true'),
    '13:5 the hint says nothing',
  ],
  [
    'a stray line',
    head + console1 + fenced('challenge', 'Do.\ngoal: there are 0 images\nmore\npar: 1\n$ true'),
    '12:1 "more" is no field of this block (a line here begins like one of: goal: GOAL · par: N · hint when GOAL: … · hint: … · $ a command of the solution; a line that goes on the one above is indented)',
  ],
  [
    'commands after the challenge',
    head + console1 + challenge + console1,
    `${9 + challenge.split('\n').length - 1}:1 a lesson ends with its challenge (only prose and pictures may come after it)`,
  ],
  [
    'a late set-up',
    head + console1 + fenced('setup', '$ true'),
    '9:1 the set-up comes too late (it stands in front of all other blocks)',
  ],
  [
    'a block that is not closed',
    `${head}${console1}\`\`\`picture\nunion\n`,
    '9:1 picture block is not closed (end it with a line ```)',
  ],
];

for (const [what, text, said] of refusals) {
  test(`refused: ${what}`, async () => assert.is(await refusal(text), said));
}

test.run();
