/**
 * What the host has, chosen in the page: control groups v1 or v2, docker0 or none. By keyboard, kept in the session, in a link
 * and through undo and reset; and nothing that was done is lost without a question.
 */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessibilityFaults, holds, marks, openRig, picture, type Rig } from './rig.ts';
import { playground, shows, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: what the host has');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

const button = (page: Page) => page.getByRole('button', { name: /^What the host has; now: / });
const commands = (page: Page) => page.locator('.strip .command').count();
const has = (page: Page, words: string) =>
  holds(async () => assert.is(await button(page).getAttribute('aria-label'), `What the host has; now: ${words}`));

/** Opens the question, and chooses v2 and docker0 without a mouse. */
async function chooseByKey(page: Page): Promise<void> {
  await button(page).focus();
  await page.keyboard.press('Enter');
  await page.locator('.host-choice').waitFor();
  const v1 = page.getByRole('radio', { name: /^v1: one tree of groups for each controller/ });
  await holds(async () => assert.ok(await v1.isChecked()));
  await v1.focus();
  await page.keyboard.press('ArrowDown');
  await holds(async () => assert.ok(await page.getByRole('radio', { name: /^v2: / }).isChecked()));
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await holds(async () => assert.ok(await page.getByRole('checkbox', { name: /^docker0: / }).isChecked()));
}

test('chosen by keyboard; asked what becomes of the commands; the same commands on another host', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await has(page, 'control groups v1, without docker0');
    await type(page, 'docker run -d --name web busybox sleep 1000');
    await chooseByKey(page);
    assert.equal(await accessibilityFaults(page), []);
    await picture(page, 'host-choice');
    await page.keyboard.press('Escape');
    await page.locator('.host-choice').waitFor({ state: 'detached' });
    await has(page, 'control groups v1, without docker0');
    assert.is(await commands(page), 1, 'nothing is lost by a look');
    await chooseByKey(page);
    await page.getByText('Shall the command that you gave be carried out again there, or be gone?').waitFor();
    await page.getByRole('button', { name: 'New host, same commands' }).press('Enter');
    await has(page, 'control groups v2, with docker0');
    await holds(async () => assert.is(await commands(page), 1));
    await type(page, 'docker inspect -f "{{.NetworkSettings.IPAddress}}" web');
    await shows(page, /^172\.17\.0\.2$/m);
    await type(page, 'ls /sys/fs/cgroup | grep controllers');
    await shows(page, /^cgroup\.controllers$/m);
  });
});

test('the choice stays through reset, undo, a reload and a link', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await chooseByKey(page);
    await page.getByRole('button', { name: 'New host, nothing done' }).click();
    await has(page, 'control groups v2, with docker0');
    await type(page, 'docker run -d --name web busybox sleep 1000');
    await type(page, 'mkdir /sys/fs/cgroup/mine && cat /sys/fs/cgroup/mine/cgroup.type');
    await shows(page, /^domain$/m);
    await page.locator('.strip .command').first().click();
    await page
      .getByRole('button', { name: /step back|back/i })
      .first()
      .click();
    await page.locator('.strip .command').last().click();
    await page.getByRole('button', { name: 'Undo the last command' }).click();
    await holds(async () => assert.is(await commands(page), 1));
    await has(page, 'control groups v2, with docker0');
    await page.getByRole('button', { name: 'Reset: a fresh world' }).click();
    await holds(async () => assert.is(await commands(page), 0));
    await type(page, 'cat /proc/filesystems | grep -c cgroup2; ls /sys/fs/cgroup/cgroup.procs');
    await shows(page, /^\/sys\/fs\/cgroup\/cgroup\.procs$/m);
    await page.reload();
    await page.waitForSelector(marks.ready, { state: 'attached' });
    await has(page, 'control groups v2, with docker0');
    await holds(async () => assert.is(await commands(page), 1));
    await page.getByRole('button', { name: /^Share/ }).click();
    await page.getByRole('button', { name: 'Copy a link to this state' }).click();
    await holds(() => assert.match(page.url(), /#s=/));
    const fragment = new URL(page.url()).hash.slice(1);
    await rig.page(
      async (other) => {
        await other.getByText('Their host has control groups v2, with docker0.').waitFor();
        await other.getByRole('button', { name: 'Run them' }).click();
        await has(other, 'control groups v2, with docker0');
        await shows(other, /^\/sys\/fs\/cgroup\/cgroup\.procs$/m);
      },
      { fragment },
    );
  });
});

test('while a line runs, another host gives it up', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await page.locator('#prompt').fill('while docker ps -q; do docker images -q >/dev/null; done');
    await page.locator('#prompt').press('Enter');
    await page.locator('.running').waitFor();
    await chooseByKey(page);
    await page.getByRole('button', { name: 'New host, nothing done' }).click();
    await has(page, 'control groups v2, with docker0');
    await page.locator('.running').waitFor({ state: 'detached' });
    await type(page, 'docker ps -aq | wc -l');
    await shows(page, /^\s*0$/m);
    assert.is(await commands(page), 1);
  });
});

test.run();
