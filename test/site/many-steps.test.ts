/** A command of very many steps, in Chromium: the first of them can be looked between, and of the rest it is said how many they are. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../site/engine/protocol.ts';
import { accessibilityFaults, holds, openRig, picture, type Rig } from './rig.ts';
import { enter, playground } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: many steps');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

test('a loop that makes containers: the timeline has so many dots and counts the rest', async ({ rig }) => {
  await rig.page(async (page) => {
    const dots = page.locator('.strip .dot');
    await playground(page);
    await enter(page, 'for i in $(seq 70); do docker create --name c$i busybox; done');
    await holds(async () => assert.is(await dots.count(), limits.inside + 1));
    const all = Number(/of (\d+):/.exec((await dots.last().getAttribute('aria-label'))!)![1]);
    assert.ok(all > limits.inside + 1);
    await holds(async () =>
      assert.is(await page.locator('.more-steps').innerText(), `… and ${all - limits.inside - 1} more`),
    );
    await holds(async () => assert.is(await page.locator('.steps ol > li').count(), limits.inside));
    assert.equal(await accessibilityFaults(page), []);
    // Into it from its end, and out of it again.
    await page.getByRole('button', { name: 'Step back' }).click();
    await holds(async () =>
      assert.match((await page.locator('.dot[aria-current]').getAttribute('aria-label'))!, /^Step 200 of /),
    );
    await holds(async () => assert.match(await page.locator('.picture').innerText(), /c1\b/));
    await picture(page, 'many-steps');
    await page.getByRole('button', { name: 'Step forward' }).click();
    await holds(async () => assert.is(await page.locator('.dot[aria-current]').count(), 0));
  });
});

test.run();
