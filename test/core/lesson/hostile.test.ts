/**
 * Lessons that somebody wrote to do harm: what is refused, with file, line, column and what was expected, and that what is
 * read is plain text and plain data.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { UsageError } from '../../../core/errors.ts';
import { lessonSchema } from '../../../core/lesson/lesson.ts';
import { lessonLimits } from '../../../core/lesson/limits.ts';
import { parseLesson } from '../../../core/lesson/parse.ts';
import { challenge, head, lessonText, question } from './fixture.ts';

const console1 = '```console\n$ true\n```\n';

async function refusal(text: string): Promise<string> {
  try {
    await parseLesson(text, 'l.md');
  } catch (error) {
    assert.instance(error, UsageError, String(error));
    const { where, message, hint } = error as UsageError;
    assert.is(where?.file, 'l.md');
    assert.ok(message.length < 250, message);
    assert.type(hint ?? '', 'string');
    return `${where?.line}:${where?.column} ${message}`;
  }
  throw new Error('it was read');
}

/** Characters with which a line looks like another one, or with which a terminal is told something. */
const unseen: readonly (readonly [what: string, character: string, code: string])[] = [
  ['escape', '\x1b', '001B'],
  ['CSI as one character', '\x9b', '009B'],
  ['OSC as one character', '\x9d', '009D'],
  ['null', '\0', '0000'],
  ['bell', '\x07', '0007'],
  ['backspace', '\b', '0008'],
  ['right-to-left override', '\u202e', '202E'],
  ['left-to-right isolate', '\u2066', '2066'],
  ['pop isolate', '\u2069', '2069'],
  ['right-to-left mark', '\u200f', '200F'],
  ['space of no width', '\u200b', '200B'],
  ['line separator', '\u2028', '2028'],
];

for (const [what, character, code] of unseen) {
  test(`refused wherever it stands: ${what}`, async () => {
    const said = `the character U+${code} cannot be seen`;
    const places: readonly (readonly [text: string, place: string])[] = [
      [head.replace('Pause', `Pa${character}use`) + console1, '3:10'],
      [`${head}ab${character}c\n\n${console1}`, '6:3'],
      [`${head}\`\`\`console\n$ echo ${character}x\n\`\`\`\n`, '7:8'],
      [`${head}\`\`\`console\n$ echo x\n${character}]0;owned\n\`\`\`\n`, '8:1'],
      [head + console1 + challenge.replace('Wake it', `Wa${character}ke`), '10:3'],
    ];
    for (const [text, place] of places) assert.is(await refusal(text), `${place} ${said}`);
  });
}

test('letters of other scripts, also from right to left, tabs and emoji are read', async () => {
  const text = `${head}שלום عالم 你好 🐳 e\u0301\n\n\`\`\`text\na\tb\n\`\`\`\n${console1}`;
  assert.match(JSON.stringify((await parseLesson(text, 'l.md')).blocks), 'שלום عالم 你好 🐳');
});

const long = (n: number): string => 'x'.repeat(n);
const { line, field, text: whole } = lessonLimits;

const refusals: readonly (readonly [what: string, text: string, said: RegExp])[] = [
  [
    'front matter of a megabyte',
    `---\n${`title: ${long(90)}\n`.repeat(10_500)}---\n${console1}`,
    /^undefined:undefined the lesson has 10\d{5} characters/,
  ],
  ['a value of a megabyte', head.replace('Pause', long(1_000_000)) + console1, /the lesson has 1000\d+ characters/],
  ['a long value', head.replace('Pause', long(300)) + console1, /^3:1 title: not as it must be/],
  [
    'a value behind many blanks',
    head.replace('Pause', `${' '.repeat(7_900)}x\t`).replace('id: pause', 'id: P') + console1,
    /^2:1 id/,
  ],
  [
    'a long line',
    `${head}\n${long(line + 1)}\n${console1}`,
    new RegExp(`^7:${line + 1} the line has ${line + 1} characters`),
  ],
  ['many long lines', head + `${long(line)}\n`.repeat(whole / line) + console1, /the lesson has \d+ characters/],
  ['a long command', `${head}\`\`\`console\n$ ${long(field + 1)}\n\`\`\`\n`, /^7:1 the command has 4001 characters/],
  [
    'a command that goes on and on',
    `${head}\`\`\`console\n$ a\\\n${`${long(70)}\\\n`.repeat(60)}b\n\`\`\`\n`,
    /^7:1 the command has \d+ characters/,
  ],
  [
    'a goal that goes on and on',
    head +
      console1 +
      challenge.replace(/goal: .*\n/, `goal: container ab exists\n${` and container ab exists\n`.repeat(200)}`),
    /^11:7 "goal" has \d+ characters/,
  ],
  [
    'front matter: a prototype key',
    head.replace('minutes', '__proto__: x\nminutes') + console1,
    /^4:1 front matter: expected/,
  ],
  [
    'front matter: a constructor',
    head.replace('minutes', 'constructor: x\nminutes') + console1,
    /^4:1 front matter: there is no "constructor"/,
  ],
  [
    'front matter: prototype',
    head.replace('minutes', 'prototype: x\nminutes') + console1,
    /^4:1 front matter: there is no "prototype"/,
  ],
  [
    'front matter: a key twice',
    head.replace('minutes', 'id: other\nminutes') + console1,
    /^4:1 front matter: "id" is there twice/,
  ],
  ['minutes without end', head.replace('5', '1e999') + console1, /^4:1 minutes: not as it must be/],
  ['minutes that are none', head.replace('5', 'NaN') + console1, /^4:1 minutes: not as it must be/],
  [
    'a block called like a property',
    `${head}\`\`\`constructor\nx\n\`\`\`\n${console1}`,
    /^6:1 there is no block "constructor"/,
  ],
  ['a block called __proto__', `${head}\`\`\`__proto__\nx\n\`\`\`\n${console1}`, /^6:1 there is no block "__proto__"/],
  [
    'a Mermaid block',
    `${head}\`\`\`mermaid\ngraph TD\nclick A callback\n\`\`\`\n${console1}`,
    /^6:1 there is no block "mermaid"/,
  ],
  [
    'a field called like a property',
    head + console1 + challenge.replace('par: 2', 'par: 2\n__proto__: x'),
    /^13:1 "__proto__: x" is no field/,
  ],
  [
    'par without end',
    head + console1 + challenge.replace('par: 2', 'par: 99999999999999999999'),
    /^12:6 "9+": par is a number/,
  ],
  ['a quote a thousand deep', `${head}${'>'.repeat(1_000)}x\n\n${console1}`, /^6:1 text in text, more than 20 deep/],
  [
    'emphasis a thousand deep',
    `${head}\n${'*a '.repeat(1_000)}${'b* '.repeat(1_000)}\n\n${console1}`,
    /^7:1 text in text/,
  ],
  [
    'lists in lists',
    `${head}${Array.from({ length: 60 }, (_, i) => `${'  '.repeat(i)}- x`).join('\n')}\n\n${console1}`,
    /^\d+:1 text in text/,
  ],
  [
    'emphasis a thousand deep in an answer',
    head + question.replace('- They end', `- ${'*a '.repeat(600)}${'b* '.repeat(600)}`) + console1,
    /^8:1 text in text/,
  ],
];

for (const [what, text, said] of refusals) {
  test(`refused: ${what}`, async () => assert.match(await refusal(text), said));
}

/** Where a number or a word has to stand. */
const wrongGoals = [
  'there are -1 containers',
  'there are 1.5 containers',
  'there are 99999999999 containers',
  'there are 0x10 containers',
  'there are NaN images',
  'container web has many processes',
  'container web ended with exit code zero',
  'container web is constructor',
  'container <script>alert(1)</script> exists',
  'container ../../etc exists',
  '/x in web comes from layer -1',
  '/x in web comes from layer __proto__',
  '/x in web reads text',
  '/x in web reads "a\\x"',
  'image a b exists',
  '',
];

for (const goal of wrongGoals) {
  test(`refused: the goal "${goal}"`, async () => {
    const text = head + console1 + challenge.replace(/goal: .*/, `goal: ${goal}`);
    assert.match(await refusal(text), /^11:\d+ ".*" is no goal/);
  });
}

test('nothing of a hostile lesson reaches what all objects share', async () => {
  const text = lessonText.replaceAll('web', '__proto__x').replace('They end', '__proto__ constructor');
  await parseLesson(text, '__proto__').catch(() => undefined);
  assert.is(({} as Record<string, unknown>).x, undefined);
  assert.equal(Object.keys(Object.prototype), []);
});

const harmful = `<script>owned = 1</script>

<svg onload="owned = 1"><foreignObject><body onload="owned = 1"></svg> <style>@import url(//spy.example/a.css);</style>

[a](javascript:owned=1) [b](JaVaScRiPt:owned=1) [c](data:text/html,x) [d](vbscript:x) [e](file:///etc/passwd)
[f](//spy.example/) [g](\\\\spy.example) ![h](https://spy.example/p.png) ![i](data:image/svg+xml,<svg/onload=x>)
<https://ok.example/> <javascript:owned=1> &#106;avascript:owned=1 [k]: javascript:owned=1

[k]: javascript:owned=1
[l]: https://spy.example/ "title"

| <b>x</b> | ![p](https://spy.example/q.png) |
|---|---|
| [m](javascript:x) | <img src=x onerror=x> |
`;

test('HTML, SVG, pictures and links that are none become text; only http(s) links stay links', async () => {
  const { blocks } = await parseLesson(`${head}${harmful}\n${console1}`, 'l.md');
  const json = JSON.stringify(blocks);
  const hrefs = [...json.matchAll(/"href":"([^"]*)"/g)].map(([, href]) => href);
  assert.equal(hrefs, ['https://ok.example/']);
  const kinds = [...new Set([...json.matchAll(/"kind":"([^"]*)"/g)].map(([, kind]) => kind))].sort();
  assert.equal(
    kinds,
    ['code', 'console', 'link', 'paragraph', 'prose', 'table', 'text'].filter((kind) => kinds.includes(kind)),
  );
  assert.match(json, '<script>owned = 1</script>');
  const { markdown: _, ...shown } = blocks[0] as { markdown: string };
  assert.not.match(JSON.stringify(shown), 'spy.example/p.png', 'the address of a picture is not even text');
});

test('as JSON from elsewhere: types, links and counts are checked', async () => {
  const good = JSON.parse(JSON.stringify(await parseLesson(lessonText, 'l.md')));
  assert.ok(v.safeParse(lessonSchema, good).success);
  const wrong: readonly ((lesson: typeof good) => void)[] = [
    (lesson) => {
      lesson.blocks[0].nodes = [{ kind: 'html', text: '<b>' }];
    },
    (lesson) => {
      lesson.blocks[0].nodes = [{ kind: 'paragraph', content: [{ kind: 'link', href: 'javascript:x', content: [] }] }];
    },
    (lesson) => {
      lesson.blocks[0].nodes = [{ kind: 'paragraph', content: [{ kind: 'link', href: ' https://x', content: [] }] }];
    },
    (lesson) => {
      lesson.blocks[4].goals = [];
    },
    (lesson) => {
      lesson.blocks[4].goals = ['container web exists'];
    },
    (lesson) => {
      lesson.blocks[4].goals = [{ kind: 'status', container: 5, status: 'running' }];
    },
    (lesson) => {
      lesson.blocks[4].goals = [{ kind: 'status', container: 'web', status: 'toString' }];
    },
    (lesson) => {
      lesson.blocks[4].goals = [{ kind: '__proto__' }];
    },
    (lesson) => {
      lesson.blocks[4].goals = [{ kind: 'status', container: 'web', status: 'running', more: 1 }];
    },
    (lesson) => {
      lesson.blocks[4].par = '2';
    },
    (lesson) => {
      lesson.blocks[1].choices = {};
    },
    (lesson) => {
      lesson.blocks[2].commands = [{ command: ['x'], line: 1, column: 1 }];
    },
    (lesson) => {
      lesson.setup = null;
    },
    (lesson) => {
      lesson.id = '../x';
    },
    (lesson) => {
      lesson.notes = [{ before: 'x' }];
    },
  ];
  for (const [i, spoil] of wrong.entries()) {
    const lesson = structuredClone(good);
    spoil(lesson);
    assert.not.ok(v.safeParse(lessonSchema, lesson).success, String(i));
  }
});

test.run();
