/** Two moments of the timeline compared, in Chromium: sentences by kind, pictures beside each other, by keys, and narrow. */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessibilityFaults, holds, openRig, picture, type Rig } from './rig.ts';
import { playground, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: compare');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

async function story(page: Page): Promise<void> {
  await playground(page);
  await type(page, 'docker run -d --name web busybox sleep 10d');
  await type(page, 'docker exec web touch /added');
  await type(page, 'docker commit web kept');
  await type(page, 'docker kill web');
}

const words = (page: Page, kind: string): Promise<string> =>
  page.getByRole('region', { name: 'In words' }).getByRole('region', { name: kind, exact: true }).innerText();

async function compare(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'compare' }).press('Enter');
  await page.getByRole('dialog', { name: 'Compare two moments' }).waitFor();
  await page.getByText(/^(\d+ differences?|Nothing differs)\.$/).waitFor();
}

test('images, containers, processes and files that differ are told apart, with a picture of each moment', async ({
  rig,
}) => {
  await rig.page(async (page) => {
    await story(page);
    await compare(page);
    // At first: what the command that is looked at did.
    await holds(async () => {
      assert.match(
        await words(page, 'Containers'),
        /container web: the status is running after command 3 but exited after command 4/,
      );
      assert.match(await words(page, 'Processes'), /process 1 .*is there after command 3 but not after command 4/);
      assert.match(await words(page, 'Images'), /the same/);
    });
    await page.getByLabel('Earlier').selectOption({ label: '1: docker run -d --name web busybox sleep 10d' });
    await page.getByLabel('Later').selectOption('3');
    await page.getByText('after command 3 but not after command 1').first().waitFor();
    await holds(async () => {
      assert.match(await words(page, 'Images'), /image kept\S* is there after command 3 but not after command 1/);
      assert.match(await words(page, 'Files'), /\/added/);
      assert.match(await words(page, 'Containers'), /the same/);
    });
    const [before, after] = [
      page.getByRole('region', { name: 'Picture after command 1' }),
      page.getByRole('region', { name: 'Picture after command 3' }),
    ];
    await holds(async () => assert.match(await after.locator('svg').first().innerHTML(), /kept/));
    assert.not.match(await before.locator('svg').first().innerHTML(), /kept/);
    await picture(page, 'compare');
    assert.is((await accessibilityFaults(page)).join('\n'), '');
    // Nothing of the session was touched.
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.is(await page.locator('.strip .command').count(), 4);
    const button = page.getByRole('button', { name: 'compare' });
    await holds(async () => assert.ok(await button.evaluate((element) => element === document.activeElement)));
  });
});

test('a moment and itself, and the start; dark, and narrow', async ({ rig }) => {
  await rig.page(
    async (page) => {
      await story(page);
      await compare(page);
      await page.getByLabel('Earlier').selectOption('4');
      await page.getByText('Nothing differs.').waitFor();
      await page.getByLabel('Earlier').selectOption('0');
      await page.getByText('container web is there after command 4 but not at the start').waitFor();
      const dialog = page.getByRole('dialog');
      await holds(async () =>
        assert.ok(await dialog.evaluate((element) => element.scrollWidth <= element.clientWidth)),
      );
      await picture(page, 'compare-narrow-dark');
      assert.is((await accessibilityFaults(page)).join('\n'), '');
    },
    { size: [360, 740], context: { colorScheme: 'dark' } },
  );
});

test.run();
