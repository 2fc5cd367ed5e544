/** The timeline in Chromium: moving along it, playing it, going on from an earlier moment, undo, redo and reset. */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { holds, openRig, picture, type Rig, until } from './rig.ts';
import { playground, shows, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: timeline');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Timeline' }).getByRole('button', { name, exact: true }).click();
const count = (page: Page): Promise<number> => page.locator('.strip .command').count();
const counts = (page: Page, commands: number): Promise<void> =>
  holds(async () => assert.is(await count(page), commands));
/** Where one is, as the timeline's own mark says. */
const here = async (page: Page): Promise<string> =>
  (await page.locator('.timeline [aria-current]').getAttribute('aria-label')) ?? 'start';
const comesTo = (page: Page, where: RegExp): Promise<void> => holds(async () => assert.match(await here(page), where));
/** The step that is marked under the hood. */
const under = (page: Page): Promise<string> => page.locator('.steps [aria-current]').innerText();

/** Acts in the page at the very moment when so many commands still lie ahead: no machine is too slow to meet it. */
const atMoment = (page: Page, ahead: number, act: string): Promise<unknown> =>
  page.evaluate(`new Promise((resolve) => new MutationObserver((_, observer) => {
    if (document.querySelectorAll('.strip .later').length !== ${ahead}) return;
    observer.disconnect();
    ${act};
    resolve();
  }).observe(document.querySelector('.strip'), { subtree: true, childList: true, attributes: true }))`);

/** A timer of the page itself, begun now and longer than a beat: the player's, if it still had one, would end before it. */
const aBeatPasses = (page: Page): Promise<unknown> =>
  page.evaluate('new Promise((resolve) => setTimeout(resolve, 1000 / 2 + 100))');

async function three(page: Page): Promise<void> {
  await playground(page);
  await type(page, 'docker create --name one busybox touch /x');
  await type(page, 'docker start -a one');
  await type(page, 'docker rm one');
}

test('step back and forward goes through every step, and the steps under the hood follow', async ({ rig }) => {
  await rig.page(async (page) => {
    await three(page);
    await press(page, 'Command back');
    await comesTo(page, /^2: docker start -a one, done/);
    await page.locator('.steps .of', { hasText: 'docker start -a one' }).waitFor();
    const steps = await page.locator('.steps li').count();
    assert.ok(steps > 4);
    for (let i = steps - 1; i >= 1; i--) {
      await press(page, 'Step back');
      await comesTo(page, new RegExp(`^Step ${i} of ${steps}: `));
      await holds(async () => assert.is(await under(page), (await here(page)).replace(/^Step \d+ of \d+: /, '')));
    }
    await picture(page, 'timeline-step');
    await press(page, 'Step back');
    await comesTo(page, /^1: docker create/);
    await press(page, 'Step forward');
    await comesTo(page, /^Step 1 of /);
    await press(page, 'Command forward');
    await comesTo(page, /^2: docker start/);
    await press(page, 'Command forward');
    await comesTo(page, /^3: docker rm/);
    // A click on a step under the hood goes there as well.
    await press(page, 'Command back');
    await page.locator('.steps .step').nth(1).click();
    await comesTo(page, /^Step 2 of /);
  });
});

test('arrow keys, Home and End move along it', async ({ rig }) => {
  await rig.page(async (page) => {
    await three(page);
    await page.locator('.strip .moment').last().focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await comesTo(page, /^2: /);
    await page.keyboard.press('ArrowLeft');
    await comesTo(page, /^Step \d+ of/);
    await page.keyboard.press('Home');
    await comesTo(page, /^start$/);
    await page.keyboard.press('ArrowRight');
    await comesTo(page, /^(Step 1 of|1: )/);
    await page.keyboard.press('End');
    await comesTo(page, /^3: /);
  });
});

test('it plays from the start to the end, at the speed that is chosen, and can be paused', async ({ rig }) => {
  await rig.page(async (page) => {
    await three(page);
    const speed = page.locator('.speed');
    await holds(async () => assert.is(await speed.innerText(), '2/s'));
    await speed.click();
    await holds(async () => assert.is(await speed.innerText(), '4/s'));
    await page.evaluate(`(() => {
      const seen = (window.seen = []);
      new MutationObserver(() => {
        const label = document.querySelector('.timeline [aria-current]')?.getAttribute('aria-label') ?? 'start';
        if (seen.at(-1) !== label) seen.push(label);
      }).observe(document.querySelector('.strip'), { subtree: true, childList: true, attributes: true });
    })()`);
    const pausing = atMoment(page, 1, `document.querySelector('.player [aria-label="Pause"]').click()`);
    await press(page, 'Play step by step');
    await pausing;
    await page.getByRole('button', { name: 'Play step by step' }).waitFor();
    const paused = await here(page);
    await aBeatPasses(page);
    assert.is(await here(page), paused);
    await press(page, 'Play step by step');
    await until(
      page,
      `document.querySelector('.timeline [aria-current]').getAttribute('aria-label')?.startsWith('3:') === true`,
    );
    const seen = (await page.evaluate('window.seen')) as string[];
    assert.is(seen[0], 'start');
    // No step was passed over.
    const starts = seen.filter((label) => /^Step \d+ of/.test(label)).map((label) => Number(/\d+/.exec(label)![0]));
    assert.ok(
      starts.every((step, i) => step === 1 || step === starts[i - 1]! + 1),
      starts.join(),
    );
    await page.getByRole('button', { name: 'Play step by step' }).waitFor();
  });
});

test('play stops when somebody types, and the line goes on from there', async ({ rig }) => {
  await rig.page(async (page) => {
    await three(page);
    const typing = atMoment(page, 2, `document.querySelector('#prompt').focus()`);
    await press(page, 'Play step by step');
    await typing;
    await page.keyboard.type('docker ps -a --format "there: ');
    await page.getByRole('button', { name: 'Play step by step' }).waitFor();
    const stopped = await page.locator('.strip .later').count();
    await aBeatPasses(page);
    assert.is(await page.locator('.strip .later').count(), stopped);
    await page.keyboard.type('{{.Names}}"');
    await page.keyboard.press('Enter');
    await shows(page, /^there: one/m);
    await counts(page, 3 - stopped + 1);
  });
});

test('a fork inside a command goes on from its end; undo brings the other branch back', async ({ rig }) => {
  await rig.page(async (page) => {
    await three(page);
    await press(page, 'Command back');
    await press(page, 'Step back');
    await page.locator('.earlier').waitFor();
    await picture(page, 'timeline-earlier');
    await type(page, 'docker diff one');
    await shows(page, /A \/x/);
    await counts(page, 3);
    await page.getByRole('button', { name: 'Undo the last command' }).click();
    await until(page, `document.querySelectorAll('.strip .command').length === 2`);
    await page.getByRole('button', { name: 'Undo the last command' }).click();
    await until(page, `document.querySelectorAll('.strip .command').length === 3`);
    await holds(async () => assert.match(await page.locator('.strip .command').last().innerText(), /rm/));
    await type(page, 'docker ps -aq | wc -l');
    await shows(page, /^0\s*$/m);
  });
});

test('reset begins a fresh world, and can be undone', async ({ rig }) => {
  await rig.page(async (page) => {
    await three(page);
    await page.getByRole('button', { name: 'Reset: a fresh world' }).click();
    await until(page, `document.querySelectorAll('.strip .command').length === 0`);
    await page.getByRole('button', { name: 'Undo the last command' }).click();
    await until(page, `document.querySelectorAll('.strip .command').length === 3`);
    await page.getByRole('button', { name: 'Redo' }).click();
    await until(page, `document.querySelectorAll('.strip .command').length === 0`);
    await type(page, 'docker ps -aq | wc -l');
    await shows(page, /^0\s*$/m);
  });
});

test.run();
