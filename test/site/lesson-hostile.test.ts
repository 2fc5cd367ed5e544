/**
 * A hostile lesson in the browser: opened as a reader's own file. Nothing of it runs, nothing is fetched from elsewhere, the
 * page says what is wrong with one that cannot be read. (The rig fails a test whose page logs an error, breaks its policy or
 * asks anybody but its own server.)
 */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { holds, marks, openRig, type Rig, until } from './rig.ts';
import { announced, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('hostile lesson');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

async function openFile(page: Page, text: string, name = 'evil.md'): Promise<void> {
  await page.getByRole('button', { name: 'Share' }).click();
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name, mimeType: 'text/markdown', buffer: Buffer.from(text) });
}

const script = '<img src=x onerror="window.owned=1"><script>window.owned=1</script><svg onload="window.owned=1"></svg>';
const title = '<b onclick="window.owned=1">Evil</b>';

const lesson = `---
id: layers
title: ${title}
minutes: 5
needs: "<img src=x onerror=window.owned=1>"
---

${script}

[one](javascript:window.owned=1) [two](data:text/html,<script>window.owned=1</script>) [three](//spy.example/)
![four](https://spy.example/p.png) ![five](data:image/svg+xml,<svg/onload=owned>) [six](https://ok.example/)

\`\`\`html
x
\`\`\`

\`\`\`notes
${script}
\`\`\`

| ${script} | b |
|---|---|
| [seven](vbscript:x) | ${script} |

\`\`\`text
%%{init: {"securityLevel": "loose"}}%% graph TD; A-->B; click A call owned()
${script}
\`\`\`

\`\`\`question
${script} What?
- ${script} yes
  true when: container evil exists
- [no](javascript:window.owned=1)
  true when: container evil is missing
because: ${script}
\`\`\`

\`\`\`console
$ docker create --name evil --label "a=<img src=x onerror=window.owned=1>" busybox echo '<img src=x onerror=window.owned=1>"; click A callback'
<img src=x onerror="window.owned=1">
$ printf '\\033]0;owned\\007\\033[2J\\033]8;;javascript:owned\\007x\\033]8;;\\007 <img src=x onerror=window.owned=1>\\n'
...
\`\`\`

\`\`\`picture
lifecycle
\`\`\`

\`\`\`challenge
${script}
goal: /"quoted in evil reads "<img src=x onerror=window.owned=1>"
par: 1
hint: ${script}
$ docker rm evil
\`\`\`
`
  .replace(/```html\nx\n```\n/, '')
  .replace('/"quoted', '/quoted');

const nothingRan = async (page: Page): Promise<void> => {
  assert.is(await page.evaluate('window.owned'), undefined);
  assert.is(await page.title(), 'Cutaway');
  // The chart is an image of ours, in which nothing can run: it is looked into by itself.
  const made = `[...document.querySelectorAll('.page script, .page img:not(.chart-picture *), .page iframe, .page object, .page embed, .text svg, .text style')].length`;
  assert.is(await page.evaluate(made), 0, 'no element of the file is there');
  const handlers = `[...document.querySelectorAll('.page :not(.chart-picture img)')].flatMap(({ attributes }) => [...attributes])
    .filter(({ name, value }) => /^on/.test(name) || /^\\s*(javascript|data|vbscript):/i.test(value)).length`;
  assert.is(await page.evaluate(handlers), 0, 'no attribute of the file is there');
};

test('read, answered, run, helped: all of it is text', async ({ rig }) => {
  await rig.page(async (page) => {
    await openFile(page, lesson);
    await page.locator('.lesson-text h2', { hasText: title }).waitFor();
    const links = page.locator('.lesson-text a');
    const hrefs = "[...document.querySelectorAll('.lesson-text a')].map(({ href }) => href).join()";
    // The title stands there before the text, whose claims the engine judges first; its question is the last of it.
    await page.locator('.of-question[data-now]').waitFor();
    await holds(async () => assert.is(await page.evaluate(hrefs), 'https://ok.example/'));
    assert.is(await links.first().getAttribute('rel'), 'noopener noreferrer');
    await nothingRan(page);
    await page.getByRole('button', { name: 'for instructors' }).click();
    await page.getByRole('complementary', { name: 'For the instructor' }).first().waitFor();
    await nothingRan(page);
    await page.locator('.question input').nth(1).check();
    const commands = page.locator('.of-console .commands button');
    for (const i of [0, 1]) {
      await commands.nth(i).click();
      await until(page, `document.querySelectorAll('.of-console .done').length === ${i + 1}`);
    }
    await page.locator('.outcome').waitFor();
    await nothingRan(page);
    await holds(async () => assert.match(await announced(page), '<img src=x onerror=window.owned=1>'));
    for (const [tab, drawn] of [
      ['Union', '.union-picture table'],
      ['Lifecycle', '.chart-picture img'],
      ['Stack', '.picture .box-container'],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click();
      await page.locator(drawn).first().waitFor();
      await nothingRan(page);
      const chart = String(await page.evaluate(`document.querySelector('.chart-picture img')?.src ?? ''`));
      assert.is(/^data:image\/svg\+xml/.test(chart), tab === 'Lifecycle');
      assert.not.match(decodeURIComponent(chart), /<script|<foreignObject|<img|<[^>]*\son\w+=|javascript:/i);
    }
    await page.getByRole('button', { name: 'hint' }).click();
    await holds(async () => assert.match(await page.locator('.hint').innerText(), '<script>'));
    await nothingRan(page);
  });
});

test('it takes no other lesson’s place, and its progress is its own', async ({ rig }) => {
  await rig.page(async (page) => {
    await openFile(page, lesson);
    await page.locator('.lesson-text h2', { hasText: title }).waitFor();
    await page.locator('.question input').nth(1).check();
    await page.locator('.of-console').waitFor();
    await type(page, 'docker create --name mine busybox');
    await page.reload();
    await page.waitForSelector(marks.ready, { state: 'attached' });
    await page.locator('.lesson-text h2', { hasText: title }).waitFor();
    await until(page, `document.querySelectorAll('.strip .command').length === 1`);
    await page.locator('.menu-button').first().click();
    await page.locator('.menu-list li button').nth(1).click();
    await page.getByRole('heading', { name: 'A stack, and one layer to write on' }).waitFor();
    await until(page, `document.querySelectorAll('.strip .command').length === 0`);
  });
});

const head = '---\nid: a\ntitle: A\nminutes: 1\n---\n';
const refused: readonly (readonly [what: string, text: string, said: RegExp])[] = [
  [
    'a Mermaid block',
    `${head}\`\`\`mermaid\ngraph TD\nclick A callback\n\`\`\`\n`,
    /evil\.md:6:1: there is no block "mermaid"\s+there are: console/,
  ],
  [
    'an override of direction',
    `${head}\`\`\`console\n$ docker rm \u202egnp.x\n\`\`\`\n`,
    /evil\.md:7:13: the character U\+202E cannot be seen/,
  ],
  [
    'an escape in an answer',
    `${head}\`\`\`console\n$ ls\n\x1b]0;owned\x07\n\`\`\`\n`,
    /evil\.md:8:1: the character U\+001B/,
  ],
  ['front matter of a megabyte', `---\ntitle: ${'x'.repeat(1_000_000)}\n---\n`, /evil\.md: .* more than 400000/],
  ['a prototype key', `---\n__proto__: x\n---\n`, /evil\.md:2:1: front matter: expected "key: value"/],
  [
    'a goal that is none',
    `${head}\`\`\`console\n$ ls\n\`\`\`\n\n\`\`\`challenge\nDo.\ngoal: there are many containers\npar: 1\n$ ls\n\`\`\`\n`,
    /evil\.md:12:7: "there are many containers" is no goal\s+a goal is one of these:\s+container NAME is STATUS/,
  ],
  ['nesting without end', `${head}${'>'.repeat(5_000)}x\n`, /evil\.md:6:1: text in text, more than 20 deep/],
  ['no lesson at all', `${head}Only text.\n`, /evil\.md: no command found/],
  ['a transcript without a command', 'nothing\n', /evil\.md: no command found/],
];

for (const [what, text, said] of refused) {
  test(`refused in words: ${what}`, async ({ rig }) => {
    await rig.page(async (page) => {
      await openFile(page, text);
      const dialog = page.locator('dialog.refused');
      await dialog.waitFor();
      await holds(async () => assert.match(await dialog.innerText(), said));
      assert.is(await page.evaluate('window.owned'), undefined);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await page.getByRole('heading', { name: 'Where is happiness?' }).waitFor();
      await type(page, 'docker ps');
    });
  });
}

test.run();
