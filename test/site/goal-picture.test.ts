/**
 * The goal of a challenge as a second picture, in Chromium: beside the state at hand, in both what still differs marked, as
 * text too, without the solution's commands; over nothing else; narrow and dark.
 */
import type { Locator, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lessonText } from '../core/lesson/fixture.ts';
import { accessibilityFaults, holds, openRig, picture, type Rig, until } from './rig.ts';
import { type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: goal picture');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

/** The small lesson of the parser's tests: wake `web`, which is paused, and create `mate`. */
async function openSmall(page: Page, text = lessonText): Promise<void> {
  await page.getByRole('button', { name: 'Share' }).click();
  const buffer = Buffer.from(text);
  await page.locator('input[type="file"]').setInputFiles({ name: 'own.md', mimeType: 'text/markdown', buffer });
  await page.locator('.of-question[data-now]').waitFor({ state: 'attached' });
}

async function toChallenge(page: Page, text = lessonText): Promise<void> {
  await openSmall(page, text);
  await type(page, 'docker pause web');
  await type(page, 'docker ps -q');
  await page.locator('.of-challenge[data-now]').waitFor({ state: 'attached' });
}

const toggle = (page: Page): Locator => page.getByRole('button', { name: 'show the goal' });
const now = (page: Page): Locator => page.getByRole('region', { name: 'Now', exact: true });
const goal = (page: Page): Locator => page.getByRole('region', { name: 'The goal as a picture' });
const words = (page: Page): Promise<string> =>
  page.getByRole('region', { name: 'What still differs from the goal' }).innerText();
/** Boxes of a picture that are marked, by what they are called. */
const marked = async (side: Locator): Promise<string[]> =>
  side
    .locator('.mark-apart')
    .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('data-key')?.split(' ')[0] ?? ''));

async function show(page: Page): Promise<void> {
  await toggle(page).press('Enter');
  await holds(async () => assert.is(await toggle(page).getAttribute('aria-pressed'), 'true'));
  await goal(page).locator('svg').first().waitFor();
}

test('asked for in a challenge, it stands beside the present; what differs is marked until the goal is reached', async ({
  rig,
}) => {
  await rig.page(async (page) => {
    await openSmall(page);
    assert.is(await toggle(page).count(), 0, 'before the challenge there is no goal');
    await type(page, 'docker pause web');
    await type(page, 'docker ps -q');
    await toggle(page).waitFor();
    assert.is(await goal(page).count(), 0, 'shown to those who ask');
    await show(page);
    await holds(async () => {
      assert.match(await words(page), /marked ≠ \(2\)/);
      assert.match(await words(page), /container web is paused, in the goal running/);
      assert.match(await words(page), /container mate is still missing/);
      assert.is((await marked(now(page))).length, 1);
      assert.is((await marked(goal(page))).length, 2);
    });
    await picture(page, 'goal-picture');
    assert.is((await accessibilityFaults(page)).join('\n'), '');
    const [left, right] = [(await now(page).boundingBox())!, (await goal(page).boundingBox())!];
    assert.ok(left.x + left.width <= right.x && left.y === right.y, 'beside each other');
    assert.not.match(await page.locator('.picture-panel').innerHTML(), /docker (unpause|create)|busybox true/);
    await type(page, 'docker unpause web');
    await holds(async () => {
      assert.match(await words(page), /marked ≠ \(1\)/);
      assert.equal(await marked(now(page)), []);
      assert.is((await marked(goal(page))).length, 1);
    });
    // Another command than the solution's, to the same names.
    await type(page, 'docker create --name mate busybox sleep 7');
    await page.locator('.solved-banner').waitFor();
    await holds(async () => {
      assert.match(await words(page), /The goal is reached/);
      assert.equal([...(await marked(now(page))), ...(await marked(goal(page)))], []);
    });
    // What is looked at counts, and the same goal stands there.
    await page.getByRole('button', { name: 'Undo' }).click();
    await holds(async () => assert.match(await words(page), /container mate is still missing/));
    await toggle(page).press('Enter');
    await goal(page).waitFor({ state: 'detached' });
    await page.locator('#picture-body .picture svg').first().waitFor();
  });
});

test('text, terminal and timeline stay uncovered; the picture stays asked for in the next challenge', async ({
  rig,
}) => {
  await rig.page(async (page) => {
    await toChallenge(page);
    await show(page);
    const panel = (await page.locator('.picture-panel').boundingBox())!;
    for (const other of ['article.text', '.bottom', 'aside.side', 'header.header']) {
      const box = (await page.locator(other).boundingBox())!;
      const apart =
        panel.x + panel.width <= box.x + 0.5 ||
        box.x + box.width <= panel.x + 0.5 ||
        panel.y + panel.height <= box.y + 0.5 ||
        box.y + box.height <= panel.y + 0.5;
      assert.ok(apart, `the picture lies over ${other}`);
    }
    // Beyond its panel it scrolls.
    const body = page.locator('#picture-body');
    assert.ok(await body.evaluate((element) => element.scrollWidth <= element.clientWidth));
    await page.getByRole('tab', { name: 'Union' }).click();
    await holds(async () => assert.is((await toggle(page).count()) + (await goal(page).count()), 0));
    await page.getByRole('tab', { name: 'Stack' }).click();
    await goal(page).locator('svg').first().waitFor();
    await page.getByRole('button', { name: 'Reset' }).click();
    await holds(async () => assert.is((await toggle(page).count()) + (await goal(page).count()), 0));
    await type(page, 'docker pause web');
    await type(page, 'docker ps -q');
    await goal(page).locator('svg').first().waitFor();
    // What the learner did before the challenge began belongs to both.
    await until(page, `document.querySelectorAll('.beside section').length >= 3`);
  });
});

test('at 360 pixels, dark: below each other, and as text', async ({ rig }) => {
  await rig.page(
    async (page) => {
      await toChallenge(page);
      await page.getByRole('tab', { name: 'Picture' }).click();
      await show(page);
      const [first, second] = [(await now(page).boundingBox())!, (await goal(page).boundingBox())!];
      assert.ok(first.y + first.height <= second.y, 'below each other');
      const body = page.locator('#picture-body');
      await holds(async () => assert.ok(await body.evaluate((element) => element.scrollWidth <= element.clientWidth)));
      assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
      assert.is((await accessibilityFaults(page)).join('\n'), '');
      await goal(page).scrollIntoViewIfNeeded();
      await picture(page, 'goal-picture-narrow-dark');
      await page.getByRole('button', { name: 'Picture as text' }).click();
      await holds(async () => {
        assert.match(await now(page).innerText(), /web[\s\S]*≠ differs from the other picture/);
        assert.match(await goal(page).innerText(), /≠ container mate[\s\S]*≠ differs from the other picture/);
      });
      assert.is((await accessibilityFaults(page)).join('\n'), '');
      await picture(page, 'goal-picture-text');
    },
    { size: [360, 740], context: { colorScheme: 'dark' } },
  );
});

test('a solution that takes its time has taken it', async ({ rig }) => {
  const text = lessonText
    .replace('mate is created', 'mate is exited')
    .replace(/docker create --name mate[^`]*/, 'docker run --name mate busybox sleep 9\n');
  await rig.page(async (page) => {
    await toChallenge(page, text);
    await show(page);
    await holds(async () => assert.match(await goal(page).innerHTML(), /Container mate, exited \(0\)/i));
  });
});

test.run();
