/**
 * Lessons in the browser: questions, commands to click, the challenge with its goal, hints and solution; that progress is
 * kept; that undo, redo, a look back and a fork take the lesson with them; and that every lesson reaches its end.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lesson, parseLesson } from '../../core/index.ts';
import { lessonText } from '../core/lesson/fixture.ts';
import { accessibilityFaults, holds, marks, openRig, type Rig, until } from './rig.ts';
import { type } from './terminal.ts';

const test = suite<{ rig: Rig }>('lesson');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

/** The reader's own file. */
async function openFile(page: Page, text: string, name = 'own.md'): Promise<void> {
  await page.getByRole('button', { name: 'Share' }).click();
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name, mimeType: 'text/markdown', buffer: Buffer.from(text) });
}

/** The small lesson of the parser's tests: set-up, question, two commands, picture, challenge, a last word. */
async function openSmall(page: Page): Promise<void> {
  await openFile(page, lessonText);
  await page.getByRole('heading', { name: 'Pause' }).waitFor();
  await page.locator('.of-question[data-now]').waitFor();
}

const choice = (page: Page, n: number) => page.locator('.question input').nth(n);
const command = (page: Page, n: number) => page.locator('.of-console .commands button').nth(n);
const part = (page: Page, n: number) => page.locator('.parts li').nth(n).innerText();
const score = (page: Page) => page.locator('.score').innerText();
const here = (page: Page): Promise<string> =>
  page.evaluate(`document.querySelector('[data-now]')?.className ?? ''`) as Promise<string>;
/** Waits until the terminal shows it: xterm.js draws when there is time, in rows, with hard spaces. */
const shows = (page: Page, what: string): Promise<void> =>
  until(
    page,
    `(document.querySelector('.xterm-rows')?.textContent ?? '').replaceAll('\u00a0', ' ').includes(${JSON.stringify(what)})`,
  );

/** Waits until so many commands were carried out and none is under way. */
async function done(page: Page, count: number): Promise<void> {
  await until(
    page,
    `document.querySelectorAll('.strip .command').length === ${count} &&
     document.querySelector('.prompt-sign').dataset.busy === 'false'`,
  );
}

async function toChallenge(page: Page): Promise<void> {
  await openSmall(page);
  await choice(page, 1).check();
  await command(page, 0).click();
  await done(page, 1);
  await command(page, 1).click();
  await page.locator('.of-challenge[data-now]').waitFor();
}

test('a question: any answer, another one before it is run, and then what is true', async ({ rig }) => {
  await rig.page(async (page) => {
    await openSmall(page);
    assert.is(await page.locator('.of-console').count(), 0, 'its commands come after the answer');
    await choice(page, 1).check();
    await choice(page, 0).check();
    await command(page, 0).click();
    await done(page, 1);
    await holds(async () => assert.ok(await choice(page, 1).isDisabled(), 'it is too late now'));
    assert.is(await page.locator('.outcome').count(), 0, 'judged when the last of its commands has run');
    await command(page, 1).click();
    await holds(async () =>
      assert.match(
        await page.locator('.outcome').innerText(),
        /Not so\. In fact:\s+They stay, and get no time to run\s+Because:\s*no signal/,
      ),
    );
    await holds(async () => assert.match(await page.locator('.choice.wrong').innerText(), /They end/));
    await holds(async () => assert.match(await page.locator('.choice.right').innerText(), /They stay/));
    await holds(async () => assert.is(await here(page), 'block of-challenge'));
  });
});

test('a right answer, and none', async ({ rig }) => {
  await rig.page(async (page) => {
    await toChallenge(page);
    await holds(async () => assert.match(await page.locator('.outcome').innerText(), /Right:/));
    assert.is(await page.locator('.choice.wrong').count(), 0);
  });
  await rig.page(async (page) => {
    await openSmall(page);
    await page.getByRole('button', { name: 'I would rather see' }).click();
    await command(page, 0).click();
    await command(page, 1).click();
    await page.locator('.outcome').waitFor();
    await holds(async () => assert.match(await page.locator('.outcome').innerText(), /So it is:/));
  });
});

test('a click types the command into the terminal; typed by hand it counts as well; others do not', async ({ rig }) => {
  await rig.page(async (page) => {
    await openSmall(page);
    await choice(page, 1).check();
    await type(page, 'docker images');
    await holds(async () => assert.is(await page.locator('.of-console .done').count(), 0));
    await command(page, 0).click();
    await done(page, 2);
    await shows(page, '$ docker pause web');
    await holds(async () => assert.is(await page.locator('.of-console .done').count(), 1));
    await holds(async () => assert.is(await page.locator('.of-console .next code').innerText(), 'docker ps -q'));
    await type(page, 'docker  ps  -q');
    await page.locator('.of-challenge[data-now]').waitFor();
    await holds(async () => assert.is(await page.locator('.of-console .done').count(), 2));
  });
});

test('the challenge: what is missing is named, commands are counted, hints follow the state', async ({ rig }) => {
  await rig.page(async (page) => {
    await toChallenge(page);
    await holds(async () =>
      assert.match(await part(page, 0), /container web is running\s+container web is paused, not running yet/),
    );
    await holds(async () =>
      assert.match(await part(page, 1), /container mate is created\s+there is no container mate/),
    );
    await holds(async () => assert.match(await score(page), /: 0 · par 2/));
    await holds(async () =>
      assert.is(await page.getByRole('button', { name: 'show the solution' }).count(), 0, 'a hint comes first'),
    );
    await page.getByRole('button', { name: 'hint' }).click();
    await holds(async () => assert.match(await page.locator('.hint').innerText(), /wake it: docker unpause/));
    await page.getByRole('button', { name: 'another hint' }).click();
    await holds(async () => assert.match(await page.locator('.hint').innerText(), /another one is missing/));
    await type(page, 'docker ps');
    await holds(async () => assert.match(await score(page), /: 0 · par 2/));
    assert.is(await page.locator('.hint').count(), 1, 'to look around takes no hint away');
    await type(page, 'docker unpause web');
    await holds(async () => assert.match(await score(page), /: 1 · par 2/));
    await holds(async () => assert.is(await page.locator('.parts .met').count(), 1));
    await holds(async () => assert.is(await page.locator('.hint').count(), 0));
    await type(page, 'docker create --name mate busybox true');
    await holds(async () =>
      assert.match(await page.locator('.solved-banner').innerText(), /Solved with 2 commands: par, with 2 hints\./),
    );
    await holds(async () => assert.is(await page.locator('.parts .met').count(), 2));
    await holds(async () => assert.is(await page.locator('.ways').count(), 0));
    await page.locator('.finished').waitFor();
    await type(page, 'docker rm mate');
    await holds(async () => assert.is(await page.locator('.parts .met').count(), 2, 'solved stays solved'));
  });
});

test('the solution can be shown and clicked; it counts as shown', async ({ rig }) => {
  await rig.page(async (page) => {
    await toChallenge(page);
    await page.getByRole('button', { name: 'hint' }).click();
    await page.getByRole('button', { name: 'show the solution' }).click();
    const lines = page.locator('.challenge .commands button');
    for (let i = 0; i < (await lines.count()); i += 1) {
      await lines.nth(i).click();
      await done(page, 3 + i);
    }
    await holds(async () =>
      assert.match(await page.locator('.solved-banner').innerText(), /by the solution that was shown/),
    );
  });
});

test('undo and redo take the lesson with them: step, verdict, goal, the moment it is solved', async ({ rig }) => {
  await rig.page(async (page) => {
    await toChallenge(page);
    await type(page, 'docker unpause web');
    await type(page, 'docker create --name mate busybox true');
    await page.locator('.finished').waitFor();
    const undo = page.getByRole('button', { name: 'Undo' });
    const redo = page.getByRole('button', { name: 'Redo' });
    await undo.click();
    await page.locator('.finished').waitFor({ state: 'detached' });
    await holds(async () => assert.match(await score(page), /: 1 · par 2/));
    await holds(async () => assert.is(await page.locator('.parts .met').count(), 1));
    await undo.click();
    await done(page, 2);
    await holds(async () => assert.match(await score(page), /: 0 · par 2/));
    await undo.click();
    await page.locator('.of-challenge').waitFor({ state: 'detached' });
    await holds(async () => assert.is(await here(page), 'block of-console'));
    await holds(async () => assert.is(await page.locator('.of-console .done').count(), 1));
    await holds(async () => assert.is(await page.locator('.outcome').count(), 0));
    await undo.click();
    await done(page, 0);
    await holds(async () => assert.is(await page.locator('.of-console .done').count(), 0));
    await holds(async () => assert.ok(await choice(page, 1).isChecked()));
    await choice(page, 0).check();
    for (let i = 0; i < 4; i += 1) await redo.click();
    await page.locator('.finished').waitFor();
    await holds(async () =>
      assert.match(await page.locator('.outcome').innerText(), /Not so/, 'the other answer counts now'),
    );
  });
});

test('a look at an earlier moment shows the lesson of that moment, and a fork goes on from it', async ({ rig }) => {
  await rig.page(async (page) => {
    await toChallenge(page);
    await type(page, 'docker unpause web');
    await page.getByRole('button', { name: 'start', exact: true }).click();
    await page.locator('.of-challenge').waitFor({ state: 'detached' });
    await holds(async () => assert.is(await page.locator('.of-console .done').count(), 0));
    await page.getByRole('button', { name: 'Command forward' }).click();
    await until(page, `document.querySelectorAll('.of-console .done').length === 1`);
    await page.getByRole('button', { name: 'to the newest' }).click();
    await holds(async () => assert.match(await score(page), /: 1 · par 2/));
    await page.locator('.strip .command .moment').first().click();
    await type(page, 'docker create --name mate busybox true');
    await done(page, 2);
    await holds(async () =>
      assert.is(await page.locator('.of-console .done').count(), 1, 'the lesson waits for its second command again'),
    );
    await command(page, 1).click();
    await page.locator('.of-challenge[data-now]').waitFor();
    await holds(async () => assert.is(await page.locator('.parts .met').count(), 1, 'mate is there already'));
  });
});

test('progress is kept over a reload: text, answer, hint, score, and the mark of a solved lesson', async ({ rig }) => {
  const again = async (page: Page): Promise<void> => {
    await page.reload();
    await page.waitForSelector(marks.ready, { state: 'attached' });
  };
  await rig.page(async (page) => {
    await openSmall(page);
    await choice(page, 2).check();
    await again(page);
    await page.locator('.of-console').waitFor();
    await holds(async () => assert.ok(await choice(page, 2).isChecked()));
    await command(page, 0).click();
    await command(page, 1).click();
    await page.getByRole('button', { name: 'hint' }).click();
    await type(page, 'docker create --name mate busybox true');
    await page.getByRole('button', { name: 'hint' }).click();
    await again(page);
    await done(page, 3);
    await holds(async () => assert.match(await page.locator('.hint').innerText(), /wake it/));
    await holds(async () => assert.match(await score(page), /: 1 · par 2/));
    await holds(async () => assert.match(await page.locator('.outcome').innerText(), /Not so/));
    await type(page, 'docker unpause web');
    await holds(async () => assert.match(await page.locator('.solved-banner').innerText(), /with 2 hints/));
    await again(page);
    await page.locator('.finished').waitFor();
  });
});

test('what was kept and cannot be read counts as not there', async ({ rig }) => {
  await rig.page(async (page) => {
    for (const kept of ['{', '{"entries":[{"line":1}]}', '{"entries":[],"begun":[{"kind":"answer"}],"solved":false}']) {
      await page.evaluate(`localStorage.setItem('cutaway.at.where-is-happiness', ${JSON.stringify(kept)})`);
      await page.evaluate(`localStorage.setItem('cutaway.own', '["x"]')`);
      await page.evaluate(`localStorage.setItem('cutaway.place', 'own.pause')`);
      await page.reload();
      await page.waitForSelector(marks.ready, { state: 'attached' });
      await page.getByRole('heading', { name: 'Where is happiness?' }).waitFor();
      await page.locator('[data-now]').waitFor();
      await done(page, 0);
    }
  });
});

test('notes for the instructor are shown when asked for; the set-up is done and not shown', async ({ rig }) => {
  await rig.page(async (page) => {
    await openSmall(page);
    await holds(async () => assert.is(await page.getByText('Say it slowly.').count(), 0));
    await page.getByRole('button', { name: 'for instructors' }).click();
    await holds(async () => assert.ok(await page.getByText('Say it slowly.').isVisible()));
    await page.getByRole('button', { name: 'for instructors' }).click();
    await holds(async () => assert.is(await page.getByText('Say it slowly.').count(), 0));
    await holds(async () => assert.is(await page.locator('.strip .command').count(), 0));
    await type(page, 'docker ps --format "{{.Names}} {{.Status}}"');
    await shows(page, 'web Up');
  });
});

const folder = fileURLToPath(new URL('../../lessons/', import.meta.url));
const files = readdirSync(folder).filter((name) => /^\d\d-.*\.md$/.test(name));

/** Clicks through a lesson as its text leads, answers with the answer of that number, and solves it by its own solution. */
async function take(page: Page, lesson: Lesson, answer: number): Promise<void> {
  let ran = 0;
  const press = async (button: ReturnType<Page['locator']>): Promise<void> => {
    await button.click();
    ran += 1;
    await done(page, ran);
  };
  for (const [at, block] of lesson.blocks.entries()) {
    const now = page.locator(`[data-block="${at}"]`);
    if (block.kind === 'question')
      await now
        .locator('input')
        .nth(answer % block.choices.length)
        .check();
    else if (block.kind === 'console') for (const _ of block.commands) await press(now.locator('.next button'));
    else if (block.kind === 'challenge') {
      await holds(async () =>
        assert.is((await now.locator('.parts .open').count()) > 0, true, 'the goal is not met before it is solved'),
      );
      await page.getByRole('button', { name: 'hint' }).click();
      await page.getByRole('button', { name: 'show the solution' }).click();
      for (const i of block.solution.keys()) await press(now.locator('.commands button').nth(i));
    }
  }
  await page.locator('.finished').waitFor();
}

for (const [i, name] of files.entries()) {
  test(`${name} reaches its end in the browser, and leads on`, async ({ rig }) => {
    const lesson = await parseLesson(readFileSync(folder + name, 'utf8'), name);
    const next = files[i + 1];
    await rig.page(async (page) => {
      await page.locator('.menu-button').first().click();
      await page.locator('.menu-list').getByRole('button', { name: lesson.title }).click();
      await page.locator('.lesson-text').getByRole('heading', { name: lesson.title }).waitFor();
      await page.locator('[data-now]').waitFor();
      await take(page, lesson, i);
      for (const [at, block] of lesson.blocks.entries()) {
        const judged = lesson.blocks[at - 1]?.kind === 'question' && block.kind === 'console';
        if (judged) assert.is(await page.locator(`[data-block="${at}"] .outcome`).count(), 1);
      }
      await page.locator('.menu-button').first().click();
      await holds(async () =>
        assert.match(await page.locator('.menu-list').getByRole('button', { name: lesson.title }).innerText(), /✓/),
      );
      await page.keyboard.press('Escape');
      await page.locator('.finished button').click();
      const title =
        next === undefined
          ? 'Docker with the side taken off'
          : (await parseLesson(readFileSync(folder + next, 'utf8'), next)).title;
      await page.locator('.lesson-text').getByRole('heading', { name: title }).waitFor();
    });
  });
}

for (const [width, height] of [
  [1280, 800],
  [360, 740],
] as const) {
  test(`at ${width} pixels: nothing covers the prompt, nothing is cut, axe finds nothing`, async ({ rig }) => {
    const look = async (page: Page): Promise<void> => {
      const free = `(() => {
        const box = document.querySelector('#prompt').getBoundingClientRect();
        return document.elementFromPoint(box.left + 20, box.top + box.height / 2)?.id;
      })()`;
      await holds(async () => assert.is(await page.evaluate(free), 'prompt'));
      await holds(async () => assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width));
      const over = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.text'))`;
      await holds(async () => assert.is(await page.evaluate(over), 0, 'the text does not scroll sideways'));
      const seen = `(({ top, bottom }) => { const room = document.querySelector('.text').getBoundingClientRect();
        return bottom > room.top && top < room.bottom; })(document.querySelector('[data-now]').getBoundingClientRect())`;
      await holds(async () => assert.ok(await page.evaluate(seen), 'where one is can be seen'));
      assert.is((await accessibilityFaults(page)).join('\n'), '');
    };
    for (const colorScheme of ['light', 'dark'] as const) {
      await rig.page(
        async (page) => {
          await toChallenge(page);
          await page.getByRole('button', { name: 'hint' }).click();
          await look(page);
          await page.getByRole('button', { name: 'show the solution' }).click();
          await type(page, 'docker unpause web');
          await look(page);
          await type(page, 'docker create --name mate busybox true');
          await page.locator('.finished').waitFor();
          await look(page);
        },
        { size: [width, height], context: { colorScheme } },
      );
    }
  });
}

test.run();
