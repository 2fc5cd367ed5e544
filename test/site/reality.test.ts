/**
 * Model and reality in Chromium, with the linux target carried to the page: compared after every command, a difference marked,
 * forks followed, a foreground process given input and Ctrl-C, and the lab gone when its page is.
 */
import type { Locator, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { gated, needs } from '../support/needs.ts';
import { accessibilityFaults, holds, openRig, picture, type Rig } from './rig.ts';
import { type } from './terminal.ts';

const test = suite('site: model and reality');
const check = gated(test, await needs('chromium', ...linuxNeeds));
let rig: Rig;
test.before(async () => {
  rig = await openRig({ linux: true });
});
test.after(() => rig?.close());

const panel = (page: Page): Locator => page.locator('.reality');

/** Opens the panel in the playground, where nothing has run. */
async function openPanel(page: Page): Promise<Locator> {
  await page.getByRole('tab', { name: 'Reality' }).click();
  await panel(page).getByText('Both begin alike.').waitFor({ timeout: 60_000 });
  return panel(page);
}

async function noSessions(): Promise<void> {
  await holds(() => assert.is(rig.server.sessions(), 0), 60);
}

check('each command is the same on both, side by side, and the token leaves the address', async () => {
  await rig.page(async (page) => {
    assert.is(new URL(page.url()).hash, '');
    const reality = await openPanel(page);
    await type(page, 'docker create --name cradle busybox touch /happiness.txt');
    await type(page, 'docker start -a cradle');
    await reality.getByText('The same after 2 of 2 commands.').waitFor({ timeout: 60_000 });
    await type(page, 'docker ps -a');
    await reality.getByText('The same after 3 of 3 commands.').waitFor({ timeout: 60_000 });
    const real = reality.getByRole('region', { name: 'Real kernel', exact: true });
    await holds(async () => assert.match(await real.innerText(), /touch \/happiness\.txt/));
    await holds(async () => assert.match(await real.innerText(), /happiness\.txt +read-write/));
    assert.is(await reality.locator('mark').count(), 0, 'nothing is marked');
    await picture(page, 'reality-same');
    const faults = await accessibilityFaults(page);
    assert.equal(
      faults.filter((fault) => fault.includes('.reality')),
      [],
    );
  });
  await noSessions();
});

check('what differs is named and marked', async () => {
  await rig.page(async (page) => {
    const reality = await openPanel(page);
    // The model has a kernel version of its own.
    await type(page, 'uname -r');
    await reality.getByRole('heading', { name: 'After uname -r: one difference' }).waitFor();
    await holds(async () =>
      assert.match(
        await reality.locator('.reality-differences li').innerText(),
        /on the model but .+ on the real kernel/,
      ),
    );
    const marked = reality.locator('mark');
    await holds(async () => assert.is(await marked.count(), 2, 'the line is marked on both sides'));
    await picture(page, 'reality-different');
  });
  await noSessions();
});

check('going back and typing something else begins a fresh real world', async () => {
  await rig.page(async (page) => {
    const reality = await openPanel(page);
    await type(page, 'docker create --name one busybox');
    await type(page, 'docker create --name two busybox');
    await reality.getByText('The same after 2 of 2 commands.').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: /undo/i }).first().click();
    await reality.getByText('The same after 1 of 1 command.').waitFor({ timeout: 60_000 });
    await type(page, 'docker ps -a --format "{{.Names}}"');
    await reality.getByText('The same after 2 of 2 commands.').waitFor({ timeout: 60_000 });
    const real = reality.getByRole('region', { name: 'Real kernel', exact: true });
    await holds(async () => assert.match(await real.innerText(), /^one$/m));
    assert.not.match(await real.innerText(), /two/);
  });
  await noSessions();
});

check('input goes to the real process as well', async () => {
  await rig.page(async (page) => {
    const reality = await openPanel(page);
    await type(page, 'docker run -i --name talk busybox sh');
    const prompt = page.locator('#prompt');
    await prompt.fill('echo hello > /said; exit 7');
    await prompt.press('Enter');
    await reality.getByText('The same after 1 of 1 command.').waitFor({ timeout: 60_000 });
    const real = reality.getByRole('region', { name: 'Real kernel', exact: true });
    await holds(async () => assert.match(await real.innerText(), /exit status 7/));
  });
  await noSessions();
});

check('what a program writes is text, whatever it looks like', async () => {
  await rig.page(async (page) => {
    const reality = await openPanel(page);
    await type(page, `docker run busybox echo '<img src=x onerror=document.title=1><script>document.title=2</script>'`);
    await reality.getByText('The same after 1 of 1 command.').waitFor({ timeout: 60_000 });
    await holds(async () => assert.match(await reality.innerText(), /<img src=x onerror=/));
    assert.is(await reality.locator('img, script').count(), 0);
    assert.is(await page.title(), 'Cutaway');
  });
  await noSessions();
});

check('a page that is closed in the midst of a command leaves no lab; a reload has a fresh one', async () => {
  await rig.page(async (page) => {
    const reality = await openPanel(page);
    await holds(() => assert.is(rig.server.sessions(), 1));
    await type(page, 'docker run -d --name web busybox sleep 1000');
    await reality.getByText('The same after 1 of 1 command.').waitFor({ timeout: 60_000 });
    await page.goto('about:blank');
    await noSessions();
    await page.goBack();
    await page.getByRole('tab', { name: 'Reality' }).click();
    await panel(page).getByRole('heading', { name: 'Model and reality' }).waitFor();
  });
  await noSessions();
});

check('a page without the token has no such panel, and asks for nothing', async () => {
  await rig.page(
    async (page) => {
      await page.locator('.picture svg').first().waitFor();
      assert.is(await page.getByRole('tab', { name: 'Reality' }).count(), 0);
      assert.is(rig.server.sessions(), 0);
    },
    { fragment: '' },
  );
});

check('a token that is not ours is refused, and the page says what to do', async () => {
  await rig.page(
    async (page) => {
      await page.getByRole('tab', { name: 'Reality' }).click();
      await panel(page).getByText('open the address that it prints').waitFor();
      assert.is(rig.server.sessions(), 0);
    },
    { fragment: `token=${'x'.repeat(43)}`, expected: /403/ },
  );
});

test.run();
