/**
 * What runs away, in Chromium: meanwhile the page answers (typing, tabs, the timeline), Ctrl-C brings the prompt back, and a line
 * that hears nothing is given up by Undo or Reset. How long anything takes is not asserted; `npm run measure:site` prints it.
 */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessibilityFaults, holds, openRig, picture, type Rig, until } from './rig.ts';
import { enter, playground, shows, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: what runs away');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

const lines = [
  "docker run busybox sh -c 'while :; do :; done'",
  "docker run busybox sh -c 'f() { f | f & }; f; sleep 100'",
  'docker run busybox yes',
  "docker run busybox sh -c 'f() { f; }; f'",
  'docker run busybox seq 1 1000000',
  "docker run busybox sh -c 'cat /dev/zero > /f'",
  'while :; do :; done',
];

/** A line that goes on and on, hands the thread back now and then, and never waits. */
const endless = 'while docker ps -q; do docker images -q >/dev/null; done';

const commands = (page: Page) => page.locator('.strip .command').count();

/** Ctrl-C as often as it takes: a PID 1 does not hear it, and the client leaves at the third. */
async function interrupted(page: Page): Promise<void> {
  const free = `document.querySelector('.prompt-sign').dataset.busy === 'false' && document.querySelector('.waits') === null`;
  await holds(async () => {
    if ((await page.evaluate(free)) && (await commands(page)) > 0) return;
    await page.locator('#prompt').press('Control+c');
    await page.waitForTimeout(100);
    throw new Error('the prompt is not back');
  }, 120);
}

for (const line of lines) {
  test(`the page answers meanwhile, and the prompt comes back: ${line}`, async ({ rig }) => {
    await rig.page(async (page) => {
      await playground(page);
      await enter(page, line);
      await page.keyboard.type('echo typed meanwhile');
      await holds(async () => assert.is(await page.locator('#prompt').inputValue(), 'echo typed meanwhile'));
      await page.getByRole('tab', { name: 'Host' }).click();
      await page.locator('#picture-body[aria-label="host"]').waitFor();
      await page.locator('.strip .moment.begin').click();
      await page.getByRole('tab', { name: 'Stack' }).click();
      await page.locator('#prompt').fill('');
      await interrupted(page);
      await type(page, 'echo the prompt is back');
      await shows(page, /the prompt is back/);
    });
  });
}

test('Ctrl-C stops a line between two of its commands; so does its button', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    for (const stop of [
      () => page.locator('#prompt').press('Control+c'),
      () => page.locator('.running').getByRole('button', { name: 'Ctrl-C' }).click(),
    ]) {
      await enter(page, endless);
      await page.locator('.running').waitFor();
      await picture(page, 'running-away');
      assert.equal(await accessibilityFaults(page), []);
      await stop();
      await holds(async () => assert.match(await page.locator('.strip .command').last().innerText(), /✗/));
      await type(page, 'docker ps -q');
    }
    assert.is(await commands(page), 4);
  });
});

test('Undo, Reset and "give up" act while a line runs: it is given up, and what was there before is there', async ({
  rig,
}) => {
  await rig.page(async (page) => {
    await playground(page);
    await type(page, 'docker create --name kept busybox');
    for (const name of ['Undo the last command', 'give up']) {
      await enter(page, endless);
      await page.locator('.running').waitFor();
      await page.getByRole('button', { name }).click();
      await page.locator('.running').waitFor({ state: 'detached' });
      await type(page, 'docker ps -a --format "{{.Names}} is there"');
      await shows(page, /kept is there/);
      assert.is(await commands(page), 2);
      await page.getByRole('button', { name: 'Undo the last command' }).click();
      await holds(async () => assert.is(await commands(page), 1));
    }
    await enter(page, endless);
    await page.locator('.running').waitFor();
    await page.getByRole('button', { name: 'Reset: a fresh world' }).click();
    await holds(async () => assert.is(await commands(page), 0));
    await type(page, 'docker ps -aq | wc -l');
    await shows(page, /^\s*0$/m);
  });
});

test('another place is opened while a line runs', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await enter(page, endless);
    await page.locator('.running').waitFor();
    await page.locator('.menu-button').first().click();
    await page.locator('.menu-list li').first().getByRole('button').click();
    await page.locator('[data-now]').waitFor();
    await until(page, `document.querySelectorAll('.strip .command').length === 0`);
    await type(page, 'docker ps');
  });
});

test('of a flood of output the end is shown, and how much there was', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await type(page, 'seq 1 1000000');
    await shows(page, /^1000000$/m);
    const text = await page.locator('[role="log"] > p').last().textContent();
    assert.match(text!, /which end in:(?:.|\n)*1000000$/);
  });
});

test.run();
